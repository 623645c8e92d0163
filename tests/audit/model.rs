//! Metrics of a model computed by hand, and HSIC compared with PyTorch.

use unitok::audit::model::{Items, ModelAuditError, measure};
use unitok::compute::stats::hsic::hsic;
use unitok::engine::Tokenized;
use unitok::model::Template;
use unitok::model::{Architecture, Config, FORMAT_VERSION, Mix, TextConfig};
use unitok::model::{Linear, Model};
use unitok::tokens::{CodeVocabulary, Codewords, Layout, Schema};

/// A model with two routed experts and a shared one, one level of two codes, and equal gates for all items.
fn model() -> Model {
    let architecture = Architecture {
        input: 2,
        hidden: vec![],
        latent: 2,
        levels: 1,
        codes: 2,
        experts: 2,
        top_n: 1,
        shared: true,
        mix: Mix::Sum,
    };
    let text = TextConfig { encoder: String::new(), encoder_sha256: String::new(), template: Template::default() };
    let config = Config { format_version: FORMAT_VERSION, domains: vec![], model: architecture, text, cooccurrence: None };
    let router = Some(Linear { weight: vec![0.0; 4], bias: vec![0.0; 2], inputs: 2, outputs: 2 });
    Model { config, encoder: vec![], decoder: vec![], router, codebooks: vec![0.0; 12] }
}

const X: [f32; 8] = [0.0, 0.0, 2.0, 0.0, 0.0, 1.0, 0.0, 3.0];

/// Two items in each of two domains.
fn batch() -> Tokenized {
    Tokenized {
        items: 4,
        top_n: 1,
        slots: 2,
        levels: 1,
        experts: vec![0, 0, 1, 0],
        gates: vec![0.5; 4],
        codes: vec![0, 1, 0, 1, 1, 0, 1, 1],
        residual_norms: vec![0.1, 1.0, 0.1, 1.0, 0.2, 1.0, 0.0, 3.0],
        margins: vec![1.0; 8],
        z: Some(X.to_vec()),
        z_hat: Some(X.to_vec()),
        reconstruction: Some(vec![0.5, 0.5, 0.0, 1.0]),
    }
}

fn near(a: f64, b: f64) {
    assert!((a - b).abs() < 1e-6, "{a} is not {b}");
}

/// Owns what [`Items`] borrows.
struct Case {
    model: Model,
    batch: Tokenized,
    codewords: Codewords,
    names: Vec<String>,
    domains: Vec<u32>,
    texts: Vec<u64>,
}

impl Case {
    fn new() -> Self {
        let (model, batch) = (model(), batch());
        let schema = Schema::new(&model.config.model, Layout::ExpertLast, CodeVocabulary::Shared).unwrap();
        let codewords = schema.codewords(&batch);
        let names = ["books", "empty", "toys"].map(String::from).to_vec();
        Self { model, batch, codewords, names, domains: vec![0, 0, 2, 2], texts: vec![1, 1, 2, 3] }
    }

    fn items(&self) -> Items<'_> {
        Items {
            model: &self.model,
            batch: &self.batch,
            scaled: &X,
            codewords: &self.codewords,
            domains: &self.domains,
            names: &self.names,
            texts: &self.texts,
        }
    }
}

