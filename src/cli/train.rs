//! `unitok train`: embeddings by domain → a model folder.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use indicatif::{ProgressBar, ProgressStyle};

use super::output::{Outcome, print};
use super::{interrupt, progress};
use crate::engine::scale_rows;
use crate::learn::observer::Observer;
use crate::model::Precision;
use crate::train::data::Domain;
use crate::train::network::device::Device;
use crate::train::recipes::unitok::config::TrainConfig;
use crate::train::recipes::unitok::evaluate::Health;
use crate::train::recipes::unitok::run::StepReport;
use crate::train::recipes::unitok::session::{Data, Ended, Options, train};
use crate::vectors;

/// Arguments of `unitok train`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A domain and its embedding file; repeat for every domain. The name defaults to the file's.
    #[arg(long = "domain", value_name = "[NAME=]FILE", required = true)]
    domains: Vec<String>,
    /// A domain to measure zero-shot, not to train on; repeat for more.
    #[arg(long = "zero-shot", value_name = "[NAME=]FILE")]
    zero_shot: Vec<String>,
    /// The model folder to write.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// A TOML file of settings; without it the measured recipe is used.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Override one setting, for example recipe.joint_steps=4000 or variant=unitok-2; repeat for more.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// Where to compute.
    #[arg(long, value_enum, default_value_t = Compute::Cpu)]
    device: Compute,
    /// Number format of the finished weights.
    #[arg(long, value_enum, default_value_t = Format::F16)]
    precision: Format,
    /// Go on from the newest checkpoint in the folder.
    #[arg(long)]
    resume: bool,
    /// Overwrite what the folder holds.
    #[arg(long)]
    force: bool,
    /// Print every step as a line of JSON on stdout.
    #[arg(long, conflicts_with = "quiet")]
    json: bool,
    /// Print nothing but errors.
    #[arg(long)]
    quiet: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Compute {
    /// All threads: the same seed gives the same bits.
    Cpu,
    /// burn's wgpu backend; needs a build with the feature `train-gpu`.
    Gpu,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    F32,
    F16,
}

/// Trains, measures and writes a model.
pub fn run(args: Args) -> anyhow::Result<Outcome> {
    let text = args.config.as_deref().map(read_text).transpose()?.unwrap_or_default();
    let config = TrainConfig::from_toml(&text, &args.sets)?;
    let data = read_data(&args.domains, &args.zero_shot)?;
    interrupt::listen();
    let options = Options {
        out: args.out.clone(),
        resume: args.resume,
        force: args.force,
        precision: if matches!(args.precision, Format::F16) { Precision::F16 } else { Precision::F32 },
        command: command_line(),
    };
    let mut watch = Watch::new(args.json, args.quiet);
    let device = match args.device {
        Compute::Cpu => Device::Cpu,
        Compute::Gpu => Device::gpu()?,
    };
    let ended = train(&config, &data, device, &options, &mut watch);
    watch.bar.finish_and_clear();
    match ended? {
        Ended::Interrupted(checkpoint) => {
            bail!("stopped; saved {}. Go on with the same command and --resume", checkpoint.display())
        }
        Ended::Finished(evaluation) => {
            if args.json {
                print(&serde_json::to_string(&evaluation)?)?;
            } else if !args.quiet {
                eprintln!("{}", evaluation.summary());
                eprintln!("wrote {}", args.out.display());
            }
            let verdict = &evaluation.report.collapse;
            if !verdict.collapsed {
                return Ok(Outcome::Done);
            }
            eprintln!("this model has collapsed, do not use it:\n  {}", verdict.reasons.join("\n  "));
            Ok(Outcome::CheckFailed)
        }
    }
}

