//! `config.json` of a text model: the shapes of its BERT, and whether this program can compute it.

use serde::Deserialize;

use super::TextError;

const FILE: &str = "config.json";

/// Shapes of a BERT encoder.
#[derive(Debug, Clone, PartialEq)]
pub struct Architecture {
    /// Width of hidden states and of the embedding.
    pub hidden: usize,
    /// Transformer layers.
    pub layers: usize,
    /// Attention heads of a layer.
    pub heads: usize,
    /// Width between the two linear layers of a feed-forward block.
    pub intermediate: usize,
    /// Tokens in the vocabulary.
    pub vocabulary: usize,
    /// Positions that have an embedding.
    pub positions: usize,
    /// Segment types that have an embedding.
    pub types: usize,
    /// Added to the variance in layer normalisation.
    pub epsilon: f32,
}

/// The fields that are read, by their names on the hub. Absent fields have the defaults of Hugging Face's BERT.
#[derive(Deserialize)]
struct File {
    model_type: String,
    hidden_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    intermediate_size: usize,
    vocab_size: usize,
    max_position_embeddings: usize,
    #[serde(default = "default_types")]
    type_vocab_size: usize,
    #[serde(default = "default_activation")]
    hidden_act: String,
    #[serde(default = "default_position_type")]
    position_embedding_type: String,
    #[serde(default = "default_epsilon")]
    layer_norm_eps: f32,
}

fn default_types() -> usize {
    2
}
fn default_activation() -> String {
    "gelu".into()
}
fn default_position_type() -> String {
    "absolute".into()
}
fn default_epsilon() -> f32 {
    1e-12
}

impl Architecture {
    /// Parses and checks `config.json`.
    ///
    /// # Errors
    /// [`TextError::Json`]; [`TextError::Unsupported`] with the field, its value and the values that are allowed.
    pub fn from_json(json: &[u8]) -> Result<Self, TextError> {
        let file: File = serde_json::from_slice(json).map_err(|source| TextError::Json { file: FILE, source })?;
        check("model_type", &file.model_type, "bert")?;
        check("hidden_act", &file.hidden_act, "gelu")?;
        check("position_embedding_type", &file.position_embedding_type, "absolute")?;
        // With these bounds no product of shapes can overflow, whatever the file says.
        range("hidden_size", file.hidden_size, 1 << 14)?;
        range("num_hidden_layers", file.num_hidden_layers, 128)?;
        range("num_attention_heads", file.num_attention_heads, file.hidden_size)?;
        range("intermediate_size", file.intermediate_size, 1 << 16)?;
        range("vocab_size", file.vocab_size, 1 << 24)?;
        range("max_position_embeddings", file.max_position_embeddings, 1 << 20)?;
        range("type_vocab_size", file.type_vocab_size, 1 << 10)?;
        if !file.hidden_size.is_multiple_of(file.num_attention_heads) {
            let expected = format!("a divisor of hidden_size {}", file.hidden_size);
            return unsupported("num_attention_heads", &file.num_attention_heads, expected);
        }
        if !(file.layer_norm_eps >= 0.0 && file.layer_norm_eps < 1.0) {
            return unsupported("layer_norm_eps", &file.layer_norm_eps, "at least 0 and below 1".into());
        }
        Ok(Self {
            hidden: file.hidden_size,
            layers: file.num_hidden_layers,
            heads: file.num_attention_heads,
            intermediate: file.intermediate_size,
            vocabulary: file.vocab_size,
            positions: file.max_position_embeddings,
            types: file.type_vocab_size,
            epsilon: file.layer_norm_eps,
        })
    }

