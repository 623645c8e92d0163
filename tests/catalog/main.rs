//! Catalogues are read whole, in every format, with the mess of real data.

#[path = "../common/mod.rs"]
mod common;
mod csv;
mod feeds;
mod forms;

use unitok::catalog::{
    self, At, CatalogError, Categories, Duplicates, Fault, FaultKind, Format, Item, Malformed, ReadOptions, Report,
};
use unitok::model::{NoText, PLACEHOLDER, Template, Texts};

fn read(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<(Vec<Item>, Report), CatalogError> {
    let mut reader = catalog::from_bytes(bytes, name, options)?;
    let items = reader.by_ref().collect::<Result<Vec<_>, _>>()?;
    Ok((items, reader.report().clone()))
}

fn items(name: &str, text: &str) -> Vec<Item> {
    read(name, text.as_bytes(), &ReadOptions::default()).unwrap().0
}

fn ids(items: &[Item]) -> Vec<&str> {
    items.iter().map(|item| item.id.as_str()).collect()
}

fn skip() -> ReadOptions {
    ReadOptions { malformed: Malformed::Skip, ..ReadOptions::default() }
}

fn faults(error: CatalogError) -> Vec<Fault> {
    match error {
        CatalogError::Malformed { faults, .. } => faults,
        other => panic!("expected malformed records, got: {other}"),
    }
}

#[test]
fn the_same_items_in_every_format() {
    let jsonl = "{\"id\":7,\"title\":\"A \\\"b\\\"\",\"category\":\"x|y\"}\n\n{\"asin\":\"B0\",\"name\":\"c, d\",\"extra\":[1]}";
    let expected = items("a.jsonl", jsonl);
    assert_eq!(ids(&expected), ["7", "B0"]);
    assert_eq!(expected[0].categories, Categories::Tags(vec!["x".into(), "y".into()]));
    let array = " [ {\"id\":7,\"title\":\"A \\\"b\\\"\",\"category\":\"x|y\"} ,\n{\"id\":\"B0\",\"title\":\"c, d\"}] ";
    let csv = "\u{feff}id,title,category,extra\r\n7,\"A \"\"b\"\"\",x|y,1\r\n,,,\r\nB0,\"c, d\",,\r\n";
    let tsv = "item_id:token\ttitle:token_seq\tcategories:token\n7\tA \"b\"\tx|y\nB0\tc, d\t\n";
    for (name, text) in [("a.json", array), ("a.csv", csv), ("a.tsv", tsv), ("a.item", tsv)] {
        assert_eq!(items(name, text), expected, "{name}");
    }
    // Without a telling name: JSON by its first byte, tables by their evenness or by request.
    for text in [jsonl, array, csv, tsv] {
        assert_eq!(items("a", text), expected);
    }
    let named = ReadOptions { format: Some(Format::Tsv), ..ReadOptions::default() };
    assert_eq!(read("a", tsv.as_bytes(), &named).unwrap().0, expected);
    for text in ["no table\n", "one, two\nthree\nfour, five, six\n"] {
        assert!(matches!(read("a", text.as_bytes(), &ReadOptions::default()), Err(CatalogError::UnknownFormat { .. })));
    }
}

#[test]
fn missing_empty_and_odd_fields_are_survived() {
    let lines = [
        r#"{"id": 12345678901234567890123, "title": null, "brand": 3, "categories": [[]], "description": ["a", "b"]}"#,
        r#"{"id": "1.0"}"#,
        r#"{"id": 1.0, "title": {"en": "x"}, "brand": true, "name": "second name"}"#,
        r#"{"item_id": "", "asin": " x ", "description": "", "summary": "s"}"#,
    ];
    let read = items("a.jsonl", &lines.join("\r\n"));
    assert_eq!(ids(&read), ["12345678901234567890123", "1.0", " x "], "1.0 the number repeats \"1.0\" the string");
    assert_eq!((read[0].brand.as_str(), read[0].description.as_str()), ("3", "a b"));
    assert_eq!(read[2].description, "s");
}

#[test]
fn repeated_ids_by_rule() {
    let text = "id,title\n1,a\n2,b\n1,c\n";
    let (items, report) = read("a.csv", text.as_bytes(), &ReadOptions::default()).unwrap();
    assert_eq!((items[0].title.as_str(), items.len(), report.duplicates), ("a", 2, 1));
    assert_eq!(report.first_duplicates, ["1"]);
    let stop = ReadOptions { duplicates: Duplicates::Stop, ..ReadOptions::default() };
    let error = read("a.csv", text.as_bytes(), &stop).unwrap_err();
    assert!(matches!(error, CatalogError::Duplicate { at: At::Line { line: 4, byte: 17 }, .. }), "{error}");
}

#[test]
fn bad_lines_stop_with_the_first_few_or_are_skipped_with_a_count() {
    let text = "{\"id\":1}\nnot json\n{\"id\":2}\n{\"id\":3,}\n[1]\n{\"title\":\"x\"}\n{\"id\":[1]}\n{\"id\":\"4\"";
    let error = read("a.jsonl", text.as_bytes(), &ReadOptions::default()).unwrap_err();
    let message = error.to_string();
    assert!(message.contains("--skip-bad") && message.contains("not json"), "{message}");
    let found: Vec<_> = faults(error).into_iter().map(|f| f.at).collect();
    assert_eq!(found, [(2, 10), (4, 35), (5, 37)].map(|(line, byte)| At::Line { line, byte }));
    let (items, report) = read("a.jsonl", text.as_bytes(), &skip()).unwrap();
    assert_eq!((ids(&items), report.skipped, report.first_skipped.len()), (vec!["1", "2"], 6, 3));
}

#[test]
fn arrays_name_the_fault_and_the_end() {
    let bad = "[{\"id\":1},\n{\"id\":tru},\n3, {\"id\":2}]";
    let (items, report) = read("a.json", bad.as_bytes(), &skip()).unwrap();
    assert_eq!((ids(&items), report.skipped), (vec!["1", "2"], 2));
    assert!(matches!(report.first_skipped[0].at, At::Line { line: 2, .. }));
    for cut in ["[{\"id\":1},", "[{\"id\":1}, {\"id\":\"x"] {
        let found = faults(read("a.json", cut.as_bytes(), &skip()).unwrap_err());
        assert_eq!(found[0].kind, FaultKind::Truncated);
    }
    let after = faults(read("a.json", b"[{\"id\":1}] []", &skip()).unwrap_err());
    assert!(matches!(after[0].at, At::Line { byte: 11, .. }));
}

#[test]
fn tables_name_ragged_rows_and_open_quotes() {
    let text = "id,title\n1,a\n2\n3,b,c\n4,\"two\nlines\"\n5,\"open\n6,d\n";
    let error = read("a.csv", text.as_bytes(), &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("1 field, the header has 2"), "{error}");
    let (items, report) = read("a.csv", text.as_bytes(), &skip()).unwrap();
    assert_eq!((ids(&items), report.skipped), (vec!["1", "4", "6"], 3));
    let open = &report.first_skipped[2];
    assert!(matches!(open.at, At::Line { line: 7, .. }));
    assert_eq!((open.kind.clone(), open.excerpt.as_str()), (FaultKind::UnclosedQuote, "5,\"open"));
    let error = read("a.csv", b"name;brand\nx;y\n", &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("no id column among: name, brand"), "{error}");
    let named = ReadOptions { fields: vec!["id=brand".parse().unwrap()], ..ReadOptions::default() };
    assert_eq!(ids(&read("a.csv", b"name;brand\nx;y\n", &named).unwrap().0), ["y"]);
}

#[test]
fn empty_files_are_typed_errors() {
    let error = |name, bytes| read(name, bytes, &ReadOptions::default()).unwrap_err();
    assert!(matches!(error("a.csv", b""), CatalogError::Empty { .. }));
    assert!(matches!(error("a.csv", b"id,title\n"), CatalogError::NoItems { at: At::Line { line: 2, byte: 9 }, .. }));
    assert!(matches!(error("a.json", b"[]"), CatalogError::NoItems { .. }));
    assert!(matches!(error("a.jsonl", b"\n\r\n \n"), CatalogError::NoItems { .. }));
    assert!(matches!(error("a.jsonl", b"\n\n"), CatalogError::NoItems { .. }));
    let all_bad = read("a.jsonl", b"x\ny\n", &skip()).unwrap_err().to_string();
    assert!(all_bad.contains("all 2 records were malformed"), "{all_bad}");
}

#[test]
fn other_encodings_are_named() {
    let latin = b"id,title\n1,caf\xe9\n2,ok\n";
    let error = read("a.csv", latin, &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("--lossy"), "{error}");
    let fault = faults(error).remove(0);
    assert_eq!((fault.at, fault.kind), (At::Line { line: 2, byte: 14 }, FaultKind::NotUtf8 { value: 0xe9 }));
    let lossy = ReadOptions { lossy: true, ..ReadOptions::default() };
    assert_eq!(read("a.csv", latin, &lossy).unwrap().0[0].title, "caf\u{fffd}");
    let utf16: Vec<u8> = "id,title\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(matches!(read("a.csv", &utf16, &lossy), Err(CatalogError::Utf16 { encoding: "UTF-16LE", .. })));
    let marked = [b"\xfe\xff".as_slice(), b"\0i\0d"].concat();
    assert!(matches!(read("a.csv", &marked, &lossy), Err(CatalogError::Utf16 { encoding: "UTF-16BE", .. })));
}

#[test]
fn other_files_are_recognised() {
    for (bytes, what) in [
        (b"<!DOCTYPE html><html>".as_slice(), "HTML"),
        (b"<?xml version=\"1.0\"?><rss>", "Export the feed as TSV"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"PAR1....", "Parquet"),
        (b"\x93NUMPY\x01\x00", "NumPy"),
    ] {
        let error = read("a.jsonl", bytes, &ReadOptions::default()).unwrap_err();
        assert!(matches!(error, CatalogError::Foreign { .. }) && error.to_string().contains(what), "{error}");
    }
}

#[test]
fn items_without_text_get_the_treatment_asked_for() {
    let text = "{\"id\":1}\n{\"id\":2,\"title\":\"t\"}\n";
    let texts = |rule| {
        let mut texts = Texts::new(
            catalog::from_bytes(text.as_bytes(), "a.jsonl", &ReadOptions::default()).unwrap(),
            Template::default(),
            rule,
        );
        let read: Result<Vec<_>, _> = texts.by_ref().map(|t| t.map(|(item, text)| (item.id, text))).collect();
        (read, texts.reader().report().clone())
    };
    let (read, report) = texts(NoText::LeaveOut);
    assert_eq!(read.unwrap(), [("2".into(), "t".into())]);
    assert_eq!((report.items, report.without_text, report.first_without_text), (2, 1, vec!["1".to_owned()]));
    assert_eq!(texts(NoText::Placeholder).0.unwrap()[0].1, PLACEHOLDER);
    assert!(matches!(texts(NoText::Stop).0, Err(CatalogError::NoText { at: At::Line { line: 1, .. }, .. })));
}

/// Items, repeated ids and items without text of each shared catalogue.
#[test]
fn the_shared_catalogues_read_with_exact_counts() {
    for (folder, count, without_text) in [
        ("beauty", 12_101, 0),
        ("toys", 11_924, 0),
        ("yelp", 20_033, 0),
        ("office", 2_420, 0),
        ("grocery", 8_713, 48),
        ("games", 10_672, 2_131),
        ("cellphones", 10_429, 0),
        ("clothing-bundles", 4_487, 0),
    ] {
        let Some(path) = common::shared(&format!("data/{folder}/items.jsonl")) else { return };
        let mut texts = Texts::new(catalog::open(&path, &ReadOptions::default()).unwrap(), Template::default(), NoText::LeaveOut);
        let with_text = texts.by_ref().map(Result::unwrap).count() as u64;
        let report = texts.reader().report();
        assert_eq!((report.items, report.without_text), (count, without_text), "{folder}");
        assert_eq!((with_text, report.duplicates, report.skipped), (count - without_text, 0, 0), "{folder}");
    }
}

/// The golden texts were assembled by the same template, except that flat tag lists kept their order there.
#[test]
fn the_golden_texts_of_paths_and_descriptions_are_reproduced() {
    let (Some(golden), Some(_)) = (common::shared("reference/minilm_golden.json"), common::shared("data/beauty/items.jsonl"))
    else {
        return;
    };
    let golden: serde_json::Value = serde_json::from_slice(&std::fs::read(golden).unwrap()).unwrap();
    let golden: Vec<&str> = golden["items"].as_array().unwrap().iter().map(|i| i["text"].as_str().unwrap()).collect();
    let mut found = std::collections::HashSet::new();
    for folder in ["beauty", "toys", "office", "grocery"] {
        let path = common::shared(&format!("data/{folder}/items.jsonl")).unwrap();
        let texts = Texts::new(catalog::open(&path, &ReadOptions::default()).unwrap(), Template::default(), NoText::LeaveOut);
        found.extend(texts.map(|t| t.unwrap().1).filter(|text| golden.contains(&text.as_str())));
    }
    // Six texts of each of four folders; two toys carry flat lists.
    assert!(found.len() >= 22, "only {} golden texts came out", found.len());
}

#[test]
fn a_record_that_is_cut_short_is_wrong_on_its_own_line() {
    for (bad, byte) in [("{\"id\":2,\"title\":\"b\"", 27), ("{\"id\":2,\"title\":\"b", 27)] {
        let text = format!("{{\"id\":1}}\n{bad}\n{{\"id\":3}}\n");
        let at = faults(read("a.jsonl", text.as_bytes(), &ReadOptions::default()).unwrap_err())[0].at;
        let At::Line { line, byte: found } = at else { panic!("{at}") };
        assert_eq!(line, 2, "{bad}");
        assert!(found <= byte + 2, "{bad}: {at}");
    }
}
