//! Ctrl-C: long work asks [`requested`] between steps, saves, and ends.

use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

static REQUESTED: AtomicBool = AtomicBool::new(false);
static INSTALL: Once = Once::new();

/// Starts listening. A second Ctrl-C ends the program at once.
pub fn listen() {
    INSTALL.call_once(|| {
        let outcome = ctrlc::set_handler(|| {
            if REQUESTED.swap(true, Ordering::SeqCst) {
                #[expect(clippy::disallowed_methods, reason = "the user asked twice: nothing is left to save")]
                std::process::exit(130);
            }
            eprintln!("\nstopping after this step; press Ctrl-C again to stop at once");
        });
        if let Err(error) = outcome {
            eprintln!("warning: Ctrl-C will not save first: {error}");
        }
    });
}

/// Whether the user asked to stop.
pub fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}
