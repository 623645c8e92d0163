//! Engines, as the page knows them.

use crate::compute::{Device, DeviceError};

/// What keeps any GPU from being opened. A browser without WebGPU is told apart from one without an adapter.
pub(super) fn obstacle(device: Device) -> Option<DeviceError> {
    let none = device != Device::Cpu && !has_webgpu();
    none.then(|| DeviceError::NoGpu("this browser offers no WebGPU".into()))
}

fn has_webgpu() -> bool {
    let navigator = js_sys::Reflect::get(&js_sys::global(), &"navigator".into());
    let gpu = navigator.and_then(|navigator| js_sys::Reflect::get(&navigator, &"gpu".into()));
    gpu.is_ok_and(|gpu| !gpu.is_undefined() && !gpu.is_null())
}
