//! Six things that people want to do first.

use std::process::{Command, Stdio};
use std::time::Duration;

use super::{Folder, stderr};

const SHOPIFY: &str = "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Variant SKU,Variant Price\n\
    green-tea,Green tea,<p>Leaves from the <b>hills</b></p>,Leaf & Co,Food > Tea,Tea,\"green, loose\",true,T1,4.00\n\
    green-tea,,,,,,,,T2,7.50\n\
    black-tea,Black tea,Strong,Leaf & Co,Food > Tea,Tea,black,true,T3,4.00\n";

#[test]
fn a_shopify_export_is_embedded() {
    let folder = Folder::new();
    folder.write("products_export.csv", SHOPIFY);
    folder.succeed("embed --items products_export.csv --out tea.npy --quiet");
    assert_eq!(std::fs::read_to_string(folder.path("tea.npy.ids.txt")).unwrap(), "green-tea\nblack-tea\n");
}

#[test]
fn a_parquet_folder_of_vectors_keeps_its_ids() {
    let folder = Folder::new();
    folder.vectors("vectors/part-00000.parquet", "p", 0..40);
    folder.vectors("vectors/part-00001.parquet", "p", 40..70);
    folder.write("vectors/_SUCCESS", "");
    folder.succeed("tokenize --model model --embeddings vectors --out index.json --device cpu --quiet");
    let index: serde_json::Value = serde_json::from_slice(&std::fs::read(folder.path("index.json")).unwrap()).unwrap();
    let ids: Vec<&String> = index.as_object().unwrap().keys().collect();
    assert_eq!((ids.len(), ids[0].as_str(), ids[69].as_str()), (70, "p0", "p69"));
}

#[test]
fn an_index_of_letter_is_audited_with_its_interactions() {
    let folder = Folder::new();
    let items = (0..50).map(|i| format!(r#""{i}": ["<a_{}>", "<b_{}>", "<c_{}>"]"#, i % 8, i / 8, i % 5));
    folder.write("Games.index.json", format!("{{{}}}", items.collect::<Vec<_>>().join(", ")));
    let users = (0..20).map(|user| format!(r#""{user}": [{}, {}, {}, {}, {}]"#, user, user + 1, user + 9, user + 20, user + 3));
    folder.write("Games.inter.json", format!("{{{}}}", users.collect::<Vec<_>>().join(", ")));
    let report = folder.succeed("audit Games.index.json --sequences Games.inter.json --json");
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["popularity"]["users"], 20, "{report:#}");
}

/// Settings of a small tokenizer that is trained in seconds.
const SMALL: &str = "--set model.hidden=[16] --set model.latent=8 --set model.levels=2 --set model.codes=8 \
    --set recipe.warmup_steps=20 --set recipe.joint_steps=200 --set recipe.decoder_steps=20 --set recipe.checkpoint_every=10 \
    --set recipe.items_per_domain=32";

#[test]
fn two_domains_are_trained_on_and_a_stopped_run_is_resumed() {
    let folder = Folder::new();
    folder.vectors("tea.npy", "t", 0..90);
    folder.vectors("games.npy", "g", 100..190);
    let train = format!("train --domain tea=tea.npy --domain games=games.npy --quiet {SMALL}");
    let mut run = folder.command(&format!("{train} --out stopped")).stderr(Stdio::piped()).spawn().unwrap();
    let checkpoints = folder.path("stopped/checkpoints");
    while run.try_wait().unwrap().is_none() && std::fs::read_dir(&checkpoints).map_or(0, Iterator::count) == 0 {
        std::thread::sleep(Duration::from_millis(2));
    }
    assert!(Command::new("kill").args(["-INT", &run.id().to_string()]).status().unwrap().success());
    let message = stderr(&run.wait_with_output().unwrap());
    assert!(message.contains("--resume"), "{message}");
    folder.run(&format!("{train} --out stopped --resume"));
    folder.run(&format!("{train} --out whole"));
    let model = |name: &str| std::fs::read(folder.path(name).join("model.safetensors")).unwrap();
    assert!(model("stopped") == model("whole"), "a resumed run ends in other weights");
}

#[test]
fn an_index_goes_into_a_pipe() {
    let folder = Folder::new();
    folder.vectors("tea.npy", "t", 0..30);
    let index = folder.succeed("tokenize --model model --embeddings tea.npy --device cpu --quiet --out -");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&index).unwrap().as_object().unwrap().len(), 30);
    // A reader that has seen enough is no error.
    let mut command = folder.command("tokenize --model model --embeddings tea.npy --device cpu --out -");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
