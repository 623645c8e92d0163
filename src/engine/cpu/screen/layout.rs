//! How codes and rows are laid out in memory.

/// Values of a row that are processed together. Rows are padded to whole chunks, so that loops have a known length.
pub const CHUNK: usize = 32;

/// Rows that are screened together: their scales fill a vector register.
pub const GROUP: usize = 8;

/// Two rows.
pub type RowPair<'a> = (&'a [[f32; CHUNK]], &'a [[f32; CHUNK]]);

/// Codes whose scores after a chain are added up side by side.
pub const LANES: usize = 16;

/// How the kernels of one instruction set read a codebook in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Dimensions whose bytes lie side by side, in a word.
    pub per_word: usize,
    /// Codes in a block.
    pub block: usize,
    /// What is added to the bytes of a residual.
    pub shift: i16,
}
