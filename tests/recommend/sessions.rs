//! Runs from start to finish: the same after an interruption, and honest about what does not fit.

use std::path::Path;

use unitok::interactions::Sequences;
use unitok::learn::folder::{Claim, RunFolder};
use unitok::learn::observer::Observer;
use unitok::recommend::dataset::Dataset;
use unitok::recommend::fit::run::EpochReport;
use unitok::recommend::kind::{Kind, Size};
use unitok::recommend::recommender::Listing;
use unitok::recommend::session::{Ended, Job, Outcome, Step, run};
use unitok::tokens::Index;

const ITEMS: usize = 40;

fn index(items: usize) -> Index {
    let tokens = |item: usize| vec![format!("<a_{}>", item % 5), format!("<b_{}>", item / 5)];
    Index::from_rows((0..items).map(|item| (item.to_string(), tokens(item)))).unwrap()
}

/// Users walk through the items, each with a step of their own.
fn dataset() -> Dataset {
    let mut sequences = Sequences::default();
    for user in 0..30 {
        let items: Vec<Option<u32>> = (0..8).map(|at| Some(((user * 3 + at * (1 + user % 2)) % ITEMS) as u32)).collect();
        sequences.push(&user.to_string(), &items, &[]);
    }
    Dataset::leave_one_out(&sequences, ITEMS).unwrap()
}

/// Stops after so many epochs.
struct Until(usize);

impl Observer<Step, EpochReport> for Until {
    fn step(&mut self, _: &Step, _: usize) {}
    fn measured(&mut self, _: &EpochReport) {
        self.0 = self.0.saturating_sub(1);
    }
    fn note(&mut self, _: &str) {}
    fn stop(&self) -> bool {
        self.0 == 0
    }
}

fn job<'a>(dataset: &'a Dataset, index: &'a Index, seed: u64) -> Job<'a> {
    let listing = Listing::default();
    Job { kind: Kind::Dec, size: Size::Reduced, seed, epochs: Some(4), listing, dataset, index: Some(index) }
}

fn folder(path: &Path) -> RunFolder {
    RunFolder::claim(path, &[], Claim { resume: true, force: false }).unwrap()
}

/// An outcome without what depends on the clock.
fn timeless(outcome: Outcome) -> Outcome {
    Outcome { record: unitok::recommend::record::RunRecord { seconds: 0.0, ..outcome.record }, ..outcome }
}

fn finished(ended: Ended) -> Outcome {
    match ended {
        Ended::Finished(outcome) => timeless(*outcome),
        Ended::Interrupted(_) => panic!("it was stopped"),
    }
}

#[test]
fn an_interrupted_run_ends_as_one_that_was_not() {
    let (dataset, index) = (dataset(), index(ITEMS));
    let job = job(&dataset, &index, 1);
    let whole = finished(run(&job, None, &mut Until(100)).unwrap());
    assert_eq!((whole.record.epochs, whole.history.len(), whole.record.users), (4, 4, 30));
    assert!(whole.record.parameters > 0 && whole.record.validation_ndcg_at_10.is_some());

    let place = tempfile::tempdir().unwrap();
    let stopped = run(&job, Some(&folder(place.path())), &mut Until(2)).unwrap();
    assert!(matches!(stopped, Ended::Interrupted(Some(_))));
    let resumed = finished(run(&job, Some(&folder(place.path())), &mut Until(100)).unwrap());
    assert_eq!(resumed, whole);
    // The log has every epoch once.
    let log = std::fs::read_to_string(place.path().join("metrics.jsonl")).unwrap();
    assert_eq!(log.lines().count(), 4, "{log}");
}

#[test]
fn a_folder_of_another_run_is_refused() {
    let (dataset, index) = (dataset(), index(ITEMS));
    let place = tempfile::tempdir().unwrap();
    run(&job(&dataset, &index, 1), Some(&folder(place.path())), &mut Until(1)).unwrap();
    let error = run(&job(&dataset, &index, 2), Some(&folder(place.path())), &mut Until(100)).unwrap_err().to_string();
    assert!(error.contains("other settings or data") && error.contains("then: fit") && error.contains("now: fit"), "{error}");
}

#[test]
fn what_does_not_fit_is_said() {
    let (dataset, index, short) = (dataset(), index(ITEMS), index(ITEMS - 1));
    let fault = |job: &Job<'_>| run(job, None, &mut Until(100)).unwrap_err().to_string();
    let whole = job(&dataset, &index, 1);
    assert!(fault(&Job { index: None, ..whole }).contains("dec reads the tokens of items"));
    assert!(fault(&Job { index: Some(&short), ..whole }).contains("39 items and the dataset 40"));
    let popularity = fault(&Job { kind: Kind::Popularity, ..whole });
    assert!(popularity.contains("popularity is not trained by epochs"), "{popularity}");
}

#[test]
fn popularity_by_code_of_distinct_codewords_is_popularity() {
    let (dataset, index) = (dataset(), index(ITEMS));
    let of = |kind| finished(run(&Job { kind, epochs: None, ..job(&dataset, &index, 1) }, None, &mut Until(9)).unwrap());
    let (items, codewords) = (of(Kind::Popularity), of(Kind::PopularityByCode));
    assert_eq!(items.record.by_item, codewords.record.by_item);
    assert_eq!((items.record.epochs, items.record.parameters, items.record.validation_ndcg_at_10), (0, 0, None));
}
