//! The text encoder: tokenizer, transformer and pooling together.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::architecture::check_pooling;
use super::batch::BatchPlan;
use super::{Architecture, CpuTransformer, SentenceEncoder, TextError, WordPiece};
use crate::base::hash::hex;

/// Tokens of a batch: enough to use the matrix kernels well, few enough that activations stay in cache.
const BATCH_TOKENS: usize = 192;

/// Turns texts into embeddings of unit length.
#[derive(Debug, Clone)]
pub struct TextEncoder<T = CpuTransformer> {
    tokenizer: WordPiece,
    transformer: T,
    digests: Digests,
    batch_tokens: usize,
}

/// SHA-256 of the files that determine an embedding, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digests {
    /// `tokenizer.json`.
    pub tokenizer: String,
    /// `model.safetensors`.
    pub weights: String,
}

/// The contents of a text model's files.
#[derive(Debug, Clone)]
pub struct TextFiles {
    /// `config.json`.
    pub config: Vec<u8>,
    /// `tokenizer.json`.
    pub tokenizer: Vec<u8>,
    /// `model.safetensors`.
    pub weights: Vec<u8>,
}

impl TextFiles {
    /// Reads a folder in the layout of the Hugging Face hub: `config.json`, `tokenizer.json`, `model.safetensors`.
    ///
    /// # Errors
    /// [`TextError::Folder`] or [`TextError::Io`]; [`TextError::Unsupported`] for another pooling than the mean.
    pub fn read(folder: &Path) -> Result<Self, TextError> {
        let names = ["config.json", "tokenizer.json", "model.safetensors"];
        let missing: Vec<_> = names.into_iter().filter(|name| !folder.join(name).is_file()).collect();
        if !missing.is_empty() {
            return Err(TextError::Folder { folder: folder.into(), missing });
        }
        let read = |name: &str| {
            let path = folder.join(name);
            std::fs::read(&path).map_err(|source| TextError::Io { path, source })
        };
        if folder.join("1_Pooling/config.json").is_file() {
            check_pooling(&read("1_Pooling/config.json")?)?;
        }
        Ok(Self { config: read(names[0])?, tokenizer: read(names[1])?, weights: read(names[2])? })
    }

    /// The encoder of these files, on the CPU.
    ///
    /// # Errors
    /// As [`TextEncoder::from_bytes`].
    pub fn encoder(&self) -> Result<TextEncoder, TextError> {
        TextEncoder::from_bytes(&self.config, &self.tokenizer, &self.weights)
    }
}

impl TextEncoder {
    /// Reads a folder in the layout of the Hugging Face hub: `config.json`, `tokenizer.json`, `model.safetensors`.
    ///
    /// # Errors
    /// Any [`TextError`]: files missing, damaged, of another architecture, or not belonging together.
    pub fn load(folder: &Path) -> Result<Self, TextError> {
        TextFiles::read(folder)?.encoder()
    }

    /// The encoder from the contents of the three files.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn from_bytes(config: &[u8], tokenizer: &[u8], weights: &[u8]) -> Result<Self, TextError> {
        let architecture = Architecture::from_json(config)?;
        let digests = Digests { tokenizer: sha256(tokenizer), weights: sha256(weights) };
        let tokenizer = WordPiece::from_json(tokenizer)?.fit(&architecture)?;
        let transformer = CpuTransformer::new(&architecture, weights)?;
        Ok(Self { tokenizer, transformer, digests, batch_tokens: BATCH_TOKENS })
    }

    /// Embeds on the CPU: `[texts][width]`, in order. An embedding does not depend on the other texts.
    pub fn embed<S: AsRef<str> + Sync>(&self, texts: &[S]) -> Vec<f32> {
        let plan = BatchPlan::new(&self.tokenizer, texts, self.batch_tokens);
        plan.embeddings(&self.transformer.run(&plan.batches), self.width())
    }
}

impl<T: SentenceEncoder> TextEncoder<T> {
    /// The encoder with another transformer, which must have the same weights.
    pub fn with_transformer<U: SentenceEncoder>(self, transformer: U) -> TextEncoder<U> {
        self.map_transformer(|_| transformer)
    }

    /// The encoder with the transformer that `change` makes of this one.
    pub(super) fn map_transformer<U>(self, change: impl FnOnce(T) -> U) -> TextEncoder<U> {
        TextEncoder {
            tokenizer: self.tokenizer,
            transformer: change(self.transformer),
            digests: self.digests,
            batch_tokens: self.batch_tokens,
        }
    }

    /// The transformer.
    pub fn transformer(&self) -> &T {
        &self.transformer
    }

    /// Sets the tokens of a batch, which changes memory and speed but no embedding.
    pub fn batch_tokens(mut self, tokens: usize) -> Self {
        self.batch_tokens = tokens.max(1);
        self
    }

    /// Embeds on the encoder's device: `[texts][width]`, in order.
    ///
    /// # Errors
    /// The error of the device.
    pub async fn embed_async<S: AsRef<str> + Sync>(&self, texts: &[S]) -> Result<Vec<f32>, TextError> {
        let plan = BatchPlan::new(&self.tokenizer, texts, self.batch_tokens);
        Ok(plan.embeddings(&self.transformer.forward(&plan.batches).await?, self.width()))
    }

    /// Width of an embedding.
    pub fn width(&self) -> usize {
        self.transformer.width()
    }

    /// The tokenizer.
    pub fn tokenizer(&self) -> &WordPiece {
        &self.tokenizer
    }

    /// Digests of the files that the encoder was made of.
    pub fn digests(&self) -> &Digests {
        &self.digests
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}
