//! The default model on real items: both engines against the float64 reference.

use std::path::PathBuf;

use unitok::catalog::{self, ReadOptions};
use unitok::text::TextEncoder;
use unitok::weights::Model;

use crate::agreement::check_agreement;
use crate::common::{shared, text_model};

const ITEMS: usize = 10_000;

#[test]
#[ignore = "minutes on a software GPU: cargo test --test engine -- --ignored"]
fn engines_agree_on_ten_thousand_real_items() {
    let (Some(file), Some(folder)) = (shared("data/yelp/items.jsonl"), text_model()) else { return };
    let model = Model::load(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("www/models/default")).unwrap();
    let items = catalog::open(&file, &ReadOptions::default()).unwrap().map(Result::unwrap);
    let texts: Vec<String> = items.filter_map(|item| model.config.text.template.text(&item)).take(ITEMS).collect();
    assert_eq!(texts.len(), ITEMS);
    let rows = TextEncoder::load(&folder).unwrap().embed(&texts);
    for (engine, agreement) in check_agreement(&model, &rows) {
        eprintln!("{engine}: {agreement:?}");
        assert!(agreement.codes > 2 * 4 * ITEMS * 99 / 100);
    }
}
