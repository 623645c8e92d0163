//! The code that was chosen at a level.

/// The code that a quantizer chose for an item at one level.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Choice {
    /// Index of the code; a greedy search takes the nearest, the lowest index on a tie.
    pub code: u32,
    /// Squared distance of the runner-up minus that of the choice, if margins were asked for; otherwise 0.
    pub margin: f32,
    /// Norm of the residual after this level.
    pub residual_norm: f32,
}
