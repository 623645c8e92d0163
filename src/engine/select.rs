//! Which engine runs: the user's wish, what the machine has, and a reason where they differ.

use std::fmt;
use std::str::FromStr;

use super::cpu::CpuEngine;
#[cfg(feature = "gpu")]
use super::gpu::{GpuEngine, GpuOptions, PreparedGpu};
use super::{Engine, EngineError, EngineInfo, Stage, Tokenized, Want};
use crate::model::Architecture;
use crate::model::Model;

/// Where to run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Device {
    /// A GPU if there is a usable one, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// A GPU, software renderers included, or an error.
    Gpu,
}

impl FromStr for Device {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "gpu" => Ok(Self::Gpu),
            _ => Err(format!("unknown device {name:?}: use auto, cpu or gpu")),
        }
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Cpu => "cpu",
            Self::Gpu => "gpu",
        })
    }
}

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
    /// leads to the CPU, and [`EngineInfo::reason`] tells it.
    ///
    /// # Errors
    /// Only with [`Device::Gpu`]: what [`GpuEngine::new`] says.
    pub async fn select(model: &Model, device: Device, allow_software: bool) -> Result<Self, EngineError> {
        Prepared::open(&model.config.model, device, allow_software).await?.load(model).await
    }

    /// What was opened, or the CPU with the reason why nothing was.
    pub fn or_cpu(model: &Model, opened: Result<Self, EngineError>) -> Self {
        opened.unwrap_or_else(|error| Self::cpu(model, Some(cause(&error))))
    }

    fn cpu(model: &Model, reason: Option<String>) -> Self {
        let engine = CpuEngine::new(model);
        Self::Cpu(Box::new(if let Some(reason) = reason { engine.because(reason) } else { engine }))
    }
}

/// An engine that waits for the weights: a device is opened, and its kernels are compiled, while they arrive.
#[derive(Debug)]
pub enum Prepared {
    /// The CPU, and why it runs in place of a GPU, if not by wish.
    Cpu(Option<String>),
    /// A GPU, and whether the CPU may stand in for it.
    #[cfg(feature = "gpu")]
    Gpu(Box<PreparedGpu>, Device),
}

impl Prepared {
    /// Prepares for models of these shapes; see [`AnyEngine::select`].
    ///
    /// # Errors
    /// Only with [`Device::Gpu`]: what [`PreparedGpu::open`] says.
    pub async fn open(model: &Architecture, device: Device, allow_software: bool) -> Result<Self, EngineError> {
        match device {
            Device::Cpu => Ok(Self::Cpu(None)),
            Device::Gpu => Self::gpu(model, device, true).await,
            Device::Auto => Ok(Self::gpu(model, device, allow_software).await.unwrap_or_else(|error| Self::instead(&error))),
        }
    }

    /// The CPU, since no GPU can be had.
    pub fn instead(error: &EngineError) -> Self {
        Self::Cpu(Some(cause(error)))
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
    async fn gpu(model: &Architecture, device: Device, allow_software: bool) -> Result<Self, EngineError> {
        let options = GpuOptions { allow_software, ..GpuOptions::default() };
        Ok(Self::Gpu(Box::new(PreparedGpu::open(model, &options).await?), device))
    }

    #[cfg(not(feature = "gpu"))]
    async fn gpu(_model: &Architecture, _device: Device, _allow_software: bool) -> Result<Self, EngineError> {
        Err(EngineError::NoGpu("this build has no GPU engine".into()))
    }
}

/// What happened, without the advice to use the engine that is running already.
pub fn cause(error: &EngineError) -> String {
    match error {
        EngineError::NoGpu(cause) => format!("no GPU: {cause}"),
        EngineError::SelfTest(difference) => format!("the GPU failed its self-test: {difference}"),
        EngineError::Device(message) => format!("the GPU stopped: {message}"),
        EngineError::Limit { what, needed, limit } => format!("the GPU allows {limit} {what}, the model needs {needed}"),
        other => other.to_string(),
    }
}

impl Engine for AnyEngine {
    fn info(&self) -> EngineInfo {
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
