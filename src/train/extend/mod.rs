//! An expert for a new domain, while everything that was there stays as it is: indexes of the old domains keep every token.
//!
//! Encoder, the shared expert, the old experts and their rows of the router are frozen. The new expert's codebooks are
//! fitted to the latents of the new domain, as a refit does it. Its row of the router is the one that best tells the new
//! domain's latents from the others', moved so far that no item of the old domains prefers the new expert. The decoder, which no code
//! depends on, is trained on with all domains.

mod expert;
mod router_row;
#[cfg(feature = "files")]
mod session;

pub use expert::extend;
#[cfg(feature = "files")]
pub use session::{Extension, described, extend_folder};
