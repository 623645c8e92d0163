// What `linear` ends with, in the text encoder: GELU, if asked, `x · Φ(x)` as BERT has it and not its
// approximation by tanh. WGSL lacks erf: this is Abramowitz and Stegun 7.1.26, as on the CPU; Φ is off by less than 1e-7.
fn activate(x: vec4f, wanted: bool) -> vec4f {
    if !wanted {
        return x;
    }
    // Beyond 9 the tail is less than any float near x; squared, larger values would overflow.
    let u = min(abs(x) * 0.70710678, vec4f(9.0));
    let t = 1.0 / (1.0 + 0.3275911 * u);
    let sum = ((((1.0614054 * t - 1.4531521) * t + 1.4214138) * t - 0.28449672) * t + 0.2548296) * t;
    let tail = 0.5 * sum * exp(-u * u);
    return x * select(1.0 - tail, tail, x < vec4f(0.0));
}
