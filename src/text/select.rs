//! Which device embeds: the user's wish, what the machine has, and a reason where they differ.

#[cfg(feature = "gpu")]
use super::gpu::TextGpu;
use super::{CpuTransformer, SentenceEncoder, TextEncoder, TextError, TextFiles, TokenBatch};
use crate::compute::{Device, DeviceInfo};

/// The transformer on either device.
#[derive(Debug)]
pub enum AnyTransformer {
    /// The CPU, and why it runs in place of a GPU, if not by wish.
    Cpu(Box<CpuTransformer>, Option<String>),
    /// A GPU.
    #[cfg(feature = "gpu")]
    Gpu(Box<TextGpu>),
}

/// A text encoder on either device.
pub type AnyTextEncoder = TextEncoder<AnyTransformer>;

impl AnyTextEncoder {
    /// Opens a text model on a device. With [`Device::Auto`], anything that keeps a GPU from running the model
    /// (none there, a software renderer unless `allow_software`, a limit, a failed self-test) leads to the CPU,
    /// and [`DeviceInfo::reason`] tells it.
    ///
    /// # Errors
    /// A damaged or unknown model; with [`Device::Gpu`] also what keeps the GPU from running it, as
    /// [`TextError::Device`].
    pub async fn select(files: &TextFiles, device: Device, allow_software: bool) -> Result<Self, TextError> {
        let cpu = files.encoder()?;
        if device == Device::Cpu {
            return Ok(cpu.on_cpu(None));
        }
        // Who asks for a GPU gets one, whatever it is.
        match open_gpu(files, &cpu, allow_software || device == Device::Gpu).await {
            Ok(gpu) => Ok(cpu.with_transformer(gpu)),
            Err(TextError::Device(error)) if device == Device::Auto => Ok(cpu.on_cpu(Some(error.cause()))),
            Err(error) => Err(error),
        }
    }

    /// Which device embeds.
    pub fn info(&self) -> DeviceInfo {
        match self.transformer() {
            AnyTransformer::Cpu(_, reason) => DeviceInfo::cpu(reason.clone()),
            #[cfg(feature = "gpu")]
            AnyTransformer::Gpu(gpu) => gpu.info(),
        }
    }
}

impl TextEncoder {
    /// The same on the CPU, and why it is not on a GPU, where one was wished for.
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
