//! After a mistake, the message names only options that the subcommand has.

use std::collections::BTreeSet;

use super::{Folder, stderr};

/// Commands that fail. Each is a mistake that people make.
const MISTAKES: &[&str] = &[
    "tokenize --model model --items no_id.csv --out o.json",
    "tokenize --model model --items no_id.csv --field id=sku --out o.json",
    "tokenize --model model --items ragged.csv --out o.json",
    "tokenize --model model --items latin1.csv --out o.json",
    "tokenize --model model --items twice.csv --duplicates stop --out o.json",
    "tokenize --model model --items good.csv good2.csv --out o.json",
    "tokenize --model model --items good.csv --template good.csv --out o.json",
    "tokenize --model model --items good.csv --out good.csv",
    "tokenize --model model --embeddings zero.npy --out o.json",
    "tokenize --model model --embeddings good.csv --out o.json",
    "tokenize --model model --embeddings tea.npy --template t.json --out o.json",
    "tokenize --model model --embeddings tea.npy --number-items --out o.json",
    "tokenize --model model --embeddings tea.npy --lossy --out o.json",
    "tokenize --model model --embeddings tea.npy --field id=pid --out o.json",
    "tokenize --model model --embeddings tea.npy --beam 3 --device gpu --out o.json",
    "tokenize --model nowhere --embeddings tea.npy --out o.json",
    "tokenize --model model --items unknown.xyz --out o.json",
    "tokenize --model model --items tea.npy --out o.json",
    "tokenize --model model --embeddings tea.npy --added-tokens t.json --first-token 18446744073709551615 --out o.json",
    "tokenize --model model --items good.csv --items good.csv --prefix-ids --out o.json",
    "embed --items no_id.csv --out o.npy",
    "embed --items ragged.csv --out o.npy",
    "embed --items latin1.csv --out o.npy",
    "embed --items good.csv --out o.xyz",
    "embed --items good.csv --field title=nothing --out o.npy",
    "embed --items notext.csv --out o.npy",
    "audit no_id.csv",
    "audit good.csv",
    "audit index.json --items no_id.csv",
    "audit index.json --items ragged.csv",
    "audit index.json --items latin1.csv",
    "audit index.json --items good.csv --field title=nothing",
    "audit index.json --sequences good.csv",
    "audit index.json --codes 1",
    "info no_id.csv",
    "info model --input 5",
    "info model --experts 5",
    "info unknown.xyz",
    "info ragged.csv --field id=nothing",
    "train --domain a=zero.npy --out m",
    "train --domain a=tea.npy --domain a=tea.npy --out m",
    "train --domain a=constant.npy --out m",
    "train --domain a=good.csv --out m",
    "train --domain a=tea.npy --set model.nothing=1 --out m",
    "train --domain a=tea.npy --resume --out m",
];

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("good.csv", "id,title\n1,green tea\n2,black tea\n");
    folder.write("good2.csv", "id,title\n1,green tea\n");
    folder.write("no_id.csv", "name,price\ntea,3\n");
    folder.write("ragged.csv", "id,title\n1,tea\n2,tea,4,5\n");
    folder.write("latin1.csv", b"id,title\n1,caf\xe9\n");
    folder.write("twice.csv", "id,title\n1,tea\n1,tea\n");
    folder.write("notext.csv", "id,price\n1,3\n");
    folder.write("unknown.xyz", "what is this\n");
    folder.write("t.json", r#"{"fields": ["title"]}"#);
    folder.write("index.json", r#"{"1": ["<a_1>", "<b_2>"], "2": ["<a_2>", "<b_1>"]}"#);
    folder.vectors("tea.npy", "t", 0..60);
    for (name, value) in [("zero.npy", 0.0f32), ("constant.npy", 1.0)] {
        folder.vectors(name, "t", 0..60);
        let mut bytes = std::fs::read(folder.path(name)).unwrap();
        let rows = bytes.len() - if value == 0.0 { 4 * super::WIDTH } else { 60 * 4 * super::WIDTH };
        bytes[rows..].chunks_exact_mut(4).enumerate().for_each(|(i, chunk)| {
            chunk.copy_from_slice(&(value * (i % super::WIDTH) as f32).to_le_bytes());
        });
        folder.write(name, bytes);
    }
    folder
}

impl Folder {
    /// The options of the subcommand that a command begins with; none where it begins with another word.
    fn options_of(&self, command: &str) -> BTreeSet<String> {
        let subcommand = command.split_whitespace().next().unwrap_or_default();
        options(&String::from_utf8_lossy(&self.run(&format!("{subcommand} --help")).stdout))
    }
}

/// The options named in a text.
fn options(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    let long =
        words.filter(|word| word.strip_prefix("--").is_some_and(|name| name.starts_with(|c: char| c.is_ascii_lowercase())));
    long.map(|word| word.trim_end_matches('-').to_owned()).collect()
}

#[test]
fn messages_name_only_options_that_the_subcommand_has() {
    let folder = folder();
    for mistake in MISTAKES {
        let output = folder.run(mistake);
        let message = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "unitok {mistake}\n{message}");
        assert!(message.starts_with("error: ") || message.contains("\nerror: "), "unitok {mistake}\n{message}");
        assert!(!message.contains("panicked"), "unitok {mistake}\n{message}");
        // A message may give a whole command to type: its options are those of that subcommand.
        let commands = std::iter::once(mistake.to_string()).chain(message.split("unitok ").skip(1).map(str::to_owned));
        let known: BTreeSet<String> = commands.flat_map(|command| folder.options_of(&command)).collect();
        let unknown: Vec<_> = options(&message).into_iter().filter(|option| !known.contains(option)).collect();
        assert!(unknown.is_empty(), "unitok {mistake}\nnames {unknown:?}, which it does not have:\n{message}");
    }
}
