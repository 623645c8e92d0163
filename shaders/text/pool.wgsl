// Mean over a text's tokens: one text a workgroup, each invocation takes every 64th vec4f of the row. The host scales it to
// norm 1, in float64 and by the same code as for the CPU.
//
// Prefixed with: batch.wgsl, WIDTH4 (width of a row in vec4f).

struct Span {
    first: u32,
    end: u32,
}

@group(0) @binding(0) var<uniform> batch: Batch;                      // texts
@group(0) @binding(1) var<storage, read> spans: array<Span>;          // [texts]
@group(0) @binding(2) var<storage, read> x: array<vec4f>;             // [tokens][WIDTH4]
@group(0) @binding(3) var<storage, read_write> pooled: array<vec4f>;  // [texts][WIDTH4]

@compute @workgroup_size(64)
fn pool(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) thread: u32,
) {
    let text = group_number(group, groups);
    if text >= batch.items {
        return;
    }
    let span = spans[text];
    for (var d = thread; d < WIDTH4; d += 64u) {
        var sum = vec4f(0.0);
        for (var token = span.first; token < span.end; token++) {
            sum += x[token * WIDTH4 + d];
        }
        pooled[text * WIDTH4 + d] = sum / f32(max(span.end - span.first, 1u));
    }
}
