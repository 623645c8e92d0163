//! An expert for a new domain, while everything that was there stays as it is: indexes of the old domains keep every token.
//!
//! Encoder, the shared expert, the old experts and their rows of the router are frozen. The new expert's codebooks are
//! fitted to the latents of the new domain, as a refit does it. Its row of the router is the one by which most items of the new
//! domain go to it and none of the old domains. Then the decoder, which no code depends on, and the new codebooks are trained with
//! all domains.

mod expert;
mod router_row;
#[cfg(feature = "files")]
mod session;
#[cfg(feature = "files")]
mod tuning;

pub use expert::extend;
#[cfg(feature = "files")]
pub use session::{Extension, described, extend_folder};
