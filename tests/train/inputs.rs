//! `unitok train` as a program: which files its arguments name, and data that it refuses or leaves out.

use std::path::Path;
use std::process::{Command, Output};

use unitok::model::TextConfig;
use unitok::vectors::{Element, Saver};

use crate::histories::histories;

const WIDTH: usize = 16;
const SETTINGS: &str = "--set model.hidden=[24] --set model.latent=6 --set model.codes=8 --set model.levels=2 --set recipe.items_per_domain=30 --set recipe.warmup_steps=20 --set recipe.joint_steps=20 --set recipe.decoder_steps=5";

fn row(item: usize) -> Vec<f32> {
    let wave = |a: usize, b: usize| ((a * 7919 + b * 104_729) as f32 * 0.618).sin();
    (0..WIDTH).map(|d| 3.0 * wave(7, d) + wave(100 + item % 10, d) + 0.3 * wave(1000 + item, d)).collect()
}

fn save(path: &Path, rows: &[Vec<f32>]) {
    save_with(path, rows, None);
}

/// Vectors that say what texts they are from.
fn save_with(path: &Path, rows: &[Vec<f32>], text: Option<TextConfig>) {
    let mut saver = Saver::create(path, WIDTH, Element::F32, text).unwrap();
    rows.iter().enumerate().for_each(|(i, row)| saver.push(&format!("item {i}"), row).unwrap());
    saver.finish().unwrap();
}

fn run(folder: &Path, args: &str) -> Output {
    run_into(folder, "model", args)
}

fn run_into(folder: &Path, out: &str, args: &str) -> Output {
    train(folder, &format!("--out {out} {args} {SETTINGS}"))
}

fn train(folder: &Path, args: &str) -> Output {
    let args = format!("train {args}");
    Command::new(env!("CARGO_BIN_EXE_unitok")).current_dir(folder).args(args.split_whitespace()).output().unwrap()
}

fn error(folder: &Path, args: &str) -> String {
    let output = run(folder, args);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{args}: {message}");
    assert!(!folder.join("model").exists(), "{args}: refused before anything is written");
    message
}

#[test]
fn data_that_cannot_be_learned_from_are_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let mut rows: Vec<Vec<f32>> = (0..60).map(row).collect();
    save(&at("good.npy"), &rows);
    save(&at("few.npy"), &rows[..20]);
    save(&at("const.npy"), &vec![row(1); 60]);
    let near = |i: usize| row(1).iter().enumerate().map(|(d, v)| v * (1.0 + 1e-3 * ((i * 7 + d) % 5) as f32)).collect();
    save(&at("near.npy"), &(0..60).map(near).collect::<Vec<_>>());
    rows[41] = vec![0.0; WIDTH];
    save(&at("zero.npy"), &rows);
    rows[41] = vec![f32::NAN; WIDTH];
    save(&at("nan.npy"), &rows);
    for (args, says) in [
        ("--domain a=zero.npy", "zero.npy: row 41, column 0 (id \"item 41\"): the whole row is zero"),
        ("--domain a=nan.npy", "drop such rows (--skip-bad)"),
        ("--domain a=const.npy", "const.npy: domain a: all 60 rows are equal"),
        ("--domain a=good.npy --domain b=near.npy", "near.npy: domain b: all 60 rows are almost equal"),
        (
            "--domain a=few.npy",
            "few.npy: domain a: 20 items are fewer than a batch takes of it (30). Pass --set recipe.items_per_domain=20",
        ),
        ("--domain a=good.npy --domain a=zero.npy", "two domains are called a, good.npy and zero.npy"),
        ("--domain a=good.npy --zero-shot a=good.npy", "two domains are called a"),
        ("--domain a=none.npy", "there is no file none.npy"),
        ("--domain a=good.npy --array x", "no \"x\", which --array names"),
    ] {
        let message = error(folder.path(), args);
        assert!(message.contains(says), "{args}: {message}");
    }
}

#[test]
fn bad_rows_are_left_out_by_request_and_the_model_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut rows: Vec<Vec<f32>> = (0..60).map(row).collect();
    rows[7] = vec![0.0; WIDTH];
    std::fs::create_dir(folder.path().join("ds=1")).unwrap();
    save(&folder.path().join("ds=1/x.npy"), &rows);
    // A verdict of collapse, after so few steps, is no error.
    let output = run(folder.path(), "--domain a=ds=1/x.npy --skip-bad");
    let shown = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() != Some(2), "{shown}");
    assert!(shown.contains("domain a: 59 rows of ds=1/x.npy (ids: ds=1/x.npy.ids.txt)"), "{shown}");
    let read = |name: &str| std::fs::read_to_string(folder.path().join("model").join(name)).unwrap();
    let metrics: serde_json::Value = serde_json::from_str(&read("metrics.json")).unwrap();
    assert_eq!((&metrics["left_out"][0]["domain"], metrics["left_out"][0]["rows"].as_u64()), (&"a".into(), Some(1)));
    assert!(read("README.md").contains("| left out of a | 1 row; the first: row 7,"));
}

