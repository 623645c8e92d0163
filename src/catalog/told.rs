//! What was read as what, in one line.

use super::{FieldUse, Part};

/// Names shown of those that were not read.
const SHOWN: usize = 12;
const PARTS: [Part; 5] = [Part::Id, Part::Title, Part::Brand, Part::Categories, Part::Description];

/// Says which fields gave which parts, and which did not: `id ← sku, title ← Titel; not read: price`.
pub fn describe_fields(fields: &[FieldUse]) -> String {
    let parts: Vec<String> = PARTS.iter().filter_map(|&part| sources(fields, part)).collect();
    let mut text = if parts.is_empty() { "no field is read".into() } else { parts.join(", ") };
    let names = |fields: Vec<&FieldUse>| listed(&fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>());
    let any = fields.iter().any(|field| field.used > 0);
    let of = |keep: &dyn Fn(&FieldUse) -> bool| names(fields.iter().filter(|field| keep(field)).collect());
    let idle = |field: &FieldUse| any && field.part.is_some() && field.used == 0 && field.unread == 0;
    for (what, list) in [
        ("empty", of(&|field| idle(field) && field.empty > 0)),
        ("not needed", of(&|field| idle(field) && field.empty == 0)),
        ("not read", of(&|field| field.part.is_none())),
    ] {
        if let Some(list) = list {
            text += &format!("; {what}: {list}");
        }
    }
    text
}

/// Says how many values could not be read, after a semicolon each; nothing where all could.
pub fn unread(fields: &[FieldUse]) -> String {
    let unread = fields.iter().filter(|field| field.unread > 0);
    let told = unread.map(|field| {
        let (count, values) = (field.unread, if field.unread == 1 { "value" } else { "values" });
        let example = field.example.as_deref().unwrap_or_default();
        format!("; {count} {values} of \"{}\" could not be read, or not all of it: it is no text and has no name, the first: {example}", field.name)
    });
    told.collect()
}

/// `title ← title, name`: the fields that gave a part, before any item those that may.
fn sources(fields: &[FieldUse], part: Part) -> Option<String> {
    let mut of_part: Vec<&FieldUse> = fields.iter().filter(|field| field.part == Some(part)).collect();
    if fields.iter().any(|field| field.used > 0) {
        of_part.retain(|field| field.used > 0);
    }
    of_part.sort_by_key(|field| field.rank);
    let names: Vec<&str> = of_part.iter().map(|field| field.name.as_str()).collect();
    (!names.is_empty()).then(|| format!("{} ← {}", part.name(), names.join(" or ")))
}

fn listed(names: &[&str]) -> Option<String> {
    let more = names.len().saturating_sub(SHOWN);
    let list = names[..names.len() - more].join(", ");
    match (names.len(), more) {
        (0, _) => None,
        (_, 0) => Some(list),
        _ => Some(format!("{list} and {more} more")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_told_by_what_they_gave() {
        let field = |name: &str, part, used, empty, unread| FieldUse { part, used, empty, unread, ..FieldUse::new(name.into()) };
        let fields = [
            field("sku", Some(Part::Id), 9, 0, 0),
            field("price", None, 0, 0, 0),
            field("title", Some(Part::Title), 8, 1, 0),
            FieldUse { rank: 1, ..field("name", Some(Part::Title), 1, 0, 0) },
            field("vendor", Some(Part::Brand), 0, 9, 0),
            field("tags", Some(Part::Categories), 0, 0, 0),
            FieldUse { example: Some("{}".into()), ..field("about", Some(Part::Description), 0, 0, 2) },
        ];
        let text = describe_fields(&fields);
        assert_eq!(text, "id ← sku, title ← title or name; empty: vendor; not needed: tags; not read: price");
        assert!(unread(&fields).starts_with("; 2 values of \"about\" could not be read"));
        let header = [field("a", Some(Part::Title), 0, 0, 0), field("b", None, 0, 0, 0)];
        assert_eq!(describe_fields(&header), "title ← a; not read: b");
        assert_eq!(describe_fields(&[]), "no field is read");
    }
}
