//! The names that data sets give to users, items and times.

use super::part::{Named, Part};

/// Names in lower case, with `_` between words; the preferred first.
pub(super) const USERS: &[&str] = &[
    "user_id",
    "userid",
    "user",
    "uid",
    "reviewerid",
    "reviewer_id",
    "customer_id",
    "customerid",
    "visitorid",
    "visitor_id",
    "client_id",
    "account_id",
    "member_id",
    "person_id",
    "profile_id",
    "steamid",
    "user_name",
    "username",
    "user_idx",
    "session_id",
    "sessionid",
    "session",
];
pub(super) const ITEMS: &[&str] = &[
    "item_id",
    "itemid",
    "item",
    "iid",
    "item_idx",
    "parent_asin",
    "asin",
    "product_id",
    "productid",
    "product",
    "business_id",
    "gmap_id",
    "movie_id",
    "movieid",
    "movie",
    "sku",
    "article_id",
    "track_id",
    "song_id",
    "artist_id",
    "book_id",
    "isbn",
    "game_id",
    "app_id",
    "appid",
    "video_id",
    "news_id",
    "recipe_id",
    "poi_id",
    "venue_id",
    "place_id",
    "listing_id",
    "anime_id",
    "course_id",
    "stockcode",
    "stock_code",
    "content_id",
    "variant_id",
];
pub(super) const LISTS: &[&str] = &[
    "item_id_list",
    "items",
    "item_ids",
    "item_list",
    "history_item_id",
    "history_item_ids",
    "history",
    "item_history",
    "sequence",
    "item_sequence",
    "item_seq",
    "interactions",
    "item_asins",
    "asins",
    "product_ids",
    "movie_ids",
];
pub(super) const TIMES: &[&str] = &[
    "timestamp",
    "unixreviewtime",
    "unix_review_time",
    "unix_time",
    "time",
    "ts",
    "event_time",
    "event_timestamp",
    "timestamp_ms",
    "datetime",
    "date_time",
    "date",
    "review_date",
    "reviewtime",
    "created_at",
    "t_dat",
    "order_date",
    "invoicedate",
    "purchase_date",
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
    let name = name.trim().to_ascii_lowercase().replace([' ', '-'], "_");
    usual.iter().position(|usual| *usual == name)
}

/// The column of a name, or of a number where there is no header.
pub(super) fn position(names: &[String], wanted: &str) -> Option<usize> {
    let wanted = wanted.trim();
    let matches = |name: &String| name == wanted || *name == format!("column {wanted}");
    names.iter().position(matches).or_else(|| names.iter().position(|name| name.eq_ignore_ascii_case(wanted)))
}
