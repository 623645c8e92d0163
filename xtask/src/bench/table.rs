//! The results of a benchmark as Markdown and JSON.

use std::fmt::Write as _;
use std::fs;

use serde_json::{Value, json};

use super::options::Options;
use super::race::{Outcome, Times, spread};

/// A table of all races, and if there are any, tables of the bars and of the `visits` to the page.
pub fn markdown(outcomes: &[Outcome<'_>], visits: Option<&Value>, options: &Options) -> String {
    let mut text = format!(
        "`cargo xtask bench --rounds {} --seconds {}` on {}{}\n\n| stage | contender | items/s | per CPU second | UniTok is faster by |\n|---|---|---|---|---|\n",
        options.rounds,
        options.seconds,
        machine(),
        adapter(outcomes).map_or_else(String::new, |name| format!(", GPU {name}"))
    );
    for outcome in outcomes {
        for (i, times) in outcome.times.iter().enumerate() {
            let (wall, cpu) = (spread(times.rate(false)).median, spread(times.rate(true)).median);
            let ratio = outcome.ratio(times);
            let ratio = match i {
                0 => share_of_floor(times),
                _ => format!("{:.2} ({:.2}–{:.2})", ratio.median, ratio.least, ratio.most),
            };
            let stage =
                if i == 0 { format!("{}, {} thread(s)", outcome.race.title, outcome.race.threads) } else { String::new() };
            let _ = writeln!(text, "| {stage} | {} | {} | {} | {ratio} |", times.name, round(wall), round(cpu));
        }
    }
    if outcomes.iter().any(|outcome| !outcome.race.bars.is_empty()) {
        text += "\n| bar | reached | |\n|---|---|---|\n";
    }
    for outcome in outcomes {
        for bar in &outcome.race.bars {
            let Some((peer, ratio)) = outcome.closest_peer(bar) else { continue };
            let verdict = if ratio.median >= bar.least { "met" } else { "**missed**" };
            let _ =
                writeln!(text, "| {} ≥ {}× {} | {:.2}× | {verdict} |", outcome.race.title, bar.least, peer.name, ratio.median);
        }
    }
    if let Some(visits) = visits {
        text += "\n| from navigation to the first tokens, median ms | first visit | later visit |\n|---|---|---|\n";
        for (view, width) in [("wide", 1280), ("narrow", 360)] {
            let median = |when: &str| visits[format!("{when}_{view}")]["median"].clone();
            let _ = writeln!(text, "| {width} px | {} | {} |", median("cold"), median("warm"));
        }
    }
    let others = outcomes.iter().map(|outcome| outcome.others).fold(0.0, f64::max);
    let _ = writeln!(
        text,
        "\nRatios are medians of {} rounds (least–most), by CPU time with one thread and by wall time with more.",
        options.rounds
    );
    let _ = writeln!(text, "Other programs took up to {:.0} % of the CPU time.", 100.0 * others);
    text
}

/// The share of the machine's floor that a contender reached, if it reports one.
fn share_of_floor(times: &Times) -> String {
    let shares: Vec<f64> = times.rounds.iter().filter_map(|round| round["floor"]["share"].as_f64()).collect();
    if shares.is_empty() { String::new() } else { format!("{:.0} % of the floor in f32", 100.0 * spread(shares).median) }
}

/// Name of the GPU that UniTok ran on, if it did.
fn adapter<'o>(outcomes: &'o [Outcome<'_>]) -> Option<&'o str> {
    outcomes.first()?.times.first()?.rounds.first()?["adapter"]["name"].as_str()
}

/// Everything that the contenders printed.
pub fn json(outcomes: &[Outcome<'_>], visits: Option<&Value>) -> Value {
    let race = |outcome: &Outcome<'_>| {
        let contenders: serde_json::Map<_, _> =
            outcome.times.iter().map(|times| (times.name.to_owned(), json!(times.rounds))).collect();
        json!({ "race": outcome.race.name, "threads": outcome.race.threads, "others": outcome.others, "rounds": contenders })
    };
    json!({ "machine": machine(), "races": outcomes.iter().map(race).collect::<Vec<_>>(), "first_token": visits })
}

/// Rounds to three digits, with commas between thousands.
fn round(rate: f64) -> String {
    if !rate.is_finite() {
        return "–".into();
    }
    let unit = 10f64.powi((rate.max(1.0).log10().floor() as i32 - 2).max(0));
    let digits = format!("{:.0}", (rate / unit).round() * unit);
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap_or("")).collect();
    groups.join(",")
}

/// Description of the CPU, for the table's heading.
fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let sets = ["avx2", "avx512bw", "avx512_vnni"].into_iter().filter(|set| info.contains(&format!(" {set} ")));
    let sets = sets.collect::<Vec<_>>().join(", ");
    format!("{} ({cores} cores; {sets})", name.map_or(std::env::consts::ARCH, |(_, name)| name.trim()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn rates_have_three_digits() {
        assert_eq!(["1,230,000", "987", "12", "0"].map(str::to_owned), [1_234_567.0, 987.4, 12.4, 0.2].map(super::round));
    }
}
