//! The device of the races, and the check that this machine has it.

use std::process::Command;
use std::str::FromStr;

use anyhow::{Context, Error, Result, bail};
use serde_json::Value;

use super::peers::Tools;
use crate::process::output;

/// Where contenders run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Device {
    /// The CPU.
    Cpu,
    /// A GPU, which UniTok uses by its graphics API and PyTorch by CUDA.
    Gpu,
    /// A software renderer, and PyTorch on the CPU, to try out the races of [`Device::Gpu`]. The times mean nothing.
    Software,
}

/// Name of PyTorch's device in a race on a GPU, if PyTorch has one.
pub type Torch = Option<&'static str>;

/// What this machine has of a [`Device`].
pub enum Available {
    /// The CPU.
    Cpu,
    /// An adapter for UniTok, and perhaps a device for PyTorch.
    Adapter(Torch),
    /// No device on which times would mean anything.
    None,
}

impl FromStr for Device {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "cpu" => Ok(Self::Cpu),
            "gpu" => Ok(Self::Gpu),
            "software" => Ok(Self::Software),
            _ => bail!("unknown device {name:?}: use cpu, gpu, or software to try the races of gpu without one"),
        }
    }
}

/// Looks for the device, and prints on stderr what is missing.
pub fn find(device: Device, tools: &Tools) -> Result<Available> {
    match device {
        Device::Cpu => return Ok(Available::Cpu),
        Device::Software => return Ok(Available::Adapter(Some("cpu"))),
        Device::Gpu => {}
    }
    let trial = output(tools.unitok_bench("rq").args(["--items", "1000", "--seconds", "0", "--device", "gpu"]));
    let trial = trial.context("the GPU engine does not run here: `unitok bench rq --device gpu` says why")?;
    let adapter = serde_json::from_str::<Value>(trial.trim())?["adapter"].take();
    if adapter["software"] != false {
        eprintln!(
            "SKIPPED: {} is a software renderer, so times would mean nothing (--device software tries out the races)",
            adapter["name"]
        );
        return Ok(Available::None);
    }
    eprintln!("UniTok's adapter: {} ({})", adapter["name"], adapter["backend"]);
    let mut python = Command::new(&tools.python);
    python.args(["-c", "import torch; print(torch.cuda.get_device_name() if torch.cuda.is_available() else '')"]);
    let name = output(&mut python).unwrap_or_default();
    if name.trim().is_empty() {
        eprintln!("SKIPPED: PyTorch finds no CUDA device, so UniTok is timed alone");
        return Ok(Available::Adapter(None));
    }
    eprintln!("PyTorch's device: {}", name.trim());
    Ok(Available::Adapter(Some("cuda")))
}
