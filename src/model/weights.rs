//! A trained tokenizer in memory, and its two files: `model.safetensors` and `config.json`.
//!
//! Loading checks every tensor against the configuration.

use std::collections::BTreeMap;
use std::path::Path;

use half::f16;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::base::floats::{copy_floats, first_not_finite, widen_halves};
use crate::model::{Config, WeightsError};

/// One affine layer `y = x Wᵀ + b`.
#[derive(Debug, Clone, PartialEq)]
pub struct Linear {
    /// `[outputs][inputs]`, row-major.
    pub weight: Vec<f32>,
    /// `[outputs]`.
    pub bias: Vec<f32>,
    /// Input width.
    pub inputs: usize,
    /// Output width.
    pub outputs: usize,
}

/// A tokenizer: configuration and weights, all in f32.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// Shapes, domains, text treatment.
    pub config: Config,
    /// Encoder `f`, with ReLU between layers.
    pub encoder: Vec<Linear>,
    /// Decoder `g`, whose widths are those of the encoder in reverse order. It has no layers in a model that was loaded
    /// without it.
    pub decoder: Vec<Linear>,
    /// Router `s = W z + b`; absent where there are no routed experts.
    pub router: Option<Linear>,
    /// `[quantizers][levels][codes][latent]`: experts in order, the shared one last.
    pub codebooks: Vec<f32>,
}

/// How the names of the decoder's tensors begin.
pub(super) const DECODER: &str = "decoder.";

/// Number format of the stored weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// 32-bit floats.
    F32,
    /// 16-bit floats, half the bytes. A model that is loaded from them computes with the rounded values.
    F16,
}

impl Model {
    /// Reads a model from the contents of its two files.
    ///
    /// # Errors
    /// Any [`WeightsError`] but [`WeightsError::Io`].
    pub fn from_bytes(config_json: &str, safetensors: &[u8]) -> Result<Self, WeightsError> {
        Self::with_config(Config::from_json(config_json)?, safetensors)
    }

    /// Reads the weights that `config` describes from the content of `model.safetensors`.
    ///
    /// # Errors
    /// As [`Model::from_bytes`].
    pub fn with_config(config: Config, safetensors: &[u8]) -> Result<Self, WeightsError> {
        Self::read(config, safetensors, true)
    }

    /// As [`Model::with_config`]; the file has the decoder, or all tensors but those of the decoder.
    pub(super) fn read(config: Config, safetensors: &[u8], with_decoder: bool) -> Result<Self, WeightsError> {
        let tensors = SafeTensors::deserialize(safetensors)?;
        let mut expected = expected_shapes(&config);
        expected.retain(|name, _| with_decoder || !name.starts_with(DECODER));
        check_tensors(&expected, &tensors)?;
        let encoder = take_layers(&tensors, "encoder", &config.model.widths())?;
        let decoder = if with_decoder { decoder_layers(&tensors, &config)? } else { Vec::new() };
        let a = &config.model;
        let router = (a.experts > 0).then(|| take_linear(&tensors, "router", a.latent, a.experts)).transpose()?;
        let mut codebooks = Vec::with_capacity(a.quantizers() * a.levels * a.codes * a.latent);
        if a.experts > 0 {
            read_floats("experts.codebooks", &tensors, &mut codebooks)?;
        }
        if a.shared {
            read_floats("shared.codebooks", &tensors, &mut codebooks)?;
        }
        Ok(Self { encoder, decoder, router, codebooks, config })
    }

    /// Reads the two files of a model folder.
    ///
    /// # Errors
    /// Any [`WeightsError`].
    pub fn load(folder: &Path) -> Result<Self, WeightsError> {
        let read = |name: &str| {
            let path = folder.join(name);
            std::fs::read(&path).map_err(|source| WeightsError::Io { path, source })
        };
        let config = read("config.json")?;
        Self::from_bytes(&String::from_utf8_lossy(&config), &read("model.safetensors")?)
    }

    /// The content of `model.safetensors`.
    pub fn to_safetensors(&self, precision: Precision) -> Vec<u8> {
        self.to_safetensors_where(precision, |_| true)
    }

    /// The content of a file of the tensors whose names are wanted.
    pub(super) fn to_safetensors_where(&self, precision: Precision, wanted: impl Fn(&str) -> bool) -> Vec<u8> {
        let dtype = match precision {
            Precision::F32 => Dtype::F32,
            Precision::F16 => Dtype::F16,
        };
        let tensors = self.named_tensors().into_iter().filter(|(name, ..)| wanted(name));
        let stored: Vec<(String, Vec<usize>, Vec<u8>)> =
            tensors.map(|(name, shape, values)| (name, shape, to_bytes(values, precision))).collect();
        let views = stored.iter().map(|(name, shape, bytes)| {
            (name.as_str(), TensorView::new(dtype, shape.clone(), bytes).expect("shape and bytes come from one tensor"))
        });
        safetensors::serialize(views, None).expect("views are consistent")
    }

    /// `[codes][latent]` codebook of quantizer `q` at `level`.
    pub fn codebook(&self, q: usize, level: usize) -> &[f32] {
        let a = &self.config.model;
        let size = a.codes * a.latent;
        let start = (q * a.levels + level) * size;
        &self.codebooks[start..start + size]
    }

    /// Number of the shared expert's quantizer, if there is one.
    pub fn shared_quantizer(&self) -> Option<usize> {
        self.config.model.shared.then_some(self.config.model.experts)
    }

    /// The same model with every weight rounded to `precision`, as it will be after saving and loading.
    pub fn rounded(&self, precision: Precision) -> Self {
        Self::from_bytes(&self.config.to_json(), &self.to_safetensors(precision)).expect("a model in memory is consistent")
    }

