// Softmax(q kᵀ / √dim) v within one text: a workgroup takes a head of 32 neighbouring queries, one an invocation.
//
// Keys and values pass through at most 8 KiB of workgroup memory. The softmax is a running one (largest score
// so far, sums relative to it), so no score is stored and a text may have any length. Texts lie one after
// another, so there is no padding to mask: a tile names the keys of its own text.
//
// In front: HEADS, DIM4 (width of a head in vec4f, padded with zeros), SCALE (1 / √dim), KEYS (of a slab).

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

// Where the queries (part 0), keys (1) or values (2) of a token lie for a head.
fn row(token: u32, part: u32, head: u32) -> u32 {
    return ((token * 3u + part) * HEADS + head) * DIM4;
}

fn load_slab(first_key: u32, count: u32, head: u32, thread: u32) {
    for (var i = thread; i < count * DIM4; i += QUERIES) {
        let key = first_key + i / DIM4;
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
    var q: array<vec4f, DIM4>;
    var sum: array<vec4f, DIM4>;
    for (var d = 0u; d < DIM4; d++) {
        q[d] = SCALE * qkv[row(query, 0u, head) + d];
    }
    var largest = LOWEST;
    var total = 0.0;
    for (var first = tile.first_key; first < tile.end_key; first += KEYS) {
        let count = min(KEYS, tile.end_key - first);
        workgroupBarrier();
        load_slab(first, count, head, thread);
        workgroupBarrier();
        for (var k = 0u; k < count; k++) {
            var products = vec4f(0.0);
            for (var d = 0u; d < DIM4; d++) {
                products += q[d] * keys[k * DIM4 + d];
            }
            let score = products.x + products.y + products.z + products.w;
            let above = max(largest, score);
            let kept = exp(largest - above);
            let weight = exp(score - above);
            largest = above;
            total = total * kept + weight;
            for (var d = 0u; d < DIM4; d++) {
                sum[d] = sum[d] * kept + weight * values[k * DIM4 + d];
            }
        }
    }
    if tile.first_query + thread < tile.end_query {
        for (var d = 0u; d < DIM4; d++) {
            context[(query * HEADS + head) * DIM4 + d] = sum[d] / total;
        }
    }
}
