//! A tokenizer's parameters by name.

use crate::learn::parameters::{Group, Parameter, Parameters};
use crate::model::{Architecture, Linear, Model};

/// Name of all codebooks together, `[quantizers][levels][codes][latent]`.
pub const CODEBOOKS: &str = "codebooks";
/// Name of the router, a single layer.
pub const ROUTER: &str = "router";

/// Name of layer `i` of the encoder.
pub fn encoder(i: usize) -> String {
    format!("encoder.{i}")
}

/// Name of layer `i` of the decoder.
pub fn decoder(i: usize) -> String {
    format!("decoder.{i}")
}

/// Name of the weights of a layer, `[outputs][inputs]`.
pub fn weight(layer: &str) -> String {
    format!("{layer}.weight")
}

/// Name of the bias of a layer, `[outputs]`.
pub fn bias(layer: &str) -> String {
    format!("{layer}.bias")
}

impl Parameters for Model {
    fn parameters(&self) -> Vec<Parameter<&[f32]>> {
        let encoder = self.encoder.iter().enumerate().map(|(i, l)| (encoder(i), l));
        let decoder = self.decoder.iter().enumerate().map(|(i, l)| (decoder(i), l));
        let router = self.router.iter().map(|l| (ROUTER.to_string(), l));
        let layers = encoder.chain(decoder).chain(router);
        let layers = layers.flat_map(|(name, l)| of_layer(&name, (l.inputs, l.outputs), l.weight.as_slice(), l.bias.as_slice()));
        layers.chain([codebooks(&self.config.model, self.codebooks.as_slice())]).collect()
    }

    fn parameters_mut(&mut self) -> Vec<Parameter<&mut [f32]>> {
        let encoder = self.encoder.iter_mut().enumerate().map(|(i, l)| (encoder(i), l));
        let decoder = self.decoder.iter_mut().enumerate().map(|(i, l)| (decoder(i), l));
        let router = self.router.iter_mut().map(|l| (ROUTER.to_string(), l));
        let layers = encoder.chain(decoder).chain(router);
        let layers = layers.flat_map(|(name, l)| {
            let Linear { weight, bias, inputs, outputs } = l;
            of_layer(&name, (*inputs, *outputs), weight.as_mut_slice(), bias.as_mut_slice())
        });
        layers.chain([codebooks(&self.config.model, self.codebooks.as_mut_slice())]).collect()
    }
}

fn of_layer<V>(name: &str, (inputs, outputs): (usize, usize), weights: V, biases: V) -> [Parameter<V>; 2] {
    let weights = Parameter::new(weight(name), &[outputs, inputs], weights, Group::Decay);
    [weights, Parameter::new(bias(name), &[outputs], biases, Group::Decay)]
}

/// Codes follow the latents; decay would draw them to zero.
fn codebooks<V>(a: &Architecture, values: V) -> Parameter<V> {
    Parameter::new(CODEBOOKS, &[a.quantizers(), a.levels, a.codes, a.latent], values, Group::NoDecay)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Config, FORMAT_VERSION, TextConfig};
    use crate::train::network::xavier::xavier;

    #[test]
    fn both_lists_name_the_same_tensors_and_shapes_fit_the_values() {
        let architecture = Architecture { hidden: vec![7], ..Architecture::small(12, 2) };
        let config = Config {
            format_version: FORMAT_VERSION,
            domains: vec![],
            model: architecture,
            text: TextConfig::default(),
            cooccurrence: None,
        };
        let mut model = xavier(config, 1);
        let listed: Vec<(String, Vec<usize>, usize)> =
            model.parameters().into_iter().map(|p| (p.name, p.shape, p.values.len())).collect();
        let changeable: Vec<_> = model.parameters_mut().into_iter().map(|p| (p.name, p.shape, p.values.len())).collect();
        assert_eq!(listed, changeable);
        assert!(listed.iter().all(|(_, shape, size)| shape.iter().product::<usize>() == *size));
        let names: Vec<&str> = listed.iter().map(|(name, ..)| name.as_str()).collect();
        let layer = |name: &str| [format!("{name}.weight"), format!("{name}.bias")];
        let expected = ["encoder.0", "encoder.1", "decoder.0", "decoder.1", "router"].map(layer).concat();
        assert_eq!(names, [expected, vec!["codebooks".into()]].concat());
    }
}
