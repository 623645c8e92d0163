//! The names that data sets give to users, items and times.

use super::part::{Named, Part};

/// Names in lower case, without what stands between words; the preferred first.
pub(super) const USERS: &[&str] = &[
    "userid",
    "user",
    "uid",
    "reviewerid",
    "customerid",
    "visitorid",
    "clientid",
    "accountid",
    "memberid",
    "personid",
    "profileid",
    "steamid",
    "username",
    "useridx",
    "sessionid",
    "session",
];
pub(super) const ITEMS: &[&str] = &[
    "itemid",
    "item",
    "iid",
    "itemidx",
    "parentasin",
    "asin",
    "productid",
    "product",
    "businessid",
    "gmapid",
    "movieid",
    "movie",
    "sku",
    "articleid",
    "trackid",
    "songid",
    "artistid",
    "bookid",
    "isbn",
    "gameid",
    "appid",
    "videoid",
    "newsid",
    "recipeid",
    "poiid",
    "venueid",
    "placeid",
    "locationid",
    "listingid",
    "animeid",
    "courseid",
    "stockcode",
    "contentid",
    "variantid",
];
pub(super) const LISTS: &[&str] = &[
    "itemidlist",
    "items",
    "itemids",
    "itemlist",
    "historyitemid",
    "historyitemids",
    "history",
    "itemhistory",
    "sequence",
    "itemsequence",
    "itemseq",
    "interactions",
    "itemasins",
    "asins",
    "productids",
    "movieids",
];
pub(super) const TIMES: &[&str] = &[
    "timestamp",
    "unixreviewtime",
    "unixtime",
    "time",
    "ts",
    "eventtime",
    "eventtimestamp",
    "timestampms",
    "datetime",
    "date",
    "reviewdate",
    "reviewtime",
    "createdat",
    "tdat",
    "orderdate",
    "invoicedate",
    "purchasedate",
];

/// Whether these are names of a table's columns: a user and an item, or what was named.
pub(super) fn is_header(names: &[String], named: &[Named]) -> bool {
    let has = |part, usual: &[&[&str]]| match named.iter().find(|named| named.part == part) {
        Some(named) => position(names, &named.column).is_some(),
        None => names.iter().any(|name| usual.iter().any(|usual| rank(name, usual).is_some())),
    };
    has(Part::User, &[USERS]) && has(Part::Item, &[ITEMS, LISTS])
}

/// Whether a name is usual for a part.
pub(super) fn is_usual(name: &str) -> bool {
    [USERS, ITEMS, LISTS, TIMES].iter().any(|usual| rank(name, usual).is_some())
}

/// The rank of a name among the `usual` ones; 0 is preferred.
pub(super) fn rank(name: &str, usual: &[&str]) -> Option<usize> {
    let name: String = name.chars().filter(|c| !matches!(c, ' ' | '_' | '-')).map(|c| c.to_ascii_lowercase()).collect();
    usual.iter().position(|usual| *usual == name)
}

/// The column of a name, or of a number where there is no header.
pub(super) fn position(names: &[String], wanted: &str) -> Option<usize> {
    let wanted = wanted.trim();
    let matches = |name: &String| name == wanted || *name == format!("column {wanted}");
    names.iter().position(matches).or_else(|| names.iter().position(|name| name.eq_ignore_ascii_case(wanted)))
}
