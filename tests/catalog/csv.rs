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
    // A carriage return alone ends nothing, unless the header ends in one.
    assert_eq!(ids(&items("a.csv", "title,id\na,1\r2\n")), ["1\r2"]);
    let old = items("a.csv", "id,\"the\ntitle\",title\r1,x,\"Kettle\nsteel\"\r2,y,Mug\r");
    assert_eq!((ids(&old), old[0].title.as_str()), (vec!["1", "2"], "Kettle steel"));
    let error = read("a.csv", b"id,title\r1,Kettle\r2\r", &ReadOptions::default()).unwrap_err();
    assert_eq!(faults(error)[0].at, At::Line { line: 3, byte: 18 });
}

#[test]
fn the_delimiter_is_the_one_with_even_records() {
    for (delimiter, name) in
        [(",", "a.csv"), (";", "a.csv"), ("|", "a.csv"), ("\t", "a.csv"), ("\t", "a.tsv"), ("|", "a.txt"), (";", "a")]
    {
        let text = "id~title~brand\n1~\"x, y; z|w\"~z\n2~plain~z\n".replace('~', delimiter);
        let item = items(name, &text).remove(0);
        assert_eq!((item.id.as_str(), item.title.as_str(), item.brand.as_str()), ("1", "x, y; z|w", "z"), "{delimiter:?} {name}");
    }
    // More commas than semicolons in the header, in names that hold them.
    let names = items("a.csv", "id;\"title, as shown, in the shop\";\"price, EUR\"\n1;Kettle;12,50\n2;Mug;3,00\n");
    assert_eq!(ids(&names), ["1", "2"]);
    // One bad row does not decide.
    let error = read("a.csv", b"id,title\n1,a\n2\n3,b;c\n4,d\n", &ReadOptions::default()).unwrap_err();
    assert_eq!(faults(error)[0].kind, FaultKind::Ragged { expected: 2, found: 1 });
}

#[test]
fn a_given_delimiter_and_excels_line_decide() {
    let with = |delimiter| ReadOptions { delimiter: Some(delimiter), ..ReadOptions::default() };
    let (found, _) = read("a.csv", b"id^title, or name\n1^a,b\n", &with(b'^')).unwrap();
    assert_eq!(ids(&found), ["1"]);
    for text in ["sep=;\r\nid;title\r\n1;\"a;b\"\r\n", "\u{feff}\"sep=;\"\nid;title\n1;a;\n", "SEP=;\rid;title\r1;a\r"] {
        let (found, report) = read("a.csv", text.as_bytes(), &ReadOptions::default()).unwrap();
        assert_eq!((ids(&found), report.skipped), (vec!["1"], 0), "{text:?}");
    }
    assert_eq!(ids(&items("a", "sep=\t\nid\ttitle\n1\ta\n")), ["1"]);
    let at = faults(read("a.csv", b"sep=;\nid;title\n1\n", &ReadOptions::default()).unwrap_err())[0].at;
    assert_eq!(at, At::Line { line: 3, byte: 15 });
    let error = read("a.jsonl", b"{\"id\":1}", &with(b';')).unwrap_err().to_string();
    assert!(error.contains("this is JSON, to which --delimiter does not apply"), "{error}");
}

#[test]
fn a_delimiter_at_the_end_of_rows_or_of_the_header_adds_no_column() {
    for text in [
        "id;title\n1;a;\n2;b;;\n",
        "id;title;\n1;a\n2;b\n",
        "id;title;\n1;a;\n2;b;x\n",
        "\"id\";\"title\"\n\"1\";\"a\";\"\"\n2;b;\n",
    ] {
        assert_eq!(ids(&items("a.csv", text)), ["1", "2"], "{text:?}");
    }
    for (text, found) in [("id;title;brand\n1;a\n", 2), ("id;title\n1;a;;x\n", 4), ("id;title;\n1\n", 1)] {
        let kind = faults(read("a.csv", text.as_bytes(), &ReadOptions::default()).unwrap_err()).remove(0).kind;
        assert!(matches!(kind, FaultKind::Ragged { found: f, .. } if f == found), "{text:?}: {kind}");
    }
    // Rows of empty fields, quoted or not, are blank.
    assert_eq!(ids(&items("a.csv", "id,title\n1,a\n\"\",\"\"\n,\n , \n")), ["1"]);
}

#[test]
fn of_two_columns_with_one_name_the_first_that_is_filled_counts() {
    let found = items("a.csv", "id,title,title\n1,a,b\n2,,c\n");
    assert_eq!(found.iter().map(|item| item.title.as_str()).collect::<Vec<_>>(), ["a", "c"]);
}

