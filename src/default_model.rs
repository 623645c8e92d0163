//! The default model, part of the program: `unitok` works where there is no model folder.

/// The two files of a model.
#[derive(Debug, Clone, Copy)]
pub struct Files {
    /// `config.json`.
    pub config: &'static str,
    /// `model.safetensors`.
    pub weights: &'static [u8],
}

/// The default model, if this build carries one: the program does, the page fetches it.
#[cfg(feature = "cli")]
pub const FILES: Option<Files> = Some(Files {
    config: include_str!("../www/models/default/config.json"),
    weights: include_bytes!("../www/models/default/model.safetensors"),
});

/// The default model, if this build carries one: the program does, the page fetches it.
#[cfg(not(feature = "cli"))]
pub const FILES: Option<Files> = None;
