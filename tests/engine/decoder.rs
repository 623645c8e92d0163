//! A model in two files: its tokens need no decoder, its reconstruction does.

use unitok::engine::{Engine, EngineError, Want};
use unitok::model::{Architecture, Model, Precision};

use crate::agreement::ALL;
use crate::stages::engines;
use unitok::bench::synthetic;

#[test]
fn tokens_need_no_decoder_and_reconstruction_says_that_it_does() {
    let shape = Architecture { hidden: vec![16, 12], latent: 8, codes: 16, ..Architecture::small(24, 3) };
    let whole = synthetic::model(&shape, 1).rounded(Precision::F16);
    let [tokens, decoder] = whole.split(Precision::F16);
    let without = Model::without_decoder(whole.config.clone(), &tokens).unwrap();
    assert_eq!(without.with_decoder(&decoder).unwrap(), whole);

    let rows = synthetic::rows(1_000, shape.input, 2);
    let run = |engine: &unitok::engine::AnyEngine, want| pollster::block_on(engine.tokenize(&rows, want));
    for (with, without) in engines(&whole).iter().zip(engines(&without)) {
        let want = Want { reconstruction: false, ..ALL };
        assert_eq!(run(&without, want).unwrap(), run(with, want).unwrap());
        let refused = run(&without, ALL).unwrap_err();
        assert!(matches!(refused, EngineError::Decoder), "{refused}");
    }
}

#[test]
fn neither_file_is_taken_for_another() {
    let whole = synthetic::model(&Architecture { hidden: vec![16], codes: 16, ..Architecture::small(24, 2) }, 1);
    let [tokens, decoder] = whole.split(Precision::F32);
    let all = whole.to_safetensors(Precision::F32);
    let config = || whole.config.clone();
    for (wrong, named) in [
        (Model::with_config(config(), &tokens), "missing: decoder.0.weight"),
        (Model::without_decoder(config(), &all), "unused: decoder.0.weight"),
        (Model::without_decoder(config(), &decoder), "missing: encoder.0.weight"),
        (whole.with_decoder(&tokens), "unused: encoder.0.weight"),
    ] {
        let error = wrong.unwrap_err().to_string();
        assert!(error.contains(named), "{error}");
    }
}
