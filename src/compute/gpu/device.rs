//! Opening an adapter and its device, and the errors that they report.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::staging::Staging;
use crate::compute::gpu::GpuOptions;
use crate::compute::{DeviceError, DeviceInfo};

/// An open device. Its first fault is kept, because nothing that is computed after it can be trusted.
#[derive(Debug)]
pub struct Gpu {
    pub device: wgpu::Device,
    pub queue: wgpu::Queue,
    pub info: DeviceInfo,
    pub staging: Staging,
    created: AtomicUsize,
    fault: Fault,
}

/// First message of the device's error callbacks.
#[derive(Debug, Clone, Default)]
struct Fault(Arc<Mutex<Option<String>>>);

impl Fault {
    fn record(&self, message: String) {
        self.0.lock().unwrap_or_else(|e| e.into_inner()).get_or_insert(message);
    }
}

/// A future that yields the first error of a closed [`Scopes`].
pub type ScopeErrors = Pin<Box<dyn Future<Output = Option<wgpu::Error>>>>;

/// Open error scopes, one for each kind of error.
pub struct Scopes([wgpu::ErrorScopeGuard; 3]);

impl Gpu {
    /// Opens the fastest adapter, with the limits that WebGPU guarantees and the adapter's buffer sizes.
    ///
    /// # Errors
    /// [`DeviceError::NoGpu`], if there is none or it is a software renderer that `options` do not allow.
    pub async fn open(options: &GpuOptions) -> Result<Self, DeviceError> {
        let adapter = request_adapter(options).await?;
        let available = adapter.limits();
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("unitok"),
            required_limits: wgpu::Limits {
                max_storage_buffer_binding_size: available.max_storage_buffer_binding_size,
                max_buffer_size: available.max_buffer_size,
                ..wgpu::Limits::default()
            },
            ..Default::default()
        };
        let (device, queue) =
            adapter.request_device(&descriptor).await.map_err(|e| DeviceError::NoGpu(format!("the device did not open: {e}")))?;
        let fault = Fault::default();
        let (lost, uncaptured) = (fault.clone(), fault.clone());
        device
            .set_device_lost_callback(move |reason, message| lost.record(format!("the device was lost ({reason:?}) {message}")));
        device.on_uncaptured_error(Arc::new(move |error| uncaptured.record(error.to_string())));
        let info = describe(&adapter, &device);
        if info.software && !options.allow_software {
            return Err(DeviceError::NoGpu(format!("{} is a software renderer, slower than the CPU engine", info.name)));
        }
        Ok(Self { device, queue, info, staging: Staging::default(), created: AtomicUsize::new(0), fault })
    }

    /// Checks that the device had no fault.
    ///
    /// # Errors
    /// [`DeviceError::Stopped`] with the first one.
    pub fn check(&self) -> Result<(), DeviceError> {
        match &*self.fault.0.lock().unwrap_or_else(|e| e.into_inner()) {
            Some(message) => Err(DeviceError::Stopped(message.clone())),
            None => Ok(()),
        }
    }

    /// Records a fault that no callback reported, and returns the first one as an error.
    pub fn fail(&self, message: impl Into<String>) -> DeviceError {
        self.fault.record(message.into());
        self.check().expect_err("a fault was noted")
    }

    /// Catches every error of the device until [`Scopes::close`]. There must be no `await` in between, because natively a
    /// scope belongs to its thread.
    pub fn open_scopes(&self) -> Scopes {
        use wgpu::ErrorFilter::{Internal, OutOfMemory, Validation};
        Scopes([Validation, OutOfMemory, Internal].map(|filter| self.device.push_error_scope(filter)))
    }

    /// A buffer of `size` bytes, all zero.
    pub fn create_buffer(&self, label: &str, size: u64, usage: wgpu::BufferUsages) -> wgpu::Buffer {
        self.created.fetch_add(1, Ordering::Relaxed);
        self.device.create_buffer(&wgpu::BufferDescriptor { label: Some(label), size, usage, mapped_at_creation: false })
    }

    /// Number of buffers that were created since the device was opened.
    #[cfg(feature = "cli")]
    pub fn buffers_created(&self) -> usize {
        self.created.load(Ordering::Relaxed)
    }

    /// Largest buffer that can be bound.
    pub fn max_binding(&self) -> u64 {
        let limits = self.device.limits();
        limits.max_storage_buffer_binding_size.min(limits.max_buffer_size)
    }
}

impl Scopes {
    /// Closes the scopes; the future yields what they caught.
    pub fn close(self) -> ScopeErrors {
        let [a, b, c] = self.0;
        // In the reverse of the order in which they were opened.
        let errors = [c.pop(), b.pop(), a.pop()];
        Box::pin(async move {
            for error in errors {
                if let Some(error) = error.await {
                    return Some(error);
                }
            }
            None
        })
    }
}

async fn request_adapter(options: &GpuOptions) -> Result<wgpu::Adapter, DeviceError> {
    let descriptor =
        wgpu::InstanceDescriptor { backends: options.backends, ..wgpu::InstanceDescriptor::new_without_display_handle() };
    let options = wgpu::RequestAdapterOptions { power_preference: wgpu::PowerPreference::HighPerformance, ..Default::default() };
    let adapter = wgpu::Instance::new(descriptor).request_adapter(&options).await;
    // In a browser the message would go on to list the native APIs that the page was built without.
    let cause = |e: wgpu::RequestAdapterError| {
        if cfg!(target_arch = "wasm32") { "the browser found no adapter".into() } else { e.to_string() }
    };
    adapter.map_err(|e| DeviceError::NoGpu(cause(e)))
}

fn describe(adapter: &wgpu::Adapter, device: &wgpu::Device) -> DeviceInfo {
    let info = adapter.get_info();
    let name = if info.name.is_empty() { browser_name(device) } else { info.name };
    let software = info.device_type == wgpu::DeviceType::Cpu || is_software(&name);
    let backend = match info.backend {
        wgpu::Backend::BrowserWebGpu => "WebGPU".into(),
        backend => format!("{backend:?}"),
    };
    DeviceInfo { kind: "gpu", name, backend, software, reason: None }
}

/// Whether this is a known renderer that runs on the CPU: not all of them say so.
fn is_software(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["llvmpipe", "lavapipe", "swiftshader", "basic render"].iter().any(|known| name.contains(known))
}

/// A browser hides the adapter's name, but tells its vendor and architecture.
#[cfg(all(target_arch = "wasm32", feature = "bindings"))]
fn browser_name(device: &wgpu::Device) -> String {
    let get = |object: &wasm_bindgen::JsValue, key: &str| js_sys::Reflect::get(object, &key.into()).unwrap_or_default();
    let info = device.as_webgpu().map(|d| get(d.as_ref(), "adapterInfo")).unwrap_or_default();
    let parts = ["vendor", "architecture"].map(|key| get(&info, key).as_string().unwrap_or_default());
    let name = parts.join(" ").trim().to_owned();
    if name.is_empty() { "WebGPU adapter".into() } else { name }
}

#[cfg(not(all(target_arch = "wasm32", feature = "bindings")))]
fn browser_name(_device: &wgpu::Device) -> String {
    "unnamed adapter".into()
}
