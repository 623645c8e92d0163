//! A run that somebody watches: snapshots, interventions, looks, refusals.

use unitok::base::random::noise;
use unitok::engine::scale_rows;
use unitok::model::{Model, TextConfig};
use unitok::train::data::Domain;
use unitok::train::live::look::Look;
use unitok::train::live::run::{LiveError, LiveRun};
use unitok::train::live::settings::Settings;
use unitok::train::recipes::unitok::schedule::Phase;

use super::runs::{WIDTH, domains};

fn settings() -> Settings {
    Settings { seed: 3, levels: 2, codes: 16, lambda_mi: 10.0, batch: 60, steps: 60, random_start: false }
}

fn start(settings: &Settings, domains: Vec<Domain>) -> Result<LiveRun, LiveError> {
    LiveRun::new(settings, domains, WIDTH, TextConfig::default())
}

/// Steps to the end of step `to`; the losses.
fn go(run: &mut LiveRun, to: usize) -> Vec<f64> {
    std::iter::from_fn(|| (run.steps_done() < to).then(|| run.step().unwrap().unwrap().losses.total)).collect()
}

/// The share of the items of each expert.
fn load(look: &Look, experts: usize) -> Vec<usize> {
    let of_items = &look.codes.as_ref().unwrap().experts;
    (0..experts).map(|k| of_items.iter().filter(|&&of| of as usize == k).count()).collect()
}

fn dead(look: &Look) -> usize {
    look.codes.as_ref().unwrap().uses.iter().filter(|&&uses| uses == 0).count()
}

#[test]
fn what_is_taken_back_comes_again_bit_by_bit() {
    let mut run = start(&settings(), domains()).unwrap();
    for at in [2, 20, 50] {
        go(&mut run, at);
        let before = run.snapshot().unwrap();
        let losses = go(&mut run, at + 8);
        let after = run.snapshot().unwrap();
        run.restore(&before).unwrap();
        assert_eq!(run.steps_done(), at);
        run.look().unwrap();
        assert_eq!((go(&mut run, at + 8), run.snapshot().unwrap()), (losses, after), "from step {at}");
    }
    let mut other = start(&Settings { seed: 4, ..settings() }, domains()).unwrap();
    assert!(matches!(other.restore(&run.snapshot().unwrap()), Err(LiveError::OtherRun)));
    assert!(other.restore(&run.snapshot().unwrap()[..1000]).is_err());
    assert_eq!(other.steps_done(), 0);
}

#[test]
fn an_expert_that_is_off_gets_nothing_then_or_later() {
    let mut run = start(&settings(), domains()).unwrap();
    assert!(matches!(run.switch_off(0), Err(LiveError::NotYet)));
    go(&mut run, 10);
    assert!(load(&run.look().unwrap(), 3).iter().all(|&items| items > 0));
    run.switch_off(1).unwrap();
    assert_eq!((load(&run.look().unwrap(), 3)[1], run.switched_off()), (0, vec![1]));
    go(&mut run, 60);
    assert_eq!((run.step().unwrap().is_none(), run.phase()), (true, Phase::Done));
    assert_eq!((load(&run.look().unwrap(), 3)[1], run.switched_off()), (0, vec![1]));
    run.switch_off(0).unwrap();
    assert!(matches!(run.switch_off(2), Err(LiveError::LastExpert)));
    // The model that is written has the gate shut too.
    let finished = run.finish("unitok train").unwrap();
    let file = |name: &str| &finished.files.iter().find(|file| file.0 == name).unwrap().1;
    let model = Model::from_bytes(std::str::from_utf8(file("config.json")).unwrap(), file("model.safetensors")).unwrap();
    assert_eq!(model.config.domains, ["domain-0", "domain-1", "domain-2"]);
    assert!(finished.evaluation.report.router.unwrap().load[..2].iter().all(|share| *share == 0.0));
}

#[test]
fn from_a_random_start_one_expert_takes_nearly_all_items() {
    let largest = |random_start: bool| {
        let mut run = start(&Settings { random_start, steps: 200, ..settings() }, domains()).unwrap();
        go(&mut run, 130);
        load(&run.look().unwrap(), 3).into_iter().max().unwrap()
    };
    // Of 900 items in three domains.
    let (even, collapsed) = (largest(false), largest(true));
    assert!(even < 600 && collapsed > 850, "{even} and {collapsed}");
}

#[test]
fn dead_codes_are_put_to_use_at_once() {
    // More codes than rows of an expert: some are always dead.
    let mut run = start(&Settings { codes: 128, ..settings() }, domains()).unwrap();
    go(&mut run, 10);
    assert!(matches!(start(&settings(), domains()).unwrap().reseed(), Err(LiveError::NotYet)));
    let before = dead(&run.look().unwrap());
    let moved = run.reseed().unwrap();
    assert!(moved > 0 && moved <= before, "{moved} of {before}");
    assert!(dead(&run.look().unwrap()) < before);
    go(&mut run, 50);
    assert!(matches!(run.reseed(), Err(LiveError::TooLate)));
}

#[test]
fn looks_have_a_map_from_the_start_and_codes_once_there_are_some() {
    let mut run = start(&settings(), domains()).unwrap();
    let first = run.look().unwrap();
    assert_eq!((first.map.len(), first.codes.is_none()), (2 * 900, true));
    assert_eq!(run.sampled_domains().iter().filter(|&&domain| domain == 2).count(), 300);
    assert!(run.finish("").is_err(), "a model without codes is none");
    go(&mut run, 10);
    let codes = run.look().unwrap().codes.unwrap();
    // Each item has a code a level of its expert and of the shared one.
    assert_eq!(codes.uses.iter().sum::<u32>(), 900 * 2 * 2);
    assert!(codes.net.rate > 0.0 && codes.net.rate < 1.0);
}

#[test]
fn what_nothing_can_be_learned_from_is_refused_in_words_without_flags() {
    let refused = |domains: Vec<Domain>, width: usize| {
        let error = LiveRun::new(&settings(), domains, width, TextConfig::default()).unwrap_err().to_string();
        assert!(!error.contains("--"), "{error}");
        error
    };
    let rows = |items: usize, width: usize| scale_rows(&noise(items * width, 1), width).unwrap();
    assert!(refused(vec![Domain::new("few", rows(20, 8))], 8).contains("20 items are too few"));
    assert!(refused(vec![Domain::new("wide", rows(40, 5000))], 5000).contains("5000 values"));
    assert!(refused(vec![Domain::new("same", vec![1.0; 8 * 40])], 8).contains("all 40 rows are equal"));
    let many = vec![Domain::new("many", rows(40, 4096)); 8].into_iter().enumerate();
    let named = many.map(|(k, domain)| Domain { name: k.to_string(), ..domain }).collect();
    let big = Settings { codes: 100_000, levels: 8, ..settings() };
    assert!(LiveRun::new(&big, named, 4096, TextConfig::default()).unwrap_err().to_string().contains("MB of memory"));
}
