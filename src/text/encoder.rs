//! The whole text encoder: tokenizer, transformer, pooling.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::architecture::check_pooling;
use super::batch::Plan;
use super::{Architecture, CpuTransformer, SentenceEncoder, TextError, WordPiece};

/// Tokens in a batch: enough to keep the matrix kernels busy, few enough that activations stay in cache.
const BATCH_TOKENS: usize = 192;

/// Text → embedding of unit length.
#[derive(Debug, Clone)]
pub struct TextEncoder<T = CpuTransformer> {
    tokenizer: WordPiece,
    transformer: T,
    digests: Digests,
    batch_tokens: usize,
}

/// SHA-256 of the files that decide an embedding, in hexadecimal.
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
    /// Reads a folder in the hub's layout: `config.json`, `tokenizer.json`, `model.safetensors`.
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

    /// The encoder that they make, on the CPU.
    ///
    /// # Errors
    /// As [`TextEncoder::from_bytes`].
    pub fn encoder(&self) -> Result<TextEncoder, TextError> {
        TextEncoder::from_bytes(&self.config, &self.tokenizer, &self.weights)
    }
}

impl TextEncoder {
    /// Reads a folder in the hub's layout: `config.json`, `tokenizer.json`, `model.safetensors`.
    ///
    /// # Errors
    /// Any [`TextError`]: files missing, damaged, of another architecture, or at odds with each other.
    pub fn load(folder: &Path) -> Result<Self, TextError> {
        TextFiles::read(folder)?.encoder()
    }

    /// The same from the bytes of the three files.
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

    /// Embeds on the CPU: `[texts][width]`, in order. A text's vector does not depend on its neighbours.
    pub fn embed<S: AsRef<str> + Sync>(&self, texts: &[S]) -> Vec<f32> {
        let plan = Plan::new(&self.tokenizer, texts, self.batch_tokens);
        plan.finish(&self.transformer.run(&plan.batches), self.width())
    }
}

impl<T: SentenceEncoder> TextEncoder<T> {
    /// The same tokenizer over another transformer with the same weights.
    pub fn with_transformer<U: SentenceEncoder>(self, transformer: U) -> TextEncoder<U> {
        self.map_transformer(|_| transformer)
    }

    /// The same around another transformer, made of this one.
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

    /// Sets the tokens in a batch: memory and speed change, embeddings do not.
    pub fn batch_tokens(mut self, tokens: usize) -> Self {
        self.batch_tokens = tokens.max(1);
        self
    }

    /// Embeds on the encoder's device: `[texts][width]`, in order.
    ///
    /// # Errors
    /// What the device reports.
    pub async fn embed_async<S: AsRef<str> + Sync>(&self, texts: &[S]) -> Result<Vec<f32>, TextError> {
        let plan = Plan::new(&self.tokenizer, texts, self.batch_tokens);
        Ok(plan.finish(&self.transformer.forward(&plan.batches).await?, self.width()))
    }

    /// Width of an embedding.
    pub fn width(&self) -> usize {
        self.transformer.width()
    }

    /// The tokenizer.
    pub fn tokenizer(&self) -> &WordPiece {
        &self.tokenizer
    }

    /// Which files these are.
    pub fn digests(&self) -> &Digests {
        &self.digests
    }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}
