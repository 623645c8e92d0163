//! The device that computes: which one is asked for, which one runs, and what keeps a GPU from running a model.

use std::fmt;
use std::str::FromStr;

use super::cpu::simd;
use crate::base::parallel::threads;
use crate::base::words::counted;

/// Where to compute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify), serde(rename_all = "lowercase"))]
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

/// The device that runs, described for people.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct DeviceInfo {
    /// `cpu` or `gpu`.
    #[cfg_attr(feature = "bindings", tsify(type = "'cpu' | 'gpu'"))]
    pub kind: &'static str,
    /// The adapter's name; for the CPU, its instruction set.
    pub name: String,
    /// Graphics API; for the CPU, the number of threads.
    pub backend: String,
    /// Whether the adapter is a software renderer.
    pub software: bool,
    /// Why the CPU runs in place of a GPU, unless it was asked for.
    pub reason: Option<String>,
}

impl DeviceInfo {
    /// The CPU, with the reason why it runs in place of a GPU, if there is one.
    pub fn cpu(reason: Option<String>) -> Self {
        let backend = counted(threads(), "thread");
        Self { kind: "cpu", name: simd::instruction_set().name().into(), backend, software: false, reason }
    }
}

/// What keeps a device from running a model.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// No usable GPU.
    #[error("no GPU engine: {0}. Use the CPU engine (--device cpu), or install a Vulkan driver")]
    NoGpu(String),
    /// The model exceeds a limit of the device.
    #[error("the model needs {needed} {what}, this device allows {limit}: use the CPU engine")]
    Limit {
        /// Which limit, with its unit: `bytes for the codebooks`.
        what: &'static str,
        /// What the model needs.
        needed: u64,
        /// What the device allows.
        limit: u64,
    },
    /// On a fixed input, a kernel's results differed from the CPU's.
    #[error("the GPU failed its self-test: {0}. Use the CPU engine")]
    SelfTest(String),
    /// The device was lost or reported an error.
    #[error("the GPU stopped: {0}. Try again, or use the CPU engine")]
    Stopped(String),
}

impl DeviceError {
    /// What happened, without the advice to use the CPU, for a program that already does.
    pub fn cause(&self) -> String {
        match self {
            Self::NoGpu(cause) => format!("no GPU: {cause}"),
            Self::SelfTest(difference) => format!("the GPU failed its self-test: {difference}"),
            Self::Stopped(message) => format!("the GPU stopped: {message}"),
            Self::Limit { what, needed, limit } => format!("the GPU allows {limit} {what}, the model needs {needed}"),
        }
    }
}
