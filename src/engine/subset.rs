//! A part of a batch.

use super::Tokenized;

impl Tokenized {
    /// The items with these numbers, in their order.
    pub fn subset(&self, items: &[usize]) -> Self {
        let choices = self.slots * self.levels;
        let latent = |all: &Vec<f32>| all.len() / self.items.max(1);
        Self {
            items: items.len(),
            top_n: self.top_n,
            slots: self.slots,
            levels: self.levels,
            experts: rows(&self.experts, items, self.top_n),
            gates: rows(&self.gates, items, self.top_n),
            codes: rows(&self.codes, items, choices),
            residual_norms: if self.residual_norms.is_empty() { Vec::new() } else { rows(&self.residual_norms, items, choices) },
            margins: if self.margins.is_empty() { Vec::new() } else { rows(&self.margins, items, choices) },
            z: self.z.as_ref().map(|z| rows(z, items, latent(z))),
            z_hat: self.z_hat.as_ref().map(|z| rows(z, items, latent(z))),
            reconstruction: self.reconstruction.as_ref().map(|errors| rows(errors, items, 1)),
        }
    }
}

fn rows<T: Copy>(values: &[T], items: &[usize], width: usize) -> Vec<T> {
    items.iter().flat_map(|&item| &values[item * width..(item + 1) * width]).copied().collect()
}
