//! The page without a network: its service worker, with the list of files of this version of the site.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::site_models;
use crate::site_text::sha256;

const SOURCE: &str = "www/sw.js";
const SAMPLES: &str = "www/samples";
const MODELS: &str = "www/models";
/// The model whose items are measured, for which its decoder is needed.
const DEFAULT_MODEL: &str = "www/models/default";
const TEXT_MODEL: &str = "www/models/text";
/// Examples of each kind of file that the page reads.
const FORMATS: &str = "www/samples/formats";
/// The element for other pages, which the page itself never asks for.
const APART: &str = "www/embed";
/// Hexadecimal digits of a hash that are enough to tell versions apart.
const DIGITS: usize = 16;

/// Moves the worker to the site's root, so that its scope is the whole site, and writes the list of files into it.
pub fn add(site: &Path) -> Result<()> {
    let source = site.join(SOURCE);
    let code = fs::read_to_string(&source).with_context(|| format!("cannot read {}", source.display()))?;
    fs::remove_file(&source).with_context(|| format!("cannot remove {}", source.display()))?;
    let mut files = BTreeMap::new();
    list(site, site, &mut files)?;
    fs::write(site.join("sw.js"), worker(&code, &files, &on_demand(site)?)).context("cannot write sw.js")
}

fn worker(code: &str, files: &BTreeMap<String, String>, on_demand: &[String]) -> String {
    let version = &sha256(json!([code, files, on_demand]).to_string().as_bytes())[..DIGITS];
    format!("const SITE = {};\n{code}", json!({"version": version, "files": files, "onDemand": on_demand}))
}

/// Files of the samples of real items. They are some MB together, so a visitor keeps those that were opened.
fn on_demand(site: &Path) -> Result<Vec<String>> {
    let list = site.join(SAMPLES).join("index.json");
    let bytes = fs::read(&list).with_context(|| format!("cannot read {}", list.display()))?;
    let samples: Vec<Value> = serde_json::from_slice(&bytes).with_context(|| format!("{} is no list", list.display()))?;
    let real = samples.iter().filter(|sample| sample["source"].is_string());
    let files = real.flat_map(|sample| [&sample["items"], &sample["embeddings"]]).filter_map(Value::as_str);
    Ok(files.map(|file| format!("{SAMPLES}/{file}")).collect())
}

/// Every file that the page needs, with its hash. The page itself stores the text model once it was asked for; it loads the
/// tokenizer in two parts instead of the whole, and of the model to compare with only the first; the pages for developers
/// need a network.
fn list(site: &Path, folder: &Path, files: &mut BTreeMap<String, String>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let name = path.strip_prefix(site)?.to_string_lossy().replace('\\', "/");
        if path.is_dir() && ![TEXT_MODEL, APART].contains(&name.as_str()) {
            list(site, &path, files)?;
        } else if path.is_file() && is_needed(&name) {
            let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            files.insert(name, sha256(&bytes)[..DIGITS].to_owned());
        }
    }
    Ok(())
}

fn is_needed(name: &str) -> bool {
    let kept = [".html", ".js", ".css", ".svg", ".wasm", ".json", ".jsonl", ".npy", ".safetensors"];
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    let unread = ["metrics.json", site_models::WHOLE].contains(&file)
        || (file == site_models::DECODER && folder != DEFAULT_MODEL && folder.starts_with(MODELS));
    folder == FORMATS || (kept.iter().any(|kind| name.ends_with(kind)) && !unread)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worker of a site with this page.
    fn built(page: &str) -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().unwrap();
        let site = folder.path();
        fs::create_dir_all(site.join("www/models/text")).unwrap();
        fs::write(site.join("index.html"), page).unwrap();
        fs::create_dir_all(site.join(SAMPLES)).unwrap();
        let samples = json!([
            {"items": "written.jsonl", "embeddings": "written.npy"},
            {"items": "real.jsonl", "embeddings": "real.npy", "source": "a package"},
        ]);
        fs::write(site.join(SAMPLES).join("index.json"), samples.to_string()).unwrap();
        fs::create_dir_all(site.join("www/results")).unwrap();
        fs::write(site.join("www/results/results.json"), "{}").unwrap();
        fs::write(site.join("www/README.md"), "").unwrap();
        fs::write(site.join("www/models/text/config.json"), "{}").unwrap();
        fs::create_dir_all(site.join(FORMATS)).unwrap();
        fs::write(site.join(FORMATS).join("items.csv"), "").unwrap();
        for model in [DEFAULT_MODEL, "www/models/unitok-1"] {
            fs::create_dir_all(site.join(model)).unwrap();
            for name in ["model.safetensors", "without-decoder.safetensors", "decoder.safetensors"] {
                fs::write(site.join(model).join(name), "").unwrap();
            }
        }
        fs::write(site.join(SOURCE), "work();\n").unwrap();
        add(site).unwrap();
        let worker = fs::read_to_string(site.join("sw.js")).unwrap();
        (folder, worker)
    }

    #[test]
    fn the_worker_lists_what_the_page_may_ask_for_and_moves_to_the_root() {
        let (folder, worker) = built("hello");
        let (first, code) = worker.split_once(";\n").unwrap();
        let site: serde_json::Value = serde_json::from_str(first.strip_prefix("const SITE = ").unwrap()).unwrap();
        let files: Vec<&String> = site["files"].as_object().unwrap().keys().collect();
        let models = ["default/decoder", "default/without-decoder", "unitok-1/without-decoder"];
        let models = models.map(|file| format!("{MODELS}/{file}.safetensors"));
        let [default, weights, other] = models.each_ref().map(String::as_str);
        let rest = ["www/results/results.json", "www/samples/formats/items.csv", "www/samples/index.json"];
        assert_eq!(files, [&["index.html", default, weights, other], &rest[..]].concat());
        assert_eq!(site["files"]["index.html"], sha256(b"hello")[..DIGITS]);
        assert_eq!(site["onDemand"], json!(["www/samples/real.jsonl", "www/samples/real.npy"]));
        assert_eq!(code, "work();\n");
        assert!(!folder.path().join(SOURCE).exists());
    }

    #[test]
    fn a_version_is_its_contents() {
        assert_eq!(built("hello").1, built("hello").1);
        assert_ne!(built("hello").1, built("hullo").1);
    }
}
