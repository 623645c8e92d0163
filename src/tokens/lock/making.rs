//! What tokens are made of, and in what two makings differ.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::model::Template;
use crate::tokens::{CodeVocabulary, Layout, Policy};

/// Chains of codes that a search can follow.
pub const BEAMS: RangeInclusive<u16> = 1..=64;

/// A file or folder, by name for people and by hash for programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Artefact {
    /// What people call it.
    pub name: String,
    /// SHA-256 of its content, in hexadecimal digits.
    pub sha256: String,
}

/// What a tokenizer read of each item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reads {
    /// Its text, which it embedded.
    Texts,
    /// Its vector.
    Vectors,
}

/// Everything that decides which tokens an item gets, besides the items.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Making {
    /// The tokenizer; the hash is that of [`crate::model::Model::digest`].
    pub tokenizer: Artefact,
    /// The text model; none where vectors came without its hash.
    pub text_model: Option<Artefact>,
    /// How an item's fields became its text; none where vectors came without it.
    pub template: Option<Template>,
    /// Order of the tokens.
    pub layout: Layout,
    /// Whether experts share code tokens.
    pub code_vocabulary: CodeVocabulary,
    /// What was done with items of one codeword.
    pub policy: Policy,
    /// Chains of codes that the search followed.
    pub beam: u16,
    /// The interactions that went into the vectors.
    pub interactions: Option<Artefact>,
    /// What was read of each item.
    pub reads: Reads,
}

/// How a [`Difference`] in what was read of each item is called.
pub const INPUT: &str = "kind of input";

/// One thing in which two makings differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What it is.
    pub artefact: &'static str,
    /// That of the first.
    pub before: String,
    /// That of the second.
    pub after: String,
}

impl Artefact {
    /// Name and the beginning of the hash.
    pub fn described(&self) -> String {
        match self.sha256.as_str() {
            "" => self.name.clone(),
            sha256 => format!("{} (sha256 {})", self.name, sha256.chars().take(12).collect::<String>()),
        }
    }
}

impl Making {
    /// In what another making differs. What one of the two does not know is no difference.
    pub fn differences(&self, other: &Self) -> Vec<Difference> {
        let mut differences: Vec<Difference> =
            artefacts_differ("tokenizer", &self.tokenizer, &other.tokenizer).into_iter().collect();
        differences.extend(self.text_differences(other.text_model.as_ref(), other.template.as_ref()));
        let settings = [
            ("layout", self.layout.to_string(), other.layout.to_string()),
            ("code vocabulary", self.code_vocabulary.to_string(), other.code_vocabulary.to_string()),
            ("collision policy", self.policy.to_string(), other.policy.to_string()),
            ("beam", self.beam.to_string(), other.beam.to_string()),
            (INPUT, self.reads.to_string(), other.reads.to_string()),
        ];
        let differ = settings.into_iter().filter(|(_, before, after)| before != after);
        differences.extend(differ.map(|(artefact, before, after)| Difference { artefact, before, after }));
        let none = Artefact { name: "none".into(), sha256: String::new() };
        let [before, after] = [self, other].map(|making| making.interactions.as_ref().unwrap_or(&none));
        differences.extend(artefacts_differ("interactions", before, after));
        differences
    }

    /// What tokens are made of if they go on with another making. What that one does not know stays, and so do interactions,
    /// which new items lack.
    pub fn overridden_by(self, other: Self) -> Self {
        Self {
            text_model: other.text_model.or(self.text_model),
            template: other.template.or(self.template),
            interactions: self.interactions,
            ..other
        }
    }

    /// What there is to say of vectors that do not tell their text model, where that of the index is known. `index` and `other` are
    /// names.
    pub fn unknown_text(&self, index: &str, other: &str) -> Option<String> {
        let expected = self.text_model.as_ref()?.described();
        Some(format!(
            "{other} does not say which text model its vectors are from: they are taken to be from {expected}, as {index} is"
        ))
    }

    /// In what a text model and a template differ from those of this making; what is not known is no difference.
    pub fn text_differences(&self, text_model: Option<&Artefact>, template: Option<&Template>) -> Vec<Difference> {
        let models = self.text_model.as_ref().zip(text_model).and_then(|(a, b)| artefacts_differ("text model", a, b));
        let templates = self.template.as_ref().zip(template).filter(|(a, b)| a != b);
        let templates = templates.map(|(a, b)| Difference { artefact: "template", before: json(a), after: json(b) });
        models.into_iter().chain(templates).collect()
    }
}

impl std::fmt::Display for Reads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if *self == Self::Texts { "texts" } else { "vectors" })
    }
}

fn artefacts_differ(artefact: &'static str, before: &Artefact, after: &Artefact) -> Option<Difference> {
    let differ = before.sha256 != after.sha256;
    differ.then(|| Difference { artefact, before: before.described(), after: after.described() })
}

fn json(template: &Template) -> String {
    serde_json::to_string(template).expect("a template is plain")
}
