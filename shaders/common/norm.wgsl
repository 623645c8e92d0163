// Layer normalisation of a row by a workgroup: each invocation holds every 64th vec4f of it.
//
// In front: WIDTH (of a row), WIDTH4 (the same in vec4f, padded with zeros), EPSILON.

const THREADS = 64u;
// What an invocation holds; past the row's end, zeros.
const PARTS = (WIDTH4 + THREADS - 1u) / THREADS;

var<workgroup> sums: array<f32, THREADS>;

// Sum over the workgroup, in a tree: the same for all.
fn total(value: f32, thread: u32) -> f32 {
    // An earlier total may still be read.
    workgroupBarrier();
    sums[thread] = value;
    workgroupBarrier();
    for (var half = THREADS / 2u; half > 0u; half /= 2u) {
        if thread < half {
            sums[thread] += sums[thread + half];
        }
        workgroupBarrier();
    }
    return sums[0];
}

// Subtracts the mean and divides by the standard deviation, in place.
fn normalise(row: ptr<function, array<vec4f, PARTS>>, thread: u32) {
    var sum = 0.0;
    for (var i = 0u; i < PARTS; i++) {
        sum += dot((*row)[i], vec4f(1.0));
    }
    let mean = total(sum, thread) / f32(WIDTH);
    var squares = 0.0;
    for (var i = 0u; i < PARTS; i++) {
        // Padding stays zero.
        let column = vec4u((i * THREADS + thread) * 4u) + vec4u(0u, 1u, 2u, 3u);
        let centred = select(vec4f(0.0), (*row)[i] - mean, column < vec4u(WIDTH));
        (*row)[i] = centred;
        squares += dot(centred, centred);
    }
    let scale = 1.0 / sqrt(total(squares, thread) / f32(WIDTH) + EPSILON);
    for (var i = 0u; i < PARTS; i++) {
        (*row)[i] *= scale;
    }
}