#[test]
fn a_header_is_a_record_with_quotes_and_line_breaks() {
    let text = "id,title,\"Body\n(HTML)\",\"Variant \"\"SKU\"\"\"\r\n1,Kettle,x,y\r\n";
    let mut reader = unitok::catalog::from_bytes(text.as_bytes(), "a.csv", &ReadOptions::default()).unwrap();
    let names: Vec<_> = reader.fields().iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["id", "title", "Body\n(HTML)", "Variant \"SKU\""]);
    assert_eq!((reader.by_ref().count(), reader.item_at()), (1, At::Line { line: 3, byte: 42 }));
    let error = read("a.csv", b"id,\"title\n1,a\n", &ReadOptions::default()).unwrap_err();
    assert_eq!(faults(error)[0].kind, FaultKind::UnclosedQuote);
}

#[test]
fn no_item_is_lost_to_stray_quotes_without_a_word() {
    // Between tabs a quote that closes no field is a character.
    let text = "id\ttitle\n1\t\"Family pack of tea\n2\tBiscuits\n3\t\"Crunchy\" bar\n4\tCola 5\"\n5\t\"quoted\"\n";
    let (found, report) = read("a.tsv", text.as_bytes(), &ReadOptions::default()).unwrap();
    let titles: Vec<_> = found.iter().map(|item| item.title.as_str()).collect();
    assert_eq!(titles, ["\"Family pack of tea", "Biscuits", "\"Crunchy\" bar", "Cola 5\"", "quoted"]);
    assert_eq!(report.skipped, 0);
    // The quotes seem to close, over whole rows.
    assert_eq!(ids(&items("a.tsv", "id\ttitle\n1\t\"a\n2\tb\n3\tc 5\"\n4\td\n")), ["1", "2", "3", "4"]);
    // In other tables it is a fault of one line, or reported where it could be meant.
    let (found, report) = read("a.csv", text.replace('\t', ",").as_bytes(), &skip()).unwrap();
    assert_eq!((ids(&found), report.skipped), (vec!["2", "3", "4", "5"], 1));
    let (found, report) = read("a.csv", b"id,title\n1,\"a\n2,b\n3,c\"\n4,d\n", &ReadOptions::default()).unwrap();
    assert_eq!((ids(&found), report.holding_rows), (vec!["1", "4"], 1));
    assert!(report.to_string().contains("1 with quoted lines that look like rows"), "{report}");
    let (_, report) = read("a.csv", b"id,title\n1,\"a, b\nc\"\n2,\"d\n\ne, f\"\n", &ReadOptions::default()).unwrap();
    assert_eq!(report.holding_rows, 0);
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
fn types_of_recbole_are_dropped_from_the_header() {
    let typed = "item_id:token\ttitle:token_seq\n1\ta\n";
    assert_eq!(ids(&items("a.tsv", typed)), ["1"]);
    assert_eq!(ids(&items("a.csv", &typed.replace('\t', ","))), ["1"]);
    assert!(read("a.tsv", b"item_id:key\ttitle\n1\ta\n", &ReadOptions::default()).is_err());
    let given = ReadOptions { format: Some(Format::Tsv), ..ReadOptions::default() };
    let mut reader = unitok::catalog::from_bytes(typed.as_bytes(), "a", &given).unwrap();
    let names: Vec<_> = reader.fields().iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["item_id", "title"]);
    assert_eq!((reader.by_ref().count(), reader.bytes_read()), (1, typed.len() as u64));
}

#[test]
fn a_backslash_before_a_quote_escapes_it_where_no_quote_is_doubled() {
    let text = "id,title,brand\n1,\"A \\\"big\\\" cup, \\\"new\\\"\",x\n2,\"5\\\", round\",y\n3,C:\\x,z\n";
    let titles = |items: Vec<unitok::catalog::Item>| items.into_iter().map(|item| item.title).collect::<Vec<_>>();
    assert_eq!(titles(items("a.csv", text)), ["A \"big\" cup, \"new\"", "5\", round", "C:\\x"]);
    let mut bytes = text.as_bytes().to_vec();
    bytes.extend(b"4,\"caf\xe9 5\\\", tall\",w\n");
    let lossy = ReadOptions { lossy: true, ..ReadOptions::default() };
    assert_eq!(titles(read("a.csv", &bytes, &lossy).unwrap().0)[3], "caf\u{fffd} 5\", tall");
}

#[test]
fn marks_for_no_value_are_no_text_and_no_id() {
    let items = items("a.tsv", "id\ttitle\tbrand\tcategories\n1\tNaan\t\\N\tnan\n2\tMug\tNaN\t<NA>\n3\tNone\tN/A\tx\n");
    let all: Vec<_> =
        items.iter().map(|item| (item.title.as_str(), item.brand.as_str(), item.categories.names().count())).collect();
    assert_eq!(all, [("Naan", "", 0), ("Mug", "", 0), ("None", "N/A", 1)]);
    let error = read("a.csv", b"id,title\n\\N,a\n", &ReadOptions::default()).unwrap_err();
    assert_eq!(faults(error)[0].kind, FaultKind::NoId);
}

