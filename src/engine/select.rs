//! Which engine runs: what the user asked for, what the machine has, and the reason where they differ.
//!
//! The GPU engine is taken only if it passes its self-test: a fixed input through every kernel, compared with the CPU engine.
//! Where it fails, where there is no adapter, or where a model exceeds the adapter's limits, the CPU engine runs and
//! [`DeviceInfo`] says why.

use super::cpu::CpuEngine;
#[cfg(feature = "gpu")]
use super::gpu::{GpuEngine, PreparedGpu};
use super::{Engine, EngineError, Stage, Tokenized, Want};
#[cfg(feature = "gpu")]
use crate::compute::gpu::GpuOptions;
use crate::compute::{Device, DeviceError, DeviceInfo};
use crate::model::{Architecture, Model};

/// Either engine.
#[derive(Debug)]
pub enum AnyEngine {
    /// The CPU.
    Cpu(Box<CpuEngine>),
    /// A GPU.
    #[cfg(feature = "gpu")]
    Gpu(Box<GpuEngine>),
}

impl AnyEngine {
    /// Opens an engine for `model`. With [`Device::Auto`], anything that keeps a GPU from running the
    /// model (none there, a software renderer unless `allow_software`, a limit, a failed self-test)
    /// leads to the CPU, and [`DeviceInfo::reason`] says why.
    ///
    /// # Errors
    /// Only with [`Device::Gpu`]: what [`GpuEngine::new`] says.
    pub async fn select(model: &Model, device: Device, allow_software: bool) -> Result<Self, EngineError> {
        Prepared::open(&model.config.model, device, allow_software).await?.load(model).await
    }

    /// The engine that was opened; after an error the CPU, with the error as the reason.
    pub fn or_cpu(model: &Model, opened: Result<Self, EngineError>) -> Self {
        opened.unwrap_or_else(|error| Self::cpu(model, Some(error.cause())))
    }

    fn cpu(model: &Model, reason: Option<String>) -> Self {
        let engine = CpuEngine::new(model);
        Self::Cpu(Box::new(if let Some(reason) = reason { engine.with_reason(reason) } else { engine }))
    }
}

/// An engine without weights: its device is opened and its kernels are compiled while the weights are being loaded.
#[derive(Debug)]
pub enum Prepared {
    /// The CPU, and why it runs in place of a GPU, unless it was asked for.
    Cpu(Option<String>),
    /// A GPU, and what was asked for: with [`Device::Auto`], the CPU may replace it.
    #[cfg(feature = "gpu")]
    Gpu(Box<PreparedGpu>, Device),
}

impl Prepared {
    /// Prepares for models of these shapes; see [`AnyEngine::select`].
    ///
    /// # Errors
    /// Only with [`Device::Gpu`]: what [`PreparedGpu::open`] says.
    pub async fn open(model: &Architecture, device: Device, allow_software: bool) -> Result<Self, DeviceError> {
        match device {
            Device::Cpu => Ok(Self::Cpu(None)),
            Device::Gpu => Self::gpu(model, device, true).await,
            Device::Auto => Ok(Self::gpu(model, device, allow_software).await.unwrap_or_else(|error| Self::cpu_because(&error))),
        }
    }

    /// The CPU, because a GPU failed with this error.
    pub fn cpu_because(error: &DeviceError) -> Self {
        Self::Cpu(Some(error.cause()))
    }

    /// The engine, with the weights.
    ///
    /// # Errors
    /// Only with [`Device::Gpu`]: what [`PreparedGpu::load`] says.
    pub async fn load(self, model: &Model) -> Result<AnyEngine, EngineError> {
        match self {
            Self::Cpu(reason) => Ok(AnyEngine::cpu(model, reason)),
            #[cfg(feature = "gpu")]
            Self::Gpu(prepared, device) => {
                let loaded = prepared.load(model).await.map(|engine| AnyEngine::Gpu(Box::new(engine)));
                if device == Device::Auto { Ok(AnyEngine::or_cpu(model, loaded)) } else { loaded }
            }
        }
    }

    #[cfg(feature = "gpu")]
    async fn gpu(model: &Architecture, device: Device, allow_software: bool) -> Result<Self, DeviceError> {
        let options = GpuOptions { allow_software, ..GpuOptions::default() };
        Ok(Self::Gpu(Box::new(PreparedGpu::open(model, &options).await?), device))
    }

    #[cfg(not(feature = "gpu"))]
    async fn gpu(_model: &Architecture, _device: Device, _allow_software: bool) -> Result<Self, DeviceError> {
        Err(DeviceError::NoGpu("this build has no GPU engine".into()))
    }
}

impl Engine for AnyEngine {
    fn info(&self) -> DeviceInfo {
        match self {
            Self::Cpu(engine) => engine.info(),
            #[cfg(feature = "gpu")]
            Self::Gpu(engine) => engine.info(),
        }
    }

    fn input_width(&self) -> usize {
        match self {
            Self::Cpu(engine) => engine.input_width(),
            #[cfg(feature = "gpu")]
            Self::Gpu(engine) => engine.input_width(),
        }
    }

    async fn tokenize(&self, rows: &[f32], want: Want) -> Result<Tokenized, EngineError> {
        match self {
            Self::Cpu(engine) => engine.tokenize(rows, want).await,
            #[cfg(feature = "gpu")]
            Self::Gpu(engine) => engine.tokenize(rows, want).await,
        }
    }

    async fn tokenize_scaled(&self, scaled: &[f32], want: Want) -> Result<Tokenized, EngineError> {
        match self {
            Self::Cpu(engine) => engine.tokenize_scaled(scaled, want).await,
            #[cfg(feature = "gpu")]
            Self::Gpu(engine) => engine.tokenize_scaled(scaled, want).await,
        }
    }

    async fn run_until(&self, rows: &[f32], stage: Stage) -> Result<(), EngineError> {
        match self {
            Self::Cpu(engine) => engine.run_until(rows, stage).await,
            #[cfg(feature = "gpu")]
            Self::Gpu(engine) => engine.run_until(rows, stage).await,
        }
    }
}
