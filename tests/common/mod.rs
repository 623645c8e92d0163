//! Data and models that several integration tests read.

use std::path::{Path, PathBuf};

/// A file under `../shared`. If it is missing, the test is skipped with a message; in CI it fails.
#[allow(dead_code, reason = "each test binary uses some of these")]
pub fn shared(path: &str) -> Option<PathBuf> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    if file.exists() {
        return Some(file);
    }
    skip(&format!("shared/{path}"), &format!("this test reads ../shared/{path}, which is not here"));
    None
}

/// The real text model, where `cargo xtask text-model` has put it. If it is missing, as for [`shared`].
#[allow(dead_code, reason = "each test binary uses some of these")]
pub fn text_model() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let cache = || set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")));
    let folder = set("UNITOK_TEXT_MODEL").or_else(|| Some(cache()?.join("unitok/all-MiniLM-L6-v2")));
    let found = folder.filter(|folder| folder.join("model.safetensors").is_file());
    if found.is_none() {
        skip("the text model", "this test needs the text model; `cargo xtask text-model` fetches it");
    }
    found
}

/// Says why a test is skipped: something that it needs is not here. In CI `needed` must be there.
///
/// # Panics
/// In CI.
#[allow(dead_code, reason = "each test binary uses some of these")]
pub fn skip(needed: &str, reason: &str) {
    let in_ci = std::env::var("CI").is_ok_and(|ci| !ci.is_empty());
    assert!(!in_ci, "CI must have {needed}: {reason}");
    eprintln!("SKIPPED: {reason}");
}