#[test]
fn vectors_are_from_one_text_model_and_those_that_do_not_say_are_taken_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let rows: Vec<Vec<f32>> = (0..60).map(row).collect();
    let text = |name: &str| TextConfig { encoder: name.into(), encoder_sha256: name.repeat(16), ..TextConfig::default() };
    let mut untitled = text("four");
    untitled.template.separator = " / ".into();
    save(&folder.path().join("silent.npy"), &rows);
    for (name, text) in [("said", text("four")), ("other", text("five")), ("untitled", untitled)] {
        save_with(&folder.path().join(format!("{name}.safetensors")), &rows, Some(text));
    }
    for (other, here, there) in
        [("other", "five (sha256 fivefivefive)", "four (sha256 fourfourfour)"), ("untitled", "the template {", "the template {")]
    {
        let message =
            error(folder.path(), &format!("--domain said.safetensors --domain silent.npy --domain {other}.safetensors"));
        for words in [
            format!("{other}.safetensors: its vectors are from {here}"),
            format!("those of said.safetensors from {there}"),
            "embed the items of all domains with one text model and one template".into(),
        ] {
            assert!(message.contains(&words), "{words}: {message}");
        }
    }
    for domains in ["--domain said.safetensors --domain silent.npy", "--domain silent.npy --domain said.safetensors"] {
        let output = run(folder.path(), &format!("{domains} --force"));
        let said = String::from_utf8(output.stderr).unwrap();
        let words = "silent.npy does not say which text model its vectors are from: they are taken to be from four (sha256 fourfourfour), as those of said.safetensors are";
        assert!(output.status.code() != Some(2) && said.contains(words), "{said}");
        let config = std::fs::read_to_string(folder.path().join("model/config.json")).unwrap();
        assert!(config.contains("fourfour"), "{config}");
    }
}

#[test]
fn an_extension_that_fails_names_what_can_be_done_about_one() {
    let folder = tempfile::tempdir().unwrap();
    for (k, name) in ["a", "b", "c"].into_iter().enumerate() {
        save(&folder.path().join(format!("{name}.npy")), &(60 * k..60 * (k + 1)).map(row).collect::<Vec<_>>());
    }
    assert_ne!(run(folder.path(), "--domain a.npy --domain b.npy").status.code(), Some(2));
    let settings = folder.path().join("model/train.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    let lines = text.lines().map(|line| if line.starts_with("learning_rate") { "learning_rate = 1e37" } else { line });
    std::fs::write(&settings, lines.collect::<Vec<_>>().join("\n")).unwrap();
    let output = train(folder.path(), "--extend model --domain a.npy --domain b.npy --domain c.npy --out wider");
    let message = String::from_utf8(output.stderr).unwrap();
    let advice = "or lower recipe.learning_rate in model/train.toml";
    assert!(output.status.code() == Some(2) && message.contains(advice) && !message.contains("--set"), "{message}");
}

#[test]
fn a_model_goes_into_a_folder_and_replaces_nothing_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    save(&at("x.npy"), &(0..60).map(row).collect::<Vec<_>>());
    for (out, says) in [("-", "does not go to stdout"), ("x.npy", "it is no folder"), ("/dev/null", "it is no folder")] {
        let output = run_into(folder.path(), out, "--domain a=x.npy");
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && message.contains(says), "{out}: {message}");
    }
    assert!(!at("-").exists());
    for name in ["README.md", "config.json", "metrics.json"] {
        std::fs::create_dir(at("mine")).unwrap();
        std::fs::write(at("mine").join(name), "mine").unwrap();
        for more in ["", "--resume"] {
            let output = run_into(folder.path(), "mine", &format!("--domain a=x.npy {more}"));
            let message = String::from_utf8(output.stderr).unwrap();
            let says = format!("mine holds {name}: choose another --out, or overwrite it with --force");
            assert!(output.status.code() == Some(2) && message.contains(&says), "{message}");
        }
        assert_eq!(std::fs::read_to_string(at("mine").join(name)).unwrap(), "mine");
        std::fs::remove_dir_all(at("mine")).unwrap();
    }
}

#[test]
fn a_tokenizer_learns_from_training_interactions_and_not_from_those_held_out() {
    let folder = tempfile::tempdir().unwrap();
    save(&folder.path().join("a.npy"), &(0..60).map(row).collect::<Vec<_>>());
    for (name, changed) in [("all", None), ("tested", Some(7)), ("validated", Some(6)), ("trained", Some(5))] {
        std::fs::write(folder.path().join(format!("{name}.json")), histories(30, changed)).unwrap();
    }
    let model = |out: &str, args: &str| {
        let output = run_into(folder.path(), out, &format!("--domain a=a.npy {args}"));
        // Exit code 1: so short a run has collapsed.
        assert!(matches!(output.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&output.stderr));
        std::fs::read(folder.path().join(out).join("model.safetensors")).unwrap()
    };
    let texts = model("texts", "");
    for role in ["target", "input"] {
        let with =
            |name: &str| model(&format!("{role}-{name}"), &format!("--interactions a={name}.json --set histories.role={role}"));
        let all = with("all");
        assert!(all != texts, "{role}: nothing was learned");
        assert!(all == with("tested") && all == with("validated"), "{role}: learned from interactions held out");
        assert!(all != with("trained"), "{role}");
        let config = std::fs::read_to_string(folder.path().join(format!("{role}-all/config.json"))).unwrap();
        assert_eq!(config.contains("cooccurrence"), role == "input", "{config}");
    }
}

#[test]
fn interactions_of_no_domain_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    save(&folder.path().join("a.npy"), &(0..60).map(row).collect::<Vec<_>>());
    std::fs::write(folder.path().join("all.json"), histories(30, None)).unwrap();
    let domains = "--domain tea=a.npy --domain games=a.npy";
    for (args, says) in [
        ("--interactions toys=all.json", "no domain is called toys. Write one of tea, games before the ="),
        ("--interactions all.json", "write DOMAIN=all.json"),
        ("--interactions tea=all.json --interactions tea=all.json", "domain tea has interactions already"),
        ("--interactions tea=none.json", "none.json"),
        ("--interactions tea=all.json --set histories.mixing.dimensions=0", "1 to 1024 dimensions"),
    ] {
        let message = error(folder.path(), &format!("{domains} {args}"));
        assert!(message.contains(says), "{args}: {message}");
    }
}
