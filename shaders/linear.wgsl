// y = x Wᵀ + b, then an activation if asked: a tiled matrix product.
//
// In front: `activate`, the activation (relu.wgsl for the tokenizer, gelu.wgsl for the text encoder).
//
// A workgroup makes 128 items × 64 outputs; each of its 256 invocations keeps 8 × 4 sums in
// registers. Operands pass through workgroup memory, 16 inputs at a time: 8 KiB of x, 4 KiB of W.
// All widths are padded to a multiple of four with zeros, so that everything is read as vec4f.

struct Layer {
    // Input and output widths, in vec4f.
    inputs4: u32,
    outputs4: u32,
    activated: u32,
}

@group(0) @binding(0) var<uniform> batch: Batch;
@group(0) @binding(1) var<uniform> layer: Layer;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;       // [items][inputs4]
@group(0) @binding(3) var<storage, read> weights: array<vec4f>; // [inputs][outputs4]
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;    // [outputs4]
@group(0) @binding(5) var<storage, read_write> y: array<vec4f>; // [items][outputs4]

const THREADS = 256u;
const TILE_ITEMS = 128u;
const TILE_OUTPUTS4 = 16u;
const TILE_DEPTH = 16u;
const TILE_DEPTH4 = 4u;
// Items of one invocation are this far apart: neighbours then read different memory banks.
const ITEM_STRIDE = 16u;

var<workgroup> x_tile: array<vec4f, TILE_ITEMS * TILE_DEPTH4>;
var<workgroup> w_tile: array<vec4f, TILE_DEPTH * TILE_OUTPUTS4>;

fn load_x(slot: u32, first_item: u32, first_depth4: u32) {
    let item = first_item + slot / TILE_DEPTH4;
    let depth4 = first_depth4 + slot % TILE_DEPTH4;
    var value = vec4f(0.0);
    if item < batch.items && depth4 < layer.inputs4 {
        value = x[item * layer.inputs4 + depth4];
    }
    x_tile[slot] = value;
}

fn load_w(slot: u32, first_depth: u32, first_output4: u32) {
    let depth = first_depth + slot / TILE_OUTPUTS4;
    let output4 = first_output4 + slot % TILE_OUTPUTS4;
    var value = vec4f(0.0);
    if depth < layer.inputs4 * 4u && output4 < layer.outputs4 {
        value = weights[depth * layer.outputs4 + output4];
    }
    w_tile[slot] = value;
}

fn add_product(sum: vec4f, x: vec4f, w0: vec4f, w1: vec4f, w2: vec4f, w3: vec4f) -> vec4f {
    return sum + x.x * w0 + x.y * w1 + x.z * w2 + x.w * w3;
}

fn store(item: u32, output4: u32, sum: vec4f) {
    if item < batch.items && output4 < layer.outputs4 {
        y[item * layer.outputs4 + output4] = activate(sum + bias[output4], layer.activated != 0u);
    }
}

@compute @workgroup_size(256)
fn linear(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) thread: u32,
) {
    let columns = (layer.outputs4 + TILE_OUTPUTS4 - 1u) / TILE_OUTPUTS4;
    let tile = group_number(group, groups);
    let first_item = tile / columns * TILE_ITEMS;
    let first_output4 = tile % columns * TILE_OUTPUTS4;
    if first_item >= batch.items {
        return;
    }
    let row = thread / TILE_OUTPUTS4;
    let column = thread % TILE_OUTPUTS4;

    // Named, not an array: an array indexed in a loop may end up in memory.
    var s0 = vec4f(0.0);
    var s1 = vec4f(0.0);
    var s2 = vec4f(0.0);
    var s3 = vec4f(0.0);
    var s4 = vec4f(0.0);
    var s5 = vec4f(0.0);
    var s6 = vec4f(0.0);
    var s7 = vec4f(0.0);
    for (var depth4 = 0u; depth4 < layer.inputs4; depth4 += TILE_DEPTH4) {
        load_x(thread, first_item, depth4);
        load_x(thread + THREADS, first_item, depth4);
        load_w(thread, depth4 * 4u, first_output4);
        workgroupBarrier();
        for (var k = 0u; k < TILE_DEPTH4; k++) {
            let w = k * 4u * TILE_OUTPUTS4 + column;
            let w0 = w_tile[w];
            let w1 = w_tile[w + TILE_OUTPUTS4];
            let w2 = w_tile[w + 2u * TILE_OUTPUTS4];
            let w3 = w_tile[w + 3u * TILE_OUTPUTS4];
            let i = row * TILE_DEPTH4 + k;
            s0 = add_product(s0, x_tile[i], w0, w1, w2, w3);
            s1 = add_product(s1, x_tile[i + ITEM_STRIDE * TILE_DEPTH4], w0, w1, w2, w3);
            s2 = add_product(s2, x_tile[i + 2u * ITEM_STRIDE * TILE_DEPTH4], w0, w1, w2, w3);
            s3 = add_product(s3, x_tile[i + 3u * ITEM_STRIDE * TILE_DEPTH4], w0, w1, w2, w3);
            s4 = add_product(s4, x_tile[i + 4u * ITEM_STRIDE * TILE_DEPTH4], w0, w1, w2, w3);
            s5 = add_product(s5, x_tile[i + 5u * ITEM_STRIDE * TILE_DEPTH4], w0, w1, w2, w3);
            s6 = add_product(s6, x_tile[i + 6u * ITEM_STRIDE * TILE_DEPTH4], w0, w1, w2, w3);
            s7 = add_product(s7, x_tile[i + 7u * ITEM_STRIDE * TILE_DEPTH4], w0, w1, w2, w3);
        }
        workgroupBarrier();
    }
    let item = first_item + row;
    let output4 = first_output4 + column;
    store(item, output4, s0);
    store(item + ITEM_STRIDE, output4, s1);
    store(item + 2u * ITEM_STRIDE, output4, s2);
    store(item + 3u * ITEM_STRIDE, output4, s3);
    store(item + 4u * ITEM_STRIDE, output4, s4);
    store(item + 5u * ITEM_STRIDE, output4, s5);
    store(item + 6u * ITEM_STRIDE, output4, s6);
    store(item + 7u * ITEM_STRIDE, output4, s7);
}
