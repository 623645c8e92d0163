// Softmax(q kᵀ / √dim) v within one text: a workgroup takes one head of 32 consecutive queries, one an invocation.
//
// Keys and values pass through at most 8 KiB of workgroup memory. The softmax is a running one (the largest score so far, and
// sums relative to it), four keys at a time, so no score is stored and a text may have any length. Texts lie one after
// another without padding, and a tile names the keys of its own text. Lines with a marker are repeated (`Shape::unroll`): d
// for each vec4f of a head, k for each of the four keys.
//
// Prefixed with: batch.wgsl, HEADS, DIM4 (width of a head in vec4f, padded with zeros), SCALE (1 / √dim), KEYS (of a slab, a
// multiple of four).

struct Tile {
    first_query: u32,
    end_query: u32,
    first_key: u32,
    end_key: u32,
}

@group(0) @binding(0) var<uniform> batch: Batch;                       // tiles
@group(0) @binding(1) var<storage, read> tiles: array<Tile>;           // [tiles]
@group(0) @binding(2) var<storage, read> qkv: array<vec4f>;            // [tokens][3][HEADS][DIM4]
@group(0) @binding(3) var<storage, read_write> context: array<vec4f>;  // [tokens][HEADS][DIM4]

const QUERIES = 32u;
const LOWEST = -3.4028234e38;

var<workgroup> keys: array<vec4f, KEYS * DIM4>;
var<workgroup> values: array<vec4f, KEYS * DIM4>;

// Index of a token's query (part 0), key (1) or value (2) for a head.
fn row(token: u32, part: u32, head: u32) -> u32 {
    return ((token * 3u + part) * HEADS + head) * DIM4;
}

// Loads keys and values up to a multiple of four; past the end the last key is repeated, and its weight will be zero.
fn load_slab(first_key: u32, end_key: u32, head: u32, thread: u32) {
    let count = min(KEYS, (end_key - first_key + 3u) / 4u * 4u);
    for (var i = thread; i < count * DIM4; i += QUERIES) {
        let key = min(first_key + i / DIM4, end_key - 1u);
        keys[i] = qkv[row(key, 1u, head) + i % DIM4];
        values[i] = qkv[row(key, 2u, head) + i % DIM4];
    }
}

@compute @workgroup_size(32)
fn attention(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) thread: u32,
) {
    let number = group_number(group, groups);
    let head = number % HEADS;
    if number / HEADS >= batch.items {
        return;
    }
    // The same for the whole workgroup, so barriers below stay in uniform control flow.
    let tile = tiles[number / HEADS];
    // Invocations past the end repeat the last query and write nothing.
    let query = min(tile.first_query + thread, tile.end_query - 1u);
    let own = row(query, 0u, head);
    let q$d = SCALE * qkv[own + $du];
    var sum$d = vec4f(0.0);
    var largest = LOWEST;
    var total = 0.0;
    for (var first = tile.first_key; first < tile.end_key; first += KEYS) {
        workgroupBarrier();
        load_slab(first, tile.end_key, head, thread);
        workgroupBarrier();
        let count = min(KEYS, tile.end_key - first);
        for (var next = 0u; next < count; next += 4u) {
            let key$k = (next + $ku) * DIM4;
            var products$k = vec4f(0.0);
            products$k += q$d * keys[key$k + $du];
            let all$k = (products$k.x + products$k.y) + (products$k.z + products$k.w);
            let score$k = select(LOWEST, all$k, next + $ku < count);

            let new_largest = max(max(largest, max(score0, score1)), max(score2, score3));
            let kept = exp(largest - new_largest);
            total *= kept;
            largest = new_largest;
            sum$d *= kept;

            let weight$k = exp(score$k - new_largest);
            total += weight$k;
            sum$d += weight$k * values[key$k + $du];
        }
    }
    let to = (query * HEADS + head) * DIM4;
    if tile.first_query + thread < tile.end_query {
        context[to + $du] = sum$d / total;
    }
}
