//! What is written reads back, ids and provenance too; files of other programs read as well.

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
    assert!(matches!(Saver::create(&folder.path().join("a.bin"), 3, Element::F32, None), Err(EmbeddingError::Io { .. })));
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
