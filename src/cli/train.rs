//! `unitok train`: embeddings by domain → a model folder.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use indicatif::ProgressBar;

use super::claims::Plan;
use super::output::{Outcome, print, say};
use super::{domains, extend, interrupt, progress};
use crate::learn::observer::Observer;
use crate::model::Precision;
use crate::train::network::device::Device;
use crate::train::recipes::unitok::config::TrainConfig;
use crate::train::recipes::unitok::evaluate::Health;
use crate::train::recipes::unitok::options::Role;
use crate::train::recipes::unitok::run::StepReport;
use crate::train::recipes::unitok::session::{Ended, FILES, Options, train};
use crate::vectors::{self, BadRows};

/// Arguments of `unitok train`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A domain and its embeddings, a file or folder as for `unitok tokenize --embeddings`; repeat for every domain. The name
    /// defaults to the file's. Ids are needed only to find repeated ones; those of FILE.npy are in FILE.npy.ids.txt
    #[arg(long = "domain", value_name = "[NAME=]FILE", required = true)]
    domains: Vec<String>,
    /// A domain to measure zero-shot, not to train on; repeat for more.
    #[arg(long = "zero-shot", value_name = "[NAME=]FILE")]
    zero_shot: Vec<String>,
    /// Add an expert for every --domain that the model in this folder was not trained on. All domains that it was
    /// trained on are given too, under their names (`unitok info DIR`): their items keep every token
    #[arg(long, value_name = "DIR", conflicts_with_all = ["recipe", "config", "sets", "collaborative", "interactions", "resume", "device"])]
    extend: Option<PathBuf>,
    /// What is trained. UniTok's ablations are --set variant=unitok-1, -2 or -3.
    #[arg(long, value_enum)]
    recipe: Option<Recipe>,
    /// Vectors of the items by what users did, as wide as the latent, for --recipe letter: any file of vectors with ids, such
    /// as the item embeddings of a sequential recommender. Items without one are trained on their text alone.
    #[arg(long, value_name = "FILE")]
    collaborative: Option<PathBuf>,
    /// What users did with the items of a domain, in any form that `unitok audit --sequences` reads; repeat for more domains.
    /// The last two interactions of each user are left out, for `unitok recommend` to test on. With --set
    /// histories.role=target (the default), the tokenizer learns from them to make more of texts, which are all that it
    /// needs later; with histories.role=input it reads them too, in `unitok tokenize --interactions`
    #[arg(long = "interactions", value_name = "DOMAIN=FILE")]
    interactions: Vec<String>,
    /// Name of the vectors in files that have several: a column, a tensor or an array.
    #[arg(long, value_name = "NAME")]
    array: Option<String>,
    /// Leave out and count rows that are zero or not finite or repeat an id, instead of stopping at the first.
    #[arg(long)]
    skip_bad: bool,
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
enum Recipe {
    /// One tokenizer for all domains, with experts.
    #[value(name = "unitok")]
    UniTok,
    /// The same as the paper sets it: wider layers, latents of 32, λ_mi .03.
    #[value(name = "unitok-paper")]
    UniTokPaper,
    /// Residual quantization alone; tokenize with --collisions suffix.
    Tiger,
    /// The last level in balance; tokenize with --collisions sinkhorn.
    LcRec,
    /// LC-Rec that also knows --collaborative vectors; tokenize with --collisions sinkhorn.
    Letter,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    F32,
    F16,
}

/// Trains, measures and writes a model.
pub fn run(args: Args) -> anyhow::Result<Outcome> {
    let text = args.config.as_deref().map(read_text).transpose()?.unwrap_or_default();
    let recipe = args.recipe.as_ref().and_then(clap::ValueEnum::to_possible_value);
    let recipe = recipe.map(|recipe| format!("recipe.name={}", recipe.get_name()));
    let sets: Vec<String> = recipe.into_iter().chain(args.sets.iter().cloned()).collect();
    let config = TrainConfig::from_toml(&text, &sets)?;
    let mut watch = Watch::new(args.json, args.quiet);
    let options = vectors::ReadOptions {
        array: args.array.clone(),
        bad_rows: if args.skip_bad { BadRows::Drop } else { BadRows::Stop },
        ..Default::default()
    };
    let mut sources = domains::sources(&args.domains, &args.zero_shot, &mut |note| watch.note(note))?;
    domains::add_interactions(&mut sources, &args.interactions)?;
    ensure!(
        config.histories.role == Role::Target || !args.interactions.is_empty(),
        "histories.role=input is for a model that reads what users did: give it, with --interactions DOMAIN=FILE"
    );
    args.check_inputs(&sources)?;
    let data = domains::read(&sources, args.collaborative.as_deref(), &options, &config.histories, &mut |note| watch.note(note))?;
    interrupt::listen();
    let options = Options {
        out: args.out.clone(),
        resume: args.resume,
        force: args.force,
        precision: if matches!(args.precision, Format::F16) { Precision::F16 } else { Precision::F32 },
        command: command_line(),
    };
    if let Some(folder) = &args.extend {
        let named = |error| domains::with_file(error, &sources);
        let ended = extend::run(folder, &data, &options, (args.json, args.quiet), &mut watch, named);
        watch.bar.finish_and_clear();
        return ended;
    }
    let device = match args.device {
        Compute::Cpu => Device::Cpu,
        Compute::Gpu => Device::gpu()?,
    };
    let ended = train(&config, &data, device, &options, &mut watch);
    watch.bar.finish_and_clear();
    let ended = ended.map_err(|error| domains::with_file(error, &sources))?;
    match ended {
        Ended::Interrupted(checkpoint) => {
            bail!("stopped; saved {}. Go on with the same command and --resume", checkpoint.display())
        }
        Ended::Finished(evaluation) => {
            if args.json {
                print(&serde_json::to_string(&evaluation)?)?;
            } else if !args.quiet {
                say(&evaluation.summary());
                say(&format!("wrote {}", args.out.display()));
            }
            let verdict = &evaluation.report.collapse;
            if !verdict.collapsed {
                return Ok(Outcome::Done);
            }
            say(&format!("this model has collapsed, do not use it:\n  {}", verdict.reasons.join("\n  ")));
            Ok(Outcome::CheckFailed)
        }
    }
}

impl Args {
    /// Checks that no input is a file which the run will write in its folder.
    fn check_inputs(&self, sources: &[domains::Source]) -> anyhow::Result<()> {
        let domains = sources.iter().flat_map(|source| [source.path().to_owned(), vectors::ids_path(source.path())]);
        let interactions = sources.iter().filter_map(|source| source.interactions().map(Into::into));
        let mut plan = Plan::default()
            .reads("--domain", domains)
            .reads("--interactions", interactions)
            .reads("--collaborative", self.collaborative.iter().cloned())
            .reads("--config", self.config.iter().cloned())
            .reads("--extend", self.extend.iter().flat_map(|folder| FILES.map(|name| folder.join(name))));
        if self.out.is_dir() {
            for name in FILES {
                plan = plan.writes("--out", &self.out.join(name))?;
            }
        }
        plan.check(false)
    }
}

fn read_text(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
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
        bar.set_style(progress::style("{msg} [{bar:24}] {pos}/{len} · {per_sec} · {eta} left"));
        Self { json, quiet, bar, last_line: Instant::now() }
    }

    /// A line where there is no bar.
    fn line(&self, text: &str) {
        progress::line(&self.bar, self.quiet, text);
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
        if let Some(alignment) = losses.alignment {
            text.push_str(&format!(" · alignment {alignment:.2}"));
        }
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
