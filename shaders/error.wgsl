// ‖x − x̂‖² of each item, one item a workgroup.
//
// Prefixed with: sum.wgsl, INPUT4 (input width in vec4f).

@group(0) @binding(0) var<uniform> batch: Batch;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;           // [items][INPUT4]
@group(0) @binding(2) var<storage, read> x_hat: array<vec4f>;       // [items][INPUT4]
@group(0) @binding(3) var<storage, read_write> errors: array<f32>;  // [items]

@compute @workgroup_size(64)
fn squared_error(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) thread: u32,
) {
    let item = group_number(group, groups);
    if item >= batch.items {
        return;
    }
    var sum = 0.0;
    for (var d = thread; d < INPUT4; d += THREADS) {
        let difference = x[item * INPUT4 + d] - x_hat[item * INPUT4 + d];
        sum += dot(difference, difference);
    }
    let error = workgroup_sum(sum, thread);
    if thread == 0u {
        errors[item] = error;
    }
}
