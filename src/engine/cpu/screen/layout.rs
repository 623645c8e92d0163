//! How codes and rows lie in memory.

/// Values of a row that are loaded together: rows are padded to whole chunks, for loops of a known length.
pub const CHUNK: usize = 32;

/// Rows that are screened together: their scales fill a vector register.
pub const GROUP: usize = 8;

/// Two rows.
pub type Pair<'a> = (&'a [[f32; CHUNK]], &'a [[f32; CHUNK]]);

/// Codes whose scores after a chain are added up side by side.
pub const LANES: usize = 16;

/// How the kernels of one instruction set read a codebook in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Dimensions whose bytes lie side by side.
    pub pair: usize,
    /// Codes of a block.
    pub block: usize,
    /// What the bytes of a residual are shifted by.
    pub shift: i16,
}
