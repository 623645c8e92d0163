//! What a step is told of the items of its batch.

/// A batch of items, as a step takes it; inputs alone where no loss needs more.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    /// `[items][input]` scaled inputs, grouped by domain.
    pub x: &'a [f32],
    /// `[items][input]` what is to be reconstructed of them; usually the inputs.
    pub target: &'a [f32],
    /// `[items][latent]` collaborative vectors, zeros where an item has none; empty without the alignment loss.
    pub collaborative: &'a [f32],
    /// `[quantizers][levels][codes]` partner of each code; empty without the diversity loss.
    pub partners: &'a [u32],
}

impl<'a> From<&'a [f32]> for Batch<'a> {
    fn from(x: &'a [f32]) -> Self {
        Self { x, target: x, collaborative: &[], partners: &[] }
    }
}

impl<'a> From<&'a Vec<f32>> for Batch<'a> {
    fn from(x: &'a Vec<f32>) -> Self {
        x.as_slice().into()
    }
}
