//! The recipes of other papers on synthetic domains: their models, repetition, resumption, refusals.

use std::borrow::Cow;
use std::path::Path;

use tempfile::tempdir;
use unitok::model::{Model, Precision};
use unitok::train::TrainError;
use unitok::train::data::{Collaborative, Training};
use unitok::train::network::device::Device;
use unitok::train::recipes::tokenizer::train_tokenizer;
use unitok::train::recipes::unitok::config::TrainConfig;
use unitok::train::recipes::unitok::session::{Data, Ended, Options, train};

use super::runs::{WIDTH, Watch, bytes, config, domains};

/// A small configuration of a recipe.
fn of(recipe: &str, extra: &[&str]) -> TrainConfig {
    let name = format!("recipe.name={recipe}");
    config(&[&[name.as_str(), "recipe.decoder_steps=0"], extra].concat())
}

/// Vectors by which half of the clusters of a domain differ from the others, and none for every fifth item.
fn collaborative() -> Collaborative {
    let row = |i: usize| {
        (0..6).map(move |d| {
            if i % 5 == 4 {
                0.0
            } else if (d == 0) == (i % 10 < 5) {
                1.0
            } else {
                0.1 * d as f32
            }
        })
    };
    Collaborative::new(6, vec![(0..300).flat_map(row).collect(); 3])
}

fn data(collaborative: Option<Collaborative>) -> Data {
    Data { domains: domains(), width: WIDTH, collaborative, ..Data::default() }
}

fn run(out: &Path, config: &TrainConfig, data: &Data, resume: bool, watch: &mut Watch) -> Result<Ended, TrainError> {
    let options = Options { out: out.into(), resume, force: false, precision: Precision::F32, command: "test".into() };
    train(config, data, Device::Cpu, &options, watch)
}

#[test]
fn every_recipe_trains_a_model_of_one_codebook_set_whatever_the_number_of_domains() {
    for (recipe, collaborative) in [("tiger", None), ("lc-rec", None), ("letter", Some(collaborative()))] {
        let out = tempdir().unwrap();
        run(out.path(), &of(recipe, &[]), &data(collaborative.clone()), false, &mut Watch::default()).unwrap();
        let model = Model::load(out.path()).unwrap();
        assert_eq!((model.config.model.experts, model.config.model.shared, model.router.is_none()), (0, true, true));
        let settings = String::from_utf8(bytes(out.path(), "train.toml")).unwrap();
        assert_eq!(TrainConfig::from_toml(&settings, &[]).unwrap(), of(recipe, &[]), "the settings read back");
        let domains = domains();
        let training = Training {
            domains: Cow::Borrowed(&domains),
            width: WIDTH,
            collaborative: collaborative.as_ref(),
            cooccurrence: None,
        };
        let in_memory = train_tokenizer(&of(recipe, &[]), training, &mut Watch::default()).unwrap().unwrap();
        assert_eq!(in_memory.codebooks, model.codebooks, "{recipe} is the same without a folder");
    }
}

#[test]
fn an_interrupted_letter_ends_equal_to_an_unbroken_one() {
    let (whole, broken) = (tempdir().unwrap(), tempdir().unwrap());
    let (config, data) = (of("letter", &[]), data(Some(collaborative())));
    run(whole.path(), &config, &data, false, &mut Watch::default()).unwrap();
    run(broken.path(), &config, &data, false, &mut Watch { stop_at: Some(77), ..Watch::default() }).unwrap();
    run(broken.path(), &config, &data, true, &mut Watch::default()).unwrap();
    for name in ["model.safetensors", "metrics.jsonl"] {
        assert_eq!(bytes(whole.path(), name), bytes(broken.path(), name), "{name}");
    }
}

#[test]
fn alignment_and_diversity_fall_when_they_count_and_stay_out_when_they_do_not() {
    let losses = |sets: &[&str], vectors: Option<Collaborative>| {
        let (out, mut watch) = (tempdir().unwrap(), Watch::default());
        // Long enough for codes to move.
        let config = of("letter", &[sets, &["recipe.joint_steps=400"]].concat());
        run(out.path(), &config, &data(vectors), false, &mut watch).unwrap();
        watch.last.unwrap().losses
    };
    let weak = losses(&["loss.alignment=1e-9", "loss.diversity=1e-9"], Some(collaborative()));
    let strong = losses(&["loss.alignment=1", "loss.diversity=0.1"], Some(collaborative()));
    assert!(strong.alignment.unwrap() < weak.alignment.unwrap() - 0.05, "{:?} {:?}", strong.alignment, weak.alignment);
    assert!(strong.diversity.unwrap() < weak.diversity.unwrap(), "{:?} {:?}", strong.diversity, weak.diversity);
    let none = losses(&["loss.alignment=0", "loss.diversity=0"], None);
    assert_eq!((none.alignment, none.diversity), (None, None));
}

#[test]
fn collaborative_vectors_and_recipes_must_go_together() {
    let error = |recipe: &str, vectors: Option<Collaborative>| {
        let out = tempdir().unwrap();
        let ended = run(out.path(), &of(recipe, &[]), &data(vectors), false, &mut Watch::default());
        ended.unwrap_err().to_string()
    };
    assert!(error("letter", None).contains("--collaborative FILE"));
    assert!(error("tiger", Some(collaborative())).contains("leave out --collaborative"));
    let wide = Collaborative::new(7, vec![vec![1.0; 2100]; 3]);
    assert!(error("letter", Some(wide)).contains("7 wide, the latents 6"));
    let empty = Collaborative::new(6, vec![vec![0.0; 1800]; 3]);
    assert!(error("letter", Some(empty)).contains("same ids"));
}

#[test]
fn a_batch_larger_than_the_pool_is_named() {
    let out = tempdir().unwrap();
    let config = of("tiger", &["recipe.items_per_domain=301"]);
    let error = run(out.path(), &config, &data(None), false, &mut Watch::default()).unwrap_err();
    assert!(error.to_string().contains("900 items") && error.to_string().contains("items_per_domain=300"), "{error}");
}