#[test]
fn a_header_without_an_id_is_told_what_it_may_be() {
    for (text, advice) in [
        ("id^title\n1^a\n", "--delimiter '^'"),
        ("1::Toy Story (1995)::Comedy\n2::Heat (1995)::Crime\n", "a line of names above it"),
        ("{\"id\":1,\"title\":\"a\"}\n", "--format jsonl"),
        ("name,price\na,1\n", "--field id=NAME"),
    ] {
        let error = read("a.csv", text.as_bytes(), &ReadOptions::default()).unwrap_err().to_string();
        assert!(error.contains(advice), "{error}");
    }
    let google = items("a.tsv", "g:id\tg:title\tg:product_type\n1\tMug\tHome > Cups\n").remove(0);
    assert_eq!((google.id.as_str(), google.title.as_str(), google.categories.names().count()), ("1", "Mug", 2));
}

#[test]
fn lists_are_read_as_programs_write_them_into_cells() {
    let names = |cell: &str| {
        let text = format!("item_id:token\tcategories:token_seq\n1\t{cell}\n");
        items("a.item", &text).remove(0).categories.names().cloned().collect::<Vec<_>>()
    };
    for (cell, expected) in [
        ("'Home & Kitchen', \"Kids' Mugs\", 'Cups, Mugs'", vec!["Home & Kitchen", "Kids' Mugs", "Cups, Mugs"]),
        ("('Home', 'Cups, Mugs')", vec!["Home", "Cups, Mugs"]),
        ("('Home',)", vec!["Home"]),
        ("{'Home', 'Mugs'}", vec!["Home", "Mugs"]),
        ("['Home' \"Kids' Mugs\" 'Mugs']", vec!["Home", "Kids' Mugs", "Mugs"]),
        ("array(['Home', 'Mugs'], dtype=object)", vec!["Home", "Mugs"]),
        ("{Home,\"Cups, Mugs\"}", vec!["Home", "Cups, Mugs"]),
        ("(Home), Mugs (new)", vec!["(Home)", "Mugs (new)"]),
        ("'70s, Music", vec!["'70s", "Music"]),
        ("{}", vec![]),
    ] {
        assert_eq!(names(cell), expected, "{cell}");
    }
}

#[test]
fn files_of_vectors_and_columns_are_named_with_a_command_that_takes_them() {
    let tensors = b"\x40\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"F32\"}}".as_slice();
    let mut npz = b"PK\x03\x04".to_vec();
    npz.resize(26, 0);
    npz.extend(b"\x07\0\0\0emb.npy\x93NUMPY");
    for (name, bytes, advice) in [
        ("e.npy", b"\x93NUMPY\x01\0".as_slice(), "unitok tokenize --embeddings e.npy"),
        ("e.safetensors", tensors, "unitok tokenize --embeddings e.safetensors"),
        ("e.npz", &npz, "a NumPy archive (.npz)"),
        ("e.zip", b"PK\x03\x04\x14\0\0\0", "unzip"),
        ("t.json", br#"{"id":{"0":"B1","1":"B2"},"title":{"0":"A","1":"C"}}"#, "pandas.read_json('t.json', dtype=False)"),
    ] {
        let error = read(name, bytes, &ReadOptions::default()).unwrap_err().to_string();
        assert!(error.contains(advice), "{error}");
    }
    // An item all of whose fields are objects is none of columns.
    let item = items("a.jsonl", "{\"id\":{\"$oid\":\"7\"},\"title\":{\"en\":\"Mug\"}}\n").remove(0);
    assert_eq!((item.id.as_str(), item.title.as_str()), ("7", "Mug"));
}

#[test]
fn a_table_without_a_header_begins_with_an_item() {
    let fields = ["id=column 1", "title=column 2"].map(|named| named.parse().unwrap()).to_vec();
    let options = ReadOptions { headerless: true, fields, ..ReadOptions::default() };
    let (found, _) = read("a.csv", b"7,\"Pen, red\",x\n8,Ink,y\n", &options).unwrap();
    assert_eq!((ids(&found), found[0].title.as_str()), (vec!["7", "8"], "Pen, red"));
    // Places are those of the file, which has no line more.
    let at = faults(read("a.csv", b"7,Pen\n8\n", &options).unwrap_err())[0].at;
    assert_eq!(at, At::Line { line: 2, byte: 6 });
    let missing = read("a.csv", b"7\n8\n", &options).unwrap_err().to_string();
    assert!(missing.contains("no field \"column 2\"") && missing.contains("The fields are: column 1"), "{missing}");
}
