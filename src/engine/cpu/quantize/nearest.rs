//! The search in one codebook.

use crate::engine::cpu::screen::{CHUNK, Found, Level, Scratch, native_layout, nearest};

impl Level {
    /// Lays out `codebook [codes][latent]` for this processor.
    pub fn new(codebook: &[f32], latent: usize) -> Self {
        Self::penalized(codebook, latent, &[])
    }

    /// The same with `penalty [codes]` added to squared distances (for training); empty adds nothing.
    pub fn penalized(codebook: &[f32], latent: usize, penalty: &[f32]) -> Self {
        Self::laid_out(native_layout(), codebook, latent, penalty)
    }

    /// Nearest code of each of `residuals` (see [`Self::padded`]) by `½‖c‖² − ⟨r, c⟩`, into `found`, and taken away from
    /// it; the runner-up too, for `margins`, which costs as much again as settling the nearest.
    pub fn nearest(&self, residuals: &mut [[f32; CHUNK]], margins: bool, scratch: &mut Scratch, found: &mut Vec<Found>) {
        found.clear();
        nearest(self, residuals, margins, scratch, found);
    }

    /// The same of `rows [rows][latent]`, which stay as they are.
    pub fn nearest_of(&self, rows: &[f32]) -> Vec<Found> {
        let mut found = Vec::new();
        self.nearest(&mut self.padded(rows), false, &mut Scratch::default(), &mut found);
        found
    }
}
