//! `unitok export`: hands an index over to what decodes it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Error, ensure};

use super::index_file::{LockArg, id_lines};
use super::model_arg::{Loaded, ModelArg};
use super::output::{Outcome, print, say, warn};
use super::progress;
use crate::base::words::{counted, verb};
use crate::tokens::handover::{Earlier, Exported, HandoverError, Kind, MadeBy, Rows, Said, Target, export};
use crate::tokens::lock::{Locked, ReadError, read_locked};
use crate::tokens::{CodeVocabulary, Columns, Layout};

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The index, of any tokenizer and in any form that `unitok audit` reads
    index: PathBuf,
    /// Whom it is for. hf: a language model's tokenizer in Hugging Face's form, with the item tokens added. trie: the trie of
    /// codewords as arrays in compressed sparse rows, for constrained decoding. static: the trie as STATIC's decoders read it.
    /// flashrec: the catalogue of codewords as FlashRec reads it. sid-gr: items and their codes as NVIDIA's sid_gr
    /// (recsys-examples) reads them
    #[arg(long = "for", value_name = "TARGET")]
    target: Kind,
    /// Folder to write into
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Only the items whose ids this file has, one a line: those in stock, or allowed in a country. Tokens keep their numbers
    #[arg(long, value_name = "FILE")]
    only: Option<PathBuf>,
    /// Vocabulary size of each position (256,256,256,256,256,6), or one for all, so that tokens which later items may have are
    /// numbered too [default: from the largest number in a position's tokens, as `unitok audit` does]
    #[arg(long, value_name = "T", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..=1 << 17))]
    codes: Vec<u32>,
    /// An earlier export, or its added_tokens.json: its tokens keep their numbers, which a decoder has learned, and new ones come
    /// after them. --base may then have its tokens
    #[arg(long, value_name = "DIR")]
    after: Option<PathBuf>,
    /// hf: the language model's tokenizer.json, or its folder
    #[arg(long, value_name = "PATH")]
    base: Option<PathBuf>,
    /// hf: also write first embeddings of the item tokens, of this width, made of the codebooks of --model
    #[arg(long, value_name = "WIDTH", value_parser = clap::value_parser!(u32).range(1..=1 << 16))]
    hidden_size: Option<u32>,
    /// hf: root mean square of their values, which should be that of the language model's own embeddings
    #[arg(long, value_name = "NUMBER", default_value_t = 0.02, requires = "hidden_size", value_parser = positive)]
    deviation: f32,
    #[command(flatten)]
    model: ModelArg,
    /// The layout that the index was made with [default: what its lockfile says, otherwise expert-last]
    #[arg(long, value_name = "LAYOUT")]
    layout: Option<Layout>,
    /// The code vocabulary that the index was made with [default: what its lockfile says, otherwise shared]
    #[arg(long, value_name = "KIND")]
    code_vocabulary: Option<CodeVocabulary>,
    #[command(flatten)]
    lock: LockArg,
    /// Print the summary as JSON on stdout
    #[arg(long)]
    json: bool,
}

impl Args {
    /// The index, with its lockfile if that is its own.
    fn read(&self) -> anyhow::Result<Locked<Columns>> {
        match read_locked(&self.index, true) {
            Err(ReadError::Lock(fault)) => {
                self.lock.judge(fault)?;
                Ok(read_locked(&self.index, false)?)
            }
            read => Ok(read?),
        }
    }

