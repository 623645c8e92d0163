// Layer normalisation of a row by a workgroup; each invocation has every 64th vec4f of the row.
//
// Prefixed with: sum.wgsl, WIDTH (of a row), WIDTH4 (the same in vec4f, padded with zeros), EPSILON.

// Number of vec4f that an invocation has; past the row's end they are zero.
const PARTS = (WIDTH4 + THREADS - 1u) / THREADS;

// Subtracts the mean and divides by the standard deviation, in place.
fn normalise(row: ptr<function, array<vec4f, PARTS>>, thread: u32) {
    var sum = 0.0;
    for (var i = 0u; i < PARTS; i++) {
        sum += dot((*row)[i], vec4f(1.0));
    }
    let mean = workgroup_sum(sum, thread) / f32(WIDTH);
    var squares = 0.0;
    for (var i = 0u; i < PARTS; i++) {
        // Padding stays zero.
        let column = vec4u((i * THREADS + thread) * 4u) + vec4u(0u, 1u, 2u, 3u);
        let centred = select(vec4f(0.0), (*row)[i] - mean, column < vec4u(WIDTH));
        (*row)[i] = centred;
        squares += dot(centred, centred);
    }
    let scale = 1.0 / sqrt(workgroup_sum(squares, thread) / f32(WIDTH) + EPSILON);
    for (var i = 0u; i < PARTS; i++) {
        (*row)[i] *= scale;
    }
}
