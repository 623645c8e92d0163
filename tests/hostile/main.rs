//! Hostile files are refused with a typed error that names the place, and nothing panics, hangs or allocates on a header's word.

#[path = "../common/model.rs"]
mod tiny;

mod files;

use std::path::Path;

use proptest::prelude::*;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use unitok::catalog::{self, Categories};
use unitok::model::Template;
use unitok::model::{Model, Precision, WeightsError};
use unitok::vectors::{self, BadRows, Chunk, Element, EmbeddingError, Saver};

fn read_embeddings(path: &Path, options: vectors::ReadOptions) -> Result<Chunk, EmbeddingError> {
    vectors::open(path, options)?.read_all()
}

#[test]
fn embedding_files_from_disk_and_from_memory() {
    let folder = tempfile::tempdir().unwrap();
    for file in files::embeddings() {
        let path = folder.path().join(file.name);
        std::fs::write(&path, &file.bytes).unwrap();
        let on_disk = read_embeddings(&path, Default::default()).unwrap_err().to_string();
        assert!(on_disk.contains(file.says), "{}: {on_disk}", file.name);
        let in_memory = vectors::from_bytes(&file.bytes, file.name, Default::default()).and_then(|mut r| r.read_all());
        let in_memory = in_memory.unwrap_err().to_string();
        assert!(in_memory.contains(file.says) && in_memory.starts_with(file.name), "{}: {in_memory}", file.name);
    }
}

#[test]
fn every_cut_of_a_good_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.npy", "a.safetensors"] {
        let path = folder.path().join(name);
        let mut saver = Saver::create(&path, 3, Element::F32, None).unwrap();
        saver.push("a", &[1.0, 2.0, 3.0]).unwrap();
        saver.push("b", &[4.0, 5.0, 6.0]).unwrap();
        saver.finish().unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert!(vectors::from_bytes(&bytes, name, Default::default()).is_ok());
        for length in 0..bytes.len() {
            assert!(vectors::from_bytes(&bytes[..length], name, Default::default()).is_err(), "{name} cut to {length}");
        }
    }
}

#[test]
fn bad_rows_are_dropped_by_request_with_a_count() {
    let values = [1.0, 2.0, f32::NAN, 1.0, 0.0, 0.0, 3.0, 4.0];
    let drop = vectors::ReadOptions { bad_rows: BadRows::Drop, width: Some(2), ..Default::default() };
    let bytes = files::npy_of(4, &values);
    let mut reader = vectors::from_bytes(&bytes, "a.npy", drop.clone()).unwrap();
    reader.set_ids_text("x\ny\nz\nx\n").unwrap();
    let chunk = reader.read_all().unwrap();
    assert_eq!(chunk, Chunk { rows: vec![0], values: vec![1.0, 2.0] });
    let (dropped, first) = reader.dropped();
    assert_eq!((dropped, first[0].row, first[1].row, first[2].what), (3, 1, 2, "an earlier row has the same id"));
    let all_bad = files::npy_of(2, &[0.0; 4]);
    let error = vectors::from_bytes(&all_bad, "a.npy", drop.clone()).unwrap().read_all().unwrap_err();
    assert!(matches!(error, EmbeddingError::NoRows { rows: 2, .. }), "{error}");
    let narrow = vectors::ReadOptions { width: Some(384), ..drop };
    let error = vectors::from_bytes(&bytes, "a.npy", narrow).err().unwrap();
    assert!(matches!(error, EmbeddingError::Width { found: 2, expected: 384, .. }), "{error}");
}

#[test]
fn catalogues_are_refused_with_the_place() {
    let folder = tempfile::tempdir().unwrap();
    for file in files::catalogues() {
        let path = folder.path().join(file.name);
        std::fs::write(&path, &file.bytes).unwrap();
        let read = catalog::open(&path, &Default::default()).and_then(|mut r| r.try_for_each(|item| item.map(drop)));
        let error = read.unwrap_err().to_string();
        assert!(error.contains(file.says), "{}: {error}", file.name);
        assert!(error.contains(file.name), "{}: {error}", file.name);
        assert!(!error.contains(['\u{1b}', '\u{202e}']) && error.len() < 2000, "{}: {error}", file.name);
    }
}

