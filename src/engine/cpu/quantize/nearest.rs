//! The search for the nearest code of one codebook.

use crate::engine::cpu::screen::{CHUNK, Level, Nearest, Scratch, native_layout, nearest};

impl Level {
    /// Lays out `codebook [codes][latent]` for this processor.
    pub fn new(codebook: &[f32], latent: usize) -> Self {
        Self::with_layout(native_layout(), codebook, latent)
    }

    /// Finds the code with the least `½‖c‖² − ⟨r, c⟩` for each of `residuals` (see [`Self::padded`]), writes it to `found`
    /// and subtracts it from the residual. With `margins`, it finds the runner-up too, for which more candidates are scored in f32.
    pub fn nearest(&self, residuals: &mut [[f32; CHUNK]], margins: bool, scratch: &mut Scratch, found: &mut Vec<Nearest>) {
        found.clear();
        nearest(self, residuals, margins, scratch, found);
    }

    /// The nearest code of each of `rows [rows][latent]`, which are not changed.
    pub fn nearest_to(&self, rows: &[f32]) -> Vec<Nearest> {
        let mut found = Vec::new();
        self.nearest(&mut self.padded(rows), false, &mut Scratch::default(), &mut found);
        found
    }
}
