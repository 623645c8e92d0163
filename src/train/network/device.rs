//! Where steps are computed.

/// A device that steps can be computed on.
#[derive(Debug, Clone)]
pub enum Device {
    /// The processor, in closed form: the same seed gives the same bits, on any number of threads.
    Cpu,
    /// One of burn's devices, by automatic differentiation.
    #[cfg(feature = "autodiff")]
    Burn(burn::tensor::Device),
}

/// A device that is not there, or that failed.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// This program was built without GPUs.
    #[error("this build trains on the CPU only: build it with `--features train-gpu`")]
    NotBuilt,
    /// The device failed.
    #[error("the training device failed: {0}. Try --device cpu")]
    Failed(String),
}

impl Device {
    /// The system's GPU, by burn's wgpu backend.
    ///
    /// # Errors
    /// [`DeviceError::NotBuilt`] without the feature `train-gpu`.
    pub fn gpu() -> Result<Self, DeviceError> {
        #[cfg(feature = "train-gpu")]
        return Ok(Self::Burn(burn::tensor::Device::wgpu(burn::tensor::DeviceKind::DefaultDevice)));
        #[cfg(not(feature = "train-gpu"))]
        Err(DeviceError::NotBuilt)
    }
}
