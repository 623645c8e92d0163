//! Temporary driver.
use unitok::train::config::Preset;
#[expect(clippy::print_stdout, reason = "a driver")]
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let preset = if a[1] == "small" { Preset::Small } else { Preset::Paper };
    let s = unitok::bench::train::train(preset, a[2].parse().unwrap(), a[3].parse().unwrap(), 1).unwrap();
    println!("{}", serde_json::to_string(&s).unwrap());
}
