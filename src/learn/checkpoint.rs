//! The state of a run as bytes: everything a killed run needs to end as an unbroken one would.
//!
//! A safetensors file of named tensors (weights, an optimiser's moments, whatever else there is) with the rest of the
//! state as JSON in its metadata. The same state gives the same bytes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use safetensors::SafeTensorError;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::optimizer::AdamW;
use super::parameters::Parameters;

/// Where the metadata holds the state. A single key, for the order of several would be random.
const STATE: &str = "state";

/// A checkpoint that cannot be read, or is another model's.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// Not safetensors, or cut short.
    #[error("it is damaged: {0}")]
    Damaged(#[from] SafeTensorError),
    /// The state is not of the expected form.
    #[error("its state is not readable: {0}")]
    State(#[from] serde_json::Error),
    /// It holds no state.
    #[error("it has no state in its metadata: it is no checkpoint, or one of an earlier version, with which its run can go on")]
    NoState,
    /// A tensor is not there.
    #[error("it has no tensor {0}")]
    Missing(String),
    /// A tensor of which the model knows nothing.
    #[error("it has a tensor {0}, which the model does not have")]
    Unknown(String),
    /// A tensor of another shape or type.
    #[error("tensor {name} is {found}, the model asks for {expected}")]
    Mismatch {
        /// Which one.
        name: String,
        /// Type and shape that it has.
        found: String,
        /// Type and shape that it should have.
        expected: String,
    },
}

/// Values of a tensor, little-endian.
#[derive(Debug, Clone, PartialEq)]
struct Stored {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

/// Tensors by name, and a state.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    tensors: BTreeMap<String, Stored>,
    state: String,
}

impl Checkpoint {
    /// A checkpoint without tensors; `state` is all that is no tensor.
    ///
    /// # Errors
    /// [`CheckpointError::State`]: what JSON cannot hold.
    pub fn new(state: &impl Serialize) -> Result<Self, CheckpointError> {
        Ok(Self { tensors: BTreeMap::new(), state: serde_json::to_string(state)? })
    }

    /// The state.
    ///
    /// # Errors
    /// [`CheckpointError::State`]: it is not of this form.
    pub fn state<T: DeserializeOwned>(&self) -> Result<T, CheckpointError> {
        Ok(serde_json::from_str(&self.state)?)
    }

    /// Adds floats, `values` of `shape`.
    ///
    /// # Panics
    /// If their number is not that of the shape.
    pub fn add_floats(&mut self, name: &str, shape: &[usize], values: &[f32]) {
        self.add(name, Dtype::F32, shape, values.iter().flat_map(|v| v.to_le_bytes()).collect());
    }

    /// Adds counts, `values` of `shape`.
    ///
    /// # Panics
    /// If their number is not that of the shape.
    pub fn add_counts(&mut self, name: &str, shape: &[usize], values: &[u32]) {
        self.add(name, Dtype::U32, shape, values.iter().flat_map(|v| v.to_le_bytes()).collect());
    }

    fn add(&mut self, name: &str, dtype: Dtype, shape: &[usize], bytes: Vec<u8>) {
        let expected = shape.iter().product::<usize>() * dtype.bitsize() / 8;
        assert_eq!(bytes.len(), expected, "bytes of {name}");
        let before = self.tensors.insert(name.into(), Stored { dtype, shape: shape.to_vec(), bytes });
        assert!(before.is_none(), "two tensors are named {name}");
    }

    /// Adds the parameters of `model`, and the moments and updates of its optimiser.
    ///
    /// # Panics
    /// If two parameters share a name, or the optimiser was made for another model.
    pub fn add_model(&mut self, model: &impl Parameters, adam: &AdamW) {
        for p in model.parameters() {
            let moments = &adam.moments[&p.name];
            self.add_floats(&weights(&p.name), &p.shape, p.values);
            self.add_floats(&first(&p.name), &p.shape, &moments.first);
            self.add_floats(&second(&p.name), &p.shape, &moments.second);
        }
        self.add(UPDATES, Dtype::U64, &[1], adam.updates.to_le_bytes().to_vec());
    }

    /// Reads floats into their place.
    ///
    /// # Errors
    /// They are not there, or of another shape.
    ///
    /// # Panics
    /// If `into` is not of this shape.
    pub fn read_floats(&self, name: &str, shape: &[usize], into: &mut [f32]) -> Result<(), CheckpointError> {
        let bytes = self.expect(name, Dtype::F32, shape)?.as_chunks::<4>().0;
        assert_eq!(into.len(), bytes.len(), "room for {name}");
        into.iter_mut().zip(bytes).for_each(|(v, b)| *v = f32::from_le_bytes(*b));
        Ok(())
    }

    /// Reads counts into their place.
    ///
    /// # Errors
    /// They are not there, or of another shape.
    ///
    /// # Panics
    /// If `into` is not of this shape.
    pub fn read_counts(&self, name: &str, shape: &[usize], into: &mut [u32]) -> Result<(), CheckpointError> {
        let bytes = self.expect(name, Dtype::U32, shape)?.as_chunks::<4>().0;
        assert_eq!(into.len(), bytes.len(), "room for {name}");
        into.iter_mut().zip(bytes).for_each(|(v, b)| *v = u32::from_le_bytes(*b));
        Ok(())
    }

    /// Reads what [`Checkpoint::add_model`] added, into a model and an optimiser of the same shapes. Both stay as they were
    /// if there is an error.
    ///
    /// # Errors
    /// A tensor is not there, of another shape, or one that the model does not have.
    ///
    /// # Panics
    /// If the optimiser was made for another model.
    pub fn read_model(&self, model: &mut impl Parameters, adam: &mut AdamW) -> Result<(), CheckpointError> {
        self.check_model(model)?;
        let updates = self.expect(UPDATES, Dtype::U64, &[1])?;
        adam.updates = u64::from_le_bytes(updates.try_into().expect("one value of eight bytes"));
        for p in model.parameters_mut() {
            let moments = adam.moments.get_mut(&p.name).expect("the optimiser was made for this model");
            self.read_floats(&weights(&p.name), &p.shape, p.values)?;
            self.read_floats(&first(&p.name), &p.shape, &mut moments.first)?;
            self.read_floats(&second(&p.name), &p.shape, &mut moments.second)?;
        }
        Ok(())
    }

    /// Whether the weights here are those of `model`, and its moments are there.
    fn check_model(&self, model: &impl Parameters) -> Result<(), CheckpointError> {
        let parameters = model.parameters();
        for p in &parameters {
            for name in [weights(&p.name), first(&p.name), second(&p.name)] {
                self.expect(&name, Dtype::F32, &p.shape)?;
            }
        }
        let known: BTreeSet<String> = parameters.iter().map(|p| weights(&p.name)).collect();
        let unknown = self.tensors.keys().find(|name| name.starts_with(&weights("")) && !known.contains(*name));
        unknown.map_or(Ok(()), |name| Err(CheckpointError::Unknown(name.clone())))
    }

    fn expect(&self, name: &str, dtype: Dtype, shape: &[usize]) -> Result<&[u8], CheckpointError> {
        let stored = self.tensors.get(name).ok_or_else(|| CheckpointError::Missing(name.into()))?;
        if stored.dtype != dtype || stored.shape != shape {
            let found = format!("{:?} {:?}", stored.dtype, stored.shape);
            return Err(CheckpointError::Mismatch { name: name.into(), found, expected: format!("{dtype:?} {shape:?}") });
        }
        Ok(&stored.bytes)
    }

    /// All of it as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let views = self.tensors.iter().map(|(name, t)| {
            let view = TensorView::new(t.dtype, t.shape.clone(), &t.bytes).expect("a value for every place of the shape");
            (name.as_str(), view)
        });
        let metadata = HashMap::from([(STATE.to_string(), self.state.clone())]);
        safetensors::serialize(views, Some(metadata)).expect("names are unique")
    }

    /// Inverse of [`Checkpoint::to_bytes`].
    ///
    /// # Errors
    /// [`CheckpointError::Damaged`] or [`CheckpointError::NoState`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let (_, header) = SafeTensors::read_metadata(bytes)?;
        let state = header.metadata().as_ref().and_then(|metadata| metadata.get(STATE));
        let state = state.ok_or(CheckpointError::NoState)?.clone();
        let stored = |t: TensorView<'_>| Stored { dtype: t.dtype(), shape: t.shape().to_vec(), bytes: t.data().to_vec() };
        let tensors = SafeTensors::deserialize(bytes)?.tensors().into_iter().map(|(name, t)| (name, stored(t))).collect();
        Ok(Self { tensors, state })
    }
}

