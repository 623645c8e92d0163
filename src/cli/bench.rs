//! `unitok bench`: measures how fast a stage is on this machine, and checks its results.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::ValueEnum;

use super::drivers::without_noise;
use super::model_arg::ModelArg;
use super::output::{Outcome, print};
use crate::base::words::counted;
use crate::bench::{self, Rounding, RqData, round_encoder, synthetic};
use crate::compute::Device;
use crate::engine::AnyEngine;
use crate::model::Model;
use crate::text::{AnyTextEncoder, Reference, TextFiles, model_folder};
#[cfg(feature = "train")]
use crate::train::recipes::unitok::options::Preset;

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Stage to time
    #[arg(value_enum)]
    stage: Stage,
    #[command(flatten)]
    model: ModelArg,
    /// Number of items in each run
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
    items: Option<u32>,
    /// Number of CPU threads
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: u16,
    /// Repeat the run for about this long
    #[arg(long, value_name = "SECONDS", default_value_t = 3.0)]
    seconds: f64,
    /// Where to run: cpu or gpu
    #[arg(long, value_name = "DEVICE", default_value = "cpu")]
    device: Device,
    /// For rq: number of code chains that beam search follows; 1 is greedy search
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    beam: u16,
    /// An .npz file of float32 arrays to use instead of made-up ones. For rq: codebooks [levels, codes, latent] and x [items,
    /// latent]. For encode: w0, b0, w1, … and x. For tokenize: x [items, input]
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// For text: a file with one text per line [default: made-up titles]
    #[arg(long, value_name = "FILE")]
    texts: Option<PathBuf>,
    /// For text: folder of the text model (config.json, tokenizer.json, model.safetensors)
    #[arg(long, value_name = "DIR")]
    text_model: Option<PathBuf>,
    /// For tokenize: round the encoder's weights to fewer bits, to see how many items get other codes
    #[arg(long, value_enum, default_value_t = Rounding::None)]
    rounding: Rounding,
    /// For train: shapes of the model, small or paper
    #[arg(long, value_name = "NAME", value_parser = ["small", "paper"], default_value = "small")]
    preset: String,
    /// For recommend: time this part alone [default: all, one after the other]
    #[cfg(feature = "train")]
    #[arg(long, value_enum, value_name = "PART")]
    only: Option<bench::Part>,
    /// Print the result as JSON on stdout, an object for each part
    #[arg(long)]
    json: bool,
}

/// A stage of tokenizing, training or recommending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Stage {
    /// Residual quantization: latents → codes
    Rq,
    /// The encoder: embeddings → latents
    Encode,
    /// The text model: texts → embeddings
    Text,
    /// The whole tokenizer: embeddings → tokens
    Tokenize,
    /// One step of training
    #[cfg(feature = "train")]
    Train,
    /// Recommenders at the reduced size: training steps, and beam search
    #[cfg(feature = "train")]
    Recommend,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<Outcome> {
    ensure!(args.seconds.is_finite() && args.seconds >= 0.0, "--seconds {}: expected a number from 0", args.seconds);
    ensure!(
        args.data.is_none() || matches!(args.stage, Stage::Rq | Stage::Encode | Stage::Tokenize),
        "--data is for the stages rq, encode and tokenize"
    );
    ensure!(args.rounding == Rounding::None || args.stage == Stage::Tokenize, "--rounding is for the stage tokenize");
    #[cfg(feature = "train")]
    ensure!(args.only.is_none() || args.stage == Stage::Recommend, "--only is for the stage recommend");
    ensure!(args.beam == 1 || args.stage == Stage::Rq, "--beam is for the stage rq");
    let pool = rayon::ThreadPoolBuilder::new().num_threads(args.threads.into()).build().context("cannot start threads")?;
    let outcomes = pool.install(|| args.measure())?;
    for outcome in &outcomes {
        args.report(outcome)?;
    }
    // Rounded weights are another model, so codes that differ are what was asked for and no failure.
    let passed = args.rounding != Rounding::None || outcomes.iter().all(|outcome| outcome.agreement == 1.0);
    Ok(if passed { Outcome::Done } else { Outcome::CheckFailed })
}

/// On a GPU: its measured limits, and which share of each the stage used.
fn print_shares(outcome: &bench::Outcome) -> anyhow::Result<()> {
    let number = |name: &str| outcome.more.get(name).and_then(serde_json::Value::as_f64);
    let percent = |name: &str| number(name).map_or_else(|| "-".into(), |share| format!("{:.1} %", 100.0 * share));
    let (Some(tile), Some(ceilings)) = (outcome.more.get("tile"), outcome.more.get("ceilings")) else { return Ok(()) };
    let ceiling = |name: &str| ceilings[name].as_f64().unwrap_or(0.0);
    print(&format!(
        "used {} of {:.0} GFLOP/s, {} of {:.1} GB/s upload, {} of {:.1} GB/s readback; tile {}",
        percent("share_of_gflops"),
        ceiling("gflops"),
        percent("share_of_upload"),
        ceiling("upload"),
        percent("share_of_readback"),
        ceiling("readback"),
        tile.as_str().unwrap_or("-"),
    ))?;
    if let Some(rate) = number("kernels_items_per_second") {
        print(&format!("kernels alone: {rate:.0} items/s, {} of the GFLOP/s", percent("kernels_share_of_gflops")))?;
    }
    Ok(())
}

