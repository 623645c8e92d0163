//! What a device must allow to run a text model, checked before anything is allocated.

use crate::compute::DeviceError;
use crate::compute::gpu::limits::{SLAB_BYTES, TILE_ITEMS, WORK_SLACK, bytes, check, padded, work_budget};
use crate::text::Architecture;

/// Most queries of one `attention` workgroup.
pub const QUERIES: usize = 32;
/// Widest head: an invocation keeps its query and its sum in variables, of which WGSL allows 8 KiB a function.
const MAX_HEAD: usize = 256;
/// Most tokens of a chunk: larger chunks need more memory and are no faster.
const MAX_TOKENS: u64 = 8192;

/// Width of an attention head in the kernels, where it is padded.
pub fn head_width(a: &Architecture) -> usize {
    padded(a.hidden / a.heads)
}

/// Keys in a slab of workgroup memory, which also holds their values: a multiple of four, and four for the widest head.
pub fn slab_keys(a: &Architecture) -> usize {
    (SLAB_BYTES / (2 * 4 * head_width(a))).min(QUERIES) / 4 * 4
}

/// Width of the widest result of a layer: query, key and value joined, or the inner width of a feed-forward block.
pub fn widest(a: &Architecture) -> usize {
    padded(a.intermediate).max(3 * a.heads * head_width(a)).max(padded(a.hidden))
}

/// Most tokens of a chunk on a device that allows buffers of `max_bytes`. Always enough for the longest text, of `longest`
/// tokens.
///
/// # Errors
/// [`DeviceError::Limit`], with the numbers, if the model does not fit.
pub fn chunk_tokens(a: &Architecture, longest: usize, max_bytes: u64, software: bool) -> Result<usize, DeviceError> {
    check("as width of an attention head", (a.hidden / a.heads) as u64, MAX_HEAD as u64)?;
    for (what, needed) in fixed_buffers(a) {
        check(what, needed, max_bytes)?;
    }
    let least = longest.max(1).next_multiple_of(TILE_ITEMS) as u64;
    let each = bytes(&[widest(a)]);
    check("bytes for the longest text", each * least, max_bytes)?;
    let (work, budget) = (work_per_token(a, longest), work_budget(software));
    check("floating-point operations in one layer of the longest text", work * least, budget * WORK_SLACK)?;
    let tokens = MAX_TOKENS.min(max_bytes / each).min(budget / work);
    Ok((tokens as usize / TILE_ITEMS * TILE_ITEMS).max(least as usize))
}

/// Layers of a chunk of `tokens` tokens that are submitted together, where each takes `work` operations a token
/// ([`work_per_token`]): few where they take long.
pub fn layers_together(work: u64, tokens: usize, software: bool) -> usize {
    (work_budget(software) / (work * tokens.max(1) as u64).max(1)).max(1) as usize
}

/// Bytes of the largest buffers of weights.
fn fixed_buffers(a: &Architecture) -> [(&'static str, u64); 3] {
    [
        ("bytes for the word embeddings", bytes(&[a.vocabulary, padded(a.hidden)])),
        ("bytes for the position embeddings", bytes(&[a.positions, padded(a.hidden)])),
        ("bytes for one layer's weights", bytes(&[padded(a.hidden), widest(a)])),
    ]
}

/// Floating-point operations of one token in one layer.
pub fn work_per_token(a: &Architecture, longest: usize) -> u64 {
    let linear = 4 * a.hidden * a.hidden + 2 * a.hidden * a.intermediate;
    2 * (linear + 2 * longest * a.hidden) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULT: u64 = 128 << 20;

    fn minilm() -> Architecture {
        Architecture {
            hidden: 384,
            layers: 6,
            heads: 12,
            intermediate: 1536,
            vocabulary: 30_522,
            positions: 512,
            types: 2,
            epsilon: 1e-12,
        }
    }

    #[test]
    fn minilm_fits_the_web_defaults() {
        assert_eq!(chunk_tokens(&minilm(), 128, DEFAULT, true).unwrap(), 128, "a software renderer gets the least");
        let tokens = chunk_tokens(&minilm(), 128, DEFAULT, false).unwrap();
        assert!(tokens >= 4096 && tokens.is_multiple_of(TILE_ITEMS), "{tokens}");
        assert!(tokens * widest(&minilm()) * 4 <= DEFAULT as usize);
        assert_eq!((head_width(&minilm()), slab_keys(&minilm())), (32, 32));
        let work = work_per_token(&minilm(), 128);
        assert_eq!(layers_together(work, tokens, false), 1);
        assert!(layers_together(work, 100, false) >= 8, "a title is one submission");
    }

    #[test]
    fn too_large_models_are_refused_with_the_numbers() {
        let error = |a: Architecture, longest| chunk_tokens(&a, longest, DEFAULT, false).unwrap_err().to_string();
        let many_words = Architecture { vocabulary: 250_002, ..minilm() };
        assert_eq!(
            error(many_words, 128),
            "the model needs 384003072 bytes for the word embeddings, this device allows 134217728: use the CPU engine"
        );
        assert!(error(Architecture { heads: 1, ..minilm() }, 128).contains("384 as width of an attention head"));
        assert!(error(minilm(), 1 << 18).contains("bytes for the longest text"));
        let slow = Architecture { hidden: 1024, heads: 16, intermediate: 4096, ..minilm() };
        assert!(chunk_tokens(&slow, 512, 1 << 40, true).unwrap_err().to_string().contains("operations in one layer"));
    }
}
