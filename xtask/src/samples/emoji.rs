//! Emoji with their names and keywords, from npm's `emojibase-data`, which has them from Unicode's common locale data.

use std::collections::HashMap;
use std::fs;

use anyhow::{Context, Result};
use serde_json::Value;

use super::item::{Item, npm_file};

const PACKAGE: (&str, &str) = ("emojibase-data", "17.0.0");
/// Of an emoji's skin tones the medium one stands for all, beside the emoji without one.
const MEDIUM: u64 = 3;
/// Skin tones and hair by themselves.
const COMPONENTS: &str = "component";

/// The emoji in Unicode's order. An emoji is its own id.
pub fn read() -> Result<Vec<Item>> {
    let emoji = json("en/data.json")?;
    let labels = json("en/messages.json")?;
    let (groups, subgroups) = (Names::new(&labels["groups"]), Names::new(&labels["subgroups"]));
    let mut found: Vec<(u64, Item)> = Vec::new();
    for one in emoji.as_array().context("en/data.json is no list")? {
        // Letters that stand for regions belong to no group.
        let Some((key, group)) = groups.of(&one["group"]).filter(|(key, _)| *key != COMPONENTS) else { continue };
        let path = [Some(group), subgroups.of(&one["subgroup"]).map(|(_, name)| name)];
        let path: Vec<String> = path.into_iter().flatten().map(str::to_owned).collect();
        let keywords: Vec<&str> = one["tags"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let toned = one["skins"].as_array().into_iter().flatten().filter(|skin| skin["tone"] == MEDIUM);
        for variant in [one].into_iter().chain(toned) {
            let text = |name: &str| variant[name].as_str().with_context(|| format!("an emoji of {key} has no {name}"));
            let order = variant["order"].as_u64().with_context(|| format!("an emoji of {key} has no place in the order"))?;
            let (id, title) = (text("emoji")?.to_owned(), text("label")?.to_owned());
            found.push((order, Item { id, title, path: path.clone(), description: keywords.join(", ") }));
        }
    }
    found.sort_by_key(|(order, _)| *order);
    Ok(found.into_iter().map(|(_, item)| item).collect())
}

/// Names of groups by their numbers.
struct Names<'a>(HashMap<u64, (&'a str, &'a str)>);

impl<'a> Names<'a> {
    fn new(list: &'a Value) -> Self {
        let named = |one: &'a Value| Some((one["order"].as_u64()?, (one["key"].as_str()?, one["message"].as_str()?)));
        Self(list.as_array().into_iter().flatten().filter_map(named).collect())
    }

    /// Key and name of a group.
    fn of(&self, number: &Value) -> Option<(&'a str, &'a str)> {
        self.0.get(&number.as_u64()?).copied()
    }
}

fn json(name: &str) -> Result<Value> {
    let path = npm_file(PACKAGE.0, PACKAGE.1, name)?;
    let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&bytes).with_context(|| format!("{} is no JSON", path.display()))
}
