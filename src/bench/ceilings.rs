//! The ceilings of a GPU: its measured peak rates of arithmetic and of copying, which the rates of the kernels are compared
//! with.

use std::hint::black_box;

use serde::Serialize;
use wgpu::BufferUsages as Usage;

use crate::base::clock::now;
use crate::compute::gpu::buffers::create;
use crate::compute::gpu::device::Gpu;
use crate::compute::gpu::dispatch::{Grid, Step};
use crate::compute::gpu::kernels::{Kernel, compiled};
use crate::compute::gpu::readback::{Readback, copy_back};
use crate::compute::gpu::shape::Shape;
use crate::compute::gpu::timing;
use crate::engine::EngineError;

const KERNEL: Kernel = Kernel { name: "multiply_add", common: &[], body: include_str!("../../shaders/bench/multiply_add.wgsl") };
/// Independent chains of `vec4f` multiply-adds in each invocation.
const CHAINS: usize = 16;
/// Multiply-adds of each chain in one round of the kernel's loop.
const STEPS: usize = 8;
/// Workgroups of a launch.
const GROUPS: usize = 1024;
/// Invocations in a workgroup.
const INVOCATIONS: usize = 256;
/// Bytes of a measured copy.
const COPY_BYTES: usize = 32 << 20;
/// Times that a copy is measured; the fastest counts.
const COPIES: usize = 4;

/// Peak rates of a device, in units of 10⁹ per second.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Ceilings {
    /// Floating-point operations in registers; a multiply-add counts as two.
    pub gflops: f64,
    /// Bytes copied from the host to the device.
    pub upload: f64,
    /// Bytes copied from the device to the host.
    pub readback: f64,
}

impl Ceilings {
    /// Measures a device, for about a second.
    ///
    /// # Errors
    /// [`EngineError::Device`] if the device fails.
    pub async fn measure(gpu: &Gpu) -> Result<Self, EngineError> {
        Ok(Self { gflops: gflops(gpu).await?, upload: upload(gpu).await?, readback: readback(gpu).await? })
    }
}

/// Complete WGSL of the kernel that measures multiply-adds.
pub fn source() -> String {
    KERNEL.source(&shape())
}

fn shape() -> Shape {
    Shape { constants: String::new(), repeats: vec![("$i", CHAINS), ("$r", STEPS)] }
}

async fn gflops(gpu: &Gpu) -> Result<f64, EngineError> {
    let pipeline = compiled(gpu, |device| KERNEL.compile(device, &shape())).await?;
    let rounds: u32 = if gpu.info.software { 1 } else { 64 };
    let work = create(gpu, "work", 16, Usage::UNIFORM | Usage::COPY_DST);
    gpu.queue.write_buffer(&work, 0, bytemuck::cast_slice(&[rounds, 0.999f32.to_bits(), 0, 0]));
    let sums = create(gpu, "sums", 4 * GROUPS as u64, Usage::STORAGE);
    let step = Step::new(&gpu.device, &pipeline, &[&work, &sums], Grid { items: 1, groups: 1 });
    let record = |encoder: &mut wgpu::CommandEncoder| {
        step.record(&mut encoder.begin_compute_pass(&Default::default()), GROUPS, GROUPS as u32);
    };
    let (repeats, seconds) = timing::repeats(gpu, 0.1, &record).await?;
    let flops = 2 * 4 * CHAINS * STEPS * rounds as usize * INVOCATIONS * GROUPS;
    Ok((repeats * flops) as f64 / seconds / 1e9)
}

async fn upload(gpu: &Gpu) -> Result<f64, EngineError> {
    let buffer = create(gpu, "upload", COPY_BYTES as u64, Usage::COPY_DST);
    let bytes = vec![1u8; COPY_BYTES];
    let mut best = f64::INFINITY;
    for _ in 0..COPIES {
        let start = now();
        gpu.queue.write_buffer(&buffer, 0, &bytes);
        timing::seconds(gpu, 0, &|_| ()).await?;
        best = best.min(now() - start);
    }
    Ok(COPY_BYTES as f64 / best / 1e9)
}

async fn readback(gpu: &Gpu) -> Result<f64, EngineError> {
    let buffer = create(gpu, "readback", COPY_BYTES as u64, Usage::COPY_SRC);
    let mut best = f64::INFINITY;
    for _ in 0..COPIES {
        let scopes = gpu.open_scopes();
        let mut encoder = gpu.device.create_command_encoder(&Default::default());
        let staging = copy_back(gpu, &mut encoder, &[(&buffer, COPY_BYTES / 4)], 1);
        let start = now();
        let mut readback = Readback::start(gpu, encoder, staging, scopes);
        let bytes = readback.bytes(gpu).await?.to_vec();
        best = best.min(now() - start);
        black_box(bytes);
        readback.end(gpu);
    }
    Ok(COPY_BYTES as f64 / best / 1e9)
}