fn read_text(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Reads and scales every domain; all must have one width and one text encoder.
fn read_data(domains: &[String], unseen: &[String]) -> anyhow::Result<Data> {
    let mut data: Option<Data> = None;
    for (argument, trains) in domains.iter().map(|a| (a, true)).chain(unseen.iter().map(|a| (a, false))) {
        let (name, path) = name_and_path(argument)?;
        let mut file = vectors::open(&path, vectors::ReadOptions::default())?;
        let (width, text) = (file.layout().width, file.text().cloned().unwrap_or_default());
        let data = data.get_or_insert(Data { domains: vec![], unseen: vec![], width, text: text.clone() });
        let other = data.width;
        ensure!(other == width, "{}: rows are {width} wide, those before {other}: embed all with one encoder", path.display());
        ensure!(data.text == text, "{}: made with another text encoder or template than those before it", path.display());
        let rows = scale_rows(&file.read_all()?.values, width).with_context(|| path.display().to_string())?;
        if trains { &mut data.domains } else { &mut data.unseen }.push(Domain { name, rows });
    }
    data.context("there is nothing to train on")
}

fn name_and_path(argument: &str) -> anyhow::Result<(String, PathBuf)> {
    let (name, path) = match argument.split_once('=') {
        Some((name, path)) => (name.to_string(), PathBuf::from(path)),
        None => {
            let path = PathBuf::from(argument);
            (path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), path)
        }
    };
    ensure!(!name.is_empty(), "--domain {argument}: the domain has no name");
    Ok((name, path))
}

/// The command line with paths cut to their names: a card is public, a home directory is not.
fn command_line() -> String {
    let short = |argument: String| match argument.split_once('=') {
        Some((key, value)) => format!("{key}={}", file_name(value)),
        None => file_name(&argument),
    };
    let words = std::env::args().skip(1).filter(|a| !matches!(a.as_str(), "--resume" | "--force" | "--quiet" | "--json"));
    std::iter::once("unitok".to_string()).chain(words.map(short)).collect::<Vec<_>>().join(" ")
}

fn file_name(path: &str) -> String {
    let path = Path::new(path);
    if path.is_absolute() {
        path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    } else {
        path.display().to_string()
    }
}

/// Shows a run as a bar, as JSON lines, or not at all.
struct Watch {
    json: bool,
    quiet: bool,
    bar: ProgressBar,
    last_line: Instant,
}

impl Watch {
    fn new(json: bool, quiet: bool) -> Self {
        let bar = progress::items(0, "training", json || quiet);
        let template = "{msg} [{bar:24}] {pos}/{len} · {per_sec} · {eta} left";
        bar.set_style(ProgressStyle::with_template(template).expect("the template is fixed").progress_chars("█▉▊▋▌▍▎▏ "));
        Self { json, quiet, bar, last_line: Instant::now() }
    }

    /// A line where there is no bar.
    fn line(&self, text: &str) {
        if self.quiet {
            return;
        }
        if self.bar.is_hidden() {
            eprintln!("{text}");
        } else {
            self.bar.println(text);
        }
    }
}

impl Observer<StepReport, Health> for Watch {
    fn step(&mut self, report: &StepReport, total: usize) {
        if self.json {
            let _ = print(&serde_json::to_string(report).expect("a report has only plain fields"));
            return;
        }
        let losses = &report.losses;
        let mut text = format!("{} · rec {:.1} · rq {:.2} · mi {:.3}", report.phase.name(), losses.rec, losses.rq, losses.mi);
        if let Some(used) = report.codes_used {
            text.push_str(&format!(" · codes {:.0} %", 100.0 * used));
        }
        // Without a terminal, a line every half minute shows that it is still running.
        if self.bar.is_hidden() && self.last_line.elapsed().as_secs() >= 30 {
            self.last_line = Instant::now();
            self.line(&format!("{}/{total} {text}", report.step));
        }
        self.bar.set_length(total as u64);
        self.bar.set_position(report.step as u64);
        self.bar.set_message(text);
    }

    fn measured(&mut self, health: &Health) {
        if !self.json && !health.collapse.is_empty() {
            self.line(&format!("step {}: looks collapsed: {}", health.step, health.collapse.join("; ")));
        }
    }

    fn note(&mut self, text: &str) {
        if !self.json {
            self.line(text);
        }
    }

    fn stop(&self) -> bool {
        interrupt::requested()
    }
}
