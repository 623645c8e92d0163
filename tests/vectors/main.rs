//! What is written reads back, ids and provenance too; files of other programs read as well.

mod foreign;
mod npz;

use unitok::base::ids::IdList;
use unitok::model::Template;
use unitok::model::TextConfig;
use unitok::vectors::{self, Element, EmbeddingError, FileFormat, Saver, Writer, ids_path};

const IDS: [&str; 4] = ["7", "with\nbreak", "\"quoted\"", " ünï "];

fn rows() -> Vec<[f32; 3]> {
    (0..4).map(|i| [i as f32 + 0.5, -0.25, 1.0]).collect()
}

fn provenance() -> TextConfig {
    TextConfig { encoder: "some/encoder".into(), encoder_sha256: "ab".into(), template: Template::default() }
}

#[test]
fn both_formats_return_values_ids_and_provenance() {
    let folder = tempfile::tempdir().unwrap();
    for (name, element) in
        [("a.npy", Element::F32), ("b.npy", Element::F16), ("a.safetensors", Element::F16), ("b.safetensors", Element::F64)]
    {
        let path = folder.path().join(name);
        let mut saver = Saver::create(&path, 3, element, Some(provenance())).unwrap();
        IDS.iter().zip(rows()).for_each(|(id, row)| saver.push(id, &row).unwrap());
        assert!(!path.exists(), "nothing is there before the end");
        saver.finish().unwrap();
        let mut reader = vectors::open(&path, Default::default()).unwrap();
        assert_eq!((reader.layout().rows, reader.layout().width, reader.layout().element), (4, 3, element));
        assert_eq!((0..4).map(|row| reader.id(row)).collect::<Vec<_>>(), IDS, "{name}");
        let mut values = Vec::new();
        while let Some(chunk) = reader.next_chunk(3).unwrap() {
            values.extend(chunk.values);
        }
        assert_eq!(values, rows().concat());
        assert_eq!(reader.text().cloned(), name.ends_with("safetensors").then(provenance));
    }
}

#[test]
fn a_dropped_saver_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut saver = Saver::create(&folder.path().join("a.npy"), 3, Element::F32, None).unwrap();
    saver.push("1", &[1.0; 3]).unwrap();
    drop(saver);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    assert!(matches!(Saver::create(&folder.path().join("a.bin"), 3, Element::F32, None), Err(EmbeddingError::Write(_))));
}

#[test]
fn files_in_memory_are_the_same_as_on_disk() {
    let mut writer = Writer::new(std::io::Cursor::new(Vec::new()), FileFormat::Safetensors, 3, Element::Bf16, None).unwrap();
    IDS.iter().zip(rows()).for_each(|(id, row)| writer.push(id, &row).unwrap());
    let (out, ids) = writer.finish().unwrap();
    assert_eq!(ids, IDS.into_iter().collect::<IdList>());
    let bytes = out.into_inner();
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(tensors.tensor("embeddings").unwrap().shape(), [4, 3], "other programs can read it");
    let mut reader = vectors::from_bytes(&bytes, "a", Default::default()).unwrap();
    assert_eq!(reader.read_all().unwrap().values, rows().concat());
}

#[test]
fn without_ids_the_row_number_is_the_id_and_stray_ids_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.npy");
    let mut saver = Saver::create(&path, 3, Element::F32, None).unwrap();
    rows().iter().for_each(|row| saver.push("x", row).unwrap());
    saver.finish().unwrap();
    std::fs::remove_file(ids_path(&path)).unwrap();
    let reader = vectors::open(&path, Default::default()).unwrap();
    assert_eq!((reader.has_ids(), reader.id(3)), (false, "3".into()));
    std::fs::write(ids_path(&path), "1\n2\n").unwrap();
    let error = vectors::open(&path, Default::default()).err().unwrap().to_string();
    assert!(error.contains("2 ids for 4 rows"), "{error}");
}

