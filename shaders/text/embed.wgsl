// The embedding of each token: the sum of its word's row and its position's row, which includes that of the segment type,
// normalised. One token a workgroup.
//
// Prefixed with: batch.wgsl, sum.wgsl and norm.wgsl with their constants.

struct Token {
    id: u32,
    // Position in its text.
    position: u32,
}

@group(0) @binding(0) var<uniform> batch: Batch;                        // tokens
@group(0) @binding(1) var<storage, read> tokens: array<Token>;          // [tokens]
@group(0) @binding(2) var<storage, read> words: array<vec4f>;           // [vocabulary][WIDTH4]
@group(0) @binding(3) var<storage, read> positions: array<vec4f>;       // [positions][WIDTH4]
@group(0) @binding(4) var<storage, read> weight: array<vec4f>;          // [WIDTH4]
@group(0) @binding(5) var<storage, read> bias: array<vec4f>;            // [WIDTH4]
@group(0) @binding(6) var<storage, read_write> x: array<vec4f>;         // [tokens][WIDTH4]

@compute @workgroup_size(64)
fn embed(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) thread: u32,
) {
    let number = group_number(group, groups);
    if number >= batch.items {
        return;
    }
    let token = tokens[number];
    var row: array<vec4f, PARTS>;
    for (var d = thread; d < WIDTH4; d += THREADS) {
        row[d / THREADS] = words[token.id * WIDTH4 + d] + positions[token.position * WIDTH4 + d];
    }
    normalise(&row, thread);
    for (var d = thread; d < WIDTH4; d += THREADS) {
        x[number * WIDTH4 + d] = row[d / THREADS] * weight[d] + bias[d];
    }
}
