//! Matrix products of any layout, on all threads where there are any, by the crate `gemm-f32`: what training multiplies with.
//!
//! The crate takes pointers and strides; this is the one place that calls it, with the shapes checked. Measured on AVX2, it
//! reaches nine tenths of what the processor can do. In WebAssembly, our own tiles multiply.
#![allow(unsafe_code)]

mod side;
#[cfg(any(test, target_arch = "wasm32"))]
mod tiled;

#[cfg(not(target_arch = "wasm32"))]
use gemm_common::Parallelism;
#[cfg(not(target_arch = "wasm32"))]
use gemm_f32::gemm::f32::get_gemm_fn;

pub use side::Side;

/// `Σ_k a(i, k) · b(j, k)`: every lane of `a` with every lane of `b`, `[a lanes][b lanes]`, on all threads.
///
/// The order of a sum depends on the shapes and the processor, not on the threads.
///
/// # Panics
/// If the sides differ in depth.
pub fn multiply(a: Side<'_>, b: Side<'_>) -> Vec<f32> {
    let mut c = vec![0.0; a.layout().1[0] * b.layout().1[0]];
    product(a, b, &mut c, false, true);
    c
}

/// As [`multiply`] on this thread alone, added to what is in `c`.
///
/// # Panics
/// If the sides differ in depth, or `c` has another size.
pub fn multiply_add_here(a: Side<'_>, b: Side<'_>, c: &mut [f32]) {
    product(a, b, c, true, false);
}

/// Sets or adds a product, on all threads or on this one.
#[cfg_attr(target_arch = "wasm32", expect(unused_variables, reason = "there is one thread"))]
fn product(a: Side<'_>, b: Side<'_>, c: &mut [f32], add: bool, all_threads: bool) {
    let ([rows, depth], [columns, b_depth]) = (a.layout().1, b.layout().1);
    assert_eq!(depth, b_depth, "the sides of a product share their depth");
    assert_eq!(c.len(), rows * columns, "room for a product");
    #[cfg(target_arch = "wasm32")]
    tiled::product(a, b, c, add);
    #[cfg(not(target_arch = "wasm32"))]
    by_crate(a, b, c, add, all_threads);
}

#[cfg(not(target_arch = "wasm32"))]
fn by_crate(a: Side<'_>, b: Side<'_>, c: &mut [f32], add: bool, all_threads: bool) {
    let threads = match all_threads {
        #[cfg(feature = "threads")]
        true => Parallelism::Rayon(crate::base::parallel::threads()),
        _ => Parallelism::None,
    };
    let (a, [rows, depth], [a_lane, a_depth]) = a.layout();
    let (b, [columns, _], [b_lane, b_depth]) = b.layout();
    // The crate writes columns the fastest, and the columns of `cᵀ = b aᵀ` are contiguous.
    // SAFETY: the caller has checked that `a`, `b` and `c` hold `rows × depth`, `columns × depth` and `rows × columns` floats,
    // laid out by the strides passed with them; `c` is borrowed by nobody else.
    unsafe {
        get_gemm_fn()(
            columns,
            rows,
            depth,
            c.as_mut_ptr(),
            columns as isize,
            1,
            add,
            b.as_ptr(),
            b_depth,
            b_lane,
            a.as_ptr(),
            a_lane,
            a_depth,
            if add { 1.0 } else { 0.0 },
            1.0,
            false,
            false,
            false,
            threads,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::noise;

    fn turned(values: &[f32], columns: usize) -> Vec<f32> {
        (0..columns).flat_map(|c| values.iter().skip(c).step_by(columns).copied()).collect()
    }

    #[test]
    fn every_layout_matches_float64_at_awkward_shapes() {
        for (m, n, depth) in [(1, 1, 1), (7, 17, 3), (49, 24, 257), (96, 16, 256), (1, 33, 770), (50, 1, 65)] {
            let (a, b) = (noise(m * depth, 1), noise(n * depth, 2));
            let (at, bt) = (turned(&a, depth), turned(&b, depth));
            for a_side in [Side::Rows(&a, depth), Side::Columns(&at, m)] {
                for b_side in [Side::Rows(&b, depth), Side::Columns(&bt, n)] {
                    let c = multiply(a_side, b_side);
                    assert_eq!(c.len(), m * n);
                    let mut twice = c.clone();
                    multiply_add_here(a_side, b_side, &mut twice);
                    assert!(twice.iter().zip(&c).all(|(twice, once)| (twice - 2.0 * once).abs() < 1e-5));
                    let mut by_tiles = vec![f32::NAN; m * n];
                    tiled::product(a_side, b_side, &mut by_tiles, false);
                    twice.clone_from(&by_tiles);
                    tiled::product(a_side, b_side, &mut twice, true);
                    assert!(twice.iter().zip(&by_tiles).all(|(twice, once)| (twice - 2.0 * once).abs() < 1e-5));
                    for (i, (c, by_tiles)) in c.iter().zip(by_tiles).enumerate() {
                        let (a, b) = (&a[i / n * depth..][..depth], &b[i % n * depth..][..depth]);
                        let exact: f64 = a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
                        assert!((f64::from(*c) - exact).abs() < 1e-5, "{m}x{n}x{depth} at {i}: {c} for {exact}");
                        assert!((f64::from(by_tiles) - exact).abs() < 1e-5, "{m}x{n}x{depth} at {i}: {by_tiles} for {exact}");
                    }
                }
            }
        }
    }

    #[cfg(feature = "threads")]
    #[test]
    fn threads_do_not_change_a_bit() {
        for (m, n, depth) in [(1020, 512, 384), (512, 384, 1020), (24, 128, 1020), (170, 170, 384)] {
            let (a, b) = (noise(m * depth, 1), noise(n * depth, 2));
            let on = |threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| multiply(Side::Columns(&a, m), Side::Rows(&b, depth)))
            };
            let one = on(1);
            assert!([2, 3, 8].into_iter().all(|threads| on(threads) == one), "{m}x{n}x{depth}");
        }
    }
}
