//! The systems that are compared, by the names of the paper.
//!
//! To add one: a row in [`SYSTEMS`]; for a new tokenizer a file in [`super::tokenizers`] too, for a new recommender a row in
//! [`crate::recommend::kind`].

use serde::Serialize;

use super::names::UnknownName;
use super::run::Training;
use super::tokenizers::Tokenizer;
use super::tokenizers::collaborative::sasrec_vectors;
use super::tokenizers::identifiers::Identifier;
use super::tokenizers::quantized::Quantized;
use crate::recommend::kind::Kind;
use crate::train::recipes::unitok::options::{RecipeName, Role, Variant};

/// A row of the tables.
pub struct System {
    /// Its name in results.
    pub name: &'static str,
    /// Its name in tables.
    pub label: &'static str,
    /// Where it stands in tables.
    pub group: Group,
    /// How it recommends.
    pub method: Method,
}

/// How a system recommends.
#[derive(Clone, Copy)]
pub enum Method {
    /// By items' numbers.
    Items(Kind),
    /// By tokens.
    Tokens {
        /// Who gives them.
        tokenizer: &'static dyn Tokenizer,
        /// What it is trained on.
        training: Training,
        /// A recommender of its own, instead of the comparison's.
        recommender: Option<Kind>,
    },
}

/// Systems that are told apart in tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// What every system must beat.
    Floor,
    /// Recommenders that know items by number.
    Collaborative,
    /// Tokenizers trained for each domain, or not at all.
    PerDomain,
    /// Tokenizers of other papers trained on all domains.
    OthersUnified,
    /// UniTok and its ablations.
    UniTok,
    /// Tokens that bound what a tokenizer can do.
    Control,
}

/// What UniTok's recipe does otherwise where texts are all there is (METHOD.md, Recipe).
const TEXTS_ALONE: &[&str] = &["model.levels=4", "recipe.joint_steps=2000", "recipe.decoder_steps=300"];

const fn variant(name: &'static str, variant: Variant) -> Quantized {
    Quantized { settings: TEXTS_ALONE, variant, ..recipe(name, RecipeName::UniTok) }
}

const fn with_histories(name: &'static str, role: Role) -> Quantized {
    Quantized { histories: Some(role), variant: Variant::UniTok, ..recipe(name, RecipeName::UniTok) }
}

const fn recipe(name: &'static str, recipe: RecipeName) -> Quantized {
    Quantized { name, recipe, settings: &[], variant: Variant::UniTok1, collaborative: None, histories: None }
}

/// UniTok's variants; a later one has one idea more.
static UNITOK_1: Quantized = variant("unitok-1", Variant::UniTok1);
static UNITOK_2: Quantized = variant("unitok-2", Variant::UniTok2);
static UNITOK_3: Quantized = variant("unitok-3", Variant::UniTok3);
static UNITOK: Quantized = variant("unitok", Variant::UniTok);
/// With histories: learned from in training alone, or read too.
static UNITOK_TAUGHT: Quantized = with_histories("unitok-taught", Role::Target);
static UNITOK_HISTORIES: Quantized = with_histories("unitok-histories", Role::Input);
static TIGER: Quantized = recipe("tiger", RecipeName::Tiger);
static LC_REC: Quantized = recipe("lc-rec", RecipeName::LcRec);
static LETTER: Quantized = Quantized { collaborative: Some(sasrec_vectors), ..recipe("letter", RecipeName::Letter) };

/// Every system, in the order of tables.
pub static SYSTEMS: &[System] = &[
    System::items("popularity", "Most popular items", Group::Floor, Kind::Popularity),
    System {
        name: "popularity-by-code",
        label: "Most popular codewords of UniTok",
        group: Group::Floor,
        method: Method::Tokens { tokenizer: &UNITOK, training: Training::Unified, recommender: Some(Kind::PopularityByCode) },
    },
    System::items("graph", "Transition graph", Group::Floor, Kind::Graph),
    System::tokens("random", "Random codewords", Group::Control, &Identifier::Random, Training::None),
    System::items("mf", "MF", Group::Collaborative, Kind::Mf),
    System::items("lightgcn", "LightGCN", Group::Collaborative, Kind::LightGcn),
    System::items("sasrec", "SASRec", Group::Collaborative, Kind::SasRec),
    System::items("bert4rec", "BERT4Rec", Group::Collaborative, Kind::Bert4Rec),
    System::tokens("p5-tid", "P5-TID", Group::PerDomain, &Identifier::Title, Training::None),
    System::tokens("p5-semid", "P5-SemID", Group::PerDomain, &Identifier::Category, Training::None),
    System::tokens("tiger", "TIGER", Group::PerDomain, &TIGER, Training::Domain),
    System::tokens("lc-rec", "LC-Rec", Group::PerDomain, &LC_REC, Training::Domain),
    System::tokens("letter", "LETTER", Group::PerDomain, &LETTER, Training::Domain),
    System::tokens("tiger-unified", "TIGER, one for all domains", Group::OthersUnified, &TIGER, Training::Unified),
    System::tokens("lc-rec-unified", "LC-Rec, one for all domains", Group::OthersUnified, &LC_REC, Training::Unified),
    System::tokens("letter-unified", "LETTER, one for all domains", Group::OthersUnified, &LETTER, Training::Unified),
    System::tokens("unitok-1", "UniTok-1 (one set of codebooks)", Group::UniTok, &UNITOK_1, Training::Unified),
    System::tokens("unitok-2", "UniTok-2 (experts)", Group::UniTok, &UNITOK_2, Training::Unified),
    System::tokens("unitok-3", "UniTok-3 (and a shared expert)", Group::UniTok, &UNITOK_3, Training::Unified),
    System::tokens("unitok", "UniTok", Group::UniTok, &UNITOK, Training::Unified),
    System::tokens(
        "unitok-taught",
        "UniTok, taught by histories to read texts",
        Group::UniTok,
        &UNITOK_TAUGHT,
        Training::Unified,
    ),
    System::tokens("unitok-histories", "UniTok, reading histories too", Group::UniTok, &UNITOK_HISTORIES, Training::Unified),
    System::tokens("itemid", "Item ids", Group::Control, &Identifier::ItemId, Training::None),
];

impl System {
    const fn items(name: &'static str, label: &'static str, group: Group, kind: Kind) -> Self {
        Self { name, label, group, method: Method::Items(kind) }
    }

    const fn tokens(
        name: &'static str,
        label: &'static str,
        group: Group,
        tokenizer: &'static dyn Tokenizer,
        training: Training,
    ) -> Self {
        Self { name, label, group, method: Method::Tokens { tokenizer, training, recommender: None } }
    }

    /// The system of a name.
    ///
    /// # Errors
    /// There is none.
    pub fn named(name: &str) -> Result<&'static Self, UnknownName> {
        let known = || SYSTEMS.iter().map(|system| system.name).collect();
        let found = SYSTEMS.iter().find(|system| system.name == name);
        found.ok_or_else(|| UnknownName { what: "system", name: name.into(), known: known() })
    }

    /// Its recommender, where those of tokens use `default`.
    pub fn recommender(&self, default: Kind) -> Kind {
        match self.method {
            Method::Items(kind) => kind,
            Method::Tokens { recommender, .. } => recommender.unwrap_or(default),
        }
    }
}

impl std::fmt::Debug for System {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}
