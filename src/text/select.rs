//! Which text encoder runs, decided as the tokenizer's engine is: a hardware GPU that passes the self-test, otherwise the CPU
//! and the reason.

#[cfg(feature = "gpu")]
use super::gpu::TextGpu;
use super::{CpuTransformer, SentenceEncoder, TextEncoder, TextError, TextFiles, TokenBatch};
use crate::compute::{Device, DeviceInfo};

/// The transformer on either device.
#[derive(Debug)]
pub enum AnyTransformer {
    /// The CPU, and the reason where a GPU was wanted.
    Cpu(Box<CpuTransformer>, Option<String>),
    /// A GPU.
    #[cfg(feature = "gpu")]
    Gpu(Box<TextGpu>),
}

/// A text encoder on either device.
pub type AnyTextEncoder = TextEncoder<AnyTransformer>;

impl AnyTextEncoder {
    /// Opens a text model on a device. With [`Device::Auto`], the CPU runs wherever a GPU cannot: there is none, or only a
    /// software renderer (unless `allow_software`), a limit is exceeded, or the self-test fails. [`DeviceInfo::reason`] then
    /// says which.
    ///
    /// # Errors
    /// The model is damaged or of another kind; with [`Device::Gpu`] also [`TextError::Device`] where the GPU cannot run it.
    pub async fn select(files: &TextFiles, device: Device, allow_software: bool) -> Result<Self, TextError> {
        let cpu = files.encoder()?;
        if device == Device::Cpu {
            return Ok(cpu.on_cpu(None));
        }
        // A user who asks for a GPU gets a software one too.
        match open_gpu(files, &cpu, allow_software || device == Device::Gpu).await {
            Ok(gpu) => Ok(cpu.with_transformer(gpu)),
            Err(TextError::Device(error)) if device == Device::Auto => Ok(cpu.on_cpu(Some(error.cause()))),
            Err(error) => Err(error),
        }
    }

    /// The device that runs.
    pub fn info(&self) -> DeviceInfo {
        match self.transformer() {
            AnyTransformer::Cpu(_, reason) => DeviceInfo::cpu(reason.clone()),
            #[cfg(feature = "gpu")]
            AnyTransformer::Gpu(gpu) => gpu.info(),
        }
    }
}

impl TextEncoder {
    /// This encoder, to be used where either device may run; `reason` says why it is not on a GPU, where one was wanted.
    pub fn on_cpu(self, reason: Option<String>) -> AnyTextEncoder {
        self.map_transformer(|cpu| AnyTransformer::Cpu(Box::new(cpu), reason))
    }
}

#[cfg(feature = "gpu")]
async fn open_gpu(files: &TextFiles, cpu: &TextEncoder, allow_software: bool) -> Result<AnyTransformer, TextError> {
    let options = crate::compute::gpu::GpuOptions { allow_software, ..Default::default() };
    Ok(AnyTransformer::Gpu(Box::new(TextGpu::new(files, cpu, &options).await?)))
}

#[cfg(not(feature = "gpu"))]
async fn open_gpu(_files: &TextFiles, _cpu: &TextEncoder, _allow_software: bool) -> Result<AnyTransformer, TextError> {
    Err(crate::compute::DeviceError::NoGpu("this build has no GPU engine".into()).into())
}

impl SentenceEncoder for AnyTransformer {
    fn width(&self) -> usize {
        match self {
            Self::Cpu(cpu, _) => cpu.width(),
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.width(),
        }
    }

    async fn forward(&self, batches: &[TokenBatch]) -> Result<Vec<Vec<f32>>, TextError> {
        match self {
            Self::Cpu(cpu, _) => cpu.forward(batches).await,
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.forward(batches).await,
        }
    }
}
