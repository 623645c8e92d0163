//! How a model stands.

/// Health.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Health {
    /// Step.
    pub step: usize,
}
