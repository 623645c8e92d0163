//! The text encoder in the site: its weights as int8, and a manifest with which the page checks the files.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use flate2::{Compression, write::GzEncoder};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::text_model;

/// Most bytes that a visitor who needs the model downloads.
const LIMIT: usize = 23_000_000;
/// The weights as gzip. They are not called `.gz` because some servers unpack such files, and then lengths and ranges differ.
const WEIGHTS: &str = "model.safetensors.gzip";

/// Puts the encoder into `folder` of the site if it was fetched; the page works without.
pub fn add(folder: &Path) -> Result<()> {
    let Some(from) = text_model::present() else {
        eprintln!("notice: no text model in the site, so the page cannot embed item texts; `cargo xtask text-model` fetches it");
        return Ok(());
    };
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let read = |name: &str| fs::read(from.join(name)).with_context(|| format!("cannot read {name} in {}", from.display()));
    let weights = unitok::text::quantize_int8(&read("model.safetensors")?)
        .with_context(|| format!("cannot use model.safetensors in {}", from.display()))?;
    let files = [("config.json", read("config.json")?), ("tokenizer.json", read("tokenizer.json")?), (WEIGHTS, gzip(&weights)?)];
    let total = files.iter().map(|(_, bytes)| bytes.len()).sum::<usize>();
    ensure!(total <= LIMIT, "the text model for the page has {total} bytes, over {LIMIT}: make it smaller");
    for (name, bytes) in &files {
        fs::write(folder.join(name), bytes).with_context(|| format!("cannot write {name} in {}", folder.display()))?;
    }
    fs::write(folder.join("manifest.json"), manifest(&files)).context("cannot write the text model's manifest")?;
    eprintln!("\ntext model, fetched when asked for: {total} bytes (at most {LIMIT})");
    Ok(())
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

/// Name, length and SHA-256 of each file, and a version that changes whenever one of them does.
fn manifest(files: &[(&str, Vec<u8>)]) -> String {
    let listed: Vec<_> = files.iter().map(|(name, bytes)| (*name, bytes.len(), sha256(bytes))).collect();
    let all: String = listed.iter().map(|(name, _, hash)| format!("{name} {hash}\n")).collect();
    let files: Vec<_> = listed.iter().map(|(name, bytes, hash)| json!({"name": name, "bytes": bytes, "sha256": hash})).collect();
    format!("{:#}\n", json!({"version": sha256(all.as_bytes())[..16], "files": files}))
}

/// As lowercase hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_names_every_file_and_its_version_follows_their_bytes() {
        let read = |weights: &[u8]| -> serde_json::Value {
            serde_json::from_str(&manifest(&[("config.json", b"{}".to_vec()), ("model.safetensors", weights.to_vec())])).unwrap()
        };
        let (one, other) = (read(b"abc"), read(b"abd"));
        assert_eq!(one["files"][1]["name"], "model.safetensors");
        assert_eq!(one["files"][1]["bytes"], 3);
        assert_eq!(one["files"][1]["sha256"], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_ne!(one["version"], other["version"]);
    }
}
