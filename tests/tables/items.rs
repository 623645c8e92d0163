//! Catalogues in Parquet give the items that the same JSONL gives, whatever the types of the columns.

use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Float64Array, Int64Array, LargeStringArray, NullArray, StringViewArray};
use parquet::basic::{Compression, GzipLevel, ZstdLevel};
use unitok::catalog::{self, At, CatalogError, Item, Malformed, ReadOptions, Report};

use crate::tables::{lists, plain, strings, write};

fn read(path: &Path, options: &ReadOptions) -> Result<(Vec<Item>, Report), CatalogError> {
    let mut reader = catalog::open(path, options)?;
    let items = reader.by_ref().collect::<Result<Vec<_>, _>>()?;
    Ok((items, reader.report().clone()))
}

/// Paths of two categories, none, and one with holes.
fn paths() -> ArrayRef {
    let mut paths = ListBuilder::new(ListBuilder::new(StringBuilder::new()));
    paths.values().append_value([Some("Home"), Some("Lamps")]);
    paths.values().append_value([Some("Office")]);
    paths.append(true);
    paths.append(false);
    paths.values().append_value([None, Some("")]);
    paths.append(true);
    Arc::new(paths.finish())
}

#[test]
fn columns_of_every_type_are_read_as_jsonl_is() {
    let folder = tempfile::tempdir().unwrap();
    let jsonl = concat!(
        r#"{"item_id": 9007199254740993, "title": "Desk  lamp", "brand": "Lux", "categories": [["Home","Lamps"],["Office"]], "description": ["a","b"], "price": 1.5}"#,
        "\n",
        r#"{"item_id": -2, "title": "", "brand": null, "categories": null, "description": []}"#,
        "\n",
        r#"{"item_id": 3, "title": "«T»\n", "brand": "Lux", "categories": [[null,""]], "description": ["c"]}"#,
    );
    let path = folder.path().join("a.jsonl");
    std::fs::write(&path, jsonl).unwrap();
    let expected = read(&path, &ReadOptions::default()).unwrap();
    let titles = ["Desk  lamp", "", "«T»\n"];
    let brands = [Some("Lux"), None, Some("Lux")];
    let of_titles: [ArrayRef; 3] = [
        Arc::new(LargeStringArray::from(titles.to_vec())),
        Arc::new(StringViewArray::from(titles.to_vec())),
        Arc::new(titles.into_iter().collect::<DictionaryArray<Int32Type>>()),
    ];
    let of_brands: [ArrayRef; 2] = [strings(brands), Arc::new(brands.into_iter().collect::<DictionaryArray<Int32Type>>())];
    let codecs = [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::ZSTD(ZstdLevel::default()),
        Compression::GZIP(GzipLevel::default()),
        Compression::LZ4_RAW,
    ];
    for (i, codec) in codecs.into_iter().enumerate() {
        let columns: Vec<(&str, ArrayRef)> = vec![
            // Fields in another order than the parts'.
            ("price", Arc::new(Float64Array::from(vec![1.5; 3]))),
            ("categories", paths()),
            ("description", lists(&[&["a", "b"], &[], &["c"]])),
            ("brand", of_brands[i % 2].clone()),
            ("item_id", Arc::new(Int64Array::from(vec![9007199254740993, -2, 3]))),
            ("title", of_titles[i % 3].clone()),
        ];
        // The first bytes tell, without a name.
        let path = folder.path().join(["a.parquet", "a.PQ", "a.bin", "a", "a.csv"][i]);
        write(&path, columns, codec);
        assert_eq!(read(&path, &ReadOptions::default()).unwrap(), expected, "{codec}");
    }
}

#[test]
fn fields_are_named_items_numbered_and_rows_skipped_as_in_any_table() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let ids = strings([Some("a"), None, Some("a"), Some("b"), Some(" ")]);
    let names = strings([Some("one"), Some("two"), Some("three"), Some("four"), None]);
    let of = |id| vec![(id, ids.clone()), ("label", names.clone()), ("brand", Arc::new(NullArray::new(5)) as ArrayRef)];
    plain(&path, of("id"));
    let error = read(&path, &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().contains(r#"row 1: no id: {"id":null,"brand":null}"#), "{error}");
    let CatalogError::Malformed { faults, .. } = error else { panic!("{error}") };
    assert_eq!(faults.iter().map(|fault| fault.at).collect::<Vec<_>>(), [At::Row { row: 1 }, At::Row { row: 4 }]);
    let named = |part: &str| part.parse().unwrap();
    let options = ReadOptions { malformed: Malformed::Skip, fields: vec![named("title=label")], ..Default::default() };
    let (items, report) = read(&path, &options).unwrap();
    let titles: Vec<_> = items.iter().map(|item| (item.id.as_str(), item.title.as_str())).collect();
    assert_eq!(titles, [("a", "one"), ("b", "four")]);
    assert_eq!((report.skipped, report.duplicates), (2, 1));
    plain(&path, of("key"));
    assert!(read(&path, &ReadOptions::default()).unwrap_err().to_string().contains("no id column among: key, label, brand"));
    let numbered = read(&path, &ReadOptions { number: true, ..Default::default() }).unwrap();
    assert_eq!((numbered.1.numbered, numbered.0[4].id.as_str()), (5, "4"));
    let by_key = read(&path, &ReadOptions { fields: vec![named("id=key")], malformed: Malformed::Skip, ..Default::default() });
    assert_eq!(by_key.unwrap().0.len(), 2);
}

#[test]
fn a_column_that_cannot_be_text_is_named_with_a_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let bytes: ArrayRef = Arc::new(arrow_array::BinaryArray::from(vec![b"a".as_slice(), b"\xff"]));
    plain(&path, vec![("id", strings([Some("1"), Some("2")])), ("title", bytes)]);
    let error = read(&path, &ReadOptions::default()).unwrap_err().to_string();
    assert!(error.contains("column title is of type binary") && error.contains("--field title="), "{error}");
    let without = ReadOptions { fields: vec!["title=".parse().unwrap()], ..Default::default() };
    assert_eq!(read(&path, &without).unwrap().0.len(), 2);
}

#[test]
fn thousands_of_rows_in_many_groups_come_in_order_with_progress() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    plain(&path, vec![("id", Arc::new(Int64Array::from_iter_values(0..5000)) as ArrayRef)]);
    let mut reader = catalog::open(&path, &ReadOptions::default()).unwrap();
    for row in 0..5000u64 {
        assert_eq!(reader.next().unwrap().unwrap().id, row.to_string());
    }
    assert!(reader.next().is_none());
    assert_eq!(reader.bytes_read(), path.metadata().unwrap().len());
}
