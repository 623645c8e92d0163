//! Reading index files of any tokenizer, and the errors of malformed ones.

use unitok::tokens::lock::Drafts;
use unitok::tokens::{Index, IndexError, IndexWriter, read_index};

fn read(json: &str) -> Result<Index, IndexError> {
    Index::read(json.as_bytes())
}

#[test]
fn any_tokens_and_any_number_of_positions_are_read() {
    let index = read("\u{feff}{\"b\": [\"x\", 12, \"x\"], \"a\": [\"y y\", -3, \"<a_1>\"]}").unwrap();
    assert_eq!((index.items(), index.width), (2, 3));
    assert_eq!(index.ids, ["b", "a"]);
    assert_eq!(index.row(0), [0, 1, 0]);
    assert_eq!(index.vocabulary, ["x", "12", "y y", "-3", "<a_1>"]);
}

#[test]
fn codewords_may_be_texts_or_numbers() {
    let list = read(r#"{"1": ["<a_1>", "<b_2>"], "2": ["<a_1>", "<b_3>"]}"#).unwrap();
    assert_eq!(read(r#"{"1": "<a_1><b_2>", "2": "<a_1> <b_3>"}"#).unwrap(), list);
    assert_eq!(read(r#"{"1": [1, 2], "2": [1, 3]}"#).unwrap().tokens, list.tokens);
}

#[test]
fn a_written_index_reads_back() {
    let mut writer = IndexWriter::new(Vec::new()).unwrap();
    let rows = [("é\"\\", vec!["<a_1>".to_string(), "<b_2>".into()]), ("", vec!["<a_0>".into(), "<b_2>".into()])];
    for (id, tokens) in &rows {
        writer.push(id, tokens).unwrap();
    }
    let index = Index::read(writer.finish().unwrap().as_slice()).unwrap();
    assert_eq!(index, Index::from_rows(rows).unwrap());
}

#[test]
fn any_text_is_an_id_in_json_and_parquet() {
    let folder = tempfile::tempdir().unwrap();
    let ids = ["", " ", "\u{2028}", "a b", "\"", "é"];
    let rows = ids.iter().zip(0..).map(|(id, code)| (id.to_string(), vec![format!("<a_{code}>")]));
    let index = Index::from_rows(rows).unwrap();
    for name in ["i.json", "i.parquet"] {
        let path = folder.path().join(name);
        Drafts::new(&path, &index, None).unwrap().commit(None).unwrap();
        assert_eq!(read_index::<Index>(&path).unwrap(), index, "{name}");
    }
}

#[test]
fn errors_name_the_item() {
    let cases = [
        (r#"{"1": ["a"], "2": ["b"], "1": ["c"]}"#, "item «1» appears twice (as entries 1 and 3)"),
        (r#"{"1": ["a", "b"], "2": ["b"]}"#, "item «2» has 1 token, the items before it have 2"),
        (r#"{"1": []}"#, "item «1» has no tokens"),
        (r#"{"1": ["a"], "2": []}"#, "item «2» has no tokens"),
        (r#"{"1": "a title"}"#, "item «1» has the text «a title»"),
        (r#"{"1": "<a_1>b"}"#, "item «1» has the text «<a_1>b»"),
        (r#"{"1": 5}"#, "item «1» has the number 5"),
        (r#"{"1": null}"#, "item «1» has null"),
        (r#"{"1": true}"#, "item «1» has true"),
        (r#"{"1": {"a": 1}}"#, "item «1» has an object"),
        (r#"{"1": ["a", ["b"]]}"#, "item «1» has a list with a list"),
        (r#"{"1": ["a", null, {}]}"#, "item «1» has a list with null"),
        (r#"{"1": [1.5]}"#, "item «1» has a list with 1.5"),
        ("{}", "no items"),
    ];
    for (json, expected) in cases {
        let message = read(json).unwrap_err().to_string();
        assert!(message.contains(expected), "{json}: {message}");
    }
}

#[test]
fn errors_of_json_name_line_and_column() {
    let cases = ["", "[[\"a\"]]", "<!doctype html>", "{\"1\": [\"a\"]", "{\"1\":\n [\"a\"}", "{\"1\": [\"a\"]} more", "\"text\""];
    for json in cases {
        let error = read(json).unwrap_err();
        assert!(matches!(error, IndexError::Json(_)), "{json}: {error}");
        assert!(error.to_string().contains("line"), "{json}: {error}");
    }
    let latin_1 = b"{\"1\": [\"caf\xe9\"]}";
    assert!(matches!(Index::read(latin_1.as_slice()), Err(IndexError::Json(_))));
    let deep = format!("{{\"1\": {}", "[".repeat(100_000));
    assert!(matches!(read(&deep), Err(IndexError::Json(_))));
}

#[test]
fn a_failing_disk_is_not_reported_as_bad_json() {
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("cable pulled"))
        }
    }
    let error = Index::read(Broken).unwrap_err();
    assert!(matches!(error, IndexError::Io(_)) && error.to_string().contains("cable pulled"), "{error}");
}
