//! Vectors in Parquet, of this program and of others.

use std::path::Path;
use std::sync::Arc;

use arrow_array::types::{Float64Type, Int32Type};
use arrow_array::{Array, ArrayRef, Decimal128Array, Int8Array, Int32Array, Int64Array, ListArray, StructArray};
use arrow_schema::Field;
use unitok::model::Template;
use unitok::model::TextConfig;
use unitok::vectors::{self, BadRows, Element, EmbeddingError, ReadOptions, Saver};

use crate::tables::{plain, strings, vectors};

fn all(path: &Path, chunk: usize) -> Vec<f32> {
    let mut reader = vectors::open(path, ReadOptions::default()).unwrap();
    let mut values = Vec::new();
    while let Some(chunk) = reader.next_chunk(chunk).unwrap() {
        values.extend(chunk.values);
    }
    values
}

#[test]
fn what_is_saved_reads_back_with_ids_and_provenance() {
    let folder = tempfile::tempdir().unwrap();
    let text = TextConfig { encoder: "some/encoder".into(), encoder_sha256: "ab".into(), template: Template::default() };
    let rows: Vec<[f32; 3]> = (0..3000).map(|i| [0.5 + (i % 1000) as f32, -0.25, 1.0]).collect();
    for element in [Element::F32, Element::F16] {
        let path = folder.path().join("a.parquet");
        let mut saver = Saver::create(&path, 3, element, Some(text.clone())).unwrap();
        rows.iter().enumerate().for_each(|(i, row)| saver.push(&format!("\"{i}\"\n"), row).unwrap());
        assert!(!path.exists(), "nothing is there before the end");
        saver.finish().unwrap();
        let reader = vectors::open(&path, ReadOptions { width: Some(3), ..Default::default() }).unwrap();
        let layout = reader.layout();
        assert_eq!((layout.rows, layout.width, layout.element), (3000, 3, element));
        assert_eq!((reader.id(2999).as_str(), reader.text()), ("\"2999\"\n", Some(&text)));
        // Whatever the chunks, which are not those of the file.
        for chunk in [1, 700, 4096] {
            assert!(all(&path, chunk) == rows.concat(), "{element:?} in chunks of {chunk}");
        }
        std::fs::remove_file(&path).unwrap();
    }
    let mut saver = Saver::create(&folder.path().join("b.parquet"), 3, Element::F32, None).unwrap();
    saver.push("1", &[1.0; 3]).unwrap();
    drop(saver);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn doubles_under_any_name_and_whole_numbers_for_ids_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let rows = [Some(vec![Some(1.5), Some(2.0)]), Some(vec![Some(0.25), Some(-1.0)])];
    let doubles = Arc::new(ListArray::from_iter_primitive::<Float64Type, _, _>(rows));
    plain(&path, vec![("minilm", doubles.clone()), ("title", strings([Some("a"), None]))]);
    let reader = vectors::open(&path, ReadOptions::default()).unwrap();
    assert_eq!((reader.layout().element, reader.has_ids(), reader.id(1)), (Element::F64, false, "1".to_string()));
    assert_eq!(all(&path, 10), [1.5, 2.0, 0.25, -1.0]);
    let decimals = Decimal128Array::from(vec![70, 12_345_678_901_234_567_890]).with_precision_and_scale(20, 0).unwrap();
    let ids: [(ArrayRef, &str); 2] =
        [(Arc::new(Int64Array::from(vec![70, 80])), "80"), (Arc::new(decimals), "12345678901234567890")];
    for (ids, second) in ids {
        plain(&path, vec![("asin", ids), ("minilm", doubles.clone())]);
        assert_eq!(vectors::open(&path, ReadOptions::default()).unwrap().id(1), second);
    }
}

