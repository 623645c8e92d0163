//! The names that real catalogues give to the parts of an item.

use super::{Named, Part, languages};

/// Names of each part, the preferred first; compared in lower case. Those of other languages are in `languages`. Besides the plain words: Amazon's metadata, Google
/// Merchant, Shopify, WooCommerce, Magento, Etsy, schema.org, MovieLens, Yelp and Steam.
const NAMES: &[(Part, &[&str])] = &[
    (
        Part::Id,
        &[
            "id",
            "item_id",
            "itemid",
            "asin",
            "parent_asin",
            "product_id",
            "productid",
            "product id",
            "business_id",
            "movie_id",
            "movieid",
            "book_id",
            "gmap_id",
            "appid",
            "app_id",
            "handle",
            "_id",
            "item id",
            "sku",
            "product code/sku",
            "productcode",
            "article_id",
            "pid",
        ],
    ),
    (
        Part::Title,
        &[
            "title",
            "name",
            "item_name",
            "product_name",
            "product_title",
            "app_name",
            "movie_title",
            "book_title",
            "product name",
            "item name",
            "item title",
            "product title",
            "productname",
            "prod_name",
            "headline",
        ],
    ),
    (
        Part::Brand,
        &[
            "brand",
            "brand_name",
            "brands",
            "manufacturer",
            "store",
            "vendor",
            "brand name",
            "details.brand",
            "developer",
            "publisher",
        ],
    ),
    (
        Part::Categories,
        &[
            "categories",
            "category",
            "category_path",
            "product category",
            "product_type",
            "google_product_category",
            "product type",
            "google product category",
            "category name",
            "category_name",
            "type",
            "tags",
            "genres",
            "genre",
            "class",
            "main_category",
            "category details",
            "product_category",
        ],
    ),
    (
        Part::Description,
        &[
            "description",
            "desc",
            "summary",
            "overview",
            "features",
            "feature",
            "about",
            "bullet_point",
            "bullet_points",
            "body (html)",
            "body_html",
            "body html",
            "short description",
            "short_description",
            "product description",
            "product_description",
            "detail_desc",
        ],
    ),
];

/// Names that mean something else elsewhere: they count only in a table that has this column too.
const BESIDE: &[(&str, &str)] = &[("type", "handle"), ("class", "item_id")];
/// Names that mean something else in a table that has this column too: Magento's `product_type` is `simple` or `bundle`.
const NOT_BESIDE: &[(&str, &str)] = &[("product_type", "attribute_set_code")];

/// Fields that hold one path of categories, in whose names commas may stand; several paths are in the plural.
const ONE_PATH: &[&str] = &[
    "category",
    "category_path",
    "product category",
    "product_category",
    "product_type",
    "google_product_category",
    "product type",
    "google product category",
];

/// RecBole's types, which stand behind a name and a colon.
const TYPES: [&str; 4] = ["token", "token_seq", "float", "float_seq"];

/// The names of an id, for messages.
pub(super) fn id_names() -> String {
    NAMES[0].1[..14].join(", ")
}

/// Which part a name stands for, and its rank among the names of that part (0 is preferred). In a table, `columns` are
/// all its names.
///
/// A part for which a field was `named` is read from that field alone; of several named ones the first is preferred.
pub(super) fn lookup(name: &str, named: &[Named], columns: &[String]) -> Option<(Part, usize)> {
    if let Some(rank) = named.iter().position(|named| named.field == name && !name.is_empty()) {
        return Some((named[rank].part, rank));
    }
    let name = name.trim().to_ascii_lowercase();
    // Google's feeds, converted from XML.
    let name = name.strip_prefix("g:").unwrap_or(&name);
    let is_beside = |other: &str| columns.iter().any(|column| column.trim().eq_ignore_ascii_case(other));
    let elsewhere = BESIDE.iter().any(|(ambiguous, other)| name == *ambiguous && !is_beside(other))
        || NOT_BESIDE.iter().any(|(ambiguous, other)| name == *ambiguous && is_beside(other));
    usual(name).or_else(|| languages::part(name)).filter(|(part, _)| !elsewhere && named.iter().all(|named| named.part != *part))
}

/// Which part a usual name in lower case stands for, and its rank.
fn usual(name: &str) -> Option<(Part, usize)> {
    NAMES.iter().find_map(|(part, names)| Some((*part, names.iter().position(|n| *n == name)?)))
}

/// The rank of a name among those of an id, if it is one.
pub(crate) fn id_rank(name: &str) -> Option<usize> {
    usual(&name.trim().to_ascii_lowercase()).filter(|(part, _)| *part == Part::Id).map(|(_, rank)| rank)
}

/// `token_seq` of `title:token_seq`.
pub(super) fn recbole_type(name: &str) -> Option<&str> {
    name.rsplit_once(':').map(|(_, kind)| kind).filter(|kind| TYPES.contains(kind))
}

/// Whether a field holds one path of categories.
pub(super) fn is_one_path(name: &str) -> bool {
    let name = name.trim().to_ascii_lowercase();
    ONE_PATH.contains(&&*name) || languages::is_one_path(&name)
}

/// The names below `field` that are parts, as `details.Brand` is: what follows the dot, its part and rank.
pub(super) fn below(field: &str, named: &[Named]) -> Vec<(String, Part, usize)> {
    let inner =
        |name: &str| name.split_once('.').filter(|(top, _)| top.eq_ignore_ascii_case(field)).map(|found| found.1.to_owned());
    let named_ones = named.iter().filter_map(|named| inner(&named.field));
    let usual_ones = NAMES.iter().flat_map(|(_, names)| names.iter()).filter_map(|name| inner(name));
    let found = |inner: String| {
        let (part, rank) = lookup(&format!("{field}.{inner}"), named, &[])?;
        Some((inner, part, rank))
    };
    named_ones.chain(usual_ones).filter_map(found).collect()
}

/// The name most like `wanted`, if one is like it at all.
pub(super) fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |name: &str| name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<Vec<_>>();
    let wanted = plain(wanted);
    let distances = names.map(|name| (distance(&wanted, &plain(name)), name));
    let (distance, name) = distances.min_by_key(|found| found.0)?;
    (distance <= wanted.len() / 3 + 1 && distance < wanted.len()).then_some(name)
}

/// How many characters must be put in, taken out or changed.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
