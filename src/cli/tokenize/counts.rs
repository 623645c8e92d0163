//! How many items an append found known, new and changed, and what became of them.

use crate::base::words::{counted, verb};

/// What the items that were read are to the index.
#[derive(Debug, Clone, Copy, Default, serde::Serialize)]
pub struct Counts {
    /// Items that were in the index.
    pub published: usize,
    /// Items that it lacked.
    pub added: usize,
    /// Items that had left it and have the tokens again that they had.
    pub returned: usize,
    /// Known items as they were, or of which nobody knows it.
    pub unchanged: usize,
    /// Known items whose text or vector changed, and which keep their tokens.
    pub changed: usize,
    /// Changed items that got other tokens, because `--retokenize` asked for it.
    pub retokenized: usize,
    /// Those of them that got tokens which they had before.
    pub regained: usize,
    /// Changed items whose tokens are still those that their texts or vectors lead to.
    pub fitting: usize,
    /// Codewords that went to new items though others had them before.
    pub passed_on: usize,
    /// Known items whose text or vector can be compared.
    #[serde(skip)]
    pub compared: usize,
}

impl Counts {
    /// An item that was read has tokens again that it had; `known` says whether the index has it.
    pub fn came_back(&mut self, known: bool) {
        if known {
            self.regained += 1;
        } else {
            self.added -= 1;
            self.returned += 1;
        }
    }

    /// What was done, a line each; `retokenize` and `reuse` are the options.
    pub fn describe(&self, retokenize: bool, reuse: bool) -> Vec<String> {
        let why = if retokenize { "they are pinned" } else { "--retokenize gives them new ones" };
        let some = |count: usize, what: String| if count == 0 { String::new() } else { what };
        let returned = some(self.returned, format!(", {} came back to the earlier tokens", self.returned));
        let changed = some(
            self.changed,
            format!(", {} changed and {} the tokens ({why})", self.changed, verb(self.changed, "keeps", "keep")),
        );
        let regained = some(self.regained, format!(" ({} of them tokens that they had before)", self.regained));
        let retokenized = some(self.retokenized, format!(", {} got new tokens{regained}", self.retokenized));
        let fitting = some(self.fitting, format!(", {} changed and the tokens still fit", self.fitting));
        let mut lines = vec![format!(
            "appended {} to {}; {} unchanged{returned}{changed}{fitting}{retokenized}",
            counted(self.added, "item"),
            self.published,
            self.unchanged
        )];
        if self.passed_on > 0 {
            let why =
                if reuse { "--reuse" } else { "their texts lead there, and --collisions keep moves none; or no place was free" };
            lines.push(format!(
                "warning: {} that other items had before {} new items' now ({why})",
                counted(self.passed_on, "codeword"),
                verb(self.passed_on, "is", "are")
            ));
        }
        lines
    }
}
