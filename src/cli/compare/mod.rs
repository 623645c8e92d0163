//! `unitok compare`: catalogues → the paper's comparison, as tables and plots.

mod duration;
mod embedder;
mod sweeps;
mod vectors;
mod watch;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

use self::duration::duration;
use self::sweeps::{sweep, twice};
use self::watch::Watch;
use super::interrupt;
use super::output::{Outcome, print, say};
use crate::base::files::{Lock, make_folder};
use crate::base::words::{counted, verb};
use crate::compare::catalogue::Catalogue;
use crate::compare::cost::Costs;
use crate::compare::execute::Comparison;
use crate::compare::plan::{Planned, Scope, plan};
use crate::compare::preset::Preset;
use crate::compare::results;
use crate::compare::run::RunFile;
use crate::compare::systems::{SYSTEMS, System};
use crate::compute::Device;
use crate::recommend::kind::Kind;

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How large: quick (reduced recommenders, one seed: an hour on a desk for two small catalogues), standard (three seeds)
    /// or paper (full size).
    #[arg(long, value_name = "PRESET", value_parser = ["quick", "standard", "paper"], default_value = "quick")]
    preset: String,
    /// A catalogue to score: a folder with items.jsonl and sequences.txt, or files of that kind in any form that is read.
    /// Unified tokenizers are trained on all of them together.
    #[arg(long = "catalog", value_name = "DIR", num_args = 1.., required = true)]
    catalogues: Vec<PathBuf>,
    /// A catalogue that only helps to train the unified tokenizers.
    #[arg(long, value_name = "DIR", num_args = 1..)]
    also_train: Vec<PathBuf>,
    /// Name of a catalogue that is also scored with tokenizers trained on the others alone; may be given several times
    /// [default: the one with the fewest interactions, where all systems are compared].
    #[arg(long, value_name = "NAME")]
    zero_shot: Vec<String>,
    /// Folder for everything: runs, tokens, embeddings, results. The same command goes on where it was stopped, and what is
    /// done is not done again.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Systems, separated by commas, without variations of UniTok's settings [default: all, with them].
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    systems: Vec<String>,
    /// A setting to vary, as SYSTEM:KEY=VALUE,VALUE, instead of the preset's; may be given several times. The keys are those of
    /// `unitok train --set`. One seed is run, and a table says what each value gives on validation and test.
    #[arg(long, value_name = "SYSTEM:KEY=A,B")]
    vary: Vec<String>,
    /// Seeds instead of those of the preset.
    #[arg(long = "seed", value_name = "N", num_args = 1..)]
    seeds: Vec<u64>,
    /// What recommends by tokens: dec (a decoder-only transformer) or t5 (the paper's encoder-decoder).
    #[arg(long, value_name = "KIND", default_value_t = Kind::Dec)]
    recommender: Kind,
    /// Folder with embeddings of the catalogues' items, as NAME.safetensors, .npy or .parquet [default: made by the text
    /// encoder, and kept in the folder of --out].
    #[arg(long, value_name = "DIR")]
    embeddings: Option<PathBuf>,
    /// Folder of the text model (config.json, tokenizer.json, model.safetensors).
    #[arg(long, value_name = "DIR", conflicts_with = "embeddings")]
    text_model: Option<PathBuf>,
    /// Where to embed: auto (a hardware GPU if there is one), cpu or gpu.
    #[arg(long, value_name = "DEVICE", default_value_t, conflicts_with = "embeddings")]
    device: Device,
    /// Only make the tokens, in the folder of --out, for another program (or a later session) to score.
    #[arg(long, conflicts_with = "plan")]
    only_tokens: bool,
    /// Say what would be done and how long it would take, and end.
    #[arg(long)]
    plan: bool,
    /// Print no progress.
    #[arg(long)]
    quiet: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<Outcome> {
    let mut catalogues = Vec::new();
    for folder in args.catalogues.iter().chain(&args.also_train) {
        let catalogue = Catalogue::open(folder)?;
        if !args.quiet {
            say(&format!("{}: {}", catalogue.name, catalogue.reading));
        }
        catalogues.push(catalogue);
    }
    ensure_different(&catalogues)?;
    let scope = args.scope(&catalogues)?;
    make_folder(&args.out)?;
    let _lock = Lock::of_folder(&args.out)?;
    interrupt::listen();
    args.add_vectors(&mut catalogues)?;
    let command = command_line();
    let comparison = Comparison { scope: &scope, catalogues: &catalogues, out: &args.out, command: &command };
    let plan = plan(&scope, &catalogues);
    ensure!(!plan.is_empty(), "no run follows from these systems");
    let mut watch = Watch::new(args.quiet);
    let done = comparison.look(&plan, &mut |note| watch.line(note))?;
    let mut costs = Costs::default();
    costs.learn_from(&plan, &done, &catalogues, &scope.preset);
    let seconds = comparison.seconds(&plan, &done, &costs)?;
    if !args.quiet || args.plan {
        say(&announce(&scope, &catalogues, &plan, &done, seconds));
    }
    if args.plan {
        return Ok(Outcome::Done);
    }
    if args.only_tokens {
        let missing = comparison.missing_tokens(&plan)?;
        watch.begin(missing.iter().map(|key| costs.tokens(key, &catalogues, &scope.preset)).sum(), missing.len());
        let made = comparison.make_tokens(&missing, &mut costs, &mut watch);
        watch.finish();
        ensure!(made?, "stopped before all tokens were made; go on with the same command");
        if !args.quiet {
            say(&format!("made {} of the tokens in {}", missing.len(), args.out.join("tokens").display()));
        }
        return Ok(Outcome::Done);
    }
    watch.begin(seconds, done.iter().filter(|run| run.is_none()).count());
    let progress = comparison.run(&plan, done, &mut costs, &mut watch);
    watch.finish();
    let progress = progress?;
    let files = results::write(&comparison, &plan, &progress.runs)?;
    if let Some(fault) = progress.fault {
        let said = format!(
            "{} of {} {} done, and the tables show what there is",
            progress.runs.len(),
            counted(plan.len(), "run"),
            verb(progress.runs.len(), "is", "are")
        );
        return Err(anyhow::Error::from(fault).context(said));
    }
    if !progress.complete {
        let left = plan.len() - progress.runs.len();
        bail!(
            "stopped with {left} of {} left; the tables show what is done. Go on with the same command",
            counted(plan.len(), "run")
        );
    }
    if !args.quiet {
        files.iter().for_each(|file| say(&format!("wrote {}", file.display())));
    }
    print(&results::summary(&comparison, &progress.runs))?;
    Ok(Outcome::Done)
}

