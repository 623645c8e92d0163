// One routed expert of an item.
struct Routed {
    expert: u32,
    // Softmax probability, not renormalised.
    gate: f32,
}
