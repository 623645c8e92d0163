//! Ctrl-C: long-running work checks [`requested`] between steps, saves what it has, and ends.

use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use super::output::{say, warn};

static REQUESTED: AtomicBool = AtomicBool::new(false);
static INSTALL: Once = Once::new();

/// Starts listening for Ctrl-C. A second one ends the program at once.
pub fn listen() {
    INSTALL.call_once(|| {
        let outcome = ctrlc::set_handler(|| {
            if REQUESTED.swap(true, Ordering::SeqCst) {
                #[expect(clippy::disallowed_methods, reason = "the user asked twice: nothing is left to save")]
                std::process::exit(130);
            }
            say("\nstopping after this step; press Ctrl-C again to stop at once");
        });
        if let Err(error) = outcome {
            warn(&format!("Ctrl-C will end the program without saving: {error}"));
        }
    });
}

/// Whether the user pressed Ctrl-C.
pub fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}
