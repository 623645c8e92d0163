//! Folders of parts, as engines write them, are one table: items, vectors and indexes.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, NullArray};
use unitok::catalog::{self, CatalogError, Item, ReadOptions};
use unitok::tokens::{Index, read_index};
use unitok::{tables, vectors};

use crate::tables::{lists, plain, strings, vectors as rows};

fn read(path: &Path, options: &ReadOptions) -> Result<Vec<Item>, CatalogError> {
    catalog::open(path, options)?.collect()
}

fn ids(items: &[Item]) -> Vec<&str> {
    items.iter().map(|item| item.id.as_str()).collect()
}

fn part(path: &Path, ids: &[&str]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let ids = || ids.iter().map(|id| Some(*id));
    let tokens: Vec<&[&str]> = ids().map(|_| &["<a_1>"][..]).collect();
    let embeddings: Vec<_> = ids().map(|id| Some(vec![id.unwrap().parse().ok(), Some(1.0)])).collect();
    plain(
        path,
        vec![("id", strings(ids())), ("title", strings(ids())), ("tokens", lists(&tokens)), ("embedding", rows(&embeddings))],
    );
}

#[test]
fn parts_in_order_are_one_table_for_every_reader() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    part(&at("part-10.parquet"), &["5"]);
    part(&at("part-2.snappy.parquet"), &["3", "4"]);
    part(&at("part-3.parquet"), &[]);
    part(&at("part-1.parquet"), &["1", "2"]);
    part(&at("_temporary/part-0.parquet"), &["9"]);
    for name in ["_SUCCESS", "._SUCCESS.crc", ".part-1.parquet.crc", "_metadata", "README.md"] {
        std::fs::write(at(name), "").unwrap();
    }
    let expected = ["1", "2", "3", "4", "5"];
    assert!(tables::is_parquet(folder.path()));
    let mut reader = catalog::open(folder.path(), &ReadOptions::default()).unwrap();
    let items: Vec<_> = reader.by_ref().map(Result::unwrap).collect();
    assert_eq!(ids(&items), expected);
    let empty = at("part-3.parquet").metadata().unwrap().len();
    assert_eq!(Some(reader.bytes_read() + empty), tables::size(folder.path()).unwrap());
    let mut reader = vectors::open(folder.path(), Default::default()).unwrap();
    assert_eq!((reader.layout().rows, reader.id(4)), (5, "5".to_owned()));
    assert_eq!(reader.read_all().unwrap().values, [1.0, 1.0, 2.0, 1.0, 3.0, 1.0, 4.0, 1.0, 5.0, 1.0]);
    assert_eq!(read_index::<Index>(folder.path()).unwrap().items(), 5);
}

#[test]
fn folders_named_after_values_are_columns() {
    let folder = tempfile::tempdir().unwrap();
    for (name, id) in [("category=Tea%2FHerbs/day=2/a.parquet", "1"), ("category=Mugs/day=10/a.parquet", "2")] {
        part(&folder.path().join(name), &[id]);
    }
    part(&folder.path().join("category=Cups/day=__HIVE_DEFAULT_PARTITION__/a.parquet"), &["3"]);
    let reader = catalog::open(folder.path(), &ReadOptions::default()).unwrap();
    let unread: Vec<_> = reader.fields().iter().filter(|field| field.part.is_none()).map(|field| field.name.clone()).collect();
    assert_eq!(unread, ["tokens", "embedding", "day"]);
    let items = read(folder.path(), &ReadOptions::default()).unwrap();
    let categories: Vec<_> = items.iter().map(|item| (item.id.as_str(), format!("{:?}", item.categories))).collect();
    assert_eq!(categories.len(), 3);
    let of = |id: &str| categories.iter().find(|found| found.0 == id).unwrap().1.clone();
    assert!(of("1").contains("Herbs") && of("2").contains("Mugs") && of("3").contains("Cups"), "{categories:?}");
    let by_day = ReadOptions { fields: vec!["brand=day".parse().unwrap()], ..ReadOptions::default() };
    let days: Vec<_> = read(folder.path(), &by_day).unwrap().into_iter().map(|item| (item.id, item.brand)).collect();
    assert!(days.contains(&("1".into(), "2".into())) && days.contains(&("3".into(), String::new())), "{days:?}");
}

