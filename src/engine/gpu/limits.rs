//! What a model needs of a device, checked before anything is allocated.

use crate::compute::DeviceError;
use crate::compute::gpu::limits::{TILE_ITEMS, WORK_SLACK, bytes, check, padded, work_budget};
use crate::model::Architecture;

/// Invocations in a workgroup of `route` and `mix`.
pub const GROUP: usize = 64;
/// Largest width of a latent: the residuals of eight fill half of the workgroup memory that WebGPU guarantees.
pub const MAX_LATENT: usize = 256;
/// Items of a chunk that keep most devices busy. Larger ones are tried only where this many take little time.
pub const USUAL_ITEMS: usize = 8192;
/// Most items of a chunk. A large chip needs many: on an H100, kernels are twice as fast over 65,536 items as over 8,192.
const MAX_ITEMS: usize = 1 << 17;
/// Most bytes of all buffers that grow with the chunk.
const MAX_WORK_BYTES: u64 = 512 << 20;

/// Items of a chunk on a device that allows buffers of `max_bytes`: of a first one, which every such device computes fast
/// enough, and of the largest for which there is memory. `software`: whether it is a software renderer, on which both are
/// the same.
///
/// # Errors
/// [`DeviceError::Limit`], with the numbers, if the model does not fit.
pub fn chunk_items(a: &Architecture, max_bytes: u64, software: bool) -> Result<[usize; 2], DeviceError> {
    check("as latent width", a.latent as u64, MAX_LATENT as u64)?;
    for (what, bytes) in fixed_buffers(a) {
        check(what, bytes, max_bytes)?;
    }
    let all: u64 = item_buffers(a).iter().map(|(_, bytes)| 2 * bytes).sum();
    let mut items = (MAX_ITEMS as u64).min(MAX_WORK_BYTES / all);
    for (what, bytes) in item_buffers(a) {
        check(what, bytes * TILE_ITEMS as u64, max_bytes)?;
        items = items.min(max_bytes / bytes.max(1));
    }
    let work = work_budget(software);
    let per_item = work_per_item(a);
    check("floating-point operations in one chunk", per_item * TILE_ITEMS as u64, work * WORK_SLACK)?;
    let whole_tiles = |items: u64| (items as usize / TILE_ITEMS).max(1) * TILE_ITEMS;
    let first = whole_tiles(items.min(work / per_item).min(USUAL_ITEMS as u64));
    Ok([first, if software { first } else { whole_tiles(items) }])
}

/// Bytes of the largest layer and of the codebooks.
fn fixed_buffers(a: &Architecture) -> [(&'static str, u64); 3] {
    let layer = a.widths().windows(2).map(|w| bytes(&[padded(w[0]), padded(w[1])])).max();
    [
        ("bytes for one layer's weights", layer.unwrap_or(0)),
        ("bytes for the codebooks", bytes(&[a.quantizers(), a.levels, a.codes, padded(a.latent)])),
        ("bytes for the router", bytes(&[a.experts, padded(a.latent)])),
    ]
}

/// Bytes of an item in the largest buffers that grow with the chunk.
fn item_buffers(a: &Architecture) -> [(&'static str, u64); 3] {
    [
        ("bytes for one layer's outputs", bytes(&[padded(widest(a))])),
        ("bytes for the codes", bytes(&[a.slots(), a.levels, 2])),
        ("bytes for the experts' lists", bytes(&[a.experts])),
    ]
}

/// Width of the widest layer, input included.
pub fn widest(a: &Architecture) -> usize {
    a.widths().into_iter().max().unwrap_or(1)
}

/// Floating-point operations to tokenize and reconstruct one item.
fn work_per_item(a: &Architecture) -> u64 {
    let layers: usize = a.widths().windows(2).map(|w| w[0] * w[1]).sum();
    2 * (2 * layers + a.experts * a.latent + a.slots() * a.levels * a.codes * a.latent) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULT: u64 = 128 << 20;

    #[test]
    fn presets_fit_the_web_defaults() {
        for (model, software, at_least) in [
            (Architecture::small(384, 6), true, 128),
            (Architecture::small(384, 6), false, 8192),
            (Architecture::paper(768, 10), true, 128),
            (Architecture::paper(768, 10), false, 512),
        ] {
            let [items, most] = chunk_items(&model, DEFAULT, software).unwrap();
            assert!(items >= at_least && items.is_multiple_of(TILE_ITEMS) && most.is_multiple_of(TILE_ITEMS), "{items}");
            assert!(most <= MAX_ITEMS && if software { most == items } else { most > items }, "{items}, {most}");
        }
    }

    #[test]
    fn too_large_models_are_refused_with_the_numbers() {
        let codebooks = Architecture { codes: 65_536, latent: 256, ..Architecture::small(384, 6) };
        let error = chunk_items(&codebooks, DEFAULT, false).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the model needs 1879048192 bytes for the codebooks, this device allows 134217728: use the CPU engine"
        );
        let wide = Architecture { latent: 2000, ..Architecture::small(384, 6) };
        assert!(chunk_items(&wide, DEFAULT, false).unwrap_err().to_string().contains("2000 as latent width"));
        let slow = Architecture { codes: 65_536, levels: 16, experts: 0, top_n: 0, ..Architecture::small(384, 6) };
        assert!(chunk_items(&slow, 1 << 40, false).is_ok());
        assert!(chunk_items(&slow, 1 << 40, true).unwrap_err().to_string().contains("operations in one chunk"));
    }
}
