//! Parameters by name, and gradients of them.

use std::collections::BTreeMap;

/// How an optimiser treats a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Weight decay applies, as to the weights of a layer.
    Decay,
    /// No weight decay, as for embeddings that should keep their length.
    NoDecay,
}

/// A named tensor: `V` is a slice of its values, shared or exclusive.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter<V> {
    /// Unique in its model.
    pub name: String,
    /// Sizes, the slowest dimension first.
    pub shape: Vec<usize>,
    /// Row-major values.
    pub values: V,
    /// How an optimiser treats it.
    pub group: Group,
}

impl<V> Parameter<V> {
    /// A tensor by its parts.
    pub fn new(name: impl Into<String>, shape: &[usize], values: V, group: Group) -> Self {
        Self { name: name.into(), shape: shape.to_vec(), values, group }
    }
}

/// A model whose parameters can be learned.
pub trait Parameters {
    /// Every tensor, in an order that never changes.
    fn parameters(&self) -> Vec<Parameter<&[f32]>>;

    /// The same tensors in the same order, to be changed.
    fn parameters_mut(&mut self) -> Vec<Parameter<&mut [f32]>>;
}

/// Parameters that own their values, for models that keep them nowhere else.
pub type ParameterSet = Vec<Parameter<Vec<f32>>>;

impl Parameters for ParameterSet {
    fn parameters(&self) -> Vec<Parameter<&[f32]>> {
        self.iter().map(|p| Parameter::new(p.name.as_str(), &p.shape, p.values.as_slice(), p.group)).collect()
    }

    fn parameters_mut(&mut self) -> Vec<Parameter<&mut [f32]>> {
        self.iter_mut().map(|p| Parameter::new(p.name.as_str(), &p.shape, p.values.as_mut_slice(), p.group)).collect()
    }
}

/// Gradients by the names of their tensors. A tensor without one does not learn in this step.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Gradients(BTreeMap<String, Vec<f32>>);

impl Gradients {
    /// Sets the gradient of the tensor `name`, laid out as its values.
    pub fn insert(&mut self, name: impl Into<String>, gradient: Vec<f32>) {
        self.0.insert(name.into(), gradient);
    }

    /// The gradient of the tensor `name`.
    pub fn get(&self, name: &str) -> Option<&[f32]> {
        self.0.get(name).map(Vec::as_slice)
    }

    /// All with their names, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[f32])> {
        self.0.iter().map(|(name, gradient)| (name.as_str(), gradient.as_slice()))
    }
}
