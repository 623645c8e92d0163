// A sum over a workgroup of 64 invocations.

const THREADS = 64u;

var<workgroup> sums: array<f32, THREADS>;

// Sum of every invocation's `value`, added up in a tree; all invocations get it.
fn workgroup_sum(value: f32, thread: u32) -> f32 {
    // An earlier sum may still be read.
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
