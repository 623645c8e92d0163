//! Every shader, for every shape that changes its text, through naga's parser and validator, which Firefox and native wgpu
//! use. The browser tests run them through Chrome's compiler, Tint.

use std::collections::BTreeSet;

use naga::valid::{Capabilities, ValidationFlags, Validator};
use unitok::bench;
use unitok::engine::gpu::sources;
use unitok::model::{Architecture, Mix};
use unitok::text;

fn shapes() -> Vec<Architecture> {
    let small = Architecture::small(384, 6);
    vec![
        small.clone(),
        Architecture::paper(768, 10),
        Architecture { experts: 0, top_n: 0, ..small.clone() },
        Architecture { shared: false, top_n: 2, mix: Mix::Convex { weight: 0.7 }, ..small.clone() },
        Architecture { latent: 1, codes: 2, levels: 1, ..small.clone() },
        Architecture { latent: 255, codes: 1000, top_n: 6, mix: Mix::Convex { weight: 1e-7 }, ..small },
    ]
}

fn text_shapes() -> Vec<text::Architecture> {
    let minilm = text::Architecture {
        hidden: 384,
        layers: 6,
        heads: 12,
        intermediate: 1536,
        vocabulary: 30_522,
        positions: 512,
        types: 2,
        epsilon: 1e-12,
    };
    vec![
        minilm.clone(),
        text::Architecture { hidden: 1, heads: 1, intermediate: 1, epsilon: 0.0, ..minilm.clone() },
        text::Architecture { hidden: 65, heads: 13, ..minilm.clone() },
        text::Architecture { hidden: 256, heads: 1, ..minilm.clone() },
        text::Architecture { hidden: 1 << 14, heads: 64, ..minilm },
    ]
}

#[test]
fn every_entry_point_validates() {
    let engine = shapes().into_iter().flat_map(|shape| sources(&shape));
    let text = text_shapes().into_iter().flat_map(|shape| text::gpu::sources(&shape));
    for (name, source) in engine.chain(text).chain([("multiply_add", bench::ceiling_source())]) {
        let module = naga::front::wgsl::parse_str(&source).unwrap_or_else(|e| panic!("{name}: {}", e.emit_to_string(&source)));
        assert_eq!(module.entry_points.len(), 1, "{name}: the entry point is not named, so there must be only one");
        let entry = &module.entry_points[0];
        assert!(entry.workgroup_size.iter().product::<u32>() <= 256, "{name}: WebGPU guarantees 256 invocations");
        let mut validator = Validator::new(ValidationFlags::all(), Capabilities::empty());
        validator.validate(&module).unwrap_or_else(|e| panic!("{name}: {}", e.emit_to_string(&source)));
        assert_limits(name, &module);
    }
}

/// WebGPU's guaranteed limits: 16 KiB of workgroup memory, eight storage buffers.
fn assert_limits(name: &str, module: &naga::Module) {
    let mut layouter = naga::proc::Layouter::default();
    layouter.update(module.to_ctx()).unwrap();
    let variables = || module.global_variables.iter().map(|(_, v)| v);
    let workgroup = variables().filter(|v| v.space == naga::AddressSpace::WorkGroup);
    let bytes: u32 = workgroup.map(|v| layouter[v.ty].size).sum();
    assert!(bytes <= 16 << 10, "{name}: {bytes} bytes of workgroup memory");
    let storage = variables().filter(|v| matches!(v.space, naga::AddressSpace::Storage { .. })).count();
    assert!(storage <= 8, "{name}: {storage} storage buffers");
}

#[test]
fn every_file_is_a_kernel() {
    let kernels =
        |sources: Vec<(&'static str, String)>| sources.into_iter().map(|(name, _)| name.to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(files("shaders"), kernels(sources(&Architecture::small(384, 6))));
    let mut text = kernels(text::gpu::sources(&text_shapes()[0]));
    assert!(text.remove("linear"), "the text encoder shares the tokenizer's matrix product");
    assert_eq!(files("shaders/text"), text);
}

/// Names of the shaders in a folder.
fn files(folder: &str) -> BTreeSet<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let shaders = files.filter(|path| path.extension().is_some_and(|e| e == "wgsl"));
    shaders.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect()
}
