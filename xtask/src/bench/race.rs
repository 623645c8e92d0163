//! Runs the rounds of all races, and computes the ratios of their results.

use std::fs;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::contenders::{Bar, Contender, Race};
use crate::process::describe;

/// Least agreement with the reference: below it, a contender's times mean nothing.
const AGREEMENT: f64 = 0.999;

/// One contender over all rounds.
pub struct Times {
    /// Name in the table.
    pub name: &'static str,
    /// The JSON that it printed in each round.
    pub rounds: Vec<Value>,
}

/// One race over all rounds.
pub struct Outcome<'r> {
    /// The race.
    pub race: &'r Race,
    /// Times of the contenders, UniTok first.
    pub times: Vec<Times>,
    /// Share of all CPU time that other programs than the contenders took.
    pub others: f64,
}

/// Median and range of some numbers.
pub struct Spread {
    /// Median.
    pub median: f64,
    /// Minimum.
    pub least: f64,
    /// Maximum.
    pub most: f64,
}

/// Runs all races for `rounds` rounds, one contender after another.
pub fn run(races: &[Race], rounds: usize) -> Result<Vec<Outcome<'_>>> {
    let start = |race: &Race| race.contenders.iter().map(|c| Times { name: c.name, rounds: Vec::new() }).collect();
    let mut outcomes: Vec<Outcome<'_>> = races.iter().map(|race| Outcome { race, times: start(race), others: 0.0 }).collect();
    for round in 0..rounds {
        for outcome in &mut outcomes {
            eprintln!("round {} of {rounds}: {}", round + 1, outcome.race.title);
            let (busy_before, all_before) = busy_and_all();
            let mut own = 0.0;
            for (contender, times) in outcome.race.contenders.iter().zip(&mut outcome.times) {
                let (result, cpu) = time(contender)?;
                own += cpu;
                times.rounds.push(result);
            }
            let (busy, all) = busy_and_all();
            outcome.others += (busy - busy_before - own).max(0.0) / (all - all_before).max(1.0) / rounds as f64;
        }
    }
    Ok(outcomes)
}

/// Runs a contender; returns the JSON that it printed, and the CPU time that it took in ticks.
fn time(contender: &Contender) -> Result<(Value, f64)> {
    let mut command = std::process::Command::new(contender.command.get_program());
    command.args(contender.command.get_args()).stderr(Stdio::piped()).stdout(Stdio::piped());
    command.envs(contender.command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let line = describe(&command);
    let before = children_ticks();
    let output = command.output().with_context(|| format!("cannot start: {line}"))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{line}: {}\n{errors}", output.status);
    let text = String::from_utf8_lossy(&output.stdout);
    let json = text.lines().rev().find(|line| line.starts_with('{'));
    let result: Value = serde_json::from_str(json.with_context(|| format!("{line} printed no JSON: {text}\n{errors}"))?)?;
    let agreement = result["agreement"].as_f64();
    ensure!(
        contender.differs || agreement.is_none_or(|share| share >= AGREEMENT),
        "{line}: only {agreement:?} of the results equal the reference's, so its times mean nothing"
    );
    Ok((result, children_ticks() - before))
}

impl Times {
    /// Items per second of wall time or, with `cpu`, of CPU time, for each round.
    pub fn rate(&self, cpu: bool) -> Vec<f64> {
        let (direct, steps) =
            if cpu { ("items_per_cpu_second", "steps_per_cpu_second") } else { ("items_per_second", "steps_per_second") };
        let rate = |round: &Value| {
            let by_steps = || Some(round[steps].as_f64()? * round["batch"].as_f64()?);
            round[direct].as_f64().or_else(by_steps).unwrap_or(f64::NAN)
        };
        self.rounds.iter().map(rate).collect()
    }
}

impl Outcome<'_> {
    /// Whether CPU time is compared. With one thread it equals the wall time on a machine that does nothing else.
    pub fn by_cpu(&self) -> bool {
        self.race.threads == 1
    }

    /// Ratio of UniTok's rate to a peer's within each round.
    pub fn ratio(&self, peer: &Times) -> Spread {
        let (ours, theirs) = (self.times[0].rate(self.by_cpu()), peer.rate(self.by_cpu()));
        spread(ours.iter().zip(theirs).map(|(a, b)| a / b).collect())
    }

    /// The peer of a bar that UniTok's rate exceeds least, and the ratio to it.
    pub fn closest_peer(&self, bar: &Bar) -> Option<(&Times, Spread)> {
        let peers = self.times.iter().filter(|times| bar.against.contains(&times.name));
        peers.map(|peer| (peer, self.ratio(peer))).min_by(|a, b| a.1.median.total_cmp(&b.1.median))
    }
}

/// Median and range of `values`; NaN if there are none.
pub fn spread(mut values: Vec<f64>) -> Spread {
    values.sort_by(f64::total_cmp);
    let median = values.get(values.len() / 2).copied().unwrap_or(f64::NAN);
    Spread { median, least: values.first().copied().unwrap_or(f64::NAN), most: values.last().copied().unwrap_or(f64::NAN) }
}

/// Ticks that all CPU cores were busy, and all their ticks, since the system started; zeros where `/proc` lacks them.
fn busy_and_all() -> (f64, f64) {
    let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
    let line = stat.lines().next().unwrap_or_default();
    let ticks: Vec<f64> = line.split_ascii_whitespace().skip(1).filter_map(|word| word.parse().ok()).collect();
    let all: f64 = ticks.iter().take(8).sum();
    let idle: f64 = ticks.iter().skip(3).take(2).sum();
    (all - idle, all)
}

/// CPU time of this process's children that have ended, in ticks.
fn children_ticks() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    fields.split_ascii_whitespace().skip(13).take(2).filter_map(|word| word.parse::<f64>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ratios_are_taken_round_by_round() {
        let times = |name, rates: [f64; 3]| Times {
            name,
            rounds: rates.iter().map(|rate| json!({ "items_per_second": rate, "items_per_cpu_second": rate })).collect(),
        };
        let race = Race { name: "x", title: "x".into(), threads: 1, contenders: Vec::new(), bars: Vec::new() };
        let times = vec![times("unitok", [10.0, 30.0, 8.0]), times("slow", [5.0, 5.0, 1.0]), times("fast", [5.0, 20.0, 8.0])];
        let outcome = Outcome { race: &race, times, others: 0.0 };
        let ratio = outcome.ratio(&outcome.times[1]);
        assert_eq!((ratio.least, ratio.median, ratio.most), (2.0, 6.0, 8.0));
        let bar = Bar { against: vec!["slow", "fast"], least: 1.0 };
        assert_eq!(outcome.closest_peer(&bar).map(|(peer, _)| peer.name), Some("fast"));
    }
}
