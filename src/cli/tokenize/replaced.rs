//! An index that is tokenized anew in its place: whoever uses it would read other items by its tokens.

use std::collections::{HashMap, HashSet};
use std::fmt;

use anyhow::{Context, ensure};
use serde::Serialize;

use super::args::Args;
use super::joined::Joined;
use crate::cli::index_file::{self, Locked};
use crate::model::Model;
use crate::tokens::lock::Making;

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
    /// The index where the output goes, if it has a lockfile.
    ///
    /// # Errors
    /// With `--no-replace`: it cannot be read, or was made otherwise, so that all its tokens would be others.
    pub fn open(args: &Args, now: &Making, model: &Model) -> anyhow::Result<Option<Self>> {
        let out = args.out();
        if args.append.is_some() || !out.is_file() || !index_file::lock_path(out).is_some_and(|lock| lock.is_file()) {
            return Ok(None);
        }
        let locked = match index_file::read(out, args.lock) {
            // What is wrong with it no longer matters.
            Err(_) if !args.no_replace => return Ok(None),
            read => read.context("--no-replace")?,
        };
        let Some(before) = locked.lock.as_ref().map(|lock| &lock.making) else { return Ok(None) };
        let mut found = before.differences(now);
        found.retain(|found| found.artefact != "tokenizer" || !model.extends(&before.tokenizer.sha256));
        let alike = found.is_empty();
        match found.into_iter().next().filter(|_| args.no_replace) {
            Some(difference) => Err(locked.differs("this run", difference, ADVICE).into()),
            None => Ok(Some(Self { locked, alike })),
        }
    }

    /// What becomes of the items. Of its retired codewords, those that nobody gets stay retired.
    ///
    /// # Errors
    /// Some would get other tokens or be gone, and `--no-replace` was given.
    pub fn check(&self, args: &Args, joined: &mut Joined) -> anyhow::Result<Changes> {
        let Locked { index, lock, .. } = &self.locked;
        let before: HashMap<&str, usize> = index.ids.iter().map(String::as_str).zip(0..).collect();
        let retired = lock.as_ref().filter(|_| self.alike).map_or(&[][..], |lock| &lock.retired).iter();
        let left: HashMap<&[String], &str> = retired.clone().map(|codeword| (&*codeword.tokens, &*codeword.item)).collect();
        let mut used: HashSet<Vec<String>> = HashSet::new();
        let mut changes = Changes { items: index.items(), moved: 0, gone: index.items(), passed_on: 0 };
        for (item, id) in joined.ids.iter().enumerate() {
            let tokens = joined.codewords.tokens(item);
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
        ensure!(
            !args.no_replace || changes.is_none(),
            "--no-replace: {} is written over, and {changes}: {ADVICE}. Nothing was written",
            self.locked.name
        );
        joined.retired = retired.filter(|codeword| !used.contains(&codeword.tokens)).cloned().collect();
        Ok(changes)
    }
}

impl Changes {
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
        write!(f, "of its {items} items {moved} have other tokens and {gone} are gone")?;
        if *passed_on > 0 { write!(f, ", {passed_on} retired codewords are those of other items") } else { Ok(()) }
    }
}
