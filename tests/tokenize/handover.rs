//! `unitok export`: what it takes from a lockfile, what it refuses, and what it leaves behind.

use std::process::Command;

use serde_json::Value;

use crate::workspace::{WIDTH, Workspace, stderr, text_model};
use crate::{rows, tiny};

/// A workspace with the index `i.json` of a hundred items, in the layout expert-first.
fn workspace() -> Workspace {
    let workspace = Workspace::new();
    workspace.vectors("v.npy", &rows(100));
    workspace.summary("tokenize --model model --embeddings v.npy --out i.json --layout expert-first --device cpu");
    workspace
}

#[test]
fn layout_and_sizes_come_from_the_lockfile_and_must_not_contradict_it() {
    let workspace = workspace();
    let of_lock = workspace.summary("export i.json --for trie --out a");
    let tokens = tiny::model(WIDTH).config.model;
    assert_eq!(of_lock["tokens"], tokens.experts + tokens.levels * tokens.codes);
    let mut other = tiny::model(WIDTH);
    other.codebooks[0] += 1.0;
    workspace.model("other", &other);
    for (option, message) in [
        ("--layout expert-last --model model", "was made with the layout expert-first, it is handed over with expert-last"),
        ("--code-vocabulary per-expert", "was made with the code vocabulary shared, it is handed over with per-expert"),
        ("--codes 300", "was made with the vocabulary sizes"),
        ("--model other", "was made with the tokenizer model (sha256"),
    ] {
        let error = workspace.error(&format!("export i.json --for trie --out b {option}"));
        assert!(error.contains(message) && error.contains("--ignore-lock"), "{option}: {error}");
        assert!(!workspace.path("b").exists(), "{option}");
        workspace.summary(&format!("export i.json --for trie --out c{} {option} --ignore-lock", message.len()));
    }
    workspace.summary("export i.json --for trie --out d --layout expert-first --model model");
    workspace.write("i.json", "{\"x\": [\"<a_1>\", \"<b_1>\", \"<c_1>\"]}");
    assert!(workspace.error("export i.json --for trie --out b").contains("is not the index that i.json.lock was written with"));
}

#[test]
fn a_failed_export_leaves_nothing() {
    let workspace = workspace();
    workspace.write("words.json", "{\"x\": [\"red\", \"round\"], \"y\": [\"red\", \"square\"]}");
    let before = workspace.file_count();
    assert!(workspace.error("export words.json --for sid-gr --out new/inner").contains("the token red has no number"));
    assert!(
        workspace.error("export words.json --for hf --base nowhere --out new/inner").contains("cannot read the base tokenizer")
    );
    assert_eq!(workspace.file_count(), before);
    // A folder that was there stays, with what was in it.
    std::fs::create_dir(workspace.path("old")).unwrap();
    workspace.write("old/mine", "");
    workspace.error("export words.json --for flashrec --out old");
    assert_eq!(std::fs::read_dir(workspace.path("old")).unwrap().count(), 1);
}

#[test]
fn an_index_may_come_through_a_pipe() {
    let workspace = workspace();
    let whole = workspace.summary("export i.json --for flashrec --out a --ignore-lock");
    assert!(Command::new("mkfifo").arg(workspace.path("p")).status().unwrap().success());
    let mut feed = Command::new("sh").current_dir(workspace.path("")).args(["-c", "cat i.json > p"]).spawn().unwrap();
    assert_eq!(workspace.summary("export p --for flashrec --out b"), whole);
    assert!(feed.wait().unwrap().success());
    assert_eq!(
        std::fs::read(workspace.path("a/catalog.json")).unwrap(),
        std::fs::read(workspace.path("b/catalog.json")).unwrap()
    );
    // Parquet is read from its end.
    workspace.summary("tokenize --model model --embeddings v.npy --out i.parquet --device cpu");
    let mut feed = Command::new("sh").current_dir(workspace.path("")).args(["-c", "cat i.parquet > p"]).spawn().unwrap();
    let refused = workspace.run("export p --for flashrec --out c");
    assert!(stderr(&refused).contains("Parquet"), "{}", stderr(&refused));
    feed.wait().unwrap();
}

#[test]
fn the_items_of_a_subset_keep_their_tokens_numbers() {
    let workspace = workspace();
    workspace.write("stock.txt", "item 3\r\nitem 5\n\nitem 7\nnowhere\n");
    let some = workspace.run("export i.json --for sid-gr --only stock.txt --out some --json");
    assert!(stderr(&some).contains("stock.txt: 1 of 4 ids is not in the index"), "{}", stderr(&some));
    workspace.summary("export i.json --for sid-gr --out all");
    assert_eq!(workspace.json("some/added_tokens.json"), workspace.json("all/added_tokens.json"));
    assert_eq!(workspace.json("some/ids.json"), serde_json::json!(["item 3", "item 5", "item 7"]));
    let settings = std::fs::read_to_string(workspace.path("some/items.gin")).unwrap();
    assert!(settings.contains("DatasetArgs.num_hierarchies = 3\nDatasetArgs.codebook_sizes = ["), "{settings}");
    let index: Value = workspace.json("i.json");
    assert_eq!(index.as_object().unwrap().len(), 100);
}

