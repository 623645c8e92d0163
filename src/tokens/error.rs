//! What layouts and policies cannot do.

/// A layout or policy that a model or a batch cannot serve.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TokensError {
    /// `with-shared` on a model without a shared expert.
    #[error("layout with-shared needs a model with a shared expert, and this one has none: use expert-last or expert-first")]
    NoSharedExpert,
    /// A policy that weighs distortion, on a batch without `z`.
    #[error("collision policy {0} needs the latents of the items: run the engine with `Want {{ latents: true, .. }}`")]
    NoLatents(String),
    /// A batch made by another model.
    #[error("the batch has {found} slots × levels, the model has {expected}: tokenize and resolve with the same model")]
    Shape {
        /// Slots and levels of the batch.
        found: String,
        /// Slots and levels of the model.
        expected: String,
    },
    /// Whoever watches a long policy said so.
    #[error("stopped before the collision policy was through")]
    Stopped,
    /// A name that is not one of the choices.
    #[error("«{name}» is not a {what}: use one of {choices}")]
    Name {
        /// What was named.
        what: &'static str,
        /// The name.
        name: String,
        /// The possible names.
        choices: &'static str,
    },
}