    /// What is said of the index.
    fn said<'a>(&self, loaded: Option<&'a Loaded>) -> Said<'a> {
        Said {
            layout: self.layout,
            code_vocabulary: self.code_vocabulary,
            codes: self.codes.iter().map(|&size| size as usize).collect(),
            model: loaded.map(|loaded| &loaded.model),
        }
    }

    /// Refuses to write into a folder of what is read: files there may have the names of what is written.
    fn spare_inputs(&self) -> anyhow::Result<()> {
        let Ok(out) = self.out.canonicalize() else { return Ok(()) };
        ensure!(out.is_dir(), "--out {} is a file: give a folder", self.out.display());
        for read in [Some(&self.index), self.base.as_ref(), self.only.as_ref()].into_iter().flatten() {
            let inside = read.canonicalize().is_ok_and(|read| read.starts_with(&out));
            ensure!(
                !inside,
                "{} lies in --out {}, where it could be lost: give another folder",
                read.display(),
                self.out.display()
            );
        }
        Ok(())
    }
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<Outcome> {
    args.target.check(args.base.is_some(), args.hidden_size.is_some()).context("--for, --base, --hidden-size")?;
    args.spare_inputs()?;
    let loaded = (args.hidden_size.is_some() || args.model.model.is_some()).then(|| args.model.load()).transpose()?;
    let reading = progress::stage(format!("reading {}", args.index.display()));
    let mut locked = args.read()?;
    drop(reading);
    let said = args.said(loaded.as_ref());
    let made_by = match MadeBy::new(&locked, &said) {
        Err(HandoverError::Lock(fault)) => {
            args.lock.judge(fault)?;
            locked.lock = None;
            MadeBy::new(&locked, &said)
        }
        made_by => made_by,
    };
    let MadeBy { layout, code_vocabulary, sizes } = made_by?;
    if locked.lock.is_none() && args.codes.is_empty() && args.after.is_none() {
        say_guessed(args, &sizes);
    }
    let index = std::mem::take(&mut locked.index);
    drop(locked);
    let items = index.items();
    let rows = loaded.as_ref().zip(args.hidden_size).map(|(loaded, hidden_size)| Rows {
        model: &loaded.model,
        layout,
        code_vocabulary,
        hidden_size: hidden_size as usize,
        deviation: args.deviation,
    });
    let target = Target::new(args.target, args.base.as_deref(), rows)?;
    let chosen = match &args.only {
        Some(path) => only(&index, path)?,
        None => index,
    };
    let earlier = args.after.as_deref().map(Earlier::read).transpose()?;
    let writing = progress::stage(format!("writing {}", args.out.display()));
    let exported = export(chosen, &sizes, earlier.as_ref(), &target, &args.out).map_err(|error| match error {
        HandoverError::Write(source) => Error::new(source).context(format!("cannot write into {}", args.out.display())),
        error => error.into(),
    })?;
    drop(writing);
    summarise(args, items, &exported)?;
    Ok(Outcome::Done)
}

/// Says that tokens are numbered by guessed sizes, which later items may change.
fn say_guessed(args: &Args, sizes: &[usize]) {
    let sizes: Vec<String> = sizes.iter().map(usize::to_string).collect();
    warn(&format!(
        "{} has no lockfile, so tokens are numbered by what its own need: --codes {}. Give this or what its tokenizer has, so that \
         numbers stay when items are added; or --after and an earlier export",
        args.index.display(),
        sizes.join(",")
    ));
}

/// The items that a file of ids names.
fn only(index: &Columns, path: &Path) -> anyhow::Result<Columns> {
    let ids: HashSet<String> = id_lines(path)?.into_iter().map(|(_, id)| id).collect();
    let chosen = index.only(|id| ids.contains(id));
    let (found, named) = (chosen.items(), ids.len());
    ensure!(found > 0, "{}: none of its {named} ids is in the index: they are one a line, as the index has them", path.display());
    let lacking = named - found;
    if lacking > 0 {
        say(&format!(
            "{}: {lacking} of {} {} not in the index",
            path.display(),
            counted(named, "id"),
            verb(lacking, "is", "are")
        ));
    }
    Ok(chosen)
}

fn summarise(args: &Args, all: usize, exported: &Exported) -> anyhow::Result<()> {
    let Exported { items, tokens, first_token, files } = exported;
    let of = if *items < all { format!("{items} of ") } else { String::new() };
    say(&format!(
        "{of}{}, {} numbered from {first_token}: {} in {}",
        counted(if of.is_empty() { *items } else { all }, "item"),
        counted(*tokens, "token"),
        files.join(", "),
        args.out.display()
    ));
    if args.json { print(&serde_json::to_string(exported)?) } else { Ok(()) }
}

fn positive(text: &str) -> Result<f32, String> {
    let number: f32 = text.parse().map_err(|_| "not a number".to_string())?;
    if number > 0.0 && number.is_finite() { Ok(number) } else { Err("a deviation is above 0".into()) }
}
