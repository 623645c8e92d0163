//! The default model, part of the program: `unitok` works where there is no model folder.

/// The two files of a model.
#[derive(Debug, Clone, Copy)]
pub struct Files {
    /// `config.json`.
    pub config: &'static str,
    /// `model.safetensors`.
    pub weights: &'static [u8],
}

/// The default model, if this build carries one.
pub const FILES: Option<Files> = None;
