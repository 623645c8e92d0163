//! The choice of a code.

/// What one quantizer says of one item at one level.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Choice {
    /// Nearest code, the lowest index on a tie.
    pub code: u32,
    /// Squared distance of the runner-up minus that of the choice, if margins were asked for.
    pub margin: f32,
    /// Norm of what is left.
    pub residual_norm: f32,
}