#[test]
fn a_model_by_hand() {
    let case = Case::new();
    let report = measure(&case.items()).unwrap();
    // A domain without items is left out.
    let names: Vec<&str> = report.domains.iter().map(|d| d.name.as_str()).collect();
    assert_eq!(names, ["books", "toys"]);
    // The two items of each domain have distance 2, so Σ‖x − mean‖² = 2.
    near(report.domains[0].rec, 1.0 / 2.0);
    near(report.domains[1].rec, 1.0 / 2.0);
    near(report.domains[0].q, 0.02 / 2.0);
    near(report.domains[1].q, 0.04 / 2.0);
    near(report.q, 0.015);
    // Both books have the same text; the three different texts have different codewords.
    assert_eq!((report.domains[0].net.distinct, report.domains[0].net.unique), (1, 1));
    assert_eq!((report.net.distinct, report.net.unique), (3, 3));
    let router = report.router.unwrap();
    assert_eq!((router.load, router.balanced_load), (vec![0.75, 0.25], vec![0.75, 0.25]));
    near(router.mean_entropy_bits, 1.0);
    near(router.load_entropy_bits, 0.811_278);
    near(router.domain_nmi.unwrap(), 2.0 * 0.311_278 / 1.811_278);
    let (first, shared) = (&report.quantizers[0], &report.quantizers[2]);
    assert_eq!((first.expert, first.items, first.levels[0].used), (Some(0), 3, 2));
    near(first.levels[0].squared_error, 0.02 / 3.0);
    assert_eq!((shared.expert, shared.items), (None, 4));
    near(shared.levels[0].squared_error, 12.0 / 4.0);
    // Two items a domain: each kernel is [[1, 1/e], [1/e, 1]].
    assert_eq!(report.hsic_items, 2);
    near(report.domains[0].hsic.value, (1.0 - (-1.0f64).exp()).powi(2));
    near(report.hsic_variance, 0.0);
}

#[test]
fn a_collapse_names_its_reasons() {
    let mut case = Case::new();
    case.batch.experts = vec![0; 4];
    case.batch.reconstruction = Some(vec![1.0; 4]);
    let collapse = measure(&case.items()).unwrap().collapse;
    assert!(collapse.collapsed);
    for reason in ["NMI is 0.00", "expert 0 takes 100 % of the load", "100 % of the input's variance is lost"] {
        assert!(collapse.reasons.iter().any(|r| r.contains(reason)), "{reason}: {:?}", collapse.reasons);
    }
    // Four items are too few to judge unused codes.
    assert!(!collapse.reasons.iter().any(|r| r.contains("first-level")), "{:?}", collapse.reasons);
    // The router cannot be judged with one domain.
    case.domains = vec![0; 4];
    let reasons = measure(&case.items()).unwrap().collapse.reasons;
    assert!(!reasons.iter().any(|r| r.contains("NMI") || r.contains("load")), "{reasons:?}");
}

#[test]
fn inputs_that_do_not_fit_each_other_are_refused() {
    let mut case = Case::new();
    case.texts.pop();
    assert_eq!(measure(&case.items()), Err(ModelAuditError::Length { what: "texts", found: 3, expected: 4 }));
    let mut case = Case::new();
    case.batch.z = None;
    assert_eq!(measure(&case.items()), Err(ModelAuditError::Missing("latents")));
    let mut case = Case::new();
    case.domains[1] = 3;
    assert_eq!(measure(&case.items()), Err(ModelAuditError::Domain { item: 1, domain: 3, names: 3 }));
    let case = Case { batch: Tokenized { items: 0, ..Tokenized::default() }, ..Case::new() };
    assert_eq!(measure(&case.items()), Err(ModelAuditError::Empty));
}

#[test]
fn hsic_equals_pytorch() {
    let golden: serde_json::Value = serde_json::from_str(include_str!("../golden/unitok_golden.json")).unwrap();
    let rows = |value: &serde_json::Value| -> Vec<Vec<f32>> { serde_json::from_value(value.clone()).unwrap() };
    let mut checked = 0;
    for case in golden["cases"].as_array().unwrap() {
        let expected: Vec<f64> = serde_json::from_value(case["loss"]["hsic"].clone()).unwrap();
        let (x, z) = (rows(&case["x"]), rows(&case["z"]));
        let n = case["config"]["items_per_domain"].as_u64().unwrap() as usize;
        for ((x, z), expected) in x.chunks(n).zip(z.chunks(n)).zip(expected) {
            let value = hsic(&x.concat(), x[0].len(), &z.concat(), z[0].len()).value;
            assert!((value / expected - 1.0).abs() < 1e-5, "{value} {expected}");
            checked += 1;
        }
    }
    assert!(checked >= 9, "{checked}");
}
