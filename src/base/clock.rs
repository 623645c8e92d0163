//! Seconds since the first call: one clock for programs, and for pages, which have no `Instant`.

/// Seconds since the first call.
#[cfg(not(target_arch = "wasm32"))]
pub fn now() -> f64 {
    use std::sync::LazyLock;
    use std::time::Instant;
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed().as_secs_f64()
}

/// Browsers have a clock of their own, in milliseconds and rounded to a tenth or so.
#[cfg(all(target_arch = "wasm32", feature = "bindings"))]
pub fn now() -> f64 {
    use wasm_bindgen::prelude::*;
    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_namespace = performance)]
        fn now() -> f64;
    }
    now() * 1e-3
}

/// WebAssembly without a browser's bindings has no clock.
#[cfg(all(target_arch = "wasm32", not(feature = "bindings")))]
pub fn now() -> f64 {
    0.0
}
