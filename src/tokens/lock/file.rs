//! The lockfile itself.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::fingerprints::{Fingerprints, UNKNOWN};
use super::making::{BEAMS, Making};
use super::members::{Members, sealed};
use super::mismatch::LockError;
use super::retired::Retired;
use crate::base::hash::hex;
use crate::base::words::counted;
use crate::tokens::{Index, Schema, Store};

/// Format of lockfiles that this crate writes. It reads the earlier ones too: format 1 had no seal and no retired codewords.
pub const LOCK_FORMAT: u32 = 2;
/// Vocabulary sizes that a position can have.
const SIZES: std::ops::RangeInclusive<usize> = 1..=1 << 24;

/// What an index was made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lock {
    /// [`LOCK_FORMAT`] at the time of writing.
    pub format: u32,
    /// The index.
    pub index: Sum,
    /// Place of the first expert's token in a codeword, from 1; none where there are no experts.
    pub expert: Option<usize>,
    /// Vocabulary size of each position that the tokenizer fills, so that tokens are numbered as before when items are added;
    /// none in a lockfile of an earlier version.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sizes: Vec<usize>,
    /// What its tokens were made of.
    #[serde(flatten)]
    pub making: Making,
    /// Ids of the items whose tokens no edit changes, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pinned: Vec<String>,
    /// Codewords that items left, the last one last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retired: Vec<Retired>,
    /// SHA-256 of the ids with the fingerprints of their texts or vectors.
    pub catalogue_sha256: String,
    /// Of each item's text or vector.
    pub fingerprints: Fingerprints,
}

/// What tells one index from another, in whatever form it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// Items.
    pub items: usize,
    /// Tokens of an item.
    pub width: usize,
    /// SHA-256 of ids and tokens in their order.
    pub sha256: String,
}

/// The sum of ids with their tokens, in order.
pub fn sum<'a, T: AsRef<str>>(items: impl Iterator<Item = (&'a str, impl IntoIterator<Item = T>)>) -> Sum {
    const BUFFERED: usize = 1 << 16;
    let (mut hash, mut count, mut tokens_of_all) = (Sha256::new(), 0, 0);
    let mut buffer = Vec::with_capacity(2 * BUFFERED);
    for (id, tokens) in items {
        // A length before each text, so that no text can be read as two.
        let mut text = |text: &str| {
            buffer.extend_from_slice(&(text.len() as u64).to_le_bytes());
            buffer.extend_from_slice(text.as_bytes());
        };
        text(id);
        for token in tokens {
            text(token.as_ref());
            tokens_of_all += 1;
        }
        count += 1;
        if buffer.len() >= BUFFERED {
            hash.update(&buffer);
            buffer.clear();
        }
    }
    hash.update(&buffer);
    Sum { items: count, width: tokens_of_all / count.max(1), sha256: hex(&hash.finalize()) }
}

