//! What tells one state of an index from another, pins and retired codewords included.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::base::hash::hex;
use crate::base::words::counted;
use crate::tokens::lock::{Retired, Sum};

/// A state of an index, by which a log knows where it begins and ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stamp {
    /// Items.
    pub items: usize,
    /// The sum of the index that its lockfile has; where items are pinned or codewords retired, one of that and these.
    pub sha256: String,
}

impl Stamp {
    /// Of an index with this sum, its pinned items in order, and its retired codewords.
    pub fn new<'a>(index: &Sum, pinned: impl Iterator<Item = &'a str>, retired: &[Retired]) -> Self {
        let pinned: Vec<&str> = pinned.collect();
        let retired: Vec<(&str, &[String])> = retired.iter().map(|codeword| (&*codeword.item, &*codeword.tokens)).collect();
        let sha256 = match (pinned.as_slice(), retired.as_slice()) {
            ([], []) => index.sha256.clone(),
            more => {
                let more = serde_json::to_string(&more).expect("text is plain");
                hex(&Sha256::digest(format!("{}{more}", index.sha256)))
            }
        };
        Self { items: index.items, sha256 }
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sha256: String = self.sha256.chars().take(12).collect();
        write!(f, "{} (sha256 {sha256})", counted(self.items, "item"))
    }
}
