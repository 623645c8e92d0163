// Router, softmax and top N, one item an invocation. It also lists the items of each expert, so that a workgroup of
// quantize.wgsl needs one codebook only.
//
// Prefixed with: batch.wgsl, routed.wgsl, LATENT4, EXPERTS, TOP_N, SLOTS.

@group(0) @binding(0) var<uniform> batch: Batch;
@group(0) @binding(1) var<storage, read> z: array<vec4f>;                      // [items][LATENT4]
@group(0) @binding(2) var<storage, read> weights: array<vec4f>;                // [EXPERTS][LATENT4]
@group(0) @binding(3) var<storage, read> bias: array<f32>;                     // [EXPERTS]
@group(0) @binding(4) var<storage, read_write> routed: array<Routed>;          // [items][TOP_N]
@group(0) @binding(5) var<storage, read_write> counts: array<atomic<u32>>;     // [EXPERTS]
@group(0) @binding(6) var<storage, read_write> lists: array<u32>;              // [EXPERTS][capacity]

const LOWEST = -3.4028234e38;

fn logit(item: u32, expert: u32) -> f32 {
    var sum = vec4f(0.0);
    for (var d = 0u; d < LATENT4; d++) {
        sum += z[item * LATENT4 + d] * weights[expert * LATENT4 + d];
    }
    return bias[expert] + (sum.x + sum.y + sum.z + sum.w);
}

@compute @workgroup_size(64)
fn route(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) thread: u32,
) {
    let item = group_number(group, groups) * 64u + thread;
    if item >= batch.items {
        return;
    }
    // The best experts so far, in descending order, and the softmax's denominator relative to the largest logit.
    var best_logit: array<f32, TOP_N>;
    var best_expert: array<u32, TOP_N>;
    for (var n = 0u; n < TOP_N; n++) {
        best_logit[n] = LOWEST;
    }
    var total = 0.0;
    for (var expert = 0u; expert < EXPERTS; expert++) {
        var candidate = expert;
        var value = logit(item, expert);
        if value > best_logit[0] {
            total = total * exp(best_logit[0] - value) + 1.0;
        } else {
            total += exp(value - best_logit[0]);
        }
        // Insertion into the list: only where strictly larger, so that the lower index wins a tie.
        for (var n = 0u; n < TOP_N; n++) {
            if value > best_logit[n] {
                let displaced_logit = best_logit[n];
                let displaced_expert = best_expert[n];
                best_logit[n] = value;
                best_expert[n] = candidate;
                value = displaced_logit;
                candidate = displaced_expert;
            }
        }
    }
    let capacity = arrayLength(&lists) / EXPERTS;
    for (var n = 0u; n < TOP_N; n++) {
        let expert = best_expert[n];
        routed[item * TOP_N + n] = Routed(expert, exp(best_logit[n] - best_logit[0]) / total);
        let position = atomicAdd(&counts[expert], 1u);
        if position < capacity {
            lists[expert * capacity + position] = item * SLOTS + n;
        }
    }
}