#[test]
fn nasty_titles_are_read_and_capped() {
    let lines: Vec<String> =
        files::nasty_titles().iter().enumerate().map(|(i, t)| serde_json::json!({"id": i, "title": t}).to_string()).collect();
    let text = lines.join("\n");
    let items: Vec<_> =
        catalog::from_bytes(text.as_bytes(), "a.jsonl", &Default::default()).unwrap().map(Result::unwrap).collect();
    assert_eq!(items.len(), lines.len());
    assert_eq!(items[0].title, "<script>alert(1)</script>", "text is data: it is shown, not changed");
    assert!(items.iter().all(|item| item.title.chars().count() <= 10_000 && !item.title.contains(char::is_control)));
    let many = serde_json::json!({"id": 1, "categories": vec!["tag"; 200_000]}).to_string();
    let item = catalog::from_bytes(many.as_bytes(), "a.jsonl", &Default::default()).unwrap().next().unwrap().unwrap();
    assert!(matches!(&item.categories, Categories::Tags(tags) if tags.len() <= 10_000));
    assert_eq!(Template::default().text(&item).unwrap(), "tag");
}

/// Text made of what formats are made of, so that chance gets far into a reader.
fn scraps() -> impl Strategy<Value = Vec<u8>> {
    let scrap = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        "\"",
        ",",
        ":",
        "\n",
        "\r\n",
        "\t",
        ";",
        "\\",
        " ",
        "id",
        "title",
        "\"id\":1",
        "{\"id\":\"a\"}",
        "categories",
        "1",
        "-",
        "null",
        "\u{feff}",
        "é",
        "\\ud83d",
        ">",
        "|",
        "\"\"",
        "'",
        "id,title\n",
        "1,\"a",
    ]);
    let scrap = prop_oneof![9 => scrap.prop_map(|s| s.as_bytes().to_vec()), 1 => any::<u8>().prop_map(|b| vec![b])];
    prop::collection::vec(scrap, 0..60).prop_map(|scraps| scraps.concat())
}

proptest! {
    #[test]
    fn no_catalogue_makes_the_reader_panic_or_hang(bytes in scraps(), lossy: bool, skip: bool) {
        use catalog::{Format, Malformed, ReadOptions};
        for format in [Format::Jsonl, Format::Json, Format::Csv, Format::Tsv] {
            let malformed = if skip { Malformed::Skip } else { Malformed::Stop };
            let options = ReadOptions { format: Some(format), malformed, lossy, ..Default::default() };
            let Ok(mut reader) = catalog::from_bytes(&bytes, "a", &options) else { continue };
            let items: Vec<_> = reader.by_ref().map_while(Result::ok).collect();
            prop_assert_eq!(items.len() as u64, reader.report().items);
            prop_assert!(items.iter().all(|item| !item.id.is_empty()));
            prop_assert!(reader.bytes_read() <= bytes.len() as u64);
        }
    }

    #[test]
    fn no_change_of_a_good_file_makes_the_reader_panic(at in 0usize..400, byte: u8, npy: bool) {
        let header = r#"{"embeddings":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"ids":{"dtype":"U8","shape":[9],"data_offsets":[16,25]}}"#;
        let mut bytes = files::npy_of(2, &[1.0, 2.0, 3.0, 4.0]);
        if !npy {
            bytes = files::safetensors(header, &[&bytes[bytes.len() - 16..], b"[\"a\",\"b\"]"].concat());
        }
        let at = at % bytes.len();
        bytes[at] = byte;
        if let Ok(mut reader) = vectors::from_bytes(&bytes, "a", Default::default()) {
            let _ = reader.read_all();
        }
    }
}

/// The tiny model's two files.
fn model_files() -> (String, Vec<u8>) {
    let model = tiny::model(8);
    (model.config.to_json(), model.to_safetensors(Precision::F32))
}

/// The error of a model whose tensors were changed by `edit`.
fn with_tensors(edit: impl FnOnce(&mut Vec<(String, Vec<usize>, Vec<f32>)>)) -> WeightsError {
    let (config, bytes) = model_files();
    let stored = SafeTensors::deserialize(&bytes).unwrap();
    let mut tensors: Vec<_> = stored
        .tensors()
        .into_iter()
        .map(|(name, t)| {
            let values = t.data().as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
            (name, t.shape().to_vec(), values)
        })
        .collect();
    edit(&mut tensors);
    let raw: Vec<(String, Vec<usize>, Vec<u8>)> =
        tensors.into_iter().map(|(n, s, v)| (n, s, v.iter().flat_map(|v: &f32| v.to_le_bytes()).collect())).collect();
    let views = raw.iter().map(|(n, s, b)| (n.clone(), TensorView::new(Dtype::F32, s.clone(), b).unwrap()));
    Model::from_bytes(&config, &safetensors::serialize(views, None).unwrap()).unwrap_err()
}

