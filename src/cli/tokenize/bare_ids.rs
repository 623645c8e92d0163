//! Ids that differ from those of an index by their prefix alone (`--prefix-ids`): each would be a second item.

use std::collections::HashMap;

use anyhow::bail;

use crate::base::words::{counted, verb};

/// The ids of an index as an input would have them that has prefixes where the index has none, or none where it has some.
pub struct BareIds<'a> {
    /// Whether the input's ids have prefixes.
    prefixed: bool,
    /// Ids of the index by what the two have in common.
    known: HashMap<&'a str, &'a str>,
    /// Ids that the index lacks, and those of them that it has otherwise.
    unknown: usize,
    found: usize,
    /// The first of these, and what the index has.
    first: Option<(String, &'a str)>,
}

impl<'a> BareIds<'a> {
    /// Those of `ids`, for an input whose ids are `prefixed` or not. An index has prefixes if all its ids have one.
    pub fn new(ids: impl Iterator<Item = &'a str>, prefixed: bool) -> Self {
        let common = |id: &'a str| if prefixed { Some((id, id)) } else { bare(id).map(|bare| (bare, id)) };
        let known = ids.map(common).collect::<Option<_>>().unwrap_or_default();
        Self { prefixed, known, unknown: 0, found: 0, first: None }
    }

    /// Looks at an id that the index lacks.
    pub fn see(&mut self, id: &str) {
        self.unknown += 1;
        let common = if self.prefixed { bare(id) } else { Some(id) };
        if let Some(&known) = common.and_then(|common| self.known.get(common)) {
            self.found += 1;
            self.first.get_or_insert_with(|| (id.into(), known));
        }
    }

    /// Refuses an input whose new items are mostly in the index, with a prefix or without theirs. `index` is its name.
    ///
    /// # Errors
    /// They are.
    pub fn check(&self, index: &str) -> anyhow::Result<()> {
        let Some((id, known)) = self.first.as_ref().filter(|_| 2 * self.found > self.unknown) else { return Ok(()) };
        let (ids, advice) = if self.prefixed {
            ("without their prefix", "without --prefix-ids, so leave that out")
        } else {
            (
                "with a prefix",
                "with --prefix-ids, so give that here too (with --items; the files must have the names that they had)",
            )
        };
        bail!(
            "{} of the {} that {index} lacks {} in it under ids {ids}, «{id}» as «{known}»: it was made {advice}",
            self.found,
            counted(self.unknown, "item"),
            verb(self.found, "is", "are")
        )
    }
}

/// An id without its prefix.
fn bare(id: &str) -> Option<&str> {
    Some(id.split_once('/')?.1)
}
