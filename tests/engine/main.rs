//! Both engines against a float64 reference and PyTorch's results, and with a GPU that fails.

#[path = "../common/agreement.rs"]
mod agreement;
#[path = "../common/mod.rs"]
mod common;
mod decoder;
mod faults;
mod golden;
mod real;
mod shapes;
mod stages;

use agreement::check_agreement;
use unitok::model::Architecture;

#[test]
fn engines_agree_on_ten_thousand_items() {
    let shape = Architecture { hidden: vec![64, 48], top_n: 2, ..Architecture::small(96, 6) };
    let model = unitok::bench::synthetic::model(&shape, 1);
    for (engine, agreement) in check_agreement(&model, &unitok::bench::synthetic::rows(10_240, shape.input, 2)) {
        eprintln!("{engine}: {agreement:?}");
        assert_eq!(agreement.items, 10_240);
        assert!(agreement.codes > 100_000);
    }
}