#[test]
fn damaged_and_foreign_model_files() {
    let (config, bytes) = model_files();
    assert_eq!(Model::from_bytes(&config, &bytes).unwrap(), tiny::model(8));
    for length in (0..bytes.len()).step_by(7) {
        assert!(Model::from_bytes(&config, &bytes[..length]).is_err(), "cut to {length}");
    }
    for file in files::embeddings().into_iter().filter(|f| f.name.ends_with(".safetensors")) {
        assert!(Model::from_bytes(&config, &file.bytes).is_err(), "{}", file.name);
    }
    let page = Model::from_bytes(&config, files::ERROR_PAGE).unwrap_err().to_string();
    assert!(page.contains("HTML error page"), "{page}");
    let page = Model::from_bytes(std::str::from_utf8(files::ERROR_PAGE).unwrap(), &bytes).unwrap_err().to_string();
    assert!(page.contains("not a tokenizer configuration"), "{page}");
    let future = config.replace("\"format_version\": 1", "\"format_version\": 2, \"new\": {}");
    let future = Model::from_bytes(&future, &bytes).unwrap_err().to_string();
    assert!(future.contains("format version 2"), "{future}");
}

#[test]
fn configurations_out_of_range() {
    let (config, bytes) = model_files();
    for (from, to, says) in [
        ("\"codes\": 4", "\"codes\": 0", "model.codes is 0"),
        ("\"levels\": 2", "\"levels\": 0", "model.levels is 0"),
        ("\"latent\": 4", "\"latent\": 18446744073709551615", "model.latent"),
        ("\"codes\": 4", "\"codes\": 65536", "does not fit config.json"),
        ("\"top_n\": 1", "\"top_n\": 3", "model.top_n is 3"),
        ("\"experts\": 2", "\"experts\": 1000", "does not fit config.json"),
        ("\"input\": 8", "\"input\": 9", "encoder.0.weight is [6, 8], the config asks for [6, 9]"),
        ("\"input\": 8", "\"input\": -8", "not a tokenizer configuration"),
    ] {
        let edited = config.replace(from, to);
        assert_ne!(edited, config, "{from} is not in {config}");
        let error = Model::from_bytes(&edited, &bytes).unwrap_err().to_string();
        assert!(error.contains(says), "{to}: {error}");
    }
}

#[test]
fn tensors_that_do_not_fit_are_listed_together() {
    let error = with_tensors(|tensors| {
        tensors.retain(|t| t.0 != "router.bias");
        tensors.push(("stray".into(), vec![1], vec![0.0]));
        let shared = tensors.iter_mut().find(|t| t.0 == "shared.codebooks").unwrap();
        (shared.1, shared.2) = (vec![2, 0, 4], Vec::new());
    });
    let WeightsError::Mismatch(faults) = &error else { panic!("{error}") };
    assert_eq!(faults.len(), 3);
    for says in ["missing: router.bias [2]", "unused: stray", "mismatched: shared.codebooks is [2, 0, 4]"] {
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[test]
fn weights_that_are_not_finite() {
    for value in [f32::NAN, f32::INFINITY] {
        let error = with_tensors(|tensors| tensors.iter_mut().find(|t| t.0 == "experts.codebooks").unwrap().2[5] = value);
        assert!(matches!(&error, WeightsError::NotFinite { tensor, index: 5 } if tensor == "experts.codebooks"), "{error}");
    }
}

#[test]
fn a_missing_model_folder_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let error = Model::load(folder.path()).unwrap_err().to_string();
    assert!(error.contains("config.json"), "{error}");
    let (config, _) = model_files();
    std::fs::write(folder.path().join("config.json"), config).unwrap();
    let error = Model::load(folder.path()).unwrap_err().to_string();
    assert!(error.contains("model.safetensors"), "{error}");
}