#[test]
fn ids_and_vectors_are_found_by_usual_names_or_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let rows = vectors(&[Some(vec![Some(1.0), Some(2.0)]), Some(vec![Some(3.0), Some(4.0)])]);
    let other = vectors(&[Some(vec![Some(5.0), Some(6.0)]), Some(vec![Some(7.0), Some(8.0)])]);
    let open = |array: Option<&str>, ids: Option<&str>| {
        let options = ReadOptions { array: array.map(Into::into), ids: ids.map(Into::into), ..Default::default() };
        let mut reader = vectors::open(&path, options).map_err(|e| e.to_string())?;
        let values = reader.read_all().unwrap().values;
        Ok::<_, String>((reader.id(1), values[2], reader.contents().to_string()))
    };
    plain(&path, vec![("pid", strings([Some("x"), Some("y")])), ("embedding", rows.clone())]);
    assert_eq!(open(None, None).unwrap(), ("y".into(), 3.0, "vectors: embedding; ids: pid".into()));
    assert_eq!(open(None, Some("")).unwrap().2, "vectors: embedding; ids: row numbers; not read: pid");
    let missing = open(None, Some("key")).unwrap_err();
    assert!(
        missing.contains("no \"key\", which --field id names. Among: pid (string), embedding (list of float32)"),
        "{missing}"
    );
    plain(&path, vec![("key", strings([Some("x"), Some("y")])), ("a", rows), ("b", other)]);
    assert!(open(None, None).unwrap_err().ends_with("Choose one of [items, width]: --array a"));
    assert_eq!(open(Some("b"), None).unwrap(), ("1".into(), 7.0, "vectors: b; ids: row numbers; not read: key, a".into()));
    assert_eq!(open(Some("b"), Some("key")).unwrap().0, "y");
    assert!(open(Some("key"), None).unwrap_err().contains("expected lists of floats"));
}

#[test]
fn vectors_of_spark_are_read_dense_and_sparse() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let integers = |rows: Vec<Option<Vec<Option<i32>>>>| Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(rows));
    let doubles = |rows: Vec<Option<Vec<Option<f64>>>>| Arc::new(ListArray::from_iter_primitive::<Float64Type, _, _>(rows));
    let some = |values: &[f64]| Some(values.iter().copied().map(Some).collect());
    let parts: Vec<(&str, ArrayRef)> = vec![
        ("type", Arc::new(Int8Array::from(vec![1, 0, 0]))),
        ("size", Arc::new(Int32Array::from(vec![None, Some(3), Some(3)]))),
        ("indices", integers(vec![None, Some(vec![Some(0), Some(2)]), Some(vec![Some(7)])])),
        ("values", doubles(vec![some(&[1.0, 2.0, 3.0]), some(&[4.0, 5.0]), some(&[6.0])])),
    ];
    let fields = parts.iter().map(|(name, part)| Field::new(*name, part.data_type().clone(), true));
    let features = StructArray::new(fields.collect(), parts.iter().map(|part| part.1.clone()).collect(), None);
    plain(&path, vec![("item_id", strings([Some("a"), Some("b"), Some("c")])), ("features", Arc::new(features))]);
    let mut reader = vectors::open(&path, ReadOptions { bad_rows: BadRows::Drop, ..Default::default() }).unwrap();
    assert_eq!(reader.read_all().unwrap().values, [1.0, 2.0, 3.0, 4.0, 0.0, 5.0]);
    assert_eq!(reader.dropped().1[0].what, "a damaged sparse vector");
}

#[test]
fn bad_rows_are_named_or_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let good = |x: f32| Some(vec![Some(x), Some(1.0)]);
    let bad = [
        (None, 0, "no vector"),
        (Some(vec![Some(1.0)]), 1, "another width"),
        (Some(vec![Some(1.0); 3]), 2, "another width"),
        (Some(vec![Some(1.0), None]), 1, "not a finite number"),
        (Some(vec![Some(f32::NAN), Some(1.0)]), 0, "not a finite number"),
        (Some(vec![Some(0.0), Some(0.0)]), 0, "the whole row is zero"),
    ];
    for (row, column, what) in bad.clone() {
        plain(&path, vec![("id", strings([Some("a"), Some("b")])), ("vector", vectors(&[good(2.0), row]))]);
        let error = vectors::open(&path, ReadOptions::default()).unwrap().read_all().unwrap_err();
        assert!(error.to_string().contains(what), "{error}");
        let EmbeddingError::Row { fault, .. } = error else { panic!("{error}") };
        assert_eq!((fault.row, fault.column, fault.id.as_str()), (1, column, "b"));
    }
    let rows: Vec<_> = std::iter::once(good(2.0)).chain(bad.into_iter().map(|bad| bad.0)).chain([good(3.0)]).collect();
    plain(&path, vec![("vector", vectors(&rows))]);
    for count in [1, 3, 100] {
        let mut reader = vectors::open(&path, ReadOptions { bad_rows: BadRows::Drop, ..Default::default() }).unwrap();
        let (mut kept, mut values) = (Vec::new(), Vec::new());
        while let Some(chunk) = reader.next_chunk(count).unwrap() {
            kept.extend(chunk.rows);
            values.extend(chunk.values);
        }
        assert_eq!((kept, values, reader.dropped().0), (vec![0, 7], vec![2.0, 1.0, 3.0, 1.0], 6), "in chunks of {count}");
    }
}
