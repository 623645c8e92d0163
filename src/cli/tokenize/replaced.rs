//! An index that is written over: whoever uses it would read other items by its tokens.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::Path;

use anyhow::{Context, ensure};
use serde::Serialize;

use super::args::Args;
use super::joined::Joined;
use crate::base::files::Identity;
use crate::base::words::{counted, verb};
use crate::cli::index_file::{self, LockArg, Locked};
use crate::cli::output::warn;
use crate::model::Model;
use crate::tokens::lock::{Making, Retired};
use crate::tokens::{Index, Store};

const ADVICE: &str = "add items with --append, which moves none; leave out --no-replace; or give another --out";

/// The index where the output goes. One without a lockfile is nobody's.
pub struct Replaced {
    locked: Locked,
    /// Whether its tokens are made as those of this run, so that equal ones mean the same.
    alike: bool,
}

/// What becomes of its items.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Changes {
    /// Items that it had.
    items: usize,
    /// Those that have other tokens now.
    moved: usize,
    /// Those that the input lacks.
    gone: usize,
    /// Codewords that went to other items than those that left them.
    passed_on: usize,
}

impl Replaced {
    /// The index where the output goes, if it has a lockfile. One that is appended to in its place is the same.
    ///
    /// # Errors
    /// With `--no-replace`: it cannot be read, has no lockfile, or was made otherwise, so that all its tokens would be others.
    pub fn open(args: &Args, now: &Making, model: &Model) -> anyhow::Result<Option<Self>> {
        let out = args.out();
        if !out.is_file() || !args.no_replace && (args.is_in_place() || !has_lock(out)) {
            return Ok(None);
        }
        let locked = match index_file::read(out, args.lock) {
            // What is wrong with it no longer matters.
            Err(_) if !args.no_replace => return Ok(None),
            read => read.context("--no-replace")?,
        };
        let Some(before) = locked.lock.as_ref().map(|lock| &lock.making) else {
            let name = &locked.name;
            ensure!(
                !args.no_replace,
                "--no-replace: {name} has no lockfile, so nobody knows what its tokens mean: restore {name}.lock, leave out --no-replace, \
                 or give another --out"
            );
            return Ok(None);
        };
        let mut found = before.differences(now);
        found.retain(|found| found.artefact != "tokenizer" || !model.extends(&before.tokenizer.sha256));
        let alike = found.is_empty();
        match found.into_iter().next().filter(|_| args.no_replace) {
            Some(difference) => Err(locked.differs("this run", difference, ADVICE).into()),
            None => Ok(Some(Self { locked, alike })),
        }
    }

    /// What becomes of the items. Of its retired codewords, those that nobody gets stay retired, unless the index goes on with
    /// those of the one that it is appended to.
    pub fn compare(&self, args: &Args, joined: &mut Joined) -> Changes {
        let Locked { index, lock, .. } = &self.locked;
        let retired = lock.as_ref().filter(|_| self.alike).map_or(&[][..], |lock| &lock.retired);
        let items = joined.ids.iter().enumerate().map(|(item, id)| (id, joined.codewords.tokens(item)));
        let (changes, used) = Changes::of(index, retired, items);
        if args.append.is_none() {
            joined.retired = retired.iter().filter(|codeword| !used.contains(&codeword.tokens)).cloned().collect();
        }
        changes
    }

    /// Why `--no-replace` refuses these changes, if it was given.
    pub fn refusal(&self, args: &Args, changes: &Changes) -> Option<String> {
        let name = &self.locked.name;
        let refused = args.no_replace && !changes.is_none();
        refused.then(|| format!("--no-replace: {name} is written over, and {changes}: {ADVICE}. Nothing was written"))
    }
}

/// Whether a lockfile lies beside an index.
fn has_lock(index: &Path) -> bool {
    index_file::lock_path(index).is_some_and(|lock| lock.is_file())
}

/// Warns where an index at `out`, which is another than that at `from`, is to be written over by `new`.
pub fn warn_of_replaced(from: &Path, out: &Path, new: &Index) {
    if !out.is_file() || Identity::of(from) == Identity::of(out) || !has_lock(out) {
        return;
    }
    let Ok(Locked { index, lock: Some(lock), .. }) = index_file::read(out, LockArg::default()) else { return };
    let items = new.rows().map(|(id, tokens)| (id, tokens.map(String::from).collect()));
    let (changes, _) = Changes::of(&index, &lock.retired, items);
    if !changes.is_none() {
        warn(&format!(
            "{} is written over, and {changes}: whoever has its earlier tokens reads other items by them",
            out.display()
        ));
    }
}

impl Changes {
    /// What becomes of the items of `index` if `items` with their tokens take its place; and which of its retired codewords these
    /// have.
    fn of<'a>(
        index: &Index,
        retired: &[Retired],
        items: impl Iterator<Item = (&'a str, Vec<String>)>,
    ) -> (Self, HashSet<Vec<String>>) {
        let before: HashMap<&str, usize> = index.ids.iter().map(String::as_str).zip(0..).collect();
        let left: HashMap<&[String], &str> = retired.iter().map(|codeword| (&*codeword.tokens, &*codeword.item)).collect();
        let mut used: HashSet<Vec<String>> = HashSet::new();
        let mut changes = Self { items: index.items(), moved: 0, gone: index.items(), passed_on: 0 };
        for (id, tokens) in items {
            if let Some(&before) = before.get(id) {
                let stays = index.row(before).iter().map(|&token| &index.vocabulary[token as usize]).eq(&tokens);
                changes.gone -= 1;
                changes.moved += usize::from(!stays);
            }
            if let Some(&owner) = left.get(&*tokens) {
                changes.passed_on += usize::from(owner != id);
                used.insert(tokens);
            }
        }
        (changes, used)
    }

    /// Whether every item keeps its tokens.
    fn is_none(&self) -> bool {
        self.moved + self.gone + self.passed_on == 0
    }

    /// What was done, if anybody has to know.
    pub fn describe(&self) -> Option<String> {
        let note =
            "whoever has its earlier tokens reads other items by them: --append adds items and moves none, --no-replace refuses";
        (!self.is_none()).then(|| format!("warning: an index was written over, and {self}; {note}"))
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { items, moved, gone, passed_on } = self;
        write!(
            f,
            "of its {} {moved} {} other tokens and {gone} {} gone",
            counted(*items, "item"),
            verb(*moved, "has", "have"),
            verb(*gone, "is", "are")
        )?;
        if *passed_on > 0 {
            write!(f, ", {} {} other items' now", counted(*passed_on, "retired codeword"), verb(*passed_on, "is", "are"))
        } else {
            Ok(())
        }
    }
}
