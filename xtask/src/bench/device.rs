//! Which device the races are on, and whether it is there.

use std::process::Command;
use std::str::FromStr;

use anyhow::{Context, Error, Result, bail};
use serde_json::Value;

use super::peers::Tools;
use crate::setup::output;

/// Where contenders run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Device {
    /// The processor.
    Cpu,
    /// A GPU: ours through its graphics API, PyTorch through CUDA.
    Gpu,
    /// A software renderer and PyTorch on the processor, to try the races of [`Device::Gpu`]: their times mean nothing.
    Software,
}

/// PyTorch's device in a race on a GPU, if it has one.
pub type Torch = Option<&'static str>;

/// What was found of a device.
pub enum Found {
    /// The processor is always there.
    Processor,
    /// An adapter for ours.
    Adapter(Torch),
    /// Nothing that a race would mean anything on; why is said.
    Nothing,
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

/// Looks for a device; says what is missing.
pub fn find(device: Device, tools: &Tools) -> Result<Found> {
    match device {
        Device::Cpu => return Ok(Found::Processor),
        Device::Software => return Ok(Found::Adapter(Some("cpu"))),
        Device::Gpu => {}
    }
    let found = output(tools.ours("rq").args(["--items", "1000", "--seconds", "0", "--device", "gpu"]));
    let found = found.context("the GPU engine does not run here: `unitok bench rq --device gpu` says why")?;
    let adapter = serde_json::from_str::<Value>(found.trim())?["adapter"].take();
    if adapter["software"] != false {
        eprintln!(
            "SKIPPED: {} is a software renderer, its times mean nothing (--device software tries the races)",
            adapter["name"]
        );
        return Ok(Found::Nothing);
    }
    eprintln!("our adapter: {} ({})", adapter["name"], adapter["backend"]);
    let mut python = Command::new(&tools.python);
    python.args(["-c", "import torch; print(torch.cuda.get_device_name() if torch.cuda.is_available() else '')"]);
    let name = output(&mut python).unwrap_or_default();
    if name.trim().is_empty() {
        eprintln!("SKIPPED: PyTorch finds no CUDA device: ours is timed alone");
        return Ok(Found::Adapter(None));
    }
    eprintln!("PyTorch's device: {}", name.trim());
    Ok(Found::Adapter(Some("cuda")))
}
