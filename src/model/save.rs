//! A model as a folder that `Model::load` reads.

use std::io;
use std::path::Path;

use half::f16;

use super::{Model, Precision};
use crate::base::files::{make_folder, write_atomic};

impl Model {
    /// Writes `config.json` and `model.safetensors` into `folder`, which is made if it does not exist. Reading them gives the
    /// same model, bit for bit.
    ///
    /// # Errors
    /// The system refuses.
    pub fn save(&self, folder: &Path) -> io::Result<()> {
        make_folder(folder)?;
        // The weights come last: where they are, the folder is whole.
        let files =
            [("config.json", self.config.to_json().into_bytes()), ("model.safetensors", self.to_safetensors(self.precision()))];
        files.into_iter().try_for_each(|(name, bytes)| write_atomic(&folder.join(name), |out| out.write_all(&bytes)))
    }

    /// The smallest number format that holds every weight as it is.
    pub fn precision(&self) -> Precision {
        let halves = |values: &[f32]| values.iter().all(|&value| f16::from_f32(value).to_f32() == value);
        if self.named_tensors().iter().all(|(_, _, values)| halves(values)) { Precision::F16 } else { Precision::F32 }
    }
}
