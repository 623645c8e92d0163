//! Ids without the prefix that those of an index have (`--prefix-ids`): each would be a second item.

use std::collections::HashMap;

use anyhow::bail;

use crate::base::words::{counted, verb};

/// The ids of an index without their prefixes, if all have one.
pub struct BareIds<'a> {
    /// Whole ids by what follows their prefixes.
    whole: HashMap<&'a str, &'a str>,
    /// Ids that the index lacks, and those of them that it has with a prefix.
    unknown: usize,
    found: usize,
    /// The first of these, and what the index has.
    first: Option<(String, &'a str)>,
}

impl<'a> BareIds<'a> {
    /// Those of `ids`; none are looked for where the input's ids are `prefixed` too.
    pub fn new(ids: impl Iterator<Item = &'a str>, prefixed: bool) -> Self {
        let parted = |id: &'a str| Some((id.split_once('/')?.1, id)).filter(|_| !prefixed);
        let whole = ids.map(parted).collect::<Option<_>>().unwrap_or_default();
        Self { whole, unknown: 0, found: 0, first: None }
    }

    /// Looks at an id that the index lacks.
    pub fn see(&mut self, id: &str) {
        self.unknown += 1;
        if let Some(&whole) = self.whole.get(id) {
            self.found += 1;
            self.first.get_or_insert_with(|| (id.into(), whole));
        }
    }

    /// Refuses an input whose new items are mostly in the index, with a prefix. `index` is its name.
    ///
    /// # Errors
    /// They are.
    pub fn check(&self, index: &str) -> anyhow::Result<()> {
        let Some((id, whole)) = self.first.as_ref().filter(|_| 2 * self.found > self.unknown) else { return Ok(()) };
        bail!(
            "{} of the {} that {index} lacks {} in it under ids with a prefix, «{id}» as «{whole}»: it was made with \
             --prefix-ids, so give that here too (with --items; the files must have the names that they had)",
            self.found,
            counted(self.unknown, "item"),
            verb(self.found, "is", "are")
        )
    }
}
