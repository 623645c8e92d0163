//! `cargo xtask default-model`: trains the page's models from catalogues into `www/models`, both the default model and UniTok-1,
//! which the page compares it with. Both learn from texts and from what users did, and read texts alone.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::process::{cargo, root, run, target};
use crate::text_model;

/// Domains of the training data, each a folder with an `items.jsonl` and a `sequences.txt`.
const DOMAINS: [&str; 6] = ["beauty", "toys", "yelp", "office", "grocery", "games"];
/// Domain that the models are measured on without training on it.
const UNSEEN: &str = "clothing-bundles";
/// Folder of each model, and the setting that makes it differ from the other.
const MODELS: [(&str, &str); 2] = [("default", "variant=unitok"), ("unitok-1", "variant=unitok-1")];

/// Embeds the catalogues in the folder `data`, unless their embeddings are newer, and trains both models on them.
pub fn train(data: &str) -> Result<()> {
    ensure!(
        Path::new(data).join(DOMAINS[0]).join("items.jsonl").is_file(),
        "no catalogues in {data}: name a folder that has the subfolders {}, each with an items.jsonl",
        DOMAINS.join(", ")
    );
    text_model::fetch()?;
    run(cargo().args(["build", "--locked", "--release", "--package", "unitok"]))?;
    let folder = target().join("default-model");
    std::fs::create_dir_all(&folder)?;
    let embeddings = |domain: &str| folder.join(format!("{domain}.safetensors"));
    for domain in DOMAINS.iter().chain([&UNSEEN]) {
        let items = Path::new(data).join(domain).join("items.jsonl");
        if !is_newer(&embeddings(domain), &items) {
            // On the CPU, because results of GPUs differ in the last bits.
            let embed = ["embed", "--device", "cpu", "--resume", "--items"];
            run(unitok().args(embed).arg(items).arg("--out").arg(embeddings(domain)))?;
        }
    }
    for (name, setting) in MODELS {
        let mut command = unitok();
        command.args(["train", "--force", "--set", setting, "--out"]).arg(format!("www/models/{name}"));
        for domain in DOMAINS {
            command.arg("--domain").arg(embeddings(domain).strip_prefix(root()).unwrap_or(&embeddings(domain)));
            let interactions = Path::new(data).join(domain).join("sequences.txt");
            command.arg("--interactions").arg(format!("{domain}={}", interactions.display()));
        }
        run(command.arg("--zero-shot").arg(embeddings(UNSEEN).strip_prefix(root()).unwrap_or(&embeddings(UNSEEN))))?;
    }
    Ok(())
}

fn is_newer(made: &Path, from: &Path) -> bool {
    let time = |file: &Path| std::fs::metadata(file).and_then(|data| data.modified()).ok();
    time(made).is_some_and(|made| Some(made) > time(from))
}

fn unitok() -> Command {
    let mut command = Command::new(target().join("release/unitok"));
    command.current_dir(root());
    command
}
