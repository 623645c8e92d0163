// Greedy residual quantization, all levels in one pass, EACH pairs (item, slot) an invocation.
//
// Pairs come grouped by quantizer, so that a workgroup reads one codebook, in slabs of at most
// 8 KiB of workgroup memory, and each code that is read serves EACH pairs. The residuals stay in registers:
// lines with a marker are repeated (`tiles::unroll`), i for each pair, d for each vec4f of a latent. The nearest
// code has the largest ⟨r, c⟩ − ½‖c‖², the lowest index first.
//
// In front: LATENT4, EXPERTS, TOP_N, SLOTS, LEVELS, CODES, QUANTIZERS, SLAB (codes of a slab), EACH.

@group(0) @binding(0) var<uniform> batch: Batch;
@group(0) @binding(1) var<storage, read> z: array<vec4f>;             // [items][LATENT4]
@group(0) @binding(2) var<storage, read> codebooks: array<vec4f>;     // [QUANTIZERS][LEVELS][CODES][LATENT4]
@group(0) @binding(3) var<storage, read> half_norms: array<f32>;      // [QUANTIZERS][LEVELS][CODES]
@group(0) @binding(4) var<storage, read> counts: array<u32>;          // [EXPERTS]
@group(0) @binding(5) var<storage, read> lists: array<u32>;           // [EXPERTS][capacity]
@group(0) @binding(6) var<storage, read_write> choices: array<Choice>; // [items][SLOTS][LEVELS]

const THREADS = 64u;
const PAIRS = THREADS * EACH;
const LOWEST = -3.4028234e38;

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
    for (var i = thread; i < codes * LATENT4; i += THREADS) {
        slab[i] = codebooks[first_code * LATENT4 + i];
    }
    for (var i = thread; i < codes; i += THREADS) {
        slab_norms[i] = half_norms[first_code + i];
    }
}

fn sum(v: vec4f) -> f32 {
    return (v.x + v.y) + (v.z + v.w);
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
    // Places past the end repeat the last pair and write nothing.
    let place$i = first + thread + $iu * THREADS;
    let pair$i = pair_at(quantizer, min(place$i, pairs - 1u));
    let from$i = pair$i / SLOTS * LATENT4;
    var r$i_$d = z[from$i + $du];
    for (var level = 0u; level < LEVELS; level++) {
        let codebook = (quantizer * LEVELS + level) * CODES;
        var best$i = LOWEST;
        var second$i = LOWEST;
        var code$i = 0u;
        for (var start = 0u; start < CODES; start += SLAB) {
            let codes = min(SLAB, CODES - start);
            workgroupBarrier();
            load_slab(codebook + start, codes, thread);
            workgroupBarrier();
            for (var t = 0u; t < codes; t++) {
                let at = t * LATENT4;
                var score$i = vec4f(-slab_norms[t], 0.0, 0.0, 0.0);
                let c$d = slab[at + $du];
                score$i += r$i_$d * c$d;
                // Strictly better, so that the lower code keeps its place in a tie.
                let s$i = sum(score$i);
                code$i = select(code$i, start + t, s$i > best$i);
                second$i = max(second$i, min(best$i, s$i));
                best$i = max(best$i, s$i);
            }
        }
        let chosen$i = (codebook + code$i) * LATENT4;
        var squares$i = vec4f(0.0);
        r$i_$d -= codebooks[chosen$i + $du];
        squares$i += r$i_$d * r$i_$d;
        if place$i < pairs { choices[pair$i * LEVELS + level] = Choice(code$i, 2.0 * (best$i - second$i), sqrt(sum(squares$i))); }
    }
}