#[test]
fn tokens_keep_the_numbers_that_a_decoder_has_learned() {
    let workspace = Workspace::new();
    let same = |count| vec![rows(1)[0].clone(); count];
    workspace.vectors("few.npy", &same(5));
    workspace.summary("tokenize --model model --embeddings few.npy --out i.json --collisions suffix --device cpu");
    let base = base_tokenizer();
    workspace.summary(&format!("export i.json --for hf --base {base} --out llm"));
    let before = workspace.json("llm/added_tokens.json");
    // Items of the same vector get the suffixes 5 to 11, and <d_10> sorts before <d_1>.
    workspace.vectors("more.npy", &same(12));
    workspace.summary("tokenize --model model --embeddings more.npy --append i.json --device cpu");
    let moved = workspace.error(&format!("export i.json --for hf --base {base} --out llm"));
    assert!(moved.contains("llm/added_tokens.json: <d_1> has the number") && moved.contains("--after"), "{moved}");
    assert_eq!(workspace.json("llm/added_tokens.json"), before);
    let new = workspace.summary(&format!("export i.json --for hf --base {base} --out llm --after llm"));
    let after = workspace.json("llm/added_tokens.json");
    let (before, after) = (before.as_object().unwrap(), after.as_object().unwrap());
    assert!(before.iter().all(|(token, number)| after[token] == *number));
    assert_eq!((new["tokens"].as_u64(), after.len()), (Some(before.len() as u64 + 7), before.len() + 7));
    let largest = before.values().filter_map(Value::as_u64).max().unwrap();
    assert!(after.iter().filter(|(token, _)| !before.contains_key(*token)).all(|(_, number)| number.as_u64() > Some(largest)));
    // Of a subset, too, and without what is new; numbers of a suffix may be reserved.
    workspace.write("one.txt", "item 1");
    workspace.summary(&format!("export i.json --for hf --base {base} --out llm --after llm --only one.txt"));
    assert_eq!(workspace.json("llm/added_tokens.json").as_object().unwrap(), after);
    let reserved = workspace.summary("export i.json --for trie --out trie --codes 4,4,2,64");
    assert_eq!(reserved["tokens"], 4 + 4 + 2 + 64);
}

#[test]
fn a_hand_over_is_not_mixed_with_another() {
    let workspace = workspace();
    workspace.summary("export i.json --for trie --out a");
    let occupied = workspace.error("export i.json --for static --out a");
    assert!(occupied.contains("a/trie.npz lies there, for another decoder"), "{occupied}");
    workspace.summary("export i.json --for trie --out a");
    for (content, message) in [
        ("{\"<a_0>\": 0, \"<a_1>\": 2}", "<a_1> has the number 2, which does not follow"),
        ("[]", "invalid type"),
        ("{\"<a_0>\": 7}", "<a_0> has the number 7 there and would get 0"),
    ] {
        workspace.write("t.json", content);
        let error = workspace.error("export i.json --for trie --out a --after t.json");
        assert!(error.contains(message), "{error}");
    }
    assert!(
        workspace
            .error("export i.json --for trie --out b --after nowhere")
            .contains("nowhere: not the file of an earlier export")
    );
    assert!(!workspace.path("b").exists());
}

/// A small language model's tokenizer.
fn base_tokenizer() -> String {
    text_model().join("tokenizer.json").display().to_string()
}

#[test]
fn items_keep_the_numbers_that_sequences_were_written_with() {
    let workspace = workspace();
    workspace.summary("export i.json --for sid-gr --out a");
    workspace.write("some.txt", "item 3\nitem 5\n");
    workspace.write("bad.txt", b"item 3\nitem \xff\n");
    let error = workspace.error("export i.json --for sid-gr --out a --only bad.txt");
    assert!(error.contains("bad.txt, line 2: it is not UTF-8"), "{error}");
    let moved = workspace.error("export i.json --for sid-gr --out a --only some.txt");
    assert!(moved.contains("a/ids.json: item «item 0» has the number 0 there"), "{moved}");
    workspace.vectors("more.npy", &rows(120));
    workspace.summary("tokenize --model model --embeddings more.npy --append i.json --device cpu");
    assert_eq!(workspace.summary("export i.json --for sid-gr --out a")["items"], 120);
}