impl Args {
    fn scope(&self, catalogues: &[Catalogue]) -> anyhow::Result<Scope> {
        let mut preset = Preset::named(&self.preset)?;
        if !self.seeds.is_empty() {
            preset.seeds.clone_from(&self.seeds);
        }
        for (what, twice) in
            [("--seed", twice(&self.seeds)), ("--systems", twice(&self.systems)), ("--zero-shot", twice(&self.zero_shot))]
        {
            ensure!(twice.is_none(), "{what} {} is given twice: it would give the same figures again", twice.unwrap_or_default());
        }
        ensure!(
            self.recommender.reads_tokens() && self.recommender != Kind::PopularityByCode,
            "--recommender {} does not generate tokens: choose dec or t5. The others are systems of their own (--systems)",
            self.recommender
        );
        let systems = if self.systems.is_empty() {
            SYSTEMS.iter().collect()
        } else {
            self.systems.iter().map(|name| System::named(name)).collect::<Result<Vec<_>, _>>()?
        };
        let scored = self.catalogues.len();
        // Whoever names systems wants these, not the hours of what else the paper did with them.
        if !self.systems.is_empty() || !self.vary.is_empty() {
            preset.sweeps = self.vary.iter().map(|text| sweep(text)).collect::<anyhow::Result<_>>()?;
        }
        if let Some(sweep) = preset.sweeps.iter().find(|sweep| !systems.iter().any(|system| system.name == sweep.system)) {
            bail!("--vary {}:{}: {} is not among --systems", sweep.system, sweep.key, sweep.system);
        }
        let zero_shot = if self.zero_shot.is_empty() {
            let smallest = (0..scored).min_by_key(|&number| catalogues[number].interactions());
            smallest.filter(|_| catalogues.len() > 1 && self.systems.is_empty()).into_iter().collect()
        } else {
            self.zero_shot.iter().map(|name| number_of(name, &catalogues[..scored])).collect::<anyhow::Result<Vec<_>>>()?
        };
        Ok(Scope { preset, systems, recommender: self.recommender, scored, zero_shot })
    }
}