    /// Name, shape and values of every tensor.
    pub(super) fn named_tensors(&self) -> Vec<(String, Vec<usize>, &[f32])> {
        let mut out: Vec<(String, Vec<usize>, &[f32])> = Vec::new();
        let named =
            |part: &'static str, layers: &'_ [Linear]| (0..layers.len()).map(|i| format!("{part}.{i}")).collect::<Vec<_>>();
        let names = [
            named("encoder", &self.encoder),
            named("decoder", &self.decoder),
            vec!["router".into(); usize::from(self.router.is_some())],
        ];
        let layers = self.encoder.iter().chain(&self.decoder).chain(&self.router);
        for (name, l) in names.concat().into_iter().zip(layers) {
            out.push((format!("{name}.weight"), vec![l.outputs, l.inputs], &l.weight));
            out.push((format!("{name}.bias"), vec![l.outputs], &l.bias));
        }
        let a = &self.config.model;
        let shape = [a.levels, a.codes, a.latent];
        let (experts, shared) = self.codebooks.split_at(a.experts * shape.iter().product::<usize>());
        if a.experts > 0 {
            out.push(("experts.codebooks".into(), [&[a.experts][..], &shape].concat(), experts));
        }
        if a.shared {
            out.push(("shared.codebooks".into(), shape.to_vec(), shared));
        }
        out
    }
}

/// Name and shape of every tensor of a model with this configuration.
pub(super) fn expected_shapes(config: &Config) -> BTreeMap<String, Vec<usize>> {
    let a = &config.model;
    let mut shapes = BTreeMap::new();
    let mut linear = |name: String, inputs: usize, outputs: usize| {
        shapes.insert(format!("{name}.weight"), vec![outputs, inputs]);
        shapes.insert(format!("{name}.bias"), vec![outputs]);
    };
    let widths = a.widths();
    let last = widths.len() - 2;
    for (i, w) in widths.windows(2).enumerate() {
        linear(format!("encoder.{i}"), w[0], w[1]);
        linear(format!("decoder.{}", last - i), w[1], w[0]);
    }
    if a.experts > 0 {
        linear("router".into(), a.latent, a.experts);
        shapes.insert("experts.codebooks".into(), vec![a.experts, a.levels, a.codes, a.latent]);
    }
    if a.shared {
        shapes.insert("shared.codebooks".into(), vec![a.levels, a.codes, a.latent]);
    }
    shapes
}

/// Compares all tensors with their expected shapes and types.
///
/// # Errors
/// [`WeightsError::Mismatch`], which lists all missing, mismatched and unused tensors.
pub(super) fn check_tensors(expected: &BTreeMap<String, Vec<usize>>, found: &SafeTensors<'_>) -> Result<(), WeightsError> {
    let mut faults = Vec::new();
    for (name, shape) in expected {
        match found.tensor(name) {
            Err(_) => faults.push(format!("  missing: {name} {shape:?}")),
            Ok(t) if t.shape() != shape => {
                faults.push(format!("  mismatched: {name} is {:?}, the config asks for {shape:?}", t.shape()));
            }
            Ok(t) if !matches!(t.dtype(), Dtype::F32 | Dtype::F16) => {
                faults.push(format!("  mismatched: {name} holds {:?}, expected F32 or F16", t.dtype()));
            }
            Ok(_) => {}
        }
    }
    let unused = found.names().into_iter().filter(|name| !expected.contains_key(*name));
    faults.extend(unused.map(|name| format!("  unused: {name}")));
    if faults.is_empty() { Ok(()) } else { Err(WeightsError::Mismatch(faults)) }
}

/// The decoder's layers, from tensors that were checked.
pub(super) fn decoder_layers(tensors: &SafeTensors<'_>, config: &Config) -> Result<Vec<Linear>, WeightsError> {
    let widths: Vec<usize> = config.model.widths().into_iter().rev().collect();
    take_layers(tensors, "decoder", &widths)
}

fn take_layers(tensors: &SafeTensors<'_>, part: &str, widths: &[usize]) -> Result<Vec<Linear>, WeightsError> {
    widths.windows(2).enumerate().map(|(i, w)| take_linear(tensors, &format!("{part}.{i}"), w[0], w[1])).collect()
}

fn take_linear(tensors: &SafeTensors<'_>, name: &str, inputs: usize, outputs: usize) -> Result<Linear, WeightsError> {
    let (mut weight, mut bias) = (Vec::new(), Vec::new());
    read_floats(&format!("{name}.weight"), tensors, &mut weight)?;
    read_floats(&format!("{name}.bias"), tensors, &mut bias)?;
    Ok(Linear { weight, bias, inputs, outputs })
}

/// Appends the values of an F32 or F16 tensor, all of which must be finite.
fn read_floats(name: &str, tensors: &SafeTensors<'_>, out: &mut Vec<f32>) -> Result<(), WeightsError> {
    let tensor = tensors.tensor(name)?;
    let start = out.len();
    match tensor.dtype() {
        Dtype::F16 => widen_halves(tensor.data(), out),
        _ => copy_floats(tensor.data(), out),
    }
    match first_not_finite(&out[start..]) {
        Some(index) => Err(WeightsError::NotFinite { tensor: name.into(), index }),
        None => Ok(()),
    }
}

fn to_bytes(values: &[f32], precision: Precision) -> Vec<u8> {
    match precision {
        Precision::F32 => values.iter().flat_map(|v| v.to_le_bytes()).collect(),
        Precision::F16 => values.iter().flat_map(|v| f16::from_f32(*v).to_le_bytes()).collect(),
    }
}
