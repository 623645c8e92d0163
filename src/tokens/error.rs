//! Layouts and policies that cannot be applied.

/// A layout or policy that does not fit the model or the batch.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TokensError {
    /// `with-shared` on a model without a shared expert.
    #[error("layout with-shared needs a model with a shared expert, and this one has none: use expert-last or expert-first")]
    NoSharedExpert,
    /// A policy that minimises distortion, on a batch without `z`.
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
    /// The watcher of a long policy asked to stop.
    #[error("stopped before the collision policy was done")]
    Stopped,
    /// A name that is not one of the choices.
    #[error("«{name}» is not a {what}: use one of {choices}")]
    Name {
        /// What it should name.
        what: &'static str,
        /// The name given.
        name: String,
        /// The possible names, separated by commas.
        choices: String,
    },
}
