//! Why items share their tokens: which words would separate them.

use std::collections::HashMap;

use serde::Serialize;

use super::args::Args;
use super::unchanged::Unchanged;
use crate::base::words::counted;
use crate::catalog::Item;
use crate::cli::index_file::{self, Locked};
use crate::cli::output::{Outcome, print, say};
use crate::inspect::separating_words;
use crate::model::Template;
use crate::tokens::lock::{Reads, of_text};

/// Codewords that are shown; `--json` has all.
const SHOWN: usize = 20;
/// Characters of a text that are shown.
const CHARACTERS: usize = 60;

/// Items of one codeword.
#[derive(Serialize)]
struct Bucket<'a> {
    tokens: Vec<&'a str>,
    items: Vec<Colliding<'a>>,
    /// Where the words stand.
    words_in: WordsIn,
}

#[derive(Serialize)]
struct Colliding<'a> {
    id: &'a str,
    /// None for an item that the catalogue lacks.
    text: Option<String>,
    /// Words that it has and another item of the codeword lacks.
    words: Vec<String>,
}

/// Where words separate the items of a codeword.
#[derive(Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum WordsIn {
    /// In the texts that the tokenizer read, which did not tell them apart.
    Text,
    /// Only in what the template leaves out.
    LeftOut,
    /// Nowhere: they are the same to any reader.
    Nowhere,
    /// Nobody knows: the catalogue has not two of the items.
    Unknown,
}

/// Runs `--explain`.
pub fn run(args: &Args, locked: &Locked) -> anyhow::Result<Outcome> {
    let index = &locked.index;
    let order = index.sorted();
    let mut colliding: Vec<&[u32]> = index.buckets(&order).filter(|bucket| bucket.len() > 1).collect();
    colliding.sort_by_key(|bucket| std::cmp::Reverse(bucket.len()));
    let template = locked.lock.as_ref().and_then(|lock| lock.making.template.clone()).unwrap_or_default();
    let mut texts: HashMap<&str, Option<[String; 2]>> =
        colliding.iter().flat_map(|bucket| bucket.iter()).map(|&item| (index.ids[item as usize].as_str(), None)).collect();
    let mut check = Unchanged::new(locked, Reads::Texts);
    let mut stream = args.input.catalogue.stream_with(&template)?;
    while let Some((item, text)) = stream.next().transpose()? {
        if let Some(found) = texts.get_mut(item.id.as_str()) {
            check.see(&item.id, of_text(&text));
            *found = Some([text, whole(&item)]);
        }
    }
    let paths: Vec<String> = args.input.catalogue.items.iter().map(|path| index_file::shown(path)).collect();
    check.finish(&paths.join(", "), "text", texts.len())?;
    let buckets: Vec<Bucket<'_>> = colliding.iter().map(|bucket| explained(locked, bucket, &texts)).collect();
    if args.json {
        print(&serde_json::to_string_pretty(&serde_json::json!({ "collisions": buckets }))?)?;
        return Ok(Outcome::Done);
    }
    if buckets.is_empty() {
        say(&format!("{}: no two items share their tokens", locked.name));
    }
    buckets.iter().take(SHOWN).try_for_each(|bucket| print(&shown(bucket)))?;
    if buckets.len() > SHOWN {
        say(&format!("… and {} (--json has all)", counted(buckets.len() - SHOWN, "more codeword")));
    }
    Ok(Outcome::Done)
}

/// Everything that a catalogue says of an item.
fn whole(item: &Item) -> String {
    let template = Template { description_chars: usize::MAX, ..Template::default() };
    template.text(item).unwrap_or_default()
}

fn explained<'a>(locked: &'a Locked, bucket: &[u32], texts: &HashMap<&str, Option<[String; 2]>>) -> Bucket<'a> {
    let index = &locked.index;
    let ids: Vec<&'a str> = bucket.iter().map(|&item| index.ids[item as usize].as_str()).collect();
    let known: Vec<Option<&[String; 2]>> = ids.iter().map(|id| texts[id].as_ref()).collect();
    let words = |which: usize| {
        let texts: Vec<&str> = known.iter().flatten().map(|texts| texts[which].as_str()).collect();
        separating_words(&texts)
    };
    let separates = |words: &Vec<Vec<String>>| words.iter().any(|words| !words.is_empty());
    let (words_in, words) = match (words(0), words(1)) {
        _ if known.iter().flatten().count() < 2 => (WordsIn::Unknown, Vec::new()),
        (words, _) if separates(&words) => (WordsIn::Text, words),
        (_, words) if separates(&words) => (WordsIn::LeftOut, words),
        (words, _) => (WordsIn::Nowhere, words),
    };
    let mut words = words.into_iter();
    let items = ids.iter().zip(&known).map(|(&id, texts)| {
        let words = texts.and_then(|_| words.next()).unwrap_or_default();
        Colliding { id, text: texts.map(|texts| texts[0].clone()), words }
    });
    let tokens = index.row(bucket[0] as usize).iter().map(|&token| index.vocabulary[token as usize].as_str());
    Bucket { tokens: tokens.collect(), items: items.collect(), words_in }
}

fn shown(bucket: &Bucket<'_>) -> String {
    let note = match bucket.words_in {
        WordsIn::Text => "",
        WordsIn::LeftOut => ", whose words differ only in what the template leaves out",
        WordsIn::Nowhere => ", which have the same words",
        WordsIn::Unknown => ", whose words are not in the catalogue (give the one with these items: --items)",
    };
    let mut text = format!("{}: {} items{note}", bucket.tokens.concat(), bucket.items.len());
    for item in &bucket.items {
        let words = if item.words.is_empty() { "–".into() } else { item.words.join(", ") };
        let shown: String = item.text.as_deref().unwrap_or("not in the catalogue").chars().take(CHARACTERS).collect();
        text += &format!("\n  {}: {words} ({shown})", item.id);
    }
    text
}