#[test]
fn ids_beside_may_end_in_empty_lines_but_hold_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.npy");
    let mut saver = Saver::create(&path, 3, Element::F32, None).unwrap();
    rows().iter().for_each(|row| saver.push("x", row).unwrap());
    saver.finish().unwrap();
    for text in ["1\n2\n3\n4\n\n", "1\r\n2\r\n3\r\n4\r\n\r\n", "1\n2\n3\n4"] {
        std::fs::write(ids_path(&path), text).unwrap();
        let reader = vectors::open(&path, Default::default()).unwrap();
        assert_eq!(reader.id(3), "4");
        assert_eq!(reader.contents().to_string(), format!("ids: {}", ids_path(&path).display()));
    }
    std::fs::write(ids_path(&path), "1\n\n3\n4\n").unwrap();
    let error = vectors::open(&path, Default::default()).err().unwrap().to_string();
    assert!(error.contains("a.npy.ids.txt: line 2: the id is empty"), "{error}");
    let named = vectors::ReadOptions { ids: Some("pid".into()), ..Default::default() };
    let error = vectors::open(&path, named).err().unwrap().to_string();
    assert!(error.contains("no \"pid\"") && error.contains("a.npy.ids.txt"), "{error}");
}

#[test]
fn ids_of_safetensors_are_tensors_of_numbers_or_metadata() {
    use safetensors::tensor::{Dtype, TensorView};
    let values: Vec<u8> = rows().concat().iter().flat_map(|v| v.to_le_bytes()).collect();
    let numbers: Vec<u8> = [5i64, -6, 7, 8].iter().flat_map(|v| v.to_le_bytes()).collect();
    let small: Vec<u8> = [1u32, 2, 3, 4].iter().flat_map(|v| v.to_le_bytes()).collect();
    let matrix = || ("e", TensorView::new(Dtype::F32, vec![4, 3], &values).unwrap());
    let read = |tensors: Vec<(&str, TensorView<'_>)>, metadata: Option<&str>, ids: Option<&str>| {
        let metadata = metadata.map(|ids| [("item_ids".to_string(), ids.to_string())].into());
        let bytes = safetensors::serialize(tensors, metadata).unwrap();
        let options = vectors::ReadOptions { ids: ids.map(Into::into), ..Default::default() };
        let reader = vectors::from_bytes(&bytes, "a.safetensors", options).map_err(|e| e.to_string())?;
        Ok::<_, String>((reader.id(1), reader.contents().to_string()))
    };
    let long = || TensorView::new(Dtype::I64, vec![4], &numbers).unwrap();
    let short = || TensorView::new(Dtype::U32, vec![4, 1], &small).unwrap();
    assert_eq!(read(vec![matrix(), ("ids", long())], None, None).unwrap(), ("-6".into(), "vectors: e; ids: ids".into()));
    let both = || vec![matrix(), ("key", short()), ("asin", long())];
    assert_eq!(read(both(), None, None).unwrap(), ("-6".into(), "vectors: e; ids: asin; not read: key".into()));
    assert_eq!(read(both(), None, Some("key")).unwrap().0, "2");
    assert!(read(both(), None, Some("pid")).unwrap_err().contains("no \"pid\""));
    let json = Some(r#"["a", "b", "c", "d"]"#);
    assert_eq!(read(vec![matrix()], json, None).unwrap(), ("b".into(), "vectors: e; ids: item_ids".into()));
    assert_eq!(read(vec![matrix()], Some("[10, 20, 30, 40]"), Some("item_ids")).unwrap().0, "20");
}

/// Versions 2 and 3 and big headers, as NumPy writes them for odd types.
#[test]
fn npy_versions_2_and_3() {
    for version in [2u8, 3] {
        let header = format!("{{\"descr\": \"<f8\", \"fortran_order\": False, \"shape\": (1, 2)}}{}\n", " ".repeat(700));
        let mut bytes =
            [b"\x93NUMPY".as_slice(), &[version, 0], &(header.len() as u32).to_le_bytes(), header.as_bytes()].concat();
        bytes.extend([1.5f64, -2.0].iter().flat_map(|v| v.to_le_bytes()));
        let mut reader = vectors::from_bytes(&bytes, "a.npy", Default::default()).unwrap();
        assert_eq!(reader.read_all().unwrap().values, [1.5, -2.0]);
    }
}
