// The activation of `linear` in the text encoder, if `wanted`: GELU, `x · Φ(x)` as in BERT and not its approximation by tanh.
// WGSL has no erf, so this is Abramowitz and Stegun's 7.1.26; Φ is exact to 1e-7.
fn activate(x: vec4f, wanted: bool) -> vec4f {
    if !wanted {
        return x;
    }
    // Beyond 9 the tail vanishes beside x, and the square of much larger values would overflow.
    let u = min(abs(x) * 0.70710678, vec4f(9.0));
    let t = 1.0 / (1.0 + 0.3275911 * u);
    let sum = ((((1.0614054 * t - 1.4531521) * t + 1.4214138) * t - 0.28449672) * t + 0.2548296) * t;
    let tail = 0.5 * sum * exp(-u * u);
    return x * select(1.0 - tail, tail, x < vec4f(0.0));
}