impl Lock {
    /// The lockfile of an index of `ids`, whose codewords are those of `schema`.
    pub fn new<'a>(
        index: Sum,
        schema: &Schema,
        making: Making,
        ids: impl Iterator<Item = &'a str>,
        fingerprints: Fingerprints,
    ) -> Self {
        let catalogue_sha256 = catalogue_sum(ids, &fingerprints);
        let (expert, sizes) = (schema.expert_place(), schema.sizes.clone());
        let (format, pinned, retired) = (LOCK_FORMAT, Vec::new(), Vec::new());
        Self { format, index, expert, sizes, making, pinned, retired, catalogue_sha256, fingerprints }
    }

    /// The lockfile of the same index with other items or tokens.
    pub fn with_items<'a>(self, index: Sum, ids: impl Iterator<Item = &'a str>, fingerprints: Fingerprints) -> Self {
        Self { index, catalogue_sha256: catalogue_sum(ids, &fingerprints), fingerprints, ..self }
    }

    /// Also keeps the codewords and the places that another lockfile keeps for their items.
    pub fn keep(&mut self, retired: Vec<Retired>, pinned: Vec<String>) {
        let own = std::mem::take(&mut self.retired);
        let known: HashSet<(&str, &[String])> = own.iter().map(|codeword| (&*codeword.item, &*codeword.tokens)).collect();
        let is_new = |codeword: &Retired| !known.contains(&(&*codeword.item, &*codeword.tokens));
        self.retired = retired.into_iter().filter(is_new).chain(own.iter().cloned()).collect();
        self.pinned.extend(pinned);
        self.pinned.sort_unstable();
        self.pinned.dedup();
    }

    /// Reads the lockfile called `name`.
    ///
    /// # Errors
    /// It is of a later format, malformed, or was changed after it was written.
    pub fn from_json(json: &str, name: &str) -> Result<Self, LockError> {
        let malformed = |reason: String| LockError::Malformed { lock: name.into(), reason };
        let members = parsed(json, name)?;
        let is_sealed = members.get("format").and_then(|format| format.as_u64()).is_some_and(|format| format > 1);
        if !is_sealed && (members.is_sealed() || members.get("retired").is_some()) {
            return Err(malformed("its format is 1, and it has members of format 2".into()));
        }
        let found = members.sum().map_err(|error| malformed(error.to_string()))?;
        if is_sealed && members.seal().as_ref() != Some(&found) {
            let sealed = members.seal().unwrap_or_else(|| "none".into());
            return Err(LockError::Changed { lock: name.into(), found, sealed });
        }
        Self::from_members(&members, name)
    }

    /// As [`Lock::from_json`], but of a lockfile that may have been changed.
    ///
    /// # Errors
    /// It is of a later format, or malformed.
    pub fn from_json_as_it_is(json: &str, name: &str) -> Result<Self, LockError> {
        Self::from_members(&parsed(json, name)?, name)
    }

    fn from_members(members: &Members<'_>, name: &str) -> Result<Self, LockError> {
        let malformed = |reason: String| LockError::Malformed { lock: name.into(), reason };
        let read =
            members.parted().and_then(|(members, fingerprints)| Ok(Self { fingerprints, ..serde_json::from_value(members)? }));
        let lock: Self = read.map_err(|error| malformed(error.to_string()))?;
        if lock.fingerprints.0.len() != lock.index.items {
            return Err(malformed(format!(
                "{} for {}",
                counted(lock.fingerprints.0.len(), "fingerprint"),
                counted(lock.index.items, "item")
            )));
        }
        let Sum { width, .. } = lock.index;
        if let Some(place) = lock.expert.filter(|&place| place == 0 || place > width) {
            return Err(malformed(format!("the expert's token is number {place} of {width}")));
        }
        if lock.sizes.len() > width || !lock.sizes.iter().all(|size| SIZES.contains(size)) {
            return Err(malformed(format!("vocabulary sizes {:?} for codewords of {}", lock.sizes, counted(width, "token"))));
        }
        if !BEAMS.contains(&lock.making.beam) {
            let (least, most) = (BEAMS.start(), BEAMS.end());
            return Err(malformed(format!("a beam of {}, which is from {least} to {most}", lock.making.beam)));
        }
        Ok(lock)
    }

    /// The content of the file.
    pub fn to_json(&self) -> String {
        sealed(serde_json::to_value(Self { format: LOCK_FORMAT, ..self.clone() }).expect("a lock is plain"))
    }

    /// Checks that the index with this sum is the one that this lockfile was written with. `names` are those of the index and the
    /// lockfile.
    ///
    /// # Errors
    /// [`LockError::Index`].
    pub fn check(&self, found: &Sum, names: (&str, &str)) -> Result<(), LockError> {
        if *found == self.index {
            return Ok(());
        }
        let described = |s: &Sum| {
            format!(
                "{} of {}, sha256 {}",
                counted(s.items, "item"),
                counted(s.width, "token"),
                &s.sha256.chars().take(12).collect::<String>()
            )
        };
        Err(LockError::Index {
            index: names.0.into(),
            lock: names.1.into(),
            found: described(found),
            locked: described(&self.index),
        })
    }

    /// What still holds for `index`, which it was not written with: all but the fingerprints, unless ids and their order are
    /// those that it was written with.
    pub fn of_another(mut self, index: &Index) -> Self {
        let ids = index.ids.iter().map(String::as_str);
        let same = index.items() == self.index.items && catalogue_sum(ids, &self.fingerprints) == self.catalogue_sha256;
        if !same {
            self.fingerprints = Fingerprints(vec![UNKNOWN; index.items()]);
        }
        let rows: HashSet<Vec<&str>> = index.rows().map(|(_, tokens)| tokens.collect()).collect();
        self.retired.retain(|codeword| !rows.contains(&codeword.tokens.iter().map(String::as_str).collect::<Vec<_>>()));
        self.index = sum(index.rows());
        self.expert = self.expert.filter(|&place| place <= index.width);
        self.sizes.truncate(index.width);
        self
    }
}

/// The members of a lockfile, whose format is known.
fn parsed<'j>(json: &'j str, name: &str) -> Result<Members<'j>, LockError> {
    let malformed = |reason: String| LockError::Malformed { lock: name.into(), reason };
    let members = Members::parse(json).map_err(|error| malformed(error.to_string()))?;
    match members.get("format").and_then(|format| format.as_u64()) {
        Some(found) if found > u64::from(LOCK_FORMAT) => Err(LockError::Format { lock: name.into(), found, known: LOCK_FORMAT }),
        Some(_) => Ok(members),
        None => Err(malformed("it has no format".into())),
    }
}

/// SHA-256 of ids with their fingerprints.
fn catalogue_sum<'a>(ids: impl Iterator<Item = &'a str>, fingerprints: &Fingerprints) -> String {
    let mut hash = Sha256::new();
    for (id, fingerprint) in ids.zip(&fingerprints.0) {
        hash.update((id.len() as u64).to_le_bytes());
        hash.update(id);
        hash.update(fingerprint.to_le_bytes());
    }
    hex(&hash.finalize())
}
