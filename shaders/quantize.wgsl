// Greedy residual quantization, all levels in one pass, a pair (item, slot) an invocation.
//
// Pairs come grouped by quantizer, so that a workgroup reads one codebook, in slabs of at most
// 8 KiB of workgroup memory. The residual stays in registers. The nearest code has the smallest
// ½‖c‖² − ⟨r, c⟩, the lowest index first.
//
// In front: LATENT4, EXPERTS, TOP_N, SLOTS, LEVELS, CODES, QUANTIZERS, SLAB (codes of a slab).

@group(0) @binding(0) var<uniform> batch: Batch;
@group(0) @binding(1) var<storage, read> z: array<vec4f>;             // [items][LATENT4]
@group(0) @binding(2) var<storage, read> codebooks: array<vec4f>;     // [QUANTIZERS][LEVELS][CODES][LATENT4]
@group(0) @binding(3) var<storage, read> half_norms: array<f32>;      // [QUANTIZERS][LEVELS][CODES]
@group(0) @binding(4) var<storage, read> counts: array<u32>;          // [EXPERTS]
@group(0) @binding(5) var<storage, read> lists: array<u32>;           // [EXPERTS][capacity]
@group(0) @binding(6) var<storage, read_write> choices: array<Choice>; // [items][SLOTS][LEVELS]

const PAIRS = 64u;
const HIGHEST = 3.4028234e38;

var<workgroup> slab: array<vec4f, SLAB * LATENT4>;
var<workgroup> slab_norms: array<f32, SLAB>;

// Pairs that a quantizer has: the shared one, last, sees every item.
fn pairs_of(quantizer: u32) -> u32 {
    if quantizer >= EXPERTS {
        return batch.items;
    }
    return min(counts[quantizer], batch.items);
}

fn pair_at(quantizer: u32, place: u32) -> u32 {
    if quantizer >= EXPERTS {
        return place * SLOTS + TOP_N;
    }
    return lists[quantizer * (arrayLength(&lists) / max(EXPERTS, 1u)) + place];
}

fn load_slab(first_code: u32, codes: u32, thread: u32) {
    for (var i = thread; i < codes * LATENT4; i += PAIRS) {
        slab[i] = codebooks[first_code * LATENT4 + i];
    }
    for (var i = thread; i < codes; i += PAIRS) {
        slab_norms[i] = half_norms[first_code + i];
    }
}

@compute @workgroup_size(64)
fn quantize(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) thread: u32,
) {
    let tiles = (batch.items + PAIRS - 1u) / PAIRS;
    let number = group_number(group, groups);
    let quantizer = number / tiles;
    if quantizer >= QUANTIZERS {
        return;
    }
    let pairs = pairs_of(quantizer);
    let first = number % tiles * PAIRS;
    // The same for the whole workgroup, so barriers below stay in uniform control flow.
    if first >= pairs {
        return;
    }
    // Invocations past the end repeat the last pair and write nothing.
    let live = first + thread < pairs;
    let pair = pair_at(quantizer, min(first + thread, pairs - 1u));
    let item = pair / SLOTS;
    var residual: array<vec4f, LATENT4>;
    for (var d = 0u; d < LATENT4; d++) {
        residual[d] = z[item * LATENT4 + d];
    }
    for (var level = 0u; level < LEVELS; level++) {
        let codebook = (quantizer * LEVELS + level) * CODES;
        var best = HIGHEST;
        var second = HIGHEST;
        var code = 0u;
        for (var start = 0u; start < CODES; start += SLAB) {
            let codes = min(SLAB, CODES - start);
            workgroupBarrier();
            load_slab(codebook + start, codes, thread);
            workgroupBarrier();
            for (var t = 0u; t < codes; t++) {
                var products = vec4f(0.0);
                for (var d = 0u; d < LATENT4; d++) {
                    products += residual[d] * slab[t * LATENT4 + d];
                }
                let score = slab_norms[t] - (products.x + products.y + products.z + products.w);
                if score < best {
                    second = best;
                    best = score;
                    code = start + t;
                } else {
                    second = min(second, score);
                }
            }
        }
        var squares = vec4f(0.0);
        for (var d = 0u; d < LATENT4; d++) {
            let rest = residual[d] - codebooks[(codebook + code) * LATENT4 + d];
            residual[d] = rest;
            squares += rest * rest;
        }
        if live {
            let norm = sqrt(squares.x + squares.y + squares.z + squares.w);
            choices[pair * LEVELS + level] = Choice(code, 2.0 * (second - best), norm);
        }
    }
}
