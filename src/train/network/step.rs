//! One step on the device of a run: losses and gradients of a model on a batch.
//!
//! On the CPU every gradient is a closed form. burn's automatic differentiation (feature `autodiff`) computes the same
//! on GPUs, and is what the closed forms are tested against.

#[cfg(feature = "autodiff")]
use super::autodiff;
use super::batch::Batch;
use super::closed_form;
use super::criterion::{Criterion, Objective, Step};
use super::device::{Device, DeviceError};
use crate::base::parallel::on_worker;
use crate::model::Model;

/// Where and how steps are computed.
#[derive(Debug, Clone)]
pub struct Network {
    /// Where.
    pub device: Device,
    /// What they minimise.
    pub criterion: Criterion,
}

impl Network {
    /// Losses and gradients of `model` on a batch.
    ///
    /// # Errors
    /// A GPU that failed; the CPU never does.
    pub fn step<'b>(&self, model: &Model, batch: impl Into<Batch<'b>>, objective: Objective) -> Result<Step, DeviceError> {
        let batch = batch.into();
        match &self.device {
            Device::Cpu => Ok(on_worker(|| closed_form::step(&self.criterion, model, batch, objective))),
            #[cfg(feature = "autodiff")]
            Device::Burn(device) => autodiff::step(&self.criterion, device, model, batch, objective),
        }
    }
}