    /// Name and shape of every tensor that the encoder reads.
    pub fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        let (h, i) = (self.hidden, self.intermediate);
        let mut all = vec![
            ("embeddings.word_embeddings.weight".into(), vec![self.vocabulary, h]),
            ("embeddings.position_embeddings.weight".into(), vec![self.positions, h]),
            ("embeddings.token_type_embeddings.weight".into(), vec![self.types, h]),
            ("embeddings.LayerNorm.weight".into(), vec![h]),
            ("embeddings.LayerNorm.bias".into(), vec![h]),
        ];
        for layer in 0..self.layers {
            let mut add = |part: &str, weight: Vec<usize>| {
                all.push((format!("encoder.layer.{layer}.{part}.bias"), vec![weight[0]]));
                all.push((format!("encoder.layer.{layer}.{part}.weight"), weight));
            };
            for part in ["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"] {
                add(part, vec![h, h]);
            }
            add("attention.output.LayerNorm", vec![h]);
            add("intermediate.dense", vec![i, h]);
            add("output.dense", vec![h, i]);
            add("output.LayerNorm", vec![h]);
        }
        all
    }
}

/// Refuses a sentence encoder whose `1_Pooling/config.json` asks for another pooling than the mean.
///
/// # Errors
/// [`TextError::Json`]; [`TextError::Unsupported`].
pub fn check_pooling(json: &[u8]) -> Result<(), TextError> {
    #[derive(Deserialize)]
    struct Pooling {
        pooling_mode_mean_tokens: bool,
    }
    const FILE: &str = "1_Pooling/config.json";
    let pooling: Pooling = serde_json::from_slice(json).map_err(|source| TextError::Json { file: FILE, source })?;
    if pooling.pooling_mode_mean_tokens {
        return Ok(());
    }
    let (field, found) = ("pooling_mode_mean_tokens", "false".into());
    Err(TextError::Unsupported { file: FILE, field, found, expected: "true".into() })
}

fn check(field: &'static str, found: &str, expected: &str) -> Result<(), TextError> {
    if found == expected { Ok(()) } else { unsupported(field, &format!("{found:?}"), format!("{expected:?}")) }
}

fn range(field: &'static str, value: usize, high: usize) -> Result<(), TextError> {
    if (1..=high).contains(&value) { Ok(()) } else { unsupported(field, &value, format!("1 to {high}")) }
}

fn unsupported<T>(field: &'static str, found: &impl ToString, expected: String) -> Result<T, TextError> {
    Err(TextError::Unsupported { file: FILE, field, found: found.to_string(), expected })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINILM: &str = r#"{"model_type": "bert", "hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12,
        "intermediate_size": 1536, "vocab_size": 30522, "max_position_embeddings": 512}"#;

    fn error(change: (&str, &str)) -> String {
        Architecture::from_json(MINILM.replace(change.0, change.1).as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn minilm_is_read_with_the_defaults_of_bert() {
        let a = Architecture::from_json(MINILM.as_bytes()).unwrap();
        assert_eq!((a.hidden, a.layers, a.heads, a.types, a.epsilon), (384, 6, 12, 2, 1e-12));
        assert_eq!(a.tensors().len(), 5 + 6 * 16);
    }

    #[test]
    fn the_unsupported_field_is_named() {
        assert!(error(("\"bert\"", "\"mpnet\"")).contains("model_type is \"mpnet\", this program needs \"bert\""));
        assert!(error((": 12,", ": 7,")).contains("num_attention_heads is 7, this program needs a divisor of hidden_size 384"));
        assert!(error((": 6,", ": 0,")).contains("num_hidden_layers is 0"));
        assert!(error(("30522", "-1")).contains("config.json is not readable"));
        assert!(error(("\"bert\"", "\"bert\", \"hidden_act\": \"relu\"")).contains("hidden_act"));
    }

    #[test]
    fn only_mean_pooling_is_accepted() {
        assert!(check_pooling(br#"{"pooling_mode_mean_tokens": true, "word_embedding_dimension": 384}"#).is_ok());
        let cls = br#"{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}"#;
        assert!(check_pooling(cls).unwrap_err().to_string().contains("pooling_mode_mean_tokens is false"));
    }
}