const UPDATES: &str = "updates";

fn weights(name: &str) -> String {
    format!("weights.{name}")
}

fn first(name: &str) -> String {
    format!("first.{name}")
}

fn second(name: &str) -> String {
    format!("second.{name}")
}

#[cfg(test)]
mod tests {
    use super::super::optimizer::AdamWOptions;
    use super::super::parameters::{Gradients, Group, Parameter, ParameterSet};
    use super::*;

    fn model(values: &[f32]) -> ParameterSet {
        vec![
            Parameter::new("layer.weight", &[2, 2], values[..4].to_vec(), Group::Decay),
            Parameter::new("layer.bias", &[2], values[4..].to_vec(), Group::Decay),
        ]
    }

    fn step(model: &mut ParameterSet, adam: &mut AdamW) {
        let mut gradients = Gradients::default();
        gradients.insert("layer.weight", model[0].values.iter().map(|v| v.sin()).collect());
        gradients.insert("layer.bias", vec![0.3, -0.2]);
        adam.update(model, &gradients, 0.1);
    }

    #[test]
    fn a_run_goes_on_from_its_checkpoint_as_if_nothing_had_happened() {
        let mut unbroken = model(&[0.1, 0.2, 0.3, 0.4, 0.5, 0.6]);
        let mut adam = AdamW::new(&unbroken, AdamWOptions::default());
        (0..3).for_each(|_| step(&mut unbroken, &mut adam));
        let mut saved = Checkpoint::new(&("joint", 3)).unwrap();
        saved.add_model(&unbroken, &adam);
        saved.add_counts("use", &[3], &[1, 2, 3]);
        let bytes = saved.to_bytes();
        assert_eq!(bytes, saved.clone().to_bytes());
        (0..3).for_each(|_| step(&mut unbroken, &mut adam));

        let read = Checkpoint::from_bytes(&bytes).unwrap();
        let (mut resumed, mut counts) = (model(&[0.0; 6]), [0; 3]);
        let mut adam_2 = AdamW::new(&resumed, AdamWOptions::default());
        read.read_model(&mut resumed, &mut adam_2).unwrap();
        read.read_counts("use", &[3], &mut counts).unwrap();
        assert_eq!((read.state::<(String, usize)>().unwrap(), counts), (("joint".into(), 3), [1, 2, 3]));
        (0..3).for_each(|_| step(&mut resumed, &mut adam_2));
        assert_eq!((resumed, adam_2), (unbroken, adam));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let small = model(&[0.0; 6]);
        let mut checkpoint = Checkpoint::new(&()).unwrap();
        checkpoint.add_model(&small, &AdamW::new(&small, AdamWOptions::default()));
        let fault = |mut other: ParameterSet| {
            let mut adam = AdamW::new(&other, AdamWOptions::default());
            checkpoint.read_model(&mut other, &mut adam).unwrap_err().to_string()
        };
        let mut turned = small.clone();
        turned[0].shape = vec![1, 4];
        assert_eq!(fault(turned), "tensor weights.layer.weight is F32 [2, 2], the model asks for F32 [1, 4]");
        let mut more = small.clone();
        more.push(Parameter::new("head", &[1], vec![0.0], Group::Decay));
        assert_eq!(fault(more), "it has no tensor weights.head");
        assert_eq!(fault(small[..1].to_vec()), "it has a tensor weights.layer.bias, which the model does not have");
        let bytes = checkpoint.to_bytes();
        assert!(matches!(Checkpoint::from_bytes(&bytes[..bytes.len() - 1]), Err(CheckpointError::Damaged(_))));
        let foreign = safetensors::serialize(Vec::<(String, TensorView<'_>)>::new(), None).unwrap();
        assert!(matches!(Checkpoint::from_bytes(&foreign), Err(CheckpointError::NoState)));
    }
}
