//! `cargo xtask bench`: races of each stage against its peers, other programs that do the same work on the same data.
//!
//! Every contender runs in its own process. A round runs all of them in turn, so that a slow minute of the machine affects all
//! alike, and the ratios within a round are compared. The page's races run in headless Chromium ([`browser`]). Peers are installed
//! once, below the target folder.

mod browser;
mod contenders;
mod device;
mod options;
mod peers;
mod race;
mod table;

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::process::target;
use device::{Available, Device};
pub use options::Options;

/// Sets up what is needed, runs all rounds, and prints a table. The results go to `target/bench/` as JSON and Markdown.
pub fn run(options: &Options) -> Result<()> {
    let on_cpu = options.device == Device::Cpu;
    let known = match on_cpu {
        true => [&contenders::RACES[..], &browser::RACES, &[browser::FIRST_TOKEN]].concat(),
        false => [&contenders::GPU_RACES[..], &browser::GPU_RACES].concat(),
    };
    for name in &options.only {
        ensure!(known.contains(&name.as_str()), "there is no race {name}: choose from {}", known.join(", "));
    }
    let wanted = |name: &str| options.only.is_empty() || options.only.iter().any(|only| only == name);
    let folder = target().join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let tools = peers::set_up(&folder, on_cpu && contenders::TRAINING.into_iter().any(wanted), options.titles)?;
    let mut races = match device::find(options.device, &tools)? {
        Available::Cpu if contenders::RACES.into_iter().any(wanted) => contenders::races(&tools, options.seconds)?,
        Available::Cpu => Vec::new(),
        Available::Adapter(torch) => contenders::gpu_races(&tools, options.seconds, torch),
        Available::None => return Ok(()),
    };
    let in_browser = match on_cpu {
        true => browser::RACES.into_iter().any(wanted) || wanted(browser::FIRST_TOKEN),
        false => browser::GPU_RACES.into_iter().any(wanted),
    };
    let browser = if in_browser { Some(browser::set_up(&folder, &tools)?) } else { None };
    if let Some(browser) = &browser {
        races.extend(match options.device {
            Device::Cpu => browser.races(options.seconds)?,
            Device::Gpu => browser.gpu_races(options.seconds, "webgpu"),
            Device::Software => browser.gpu_races(options.seconds, "software"),
        });
    }
    races.retain(|race| wanted(race.name));
    let results = race::run(&races, options.rounds)?;
    let visits = browser
        .filter(|_| on_cpu && wanted(browser::FIRST_TOKEN))
        .map(|browser| browser.first_token(options.rounds))
        .transpose()?;
    let json = folder.join("results.json");
    fs::write(&json, serde_json::to_vec_pretty(&table::json(&results, visits.as_ref()))?)?;
    let markdown = table::markdown(&results, visits.as_ref(), options);
    fs::write(folder.join("results.md"), &markdown)?;
    eprintln!("\n{markdown}\nwritten: {} and results.md beside it", json.display());
    Ok(())
}
