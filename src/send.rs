//! What may move to another thread, where there are threads.

/// `Send`; in the page's builds anything, for a browser's file cannot leave its thread.
#[cfg(not(feature = "web"))]
pub trait MaybeSend: Send {}
#[cfg(not(feature = "web"))]
impl<T: Send + ?Sized> MaybeSend for T {}

/// Anything: a browser's file cannot leave its thread. Elsewhere `Send`.
#[cfg(feature = "web")]
pub trait MaybeSend {}
#[cfg(feature = "web")]
impl<T: ?Sized> MaybeSend for T {}
