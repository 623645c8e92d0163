// An expert that was chosen for an item; results.rs reads it as two words.
struct Routed {
    expert: u32,
    // Softmax probability, not renormalised.
    gate: f32,
}