fn ensure_different(catalogues: &[Catalogue]) -> anyhow::Result<()> {
    for (number, catalogue) in catalogues.iter().enumerate() {
        let earlier = catalogues[..number].iter().find(|earlier| earlier.name == catalogue.name);
        if let Some(earlier) = earlier {
            bail!(
                "{} and {} have one name, by which results are known: rename one of the folders",
                earlier.path().display(),
                catalogue.path().display()
            );
        }
    }
    Ok(())
}

fn number_of(name: &str, catalogues: &[Catalogue]) -> anyhow::Result<usize> {
    let names: Vec<&str> = catalogues.iter().map(|catalogue| catalogue.name.as_str()).collect();
    let found = names.iter().position(|known| *known == name);
    found.with_context(|| format!("--zero-shot {name}: there is no such catalogue among {}", names.join(", ")))
}

/// What will be done, and how long it will take.
fn announce(scope: &Scope, catalogues: &[Catalogue], plan: &[Planned], done: &[Option<RunFile>], seconds: f64) -> String {
    let finished = done.iter().flatten().count();
    let name = |catalogue: &Catalogue| {
        let (items, users) = (catalogue.ids.len(), catalogue.dataset.users().len());
        format!("{} ({}, {})", catalogue.name, counted(items, "item"), counted(users, "user"))
    };
    let scored: Vec<String> = catalogues[..scope.scored].iter().map(name).collect();
    let mut lines = vec![format!(
        "{}: {} on {}; seeds {}; recommenders of size {}",
        scope.preset.name,
        counted(scope.systems.len(), "system"),
        scored.join(", "),
        scope.preset.seeds.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        scope.preset.size,
    )];
    let helpers: Vec<String> = catalogues[scope.scored..].iter().map(name).collect();
    if !helpers.is_empty() {
        lines.push(format!("unified tokenizers are trained on {} too", helpers.join(", ")));
    }
    let left = plan.len() - finished;
    lines.push(match (finished, left) {
        (_, 0) => format!("done: all of {}", counted(plan.len(), "run")),
        (0, _) => format!("{}, about {}", counted(left, "run"), duration(seconds)),
        _ => format!("{finished} of {} done, {left} left, about {}", counted(plan.len(), "run"), duration(seconds)),
    });
    lines.join("\n")
}

/// The command line with paths cut to their names: results are public, a home directory is not.
fn command_line() -> String {
    let name = |path: &str| match Path::new(path) {
        path if path.is_absolute() => path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        _ => path.to_owned(),
    };
    let short = |argument: String| {
        let short = match argument.split_once('=').filter(|(key, _)| key.starts_with("--")) {
            Some((key, value)) => format!("{key}={}", name(value)),
            None => name(&argument),
        };
        if short.contains([' ', '\'', '"', '$', '\\']) { format!("'{}'", short.replace('\'', r"'\''")) } else { short }
    };
    let words = std::env::args().skip(1).filter(|argument| argument != "--quiet").map(short);
    std::iter::once("unitok".to_string()).chain(words).collect::<Vec<_>>().join(" ")
}
