//! The parameters of a network in one row of floats, so that a gradient is another row of that length.

use std::ops::Range;

use rand::Rng;

use crate::learn::parameters::{Gradients, Group, Parameter, Parameters};
use crate::learn::seed::generator;

/// A matrix among the parameters; a vector is a matrix of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tensor {
    at: usize,
    /// Rows.
    pub rows: usize,
    /// Columns: the length of a row.
    pub columns: usize,
}

impl Tensor {
    /// Where it lies in the row of all parameters.
    pub fn range(self) -> Range<usize> {
        self.at..self.at + self.rows * self.columns
    }

    /// Its values among those of all parameters, or its gradient among all gradients.
    pub fn of(self, all: &[f32]) -> &[f32] {
        &all[self.range()]
    }

    /// As [`Tensor::of`], to be changed.
    pub fn of_mut(self, all: &mut [f32]) -> &mut [f32] {
        &mut all[self.range()]
    }
}

/// Where the values of a tensor start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Start {
    /// All the same.
    Constant(f32),
    /// Of mean zero and this standard deviation, near enough normal.
    Normal(f32),
    /// Uniform within plus and minus this bound.
    Uniform(f32),
}

/// Named parameters.
#[derive(Debug, Clone)]
pub struct Weights {
    seed: u64,
    named: Vec<(String, Tensor, Group)>,
    /// All values, tensor after tensor.
    pub values: Vec<f32>,
}

impl Weights {
    /// None yet; what is added starts at random by `seed` and its name.
    pub fn new(seed: u64) -> Self {
        Self { seed, named: Vec::new(), values: Vec::new() }
    }

    /// Adds a tensor; its name is unique.
    pub fn add(&mut self, name: &str, [rows, columns]: [usize; 2], group: Group, start: Start) -> Tensor {
        let tensor = Tensor { at: self.values.len(), rows, columns };
        let mut rng = generator(self.seed, name, 0);
        // 24 random bits make a uniform float in [0, 1) on every platform.
        let mut uniform = || (rng.next_u32() >> 8) as f32 / (1u32 << 24) as f32;
        self.values.extend((0..rows * columns).map(|_| match start {
            Start::Constant(value) => value,
            // The sum of twelve uniform numbers has variance 1 and no tail beyond 6. It needs no function that differs
            // between platforms.
            Start::Normal(deviation) => deviation * ((0..12).map(|_| uniform()).sum::<f32>() - 6.0),
            Start::Uniform(bound) => bound * (2.0 * uniform() - 1.0),
        }));
        self.named.push((name.into(), tensor, group));
        tensor
    }

    /// Number of parameters.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// A gradient, laid out as the values, by the names of the tensors.
    pub fn named_gradients(&self, gradient: &[f32]) -> Gradients {
        let mut named = Gradients::default();
        self.named.iter().for_each(|(name, tensor, _)| named.insert(name.as_str(), tensor.of(gradient).to_vec()));
        named
    }
}

impl Parameters for Weights {
    fn parameters(&self) -> Vec<Parameter<&[f32]>> {
        let parameter = |(name, t, group): &(String, Tensor, Group)| {
            Parameter::new(name.as_str(), &[t.rows, t.columns], t.of(&self.values), *group)
        };
        self.named.iter().map(parameter).collect()
    }

    fn parameters_mut(&mut self) -> Vec<Parameter<&mut [f32]>> {
        let mut rest = self.values.as_mut_slice();
        let mut parameters = Vec::with_capacity(self.named.len());
        for (name, tensor, group) in &self.named {
            let (values, after) = rest.split_at_mut(tensor.rows * tensor.columns);
            parameters.push(Parameter::new(name.as_str(), &[tensor.rows, tensor.columns], values, *group));
            rest = after;
        }
        parameters
    }
}
