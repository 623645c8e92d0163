//! Tables of text as programs write them, and as people break them.

use unitok::catalog::{At, CatalogError, FaultKind, Format, ReadOptions};

use crate::{faults, ids, items, read, skip};

#[test]
fn quotes_separators_and_line_breaks_are_data_inside_quotes() {
    let text = "id,title\n1,\"a, \"\"b\"\"\r\nc\"\n2,5\" x \"y\"\n3,\"x\"y\"z\"\n\"4\",\n";
    let titles: Vec<_> = items("a.csv", text).into_iter().map(|item| item.title).collect();
    assert_eq!(titles, ["a, \"b\" c", "5\" x \"y\"", "xy\"z\"", ""]);
}

#[test]
fn line_ends_of_every_kind_end_a_row_and_are_no_part_of_it() {
    for end in ["\n", "\r\n", "\r\r\n", "\n\n", "\r\n\r\n"] {
        let text = format!("title,id{end}a,1{end}b,\"2\"{end}c,3");
        assert_eq!(ids(&items("a.csv", &text)), ["1", "2", "3"], "{end:?}");
    }
    // A carriage return alone ends nothing.
    assert_eq!(ids(&items("a.csv", "title,id\na,1\r2\n")), ["1\r2"]);
}

#[test]
fn separators_are_told_by_the_header() {
    for (separator, name) in [(',', "a.csv"), (';', "a.csv"), ('\t', "a.csv"), ('\t', "a.tsv"), ('\t', "a.item")] {
        let text = "id,title,brand\n1,\"x|y\",z\n".replace(',', &separator.to_string());
        let item = items(name, &text).remove(0);
        assert_eq!((item.id.as_str(), item.title.as_str(), item.brand.as_str()), ("1", "x|y", "z"), "{separator:?} {name}");
    }
}

#[test]
fn only_the_first_byte_order_mark_is_one() {
    let (bom, rows) = ("\u{feff}", "id,title\n1,a\n\u{feff}2,b\n");
    assert_eq!(ids(&items("a.csv", &format!("{bom}{rows}"))), ["1", "\u{feff}2"]);
    let error = read("a.csv", format!("{bom}{bom}{rows}").as_bytes(), &ReadOptions::default()).unwrap_err();
    assert!(matches!(error, CatalogError::NoIdColumn { .. }), "{error}");
}

#[test]
fn places_count_lines_and_bytes_over_quoted_line_breaks() {
    let text = "id,title\n1,\"a\nb\nc\"\n\n,,\n2\n3,\"open\n4,d\n";
    let (found, report) = read("a.csv", text.as_bytes(), &skip()).unwrap();
    assert_eq!(ids(&found), ["1", "4"]);
    let kinds: Vec<_> = report.first_skipped.iter().map(|fault| (fault.at, fault.kind.clone())).collect();
    let at = |line, byte| At::Line { line, byte };
    let ragged = FaultKind::Ragged { expected: 2, found: 1 };
    assert_eq!(kinds, [(at(7, 23), ragged), (at(8, 25), FaultKind::UnclosedQuote)]);
}

#[test]
fn other_bytes_are_replaced_by_request_even_beside_quotes() {
    let text = b"id,title\n1,\"\xc3\"\xa9\n2,\"\xe2\"\"\x82\"\n";
    let found = faults(read("a.csv", text, &ReadOptions::default()).unwrap_err());
    assert_eq!((found[0].at, found[0].kind.clone()), (At::Line { line: 2, byte: 12 }, FaultKind::NotUtf8 { value: 0xc3 }));
    let lossy = ReadOptions { lossy: true, ..ReadOptions::default() };
    let titles: Vec<_> = read("a.csv", text, &lossy).unwrap().0.into_iter().map(|item| item.title).collect();
    assert_eq!(titles, ["\u{fffd}\u{fffd}", "\u{fffd}\"\u{fffd}"]);
}

#[test]
fn the_header_is_one_line_and_its_types_are_dropped_in_tsv_only() {
    let typed = "item_id:token\ttitle:token_seq\n1\ta\n";
    assert_eq!(ids(&items("a.tsv", typed)), ["1"]);
    assert!(read("a.csv", typed.as_bytes(), &ReadOptions::default()).is_err());
    let given = ReadOptions { format: Some(Format::Tsv), ..ReadOptions::default() };
    let mut reader = unitok::catalog::from_bytes(typed.as_bytes(), "a", &given).unwrap();
    let names: Vec<_> = reader.fields().iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["item_id", "title"]);
    assert_eq!((reader.by_ref().count(), reader.bytes_read()), (1, typed.len() as u64));
}
