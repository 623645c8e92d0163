//! How an item's fields become one text.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::base::sort::ordered;
use crate::catalog::{Categories, Item, has_markup, without_markup};

/// Which fields go into an item's text, in order, and how they are joined.
///
/// An item's text depends on that item alone. Fields that are empty leave no trace. Parts of a category path, and tags,
/// are joined by a space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Template {
    /// Fields in order: `title`, `brand`, `categories`, `description`.
    pub fields: Vec<Field>,
    /// Put between fields.
    pub separator: String,
    /// Characters of the description that are kept.
    pub description_chars: usize,
    /// Tags longer than this many characters are prose that leaked into the tags: they go last.
    pub tag_chars: usize,
    /// Removes HTML tags and decodes entities ([`crate::catalog::without_markup`]). A record without this entry is of a
    /// time when markup was kept: it keeps meaning that.
    #[serde(default)]
    pub clean_html: bool,
}

/// A field that a template may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    /// Title.
    Title,
    /// Brand.
    Brand,
    /// Of paths the last; of tags all, sorted without regard to case, none twice.
    Categories,
    /// Beginning of the description.
    Description,
}

impl Default for Template {
    fn default() -> Self {
        Self {
            fields: vec![Field::Title, Field::Brand, Field::Categories, Field::Description],
            separator: ". ".into(),
            description_chars: 300,
            tag_chars: 64,
            clean_html: false,
        }
    }
}

impl Template {
    /// The item's text, or nothing when every field is empty.
    pub fn text(&self, item: &Item) -> Option<String> {
        let parts: Vec<String> = self.fields.iter().map(|&f| self.field(f, item)).filter(|p| !p.is_empty()).collect();
        (!parts.is_empty()).then(|| parts.join(&self.separator))
    }

    /// Whether [`clean_html`](Self::clean_html) would change an item's text, be it set or not.
    pub fn finds_markup(&self, item: &Item) -> bool {
        self.fields.iter().any(|field| match field {
            Field::Title => has_markup(&item.title),
            Field::Brand => has_markup(&item.brand),
            Field::Categories => item.categories.names().any(|name| has_markup(name)),
            Field::Description => has_markup(&item.description),
        })
    }

    fn field(&self, field: Field, item: &Item) -> String {
        match field {
            Field::Title => self.cleaned(&item.title).into(),
            Field::Brand => self.cleaned(&item.brand).into(),
            Field::Categories => self.categories(&item.categories),
            Field::Description => {
                let head: String = self.cleaned(&item.description).chars().take(self.description_chars).collect();
                head.trim_end().into()
            }
        }
    }

    fn cleaned<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.clean_html { without_markup(text) } else { text.into() }
    }

    fn categories(&self, categories: &Categories) -> String {
        let cleaned = |names: &[String]| names.iter().map(|name| self.cleaned(name).into()).collect::<Vec<String>>();
        match categories {
            Categories::None => String::new(),
            Categories::Paths(paths) => paths.last().map_or_else(String::new, |path| cleaned(path).join(" ")),
            Categories::Tags(tags) => self.sorted(&cleaned(tags)).join(" "),
        }
    }

    /// Catalogues list the same tags in any order: sorted, they are the same text.
    fn sorted<'a>(&self, tags: &'a [String]) -> Vec<&'a str> {
        let key = |tag: &str| (tag.chars().count() > self.tag_chars, tag.to_lowercase());
        let keyed: Vec<_> = tags.iter().map(|tag| (key(tag), tag.as_str())).collect();
        let mut order = ordered(keyed.len(), &|a, b| keyed[a].cmp(&keyed[b]));
        order.dedup_by(|a, b| keyed[*a as usize].0 == keyed[*b as usize].0);
        order.into_iter().map(|i| keyed[i as usize].1).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(list: &[&str]) -> Vec<String> {
        list.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn text_joins_what_there_is() {
        let paths = Categories::Paths(vec![strings(&["Beauty"]), strings(&["Beauty", "Hair Care"])]);
        let mut item = Item { id: "1".into(), title: "Comb".into(), categories: paths, ..Item::default() };
        assert_eq!(Template::default().text(&item).unwrap(), "Comb. Beauty Hair Care");
        item.brand = "Acme".into();
        item.description = "é".repeat(301);
        assert_eq!(Template::default().text(&item).unwrap(), format!("Comb. Acme. Beauty Hair Care. {}", "é".repeat(300)));
        let custom = Template { fields: vec![Field::Brand, Field::Title], separator: " | ".into(), ..Template::default() };
        assert_eq!(custom.text(&item).unwrap(), "Acme | Comb");
        assert_eq!(Template::default().text(&Item { id: "1".into(), ..Item::default() }), None);
    }

    #[test]
    fn tags_are_sorted_and_prose_goes_last() {
        let prose = format!("A{}", " long".repeat(20));
        let of = |tags: &[&str]| {
            let item = Item { categories: Categories::Tags(strings(tags)), ..Item::default() };
            Template::default().text(&item).unwrap()
        };
        assert_eq!(of(&[&prose, "pizza", "Bars", "BARS", "pizza"]), format!("BARS pizza {prose}"));
        assert_eq!(of(&["a", "B"]), of(&["B", "a"]));
        assert_eq!(of(&["a", "A"]), of(&["A", "a"]));
    }

    #[test]
    fn a_template_from_an_older_file_gets_the_defaults() {
        let old = r#"{"fields":["title"],"separator":" ","description_chars":5}"#;
        assert_eq!(serde_json::from_str::<Template>(old).unwrap().tag_chars, 64);
    }
}
