//! An expert for a new domain: what was there stays, bit for bit.

use tempfile::tempdir;
use unitok::engine::Want;
use unitok::engine::cpu::CpuEngine;
use unitok::model::{Model, Precision};
use unitok::train::data::Domain;
use unitok::train::extend::extend_folder;
use unitok::train::network::device::Device;
use unitok::train::recipes::unitok::session::{Data, Options, train};

use crate::runs::{WIDTH, Watch, config, domains};

fn options(out: &std::path::Path, precision: Precision) -> Options {
    Options { out: out.into(), resume: false, force: false, precision, command: "unitok train --extend".into() }
}

fn data(domains: Vec<Domain>) -> Data {
    Data { domains, width: WIDTH, ..Data::default() }
}

/// A model of the first two domains, and its folder.
fn trained(precision: Precision) -> (tempfile::TempDir, Model) {
    let folder = tempdir().unwrap();
    let known = data(domains().into_iter().take(2).collect());
    train(&config(&[]), &known, Device::Cpu, &options(&folder.path().join("model"), precision), &mut Watch::default()).unwrap();
    let model = Model::load(&folder.path().join("model")).unwrap();
    (folder, model)
}

#[test]
fn old_domains_keep_codes_and_experts_and_the_new_one_gets_its_own() {
    // Weights that 16-bit floats would round are kept in 32 bits, whatever was asked for.
    for precision in [Precision::F16, Precision::F32] {
        let (folder, model) = trained(precision);
        let out = folder.path().join("extended");
        let found =
            extend_folder(&model, &config(&[]), &data(domains()), &options(&out, Precision::F16), &mut Watch::default()).unwrap();
        let extended = Model::load(&out).unwrap();
        assert_eq!((extended.config.model.experts, extended.config.domains.len()), (3, 3));
        for (k, domain) in domains().iter().enumerate() {
            let run = |model: &Model| CpuEngine::new(model).run_scaled(&domain.rows, Want::default()).unwrap();
            let (before, after) = (run(&model), run(&extended));
            let new = after.experts.iter().filter(|expert| **expert == 2).count();
            if k < 2 {
                assert_eq!((&before.experts, &before.codes, new), (&after.experts, &after.codes, 0), "{}", domain.name);
            } else {
                assert_eq!(new, 300, "the domains lie apart");
            }
        }
        let [extension] = &found[..] else { panic!("{found:?}") };
        assert_eq!((extension.routed, extension.kept_items), (1.0, 600));
        assert!(extension.extended.domain.q < extension.zero_shot.domain.q, "{extension:?}");
        let metrics: serde_json::Value = serde_json::from_slice(&std::fs::read(out.join("metrics.json")).unwrap()).unwrap();
        assert_eq!(metrics["extensions"][0]["extended"]["name"], "domain-2");
        assert!(std::fs::read_to_string(out.join("README.md")).unwrap().contains("An expert for domain-2: 100.0 %"));
    }
}

#[test]
fn a_new_domain_amid_an_old_one_takes_none_of_its_items() {
    let (folder, model) = trained(Precision::F16);
    let mut all = domains();
    // Every other item of the new domain is one of an old one.
    let mixed: Vec<f32> =
        (0..300).flat_map(|i| all[if i % 2 == 0 { 0 } else { 2 }].rows[i * WIDTH..(i + 1) * WIDTH].to_vec()).collect();
    all[2] = Domain::new("mixed", mixed);
    let out = folder.path().join("extended");
    let found = extend_folder(&model, &config(&[]), &data(all), &options(&out, Precision::F16), &mut Watch::default()).unwrap();
    // An item or two of its own may lie so near that the distance which old items keep takes them in.
    assert!(found[0].routed > 0.48 && found[0].routed <= 0.5, "{found:?}");
}

#[test]
fn a_new_domain_may_have_fewer_items_than_a_batch_takes() {
    let (folder, model) = trained(Precision::F16);
    let mut all = domains();
    // Three times as many of the new domain's items are drawn for a batch as the 30 of an old one.
    all[2].rows.truncate(12 * WIDTH);
    let out = folder.path().join("extended");
    let found = extend_folder(&model, &config(&[]), &data(all), &options(&out, Precision::F16), &mut Watch::default()).unwrap();
    assert_eq!((found[0].routed, found[0].kept_items), (1.0, 600));
    assert!(found[0].extended.domain.q < found[0].zero_shot.domain.q, "{found:?}");
}

#[test]
fn what_cannot_be_extended_is_refused() {
    let (folder, model) = trained(Precision::F16);
    let out = folder.path().join("extended");
    let run = |model: &Model, domains: Vec<Domain>| {
        extend_folder(model, &config(&[]), &data(domains), &options(&out, Precision::F16), &mut Watch::default())
            .unwrap_err()
            .to_string()
    };
    let all = domains();
    let missing = |given: &[usize]| run(&model, given.iter().map(|&k| all[k].clone()).collect());
    assert!(missing(&[2]).ends_with("Missing: domain-0, domain-1"));
    assert!(missing(&[0, 2]).ends_with("Missing: domain-1"), "the new expert would take items of a domain left out");
    assert!(run(&model, all[..2].to_vec()).contains("give a new domain too"));
    let few = Domain::new("few", all[2].rows[..3 * WIDTH].to_vec());
    assert!(
        run(&model, vec![all[0].clone(), all[1].clone(), few]).contains("3 items are too few for an expert of 8 codes a level")
    );
    let alike = Domain::new("alike", all[2].rows[..WIDTH].repeat(40));
    assert!(run(&model, vec![all[0].clone(), all[1].clone(), alike]).contains("all 40 rows are equal"));
    let empty = Domain::new("domain-1", Vec::new());
    assert!(run(&model, vec![all[0].clone(), empty, all[2].clone()]).contains("all 0 rows are equal"));
    let mut alone = model.clone();
    (alone.config.model.experts, alone.config.model.top_n, alone.router) = (0, 0, None);
    assert!(run(&alone, all.clone()).contains("has no experts"));
    let mut histories = model;
    histories.config.cooccurrence = Some(Default::default());
    assert!(run(&histories, all).contains("reads what users did too"));
    assert!(!out.join("model.safetensors").exists());
}
