//! The default model on real items: both engines against the float64 reference.

use std::path::{Path, PathBuf};

use unitok::catalog::{self, ReadOptions};
use unitok::model::Model;
use unitok::text::TextEncoder;

use crate::agreement::check_agreement;
use crate::common::{shared, text_model};

/// Three catalogues on which the default model was trained, and one on which it was not.
const CATALOGUES: [&str; 4] = ["yelp", "toys", "games", "clothing-bundles"];
const ITEMS_EACH: usize = 2500;

#[test]
fn engines_agree_on_ten_thousand_real_items() {
    let (Some(data), Some(text_model)) = (shared("data"), text_model()) else { return };
    let model = Model::load(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("www/models/default")).unwrap();
    let texts: Vec<String> = CATALOGUES.iter().flat_map(|name| texts(&model, &data.join(name).join("items.jsonl"))).collect();
    assert_eq!(texts.len(), CATALOGUES.len() * ITEMS_EACH);
    let rows = TextEncoder::load(&text_model).unwrap().embed(&texts);
    for (engine, agreement) in check_agreement(&model, &rows) {
        eprintln!("{engine}: {agreement:?}");
        assert!(agreement.codes > 2 * 4 * texts.len() * 99 / 100);
    }
}

fn texts(model: &Model, file: &Path) -> Vec<String> {
    let items = catalog::open(file, &ReadOptions::default()).unwrap().map(Result::unwrap);
    items.filter_map(|item| model.config.text.template.text(&item)).take(ITEMS_EACH).collect()
}