#[test]
fn parts_that_disagree_and_bad_rows_are_named_by_their_file() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let error = || read(folder.path(), &ReadOptions::default()).unwrap_err().to_string();
    part(&at("1.parquet"), &["1", "2"]);
    plain(&at("2.parquet"), vec![("title", strings([None, Some("b")])), ("id", strings([Some("3"), Some(" ")]))]);
    assert!(error().contains("2.parquet: malformed records; the first:\n  row 1: no id"), "{}", error());
    // Columns in another order, only nulls in one.
    plain(&at("2.parquet"), vec![("title", Arc::new(NullArray::new(2)) as ArrayRef), ("id", strings([Some("3"), Some("4")]))]);
    let items = read(folder.path(), &ReadOptions::default()).unwrap();
    assert_eq!((ids(&items), items[3].title.as_str()), (vec!["1", "2", "3", "4"], ""));
    plain(&at("2.parquet"), vec![("title", strings([None])), ("id", Arc::new(Int64Array::from(vec![3])))]);
    assert!(error().contains("2.parquet: column id is of type int64, not string, unlike in"), "{}", error());
    plain(&at("2.parquet"), vec![("id", strings([Some("3")]))]);
    assert!(error().contains("2.parquet: column title is missing, unlike in"), "{}", error());
    std::fs::write(at("2.parquet"), "PAR1").unwrap();
    assert!(error().contains("2.parquet: not a whole Parquet file"), "{}", error());
}

#[test]
fn bad_vectors_and_missing_ids_are_named_by_their_file_too() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    part(&at("1.parquet"), &["1", "2"]);
    let with = |ids: [Option<&str>; 2], last: Option<f32>| {
        let columns = vec![("id", strings(ids)), ("tokens", lists(&[&["<a_1>"], &["<a_1>"]]))];
        let embedding = rows(&[Some(vec![Some(1.0), Some(1.0)]), Some(vec![Some(1.0), last])]);
        plain(&at("2.parquet"), columns.into_iter().chain([("embedding", embedding)]).collect());
        let read = vectors::open(folder.path(), Default::default()).and_then(|mut reader| reader.read_all());
        read.unwrap_err().to_string()
    };
    let error = with([Some("3"), Some("4")], None);
    assert!(error.contains("2.parquet: row 1, column 1"), "{error}");
    let error = with([Some("3"), None], Some(1.0));
    assert!(error.contains("2.parquet: row 1, column id: no id"), "{error}");
    let error = read_index::<Index>(folder.path()).unwrap_err().to_string();
    assert!(error.contains("2.parquet: row 1, column id: no id"), "{error}");
}

#[test]
fn parts_of_text_are_read_one_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("part-00010.json"), "{\"id\":3}\n").unwrap();
    std::fs::write(at("part-00001.json"), "{\"id\":1}\n{\"id\":2}\n").unwrap();
    std::fs::write(at("part-00002.json"), "").unwrap();
    std::fs::write(at("_SUCCESS"), "").unwrap();
    let mut reader = catalog::open(folder.path(), &ReadOptions::default()).unwrap();
    let items: Vec<_> = reader.by_ref().map(Result::unwrap).collect();
    assert_eq!((ids(&items), reader.bytes_read()), (vec!["1", "2", "3"], 27));
    std::fs::write(at("part-00010.json"), "{\"id\":3}\n{").unwrap();
    let error = read(folder.path(), &ReadOptions::default()).unwrap_err().to_string();
    assert!(error.contains("part-00010.json: malformed") && error.contains("line 2 (byte 9)"), "{error}");
    std::fs::write(at("x.csv"), "id\n1\n").unwrap();
    assert!(read(folder.path(), &ReadOptions::default()).unwrap_err().to_string().contains("files of different kinds"));
    let csv = tempfile::tempdir().unwrap();
    std::fs::write(csv.path().join("part-0.csv"), "id,title\n1,a\n").unwrap();
    std::fs::write(csv.path().join("part-1.csv"), "title,id\nb,2\n").unwrap();
    assert_eq!(ids(&read(csv.path(), &ReadOptions::default()).unwrap()), ["1", "2"]);
    let nothing = tempfile::tempdir().unwrap();
    assert!(read(nothing.path(), &ReadOptions::default()).unwrap_err().to_string().contains("the folder holds no data"));
}