impl Args {
    fn report(&self, outcome: &bench::Outcome) -> anyhow::Result<()> {
        if self.json {
            return print(&serde_json::to_string(outcome)?);
        }
        let rates = &outcome.rates;
        let per_cpu = rates.items_per_cpu_second.map_or_else(String::new, |rate| format!(", {rate:.0} per CPU second"));
        let reference = if outcome.stage.starts_with("recommend") { "a slower computation" } else { "the float64 reference" };
        print(&format!(
            "{}: {:.0} items/s ({}, {}, {}){per_cpu}; best run {:.0}\n{:.3} % of {} checked items equal {reference}, ties excepted",
            outcome.stage,
            rates.items_per_second,
            counted(outcome.items, "item"),
            counted(outcome.threads, "thread"),
            outcome.device,
            rates.best_items_per_second,
            100.0 * outcome.agreement,
            outcome.checked
        ))?;
        print_shares(outcome)
    }

    /// Runs the benchmark of the stage, or those of its parts.
    fn measure(&self) -> anyhow::Result<Vec<bench::Outcome>> {
        let limit = Duration::from_secs_f64(self.seconds);
        match self.stage {
            Stage::Rq => {
                let data = self.rq_data()?;
                if self.device == Device::Gpu {
                    ensure!(self.beam == 1, "beam search runs on the CPU: leave out --device gpu");
                    return Ok(vec![bench::rq_on_gpu(&data, limit)?]);
                }
                Ok(vec![bench::rq(&data, self.beam.into(), limit)?])
            }
            Stage::Encode => Ok(vec![self.encode(limit)?]),
            Stage::Tokenize => {
                let (model, engine, rows) = self.engine(20_000)?;
                Ok(vec![bench::tokenize(&model, &engine, &rows, limit)?])
            }
            Stage::Text => Ok(vec![self.text(limit)?]),
            #[cfg(feature = "train")]
            Stage::Train => {
                ensure!(self.device != Device::Gpu, "training is timed on the CPU: leave out --device gpu");
                let preset = if self.preset == "paper" { Preset::Paper } else { Preset::Small };
                Ok(vec![bench::train(preset, 1, limit)?])
            }
            #[cfg(feature = "train")]
            Stage::Recommend => {
                ensure!(self.device != Device::Gpu, "recommenders are timed on the CPU: leave out --device gpu");
                let parts = self.only.map_or_else(|| bench::Part::value_variants().to_vec(), |part| vec![part]);
                parts.into_iter().map(|part| Ok(bench::recommend(part, limit)?)).collect()
            }
        }
    }

    /// The encoder that `--data` holds, or the model's.
    fn encode(&self, limit: Duration) -> anyhow::Result<bench::Outcome> {
        let Some(path) = &self.data else {
            let (model, engine, rows) = self.engine(20_000)?;
            return Ok(bench::encode(&model, &engine, &rows, limit)?);
        };
        let (layers, mut x) = bench::read_layers(path)?;
        x.truncate(self.items.map_or(x.len(), |items| items as usize * layers[0].inputs));
        if self.device == Device::Gpu {
            return Ok(bench::encode_layers_on_gpu(&layers, &x, limit)?);
        }
        Ok(bench::encode_layers(&layers, &x, limit))
    }

    /// The vectors and codebooks of `--data`, or synthetic ones.
    fn rq_data(&self) -> anyhow::Result<RqData> {
        let items = self.items.map(|items| items as usize);
        let Some(path) = &self.data else { return Ok(RqData::synthetic(items.unwrap_or(100_000), 4, 256, 32, 1)) };
        let mut data = RqData::read(path)?;
        if let Some(items) = items {
            data.resize(items);
        }
        Ok(data)
    }

    /// The text encoder, over the lines of `--texts` or made-up titles.
    fn text(&self, limit: Duration) -> anyhow::Result<bench::Outcome> {
        let files = TextFiles::read(&model_folder(self.text_model.as_deref())?)?;
        let encoder = without_noise(|| pollster::block_on(AnyTextEncoder::select(&files, self.device, true)))?;
        let reference = Reference::new(&files.config, &files.weights)?;
        let count = self.items.map_or(1_000, |items| items as usize);
        let texts = match &self.texts {
            Some(path) => {
                let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
                let lines: Vec<String> = text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
                ensure!(!lines.is_empty(), "{} has no line of text", path.display());
                lines.into_iter().take(self.items.map_or(usize::MAX, |items| items as usize)).collect()
            }
            None => synthetic::titles(count, 1),
        };
        Ok(bench::text(&encoder, &reference, &texts, limit)?)
    }

    /// The model, an engine that runs it, and its inputs `[items][input]`: from `--data` for tokenize, otherwise made up.
    fn engine(&self, items: usize) -> anyhow::Result<(Model, AnyEngine, Vec<f32>)> {
        let model = self.model.load()?.model;
        let rounded = round_encoder(&model, self.rounding);
        let engine = without_noise(|| pollster::block_on(AnyEngine::select(&rounded, self.device, true)))?;
        let width = model.config.model.input;
        let Some(path) = self.data.as_ref().filter(|_| self.stage == Stage::Tokenize) else {
            let rows = synthetic::rows(self.items.map_or(items, |items| items as usize), width, 1);
            return Ok((model, engine, rows));
        };
        let (mut rows, _) = bench::read_array(path, "x", &format!("[items, {width}]"), 2)?;
        rows.truncate(self.items.map_or(rows.len(), |items| items as usize * width));
        Ok((model, engine, rows))
    }
}
