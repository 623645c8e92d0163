//! What `unitok info` tells of the lockfile beside an index.

use std::path::Path;

use serde_json::{Value, json};

use super::index_file::{fitting_or_left, lock_path, name, read_lock_as_it_is, shown};
use crate::base::words::counted;
use crate::tokens::Index;
use crate::tokens::lock::{Artefact, Lock, Owners, UNKNOWN};

/// The lockfile of `index` as JSON, as lines of text, and what is wrong with it; null and nothing for an index without one.
pub fn describe(path: &Path, index: &Index) -> (Value, String, Option<String>) {
    let Some(lock_path) = lock_path(path) else { return (Value::Null, String::new(), None) };
    let file = name(&lock_path);
    let (lock, fault) = match fitting_or_left(&lock_path, &shown(path), index) {
        Ok(None) => return (Value::Null, "\nlockfile      none, so nobody knows what its tokens were made of".into(), None),
        Ok(Some(lock)) => (Some(lock), None),
        Err(error) => (read_lock_as_it_is(&lock_path).ok(), Some(error.fault())),
    };
    let verdict = fault.as_ref().map_or("fits the index".into(), |fault| format!("does not fit: {fault}"));
    let mut text = format!("\nlockfile      {file}, {verdict}");
    let mut value = json!({ "file": file, "fits": fault.is_none(), "fault": fault });
    if let Some(lock) = &lock {
        text += &said(lock);
        value["says"] = serde_json::to_value(lock).expect("a lock is plain");
        // A fingerprint for each item is nothing to look at, nor is a long list.
        let says = value["says"].as_object_mut().expect("a lock is an object");
        says.shift_remove("fingerprints");
        if let Some(retired) = says.get_mut("retired") {
            *retired = Owners::new(&lock.retired).codewords().into();
        }
    }
    (value, text, fault)
}

fn said(lock: &Lock) -> String {
    let making = &lock.making;
    let described = |artefact: &Option<Artefact>| artefact.as_ref().map_or("none that is known".into(), Artefact::described);
    let template = making
        .template
        .as_ref()
        .map_or("none that is known".into(), |template| serde_json::to_string(template).expect("a template is plain"));
    let known = lock.fingerprints.0.iter().filter(|fingerprint| **fingerprint != UNKNOWN).count();
    let lines = [
        ("tokenizer", making.tokenizer.described()),
        ("text model", described(&making.text_model)),
        ("template", template),
        ("layout", format!("{}, code vocabulary {}", making.layout, making.code_vocabulary)),
        ("collisions", format!("{}, beam {}", making.policy, making.beam)),
        ("interactions", making.interactions.as_ref().map_or("none".into(), Artefact::described)),
        ("made from", format!("{}, known of {known} of {}", making.reads, counted(lock.index.items, "item"))),
        ("pinned", counted(lock.pinned.len(), "item")),
        ("retired", counted(Owners::new(&lock.retired).codewords(), "codeword")),
    ];
    lines.iter().map(|(name, what)| format!("\n{name:<13} {what}")).collect()
}
