//! A model of another kind trained with `learn` alone: resumption, early stopping, a folder that is in use.
#![cfg(all(feature = "learn", feature = "files"))]

mod regression;

use regression::{Ended, Watcher, read, train};
use tempfile::tempdir;
use unitok::learn::folder::{Claim, FolderError, RunFolder};

const FRESH: Claim = Claim { resume: false, force: false };
const RESUME: Claim = Claim { resume: true, force: false };

fn finish(path: &std::path::Path, claim: Claim) -> Vec<f32> {
    match train(path, claim, &mut Watcher::default()).unwrap() {
        Ended::Finished(weights) => weights,
        Ended::Interrupted => panic!("nobody asked to stop"),
    }
}

#[test]
fn the_line_is_found_and_training_stops_early() {
    let folder = tempdir().unwrap();
    let mut watcher = Watcher::default();
    let Ended::Finished(weights) = train(folder.path(), FRESH, &mut watcher).unwrap() else { panic!("nobody asked to stop") };
    assert!((weights[0] - 3.0).abs() < 0.1 && (weights[1] + 1.0).abs() < 0.1, "{weights:?}");
    assert!(watcher.steps < 1000, "stopped at {}", watcher.steps);
}

#[test]
fn an_interrupted_run_ends_equal_to_an_unbroken_one() {
    let (whole, broken) = (tempdir().unwrap(), tempdir().unwrap());
    let weights = finish(whole.path(), FRESH);
    let mut watcher = Watcher { stop_at: Some(37), ..Watcher::default() };
    assert!(matches!(train(broken.path(), FRESH, &mut watcher).unwrap(), Ended::Interrupted));
    assert_eq!(finish(broken.path(), RESUME), weights);
    for name in ["weights", "metrics.jsonl"] {
        assert_eq!(read(whole.path(), name), read(broken.path(), name), "{name}");
    }
    assert!(!broken.path().join("checkpoints").exists());
}

#[test]
fn a_damaged_checkpoint_is_passed_over_and_a_folder_of_damaged_ones_refused() {
    let folder = tempdir().unwrap();
    let mut watcher = Watcher { stop_at: Some(37), ..Watcher::default() };
    train(folder.path(), FRESH, &mut watcher).unwrap();
    let checkpoints = folder.path().join("checkpoints");
    std::fs::write(checkpoints.join("00000037.safetensors"), b"half of").unwrap();
    let mut watcher = Watcher { stop_at: Some(35), ..Watcher::default() };
    train(folder.path(), RESUME, &mut watcher).unwrap();
    assert!(watcher.notes.iter().any(|note| note.contains("00000037")), "{:?}", watcher.notes);
    for file in std::fs::read_dir(&checkpoints).unwrap() {
        std::fs::write(file.unwrap().path(), b"half of").unwrap();
    }
    let error = train(folder.path(), RESUME, &mut Watcher::default()).unwrap_err();
    assert!(matches!(error, FolderError::Checkpoints(_)), "{error}");
}

#[test]
fn a_folder_in_use_is_not_overwritten_unasked() {
    let folder = tempdir().unwrap();
    train(folder.path(), FRESH, &mut Watcher { stop_at: Some(5), ..Watcher::default() }).unwrap();
    let refused = |claim| matches!(RunFolder::claim(folder.path(), &["weights"], claim), Err(FolderError::Occupied { .. }));
    assert!(refused(FRESH));
    finish(folder.path(), RESUME);
    assert!(refused(FRESH) && refused(RESUME));
    let forced = RunFolder::claim(folder.path(), &["weights"], Claim { resume: false, force: true }).unwrap();
    assert!(!forced.log_path().exists());
}
