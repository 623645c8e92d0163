//! Buffers on the device: layers of weights, and rows of numbers.

use wgpu::BufferUsages as Usage;

use super::device::Gpu;
use super::halves::halves;
use super::limits::padded;
use crate::model::Linear;

/// A layer's weights as `linear` reads them.
#[derive(Debug)]
pub struct Layer {
    /// `{inputs4, outputs4, activated, halves}`.
    pub shape: wgpu::Buffer,
    /// `[inputs][outputs]`, both padded; in half precision where that changes no value.
    pub weights: wgpu::Buffer,
    /// `[outputs]`, padded.
    pub bias: wgpu::Buffer,
    /// Padded output width.
    pub outputs: usize,
}

/// Uploads layers that follow each other, the last without an activation.
pub fn upload_layers(gpu: &Gpu, layers: &[Linear]) -> Vec<Layer> {
    layers.iter().enumerate().map(|(i, layer)| upload_layer(gpu, layer, i + 1 < layers.len())).collect()
}

/// Uploads a layer; `activated`: whether the kernel's activation follows.
pub fn upload_layer(gpu: &Gpu, layer: &Linear, activated: bool) -> Layer {
    let (inputs, outputs) = (padded(layer.inputs), padded(layer.outputs));
    let mut weights = vec![0.0; inputs * outputs];
    for (o, row) in layer.weight.chunks_exact(layer.inputs).enumerate() {
        for (i, &w) in row.iter().enumerate() {
            weights[i * outputs + o] = w;
        }
    }
    let halves = halves(&weights);
    let shape = [inputs / 4, outputs / 4, usize::from(activated), usize::from(halves.is_some())].map(|n| n as u32);
    let uniform = create(gpu, "layer shape", size_of_val(&shape) as u64, Usage::UNIFORM | Usage::COPY_DST);
    gpu.queue.write_buffer(&uniform, 0, bytemuck::cast_slice(&shape));
    Layer {
        shape: uniform,
        weights: match &halves {
            Some(halves) => upload(gpu, "layer weights", halves),
            None => upload(gpu, "layer weights", &weights),
        },
        bias: upload(gpu, "layer bias", &pad_rows(&layer.bias, layer.outputs)),
        outputs,
    }
}

/// Rows of `width` values, each padded with zeros to a whole number of `vec4f`.
pub fn pad_rows(values: &[f32], width: usize) -> Vec<f32> {
    let mut rows = Vec::with_capacity(values.len() / width * padded(width));
    for row in values.chunks_exact(width) {
        rows.extend_from_slice(row);
        rows.resize(rows.len().next_multiple_of(4), 0.0);
    }
    rows
}

/// A buffer with `values` for kernels to read.
pub fn upload<T: bytemuck::NoUninit>(gpu: &Gpu, label: &str, values: &[T]) -> wgpu::Buffer {
    let buffer = create(gpu, label, size_of_val(values) as u64, Usage::STORAGE | Usage::COPY_DST);
    gpu.queue.write_buffer(&buffer, 0, bytemuck::cast_slice(values));
    buffer
}

/// A buffer of `size` bytes, all zero.
pub fn create(gpu: &Gpu, label: &str, size: u64, usage: Usage) -> wgpu::Buffer {
    gpu.create_buffer(label, size, usage)
}
