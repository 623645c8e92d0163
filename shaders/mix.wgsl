// ẑ = Σ w · E(z) over an item's slots (METHOD.md, 1.4), from the chosen codes: four features an invocation.
//
// Prefixed with: batch.wgsl, routed.wgsl, LATENT4, EXPERTS, TOP_N, SLOTS, LEVELS, CODES, CODE_BITS, CODE_WORDS, RENORMALISE (the gates of the top N),
// ROUTED_WEIGHT, SHARED_WEIGHT.

@group(0) @binding(0) var<uniform> batch: Batch;
@group(0) @binding(1) var<storage, read> routed: array<Routed>;      // [items][TOP_N]
@group(0) @binding(2) var<storage, read> codes: array<u32>;        // [items][SLOTS][CODE_WORDS]
@group(0) @binding(3) var<storage, read> codebooks: array<vec4f>;    // [QUANTIZERS][LEVELS][CODES][LATENT4]
@group(0) @binding(4) var<storage, read_write> z_hat: array<vec4f>;  // [items][LATENT4]

// Four features, the d-th vec4f, of the sum of the codes that were chosen for a slot of an item.
fn quantized(item: u32, slot: u32, quantizer: u32, d: u32) -> vec4f {
    var sum = vec4f(0.0);
    for (var level = 0u; level < LEVELS; level++) {
        let bit = level * CODE_BITS;
        let code = extractBits(codes[(item * SLOTS + slot) * CODE_WORDS + bit / 32u], bit % 32u, CODE_BITS);
        sum += codebooks[((quantizer * LEVELS + level) * CODES + code) * LATENT4 + d];
    }
    return sum;
}

@compute @workgroup_size(64)
fn mix_slots(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) thread: u32,
) {
    let number = group_number(group, groups) * 64u + thread;
    let item = number / LATENT4;
    let d = number % LATENT4;
    if item >= batch.items {
        return;
    }
    var total = 0.0;
    for (var n = 0u; n < TOP_N; n++) {
        total += routed[item * TOP_N + n].gate;
    }
    let scale = select(ROUTED_WEIGHT, ROUTED_WEIGHT / total, RENORMALISE);
    var sum = vec4f(0.0);
    for (var n = 0u; n < TOP_N; n++) {
        let slot = routed[item * TOP_N + n];
        sum += slot.gate * scale * quantized(item, n, slot.expert, d);
    }
    for (var slot = TOP_N; slot < SLOTS; slot++) {
        sum += SHARED_WEIGHT * quantized(item, slot, EXPERTS, d);
    }
    z_hat[number] = sum;
}
