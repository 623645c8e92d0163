//! The models of the page again, from the catalogues to `www/models`: the default one, and UniTok-1 to compare it with.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::setup::{cargo, root, run, target};
use crate::text_model;

/// Domains that they learn, each a folder with an `items.jsonl`.
const DOMAINS: [&str; 6] = ["beauty", "toys", "yelp", "office", "grocery", "games"];
/// A domain that they are only measured on.
const UNSEEN: &str = "clothing-bundles";
/// Folder of each model, and what its settings differ in from the defaults.
const MODELS: [(&str, &str); 2] = [("default", "variant=unitok"), ("unitok-1", "variant=unitok-1")];

/// Embeds the catalogues in the folder `data` that are not embedded yet, then trains on them with the default settings.
pub fn train(data: &str) -> Result<()> {
    ensure!(
        Path::new(data).join(DOMAINS[0]).join("items.jsonl").is_file(),
        "no catalogues in {data}: give the folder that holds {}",
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
            // The same bits on every machine, whatever GPU it has.
            let embed = ["embed", "--device", "cpu", "--resume", "--items"];
            run(unitok().args(embed).arg(items).arg("--out").arg(embeddings(domain)))?;
        }
    }
    for (name, setting) in MODELS {
        let mut command = unitok();
        command.args(["train", "--force", "--set", setting, "--out"]).arg(format!("www/models/{name}"));
        for domain in DOMAINS {
            command.arg("--domain").arg(embeddings(domain).strip_prefix(root()).unwrap_or(&embeddings(domain)));
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
