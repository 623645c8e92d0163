//! A bound for values that move to other threads where there are threads.

/// `Send`. In WebAssembly every type, because a browser's file cannot leave its thread.
#[cfg(not(target_arch = "wasm32"))]
pub trait MaybeSend: Send {}
#[cfg(not(target_arch = "wasm32"))]
impl<T: Send + ?Sized> MaybeSend for T {}

/// Every type, because a browser's file cannot leave its thread. Elsewhere `Send`.
#[cfg(target_arch = "wasm32")]
pub trait MaybeSend {}
#[cfg(target_arch = "wasm32")]
impl<T: ?Sized> MaybeSend for T {}
