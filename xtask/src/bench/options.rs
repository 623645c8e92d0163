//! What to run, from the command line.

use anyhow::{Context, Result, bail, ensure};

use super::device::Device;

/// What to run.
pub struct Options {
    /// Rounds over all contenders.
    pub rounds: usize,
    /// Seconds a contender is timed in a round.
    pub seconds: f64,
    /// Races to run; all if empty.
    pub only: Vec<String>,
    /// Titles that the text encoders embed.
    pub titles: usize,
    /// Which races.
    pub device: Device,
}

impl Options {
    /// From the command line.
    pub fn parse(words: &[&str]) -> Result<Self> {
        let mut options = Self { rounds: 5, seconds: 2.0, only: Vec::new(), titles: 1_000, device: Device::Cpu };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().with_context(|| format!("{word} wants a value"));
            match *word {
                "--rounds" => options.rounds = value()?.parse().context("--rounds wants a number")?,
                "--seconds" => options.seconds = value()?.parse().context("--seconds wants a number")?,
                "--only" => options.only = value()?.split(',').map(str::to_owned).collect(),
                "--titles" => options.titles = value()?.parse().context("--titles wants a number")?,
                "--device" => options.device = value()?.parse()?,
                other => bail!(
                    "unexpected: {other}. bench takes --rounds N, --seconds S, --only RACE,RACE, --titles N, --device DEVICE"
                ),
            }
        }
        ensure!(
            options.rounds > 0 && options.seconds > 0.0 && options.titles > 0,
            "--rounds, --seconds and --titles must be above 0"
        );
        Ok(options)
    }
}
