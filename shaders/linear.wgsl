// y = x Wᵀ + b, then an activation if asked: a tiled matrix product.
//
// In front: `activate`, the activation (relu.wgsl for the tokenizer, gelu.wgsl for the text encoder); ROWS and
// COLUMNS, the shape of a tile (`tiles.rs`).
//
// A workgroup makes 16·ROWS items × 64·COLUMNS outputs; each of its 256 invocations keeps ROWS × COLUMNS
// vec4f of sums in registers. Operands pass through workgroup memory, 16 inputs at a time, at most 8 KiB of
// each. Lines with a marker are repeated (`Shape::unroll`): i for each row, j for each column, l for each vec4f
// of x that an invocation loads. All widths are padded to a multiple of four with zeros, so that everything is
// read as vec4f.

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
// Items, and vec4f of outputs, of one invocation are this far apart: neighbours then read different memory banks.
const STRIDE = 16u;
const TILE_ITEMS = STRIDE * ROWS;
const TILE_OUTPUTS4 = STRIDE * COLUMNS;
const TILE_DEPTH = 16u;
const TILE_DEPTH4 = 4u;

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
    let row = thread / STRIDE;
    let column = thread % STRIDE;

    var s$i_$j = vec4f(0.0);
    for (var depth4 = 0u; depth4 < layer.inputs4; depth4 += TILE_DEPTH4) {
        load_x(thread + $lu * THREADS, first_item, depth4);
        load_w(thread + $ju * THREADS, depth4 * 4u, first_output4);
        workgroupBarrier();
        for (var k = 0u; k < TILE_DEPTH4; k++) {
            let w = k * 4u * TILE_OUTPUTS4 + column;
            let w0_$j = w_tile[w + $ju * STRIDE];
            let w1_$j = w_tile[w + $ju * STRIDE + TILE_OUTPUTS4];
            let w2_$j = w_tile[w + $ju * STRIDE + 2u * TILE_OUTPUTS4];
            let w3_$j = w_tile[w + $ju * STRIDE + 3u * TILE_OUTPUTS4];
            let first = row * TILE_DEPTH4 + k;
            let x_$i = x_tile[first + $iu * STRIDE * TILE_DEPTH4];
            s$i_$j = add_product(s$i_$j, x_$i, w0_$j, w1_$j, w2_$j, w3_$j);
        }
        workgroupBarrier();
    }
    store(first_item + row + $iu * STRIDE, first_output4 + column + $ju * STRIDE, s$i_$j);
}
