//! The program over Parquet: the index of the same vectors is the same, and is read again.

use std::path::Path;
use std::process::Command;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use unitok::model::Precision;
use unitok::tokens::Index;
use unitok::tokens::read_index;
use unitok::vectors::{Element, Saver};

use crate::tiny;

const WIDTH: usize = 8;
const ITEMS: usize = 2500;

fn run(folder: &Path, args: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_unitok")).current_dir(folder).args(args.split_whitespace()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn vectors_and_index_in_parquet_are_those_in_npy_and_json() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let model = tiny::model(WIDTH);
    std::fs::create_dir(at("model")).unwrap();
    std::fs::write(at("model/config.json"), model.config.to_json()).unwrap();
    std::fs::write(at("model/model.safetensors"), model.to_safetensors(Precision::F32)).unwrap();
    for name in ["v.npy", "v.parquet"] {
        let mut saver = Saver::create(&at(name), WIDTH, Element::F32, None).unwrap();
        for item in 0..ITEMS {
            let row: Vec<f32> = (0..WIDTH).map(|d| ((item * 7 + d * 13) % 101) as f32 - 50.5).collect();
            saver.push(&format!("item {item}"), &row).unwrap();
        }
        saver.finish().unwrap();
    }
    for policy in ["keep", "suffix", "assign"] {
        let more = format!("--model model --device cpu --quiet --collisions {policy}");
        run(folder.path(), &format!("tokenize --embeddings v.npy --out i.json {more}"));
        run(folder.path(), &format!("tokenize --embeddings v.parquet --out i.parquet {more}"));
        let json = Index::read(std::fs::File::open(at("i.json")).unwrap()).unwrap();
        assert!(json == read_index(&at("i.parquet")).unwrap(), "{policy}");
        let audits = ["i.json", "i.parquet"].map(|name| run(folder.path(), &format!("audit {name} --json")));
        assert_eq!(audits[0], audits[1]);
    }
    assert!(run(folder.path(), "info v.parquet").contains("2500 vectors of width 8 (f32), with ids"));
    assert!(run(folder.path(), "info i.parquet").contains("2500 items, "));
    // Codes are the numbers of the tokens.
    let file = std::fs::File::open(at("i.parquet")).unwrap();
    for batch in ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap() {
        let batch = batch.unwrap();
        let (tokens, codes) = (batch["tokens"].as_list::<i32>().value(0), batch["codes"].as_list::<i32>().value(0));
        let numbers = tokens.as_string::<i32>().iter().map(|token| token.unwrap().replace(|c: char| !c.is_ascii_digit(), ""));
        let numbers: Vec<i32> = numbers.map(|number| number.parse().unwrap()).collect();
        assert_eq!(numbers[..], codes.as_primitive::<Int32Type>().values()[..]);
    }
}
