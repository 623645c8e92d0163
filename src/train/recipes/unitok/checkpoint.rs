//! Checkpoints: everything a killed run needs to end as an unbroken one would.
//!
//! One safetensors file a checkpoint: weights, Adam's moments, code use; step, phase and the run's
//! fingerprint in its metadata. Written whole or not at all; the last two are kept.

use std::collections::HashMap;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::base::files::{synced, temporary_beside};
use crate::learn::optimizer::{AdamW, tensors_mut};
use crate::model::Model;
use crate::train::TrainError;
use crate::train::codebooks::reseed::CodeUse;
use crate::train::recipes::unitok::run::State;
use crate::train::recipes::unitok::schedule::Phase;

/// Checkpoints kept.
const KEPT: usize = 2;

/// Saves `state` in `folder`, then removes all but the newest two.
pub fn save(folder: &Path, state: &State, fingerprint: &str) -> Result<PathBuf, TrainError> {
    std::fs::create_dir_all(folder).map_err(|e| TrainError::io(folder, e))?;
    let path = folder.join(format!("{}-{:08}.safetensors", state.phase.order(), state.step));
    let bytes = to_bytes(&mut state.clone(), fingerprint);
    write_atomic(&path, &bytes)?;
    let mut all = list(folder)?;
    all.truncate(all.len().saturating_sub(KEPT));
    for old in all {
        std::fs::remove_file(&old).map_err(|e| TrainError::io(&old, e))?;
    }
    Ok(path)
}

/// The newest readable checkpoint of `folder`, with the faults of newer ones that were not.
pub fn latest(folder: &Path, model: &Model) -> Result<Option<(State, String, Vec<String>)>, TrainError> {
    let mut faults = Vec::new();
    for path in list(folder)?.into_iter().rev() {
        let bytes = std::fs::read(&path).map_err(|e| TrainError::io(&path, e))?;
        match from_bytes(&bytes, model.clone()) {
            Ok((state, fingerprint)) => return Ok(Some((state, fingerprint, faults))),
            Err(fault) => faults.push(format!("{}: {fault}", path.display())),
        }
    }
    if faults.is_empty() { Ok(None) } else { Err(TrainError::Checkpoints(faults)) }
}

/// Removes every checkpoint, at the end of a run.
pub fn clear(folder: &Path) -> Result<(), TrainError> {
    for path in list(folder)? {
        std::fs::remove_file(&path).map_err(|e| TrainError::io(&path, e))?;
    }
    let _ = std::fs::remove_dir(folder);
    Ok(())
}

/// Writes a file by way of a temporary one: synced, then renamed.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), TrainError> {
    let written = temporary_beside(path).map(BufWriter::new).and_then(|mut out| {
        out.write_all(bytes)?;
        synced(out)?.persist(path).map_err(|e| e.error)
    });
    written.map(drop).map_err(|e| TrainError::io(path, e))
}

/// Checkpoint files, oldest first.
fn list(folder: &Path) -> Result<Vec<PathBuf>, TrainError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(TrainError::io(folder, e)),
    };
    let mut files: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
    files.retain(|p| p.extension().is_some_and(|e| e == "safetensors"));
    files.sort();
    Ok(files)
}

fn to_bytes(state: &mut State, fingerprint: &str) -> Vec<u8> {
    let metadata = HashMap::from([
        ("phase".to_string(), state.phase.order().to_string()),
        ("step".into(), state.step.to_string()),
        ("updates".into(), state.adam.updates.to_string()),
        ("seconds".into(), state.seconds.to_string()),
        ("fingerprint".into(), fingerprint.into()),
    ]);
    let mut stored: Vec<(String, Dtype, Vec<u8>)> = Vec::new();
    let floats = |v: &[f32]| v.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>();
    let weights: Vec<Vec<u8>> = tensors_mut(&mut state.model).iter().map(|(_, t)| floats(t)).collect();
    for (t, weight) in weights.into_iter().enumerate() {
        stored.push((format!("weight.{t}"), Dtype::F32, weight));
        stored.push((format!("first.{t}"), Dtype::F32, floats(&state.adam.first[t])));
        stored.push((format!("second.{t}"), Dtype::F32, floats(&state.adam.second[t])));
    }
    stored.push(("use".into(), Dtype::U32, state.code_use.counts.iter().flat_map(|c| c.to_le_bytes()).collect()));
    let views = stored.iter().map(|(name, dtype, bytes)| {
        (name.as_str(), TensorView::new(*dtype, vec![bytes.len() / 4], bytes).expect("four bytes a value"))
    });
    safetensors::serialize(views, Some(metadata)).expect("views are consistent")
}

fn from_bytes(bytes: &[u8], mut model: Model) -> Result<(State, String), String> {
    let tensors = SafeTensors::deserialize(bytes).map_err(|e| e.to_string())?;
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|e| e.to_string())?;
    let metadata = header.metadata().clone().unwrap_or_default();
    let number = |key: &str| -> Result<u64, String> {
        metadata.get(key).and_then(|v| v.parse().ok()).ok_or_else(|| format!("no number '{key}' in its metadata"))
    };
    let floats = |name: String, into: &mut Vec<f32>| -> Result<(), String> {
        let tensor = tensors.tensor(&name).map_err(|e| e.to_string())?;
        if tensor.dtype() != Dtype::F32 || tensor.data().len() != into.len() * 4 {
            return Err(format!("{name} does not fit the model"));
        }
        *into = tensor.data().as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
        Ok(())
    };
    let mut adam = AdamW::new(&mut model);
    adam.updates = number("updates")?;
    for (t, (_, weight)) in tensors_mut(&mut model).into_iter().enumerate() {
        floats(format!("weight.{t}"), weight)?;
        floats(format!("first.{t}"), &mut adam.first[t])?;
        floats(format!("second.{t}"), &mut adam.second[t])?;
    }
    let mut code_use = CodeUse::new(&model);
    let counts = tensors.tensor("use").map_err(|e| e.to_string())?;
    if counts.data().len() != code_use.counts.len() * 4 {
        return Err("code use does not fit the model".into());
    }
    code_use.counts = counts.data().as_chunks::<4>().0.iter().map(|b| u32::from_le_bytes(*b)).collect();
    let phase = Phase::from_order(number("phase")?).ok_or("unknown phase")?;
    let step = number("step")? as usize;
    let seconds = metadata.get("seconds").and_then(|s| s.parse().ok()).unwrap_or(0.0);
    let fingerprint = metadata.get("fingerprint").cloned().unwrap_or_default();
    Ok((State { model, adam, code_use, phase, step, seconds }, fingerprint))
}