#[test]
fn an_export_leaves_nothing_of_the_one_before() {
    let workspace = workspace();
    let base = base_tokenizer();
    workspace.summary(&format!("export i.json --for hf --base {base} --out a --model model --hidden-size 4"));
    assert!(workspace.path("a/embeddings.safetensors").exists());
    workspace.summary(&format!("export i.json --for hf --base {base} --out a"));
    assert!(!workspace.path("a/embeddings.safetensors").exists());
    // A folder without an export is somebody else's.
    std::fs::create_dir(workspace.path("b")).unwrap();
    workspace.write("b/embeddings.safetensors", "mine");
    workspace.summary(&format!("export i.json --for hf --base {base} --out b"));
    assert!(workspace.path("b/embeddings.safetensors").exists());
    // A base with something else than JSON beside it.
    std::fs::create_dir(workspace.path("base")).unwrap();
    std::fs::copy(base, workspace.path("base/tokenizer.json")).unwrap();
    workspace.write("base/tokenizer_config.json", "{");
    assert!(workspace.error("export i.json --for hf --base base --out c").contains("tokenizer_config.json: not a"));
    assert!(!workspace.path("c").exists());
}

#[test]
fn guessed_numbers_are_said_and_moved_ones_refused() {
    let workspace = Workspace::new();
    workspace.vectors("few.npy", &vec![rows(1)[0].clone(); 5]);
    let made = "tokenize --model model --embeddings few.npy --out i.json --collisions suffix --device cpu --added-tokens t.json";
    workspace.summary(made);
    let silent = workspace.run("export i.json --for trie --out a");
    assert!(!stderr(&silent).contains("no lockfile"), "{}", stderr(&silent));
    std::fs::copy(workspace.path("i.json"), workspace.path("alone.json")).unwrap();
    let guessed = workspace.run("export alone.json --for trie --out b");
    assert!(
        stderr(&guessed).contains("alone.json has no lockfile") && stderr(&guessed).contains("--codes"),
        "{}",
        stderr(&guessed)
    );
    let before = std::fs::read(workspace.path("t.json")).unwrap();
    workspace.vectors("more.npy", &vec![rows(1)[0].clone(); 12]);
    let moved =
        workspace.error("tokenize --model model --embeddings more.npy --append i.json --device cpu --added-tokens t.json");
    assert!(moved.contains("<d_1> has the number") && moved.contains("export --after"), "{moved}");
    assert_eq!(std::fs::read(workspace.path("t.json")).unwrap(), before);
    assert_eq!(workspace.json("i.json").as_object().unwrap().len(), 5);
    let anew = workspace.run(&format!("{made} --first-token 7"));
    assert!(anew.status.success() && stderr(&anew).contains("warning: --added-tokens"), "{}", stderr(&anew));
    workspace.write("huge.json", "{\"<a_0>\": 18446744073709551615}");
    assert!(workspace.error("export i.json --for trie --out c --after huge.json").contains("not the file of an earlier export"));
}

#[test]
fn a_language_models_tokenizer_reads_what_was_written() {
    let workspace = workspace();
    let base: Value = serde_json::from_slice(&std::fs::read(base_tokenizer()).unwrap()).unwrap();
    let next = base["model"]["vocab"].as_object().unwrap().len();
    // The libraries number added tokens one after another, whatever the file says, and the same text is the same token.
    let known = base["model"]["vocab"].as_object().unwrap().keys().next().unwrap();
    for (tokens, numbers, words) in [
        (
            ["<p>", "<q>"],
            [next + 50, next + 51],
            format!("says that <p> has the number {}, and Hugging Face's libraries", next + 50),
        ),
        (["<p>", "<q>"], [next + 1, next], format!("give it {next}")),
        (["<p>", "<p>"], [next, next + 1], format!("says that <p> has the number {}, and Hugging Face's libraries", next + 1)),
        (["<p>", known], [next, next + 1], format!("says that {known} has the number {}", next + 1)),
        (["<p>", ""], [next, next + 1], format!("its added token number {} has no text", next + 1)),
    ] {
        let mut base = base.clone();
        let added = tokens.iter().zip(numbers).map(|(token, id)| serde_json::json!({ "id": id, "content": token }));
        base["added_tokens"].as_array_mut().unwrap().extend(added);
        workspace.write("base.json", base.to_string());
        let error = workspace.error("export i.json --for hf --base base.json --out a");
        assert!(error.contains(&words), "{error}");
    }
    workspace.write("q.json", r#"{"x": ["qq1", "2qq"], "y": ["qq12", "qq"]}"#);
    let error = workspace.error(&format!("export q.json --for hf --base {} --out a", base_tokenizer()));
    assert!(error.contains("the token «qq1» begins with «qq», which is a token too"), "{error}");
    assert!(!workspace.path("a").exists());
}
