//! Options of `cargo xtask bench`.

use anyhow::{Context, Result, bail, ensure};

use super::device::Device;

/// Options of a benchmark.
pub struct Options {
    /// Number of rounds over all contenders.
    pub rounds: usize,
    /// Seconds that each contender is timed in a round.
    pub seconds: f64,
    /// Names of the races to run; all if empty.
    pub only: Vec<String>,
    /// Number of titles that the text encoders embed.
    pub titles: usize,
    /// Device of the races.
    pub device: Device,
}

impl Options {
    /// Parses the words after `cargo xtask bench`.
    pub fn parse(words: &[&str]) -> Result<Self> {
        let mut options = Self { rounds: 5, seconds: 2.0, only: Vec::new(), titles: 1_000, device: Device::Cpu };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().with_context(|| format!("{word} needs a value"));
            match *word {
                "--rounds" => options.rounds = value()?.parse().context("--rounds needs a number")?,
                "--seconds" => options.seconds = value()?.parse().context("--seconds needs a number")?,
                "--only" => options.only = value()?.split(',').map(str::to_owned).collect(),
                "--titles" => options.titles = value()?.parse().context("--titles needs a number")?,
                "--device" => options.device = value()?.parse()?,
                other => {
                    bail!("unknown option {other}: use --rounds N, --seconds S, --only RACE,RACE, --titles N, --device DEVICE")
                }
            }
        }
        ensure!(
            options.rounds > 0 && options.seconds > 0.0 && options.titles > 0,
            "--rounds, --seconds and --titles must be above 0"
        );
        Ok(options)
    }
}
