//! What the integration tests share.

use std::path::{Path, PathBuf};

/// A file under `../shared`, if it is there. Missing, it is a plainly worded skip at a desk and a failure in CI.
#[allow(dead_code, reason = "each test binary uses some of these")]
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

/// The real text model, where `cargo xtask text-model` has put it; missing as in [`shared`].
#[allow(dead_code, reason = "each test binary uses some of these")]
pub fn text_model() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let cache = || set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")));
    let folder = set("UNITOK_TEXT_MODEL").or_else(|| Some(cache()?.join("unitok/all-MiniLM-L6-v2")));
    let found = folder.filter(|folder| folder.join("model.safetensors").is_file());
    let in_ci = std::env::var("CI").is_ok_and(|ci| !ci.is_empty());
    assert!(found.is_some() || !in_ci, "CI must have the text model: run `cargo xtask text-model`");
    if found.is_none() {
        eprintln!("SKIPPED: this test needs the text model; `cargo xtask text-model` fetches it");
    }
    found
}
