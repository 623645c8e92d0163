//! What the integration tests share.

use std::path::{Path, PathBuf};

/// A file under `../shared`, if it is there. Missing, it is a plainly worded skip at a desk and a failure in CI.
pub fn shared(path: &str) -> Option<PathBuf> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    if file.exists() {
        return Some(file);
    }
    let in_ci = std::env::var("CI").is_ok_and(|ci| !ci.is_empty());
    assert!(!in_ci, "CI must have shared/{path}");
    eprintln!("SKIPPED: this test reads ../shared/{path}, which is not here");
    None
}
