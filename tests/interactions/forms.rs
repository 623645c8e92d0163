//! One set of interactions, written in all forms.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use parquet::arrow::ArrowWriter;
use serde_json::json;

use super::Items;

#[derive(Debug, Clone)]
pub struct Interactions {
    /// Items of each user in time order.
    pub users: Vec<Vec<String>>,
    /// In which order the rows of a table come.
    pub order: Vec<usize>,
}

struct Row<'a> {
    user: String,
    item: &'a str,
    /// Seconds since 1970.
    time: i64,
}

/// Writes interactions in one form.
type WriteText = fn(&Interactions) -> String;
type WriteTable = fn(&Interactions, &Path);

/// Forms of text.
pub const TEXTS: &[(&str, WriteText)] = &[
    ("lines", |all| all.lines(|user, items| format!("{user} {}", items.join(" ")))),
    ("lines with a tab", |all| all.lines(|user, items| format!("{user}\t{}", items.join(" ")))),
    ("lines with commas", |all| all.lines(|user, items| format!("{user},{}", items.join(",")))),
    ("object", |all| serde_json::to_string(&all.object()).unwrap()),
    ("pretty object", |all| serde_json::to_string_pretty(&all.object()).unwrap()),
    ("objects by user", |all| all.lines(|user, items| json!({"user": user, "items": items}).to_string())),
    ("objects with a history", |all| all.lines(|user, items| json!({"n": [1], "user_id": user, "history": items}).to_string())),
    ("array", |all| {
        let users = all.users.iter().enumerate().map(|(i, items)| json!({"history": items, "userId": name(i)}));
        serde_json::to_string_pretty(&users.collect::<Vec<_>>()).unwrap()
    }),
    ("reviews", |all| {
        let write = |row: &Row<'_>| {
            json!({"reviewerID": row.user, "asin": row.item, "helpful": [0, 1], "overall": 5.0, "unixReviewTime": row.time})
                .to_string()
        };
        all.rows("", write)
    }),
    ("Python dicts", |all| {
        all.rows("", |row| {
            format!("{{'reviewerID': '{}', 'asin': u'{}', 'verified': True, 'time': {}}}", row.user, row.item, row.time)
        })
    }),
    ("RecBole", |all| {
        let header = "user_id:token\titem_id:token\trating:float\ttimestamp:float\n";
        all.rows(header, |row| format!("{}\t{}\t5.0\t{}.0", row.user, row.item, row.time))
    }),
    ("ratings.csv", |all| {
        all.rows("userId,movieId,rating,timestamp\n", |row| format!("{},{},3.5,{}", row.user, row.item, row.time))
    }),
    ("dates", |all| {
        all.rows("date;visitor_id;sku\n", |row| format!("2024-05-31T12:00:{:02}Z;{};{}", row.time % 60, row.user, row.item))
    }),
    ("u.data", |all| all.rows("", |row| format!("{}\t{}\t3\t{}", row.user, row.item, row.time))),
    ("ratings.dat", |all| all.rows("", |row| format!("{}::{}::5::{}", row.user, row.item, row.time))),
    ("ratings without a header", |all| all.rows("", |row| format!("{},{},5.0,{}", row.user, row.item, row.time))),
    ("item before user", |all| all.rows("", |row| format!("{},{},5.0,{}", row.item, row.user, row.time))),
    ("words", |all| all.rows("", |row| format!("{} {} {}", row.user, row.item, row.time))),
    ("RecBole, sequential", |all| {
        let lines = all.lines(|user, items| format!("{user}\t{}", items.join(" ")));
        format!("user_id:token\titem_id_list:token_seq\n{lines}")
    }),
    ("CSV of Python lists", |all| {
        let lines = all.lines(|user, items| format!("{user},\"['{}']\"", items.join("', '")));
        format!("user_id,history_item_id\n{lines}")
    }),
    ("CSV of Python lists without a header", |all| all.lines(|user, items| format!("{user},\"['{}']\"", items.join("', '")))),
    ("samples", |all| {
        let mut text = String::from("user_id:token\titem_id_list:token_seq\titem_id:token\n");
        for (i, items) in all.users.iter().enumerate() {
            for next in 1..items.len() {
                let _ = writeln!(text, "{}\t{}\t{}", name(i), items[..next].join(" "), items[next]);
            }
        }
        text
    }),
];

/// Forms of Parquet.
pub const TABLES: &[(&str, WriteTable)] = &[
    ("rows.parquet", |all, path| {
        let rows = all.ordered();
        write(
            path,
            vec![
                ("timestamp", Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.time)))),
                ("user_id", strings(rows.iter().map(|row| row.user.as_str()))),
                ("item_id", strings(rows.iter().map(|row| row.item))),
            ],
        );
    }),
    ("times.parquet", |all, path| {
        let rows = all.ordered();
        let times = rows.iter().map(|row| row.time * 1_000_000);
        write(
            path,
            vec![
                ("user", strings(rows.iter().map(|row| row.user.as_str()))),
                ("item", strings(rows.iter().map(|row| row.item))),
                ("time", Arc::new(TimestampMicrosecondArray::from_iter_values(times))),
            ],
        );
    }),
    ("lists.parquet", |all, path| {
        let mut lists = ListBuilder::new(StringBuilder::new());
        all.users.iter().for_each(|items| lists.append_value(items.iter().map(Some)));
        let users: Vec<String> = (0..all.users.len()).map(name).collect();
        write(path, vec![("user_id", strings(users.iter().map(String::as_str))), ("items", Arc::new(lists.finish()))]);
    }),
];

fn name(user: usize) -> String {
    format!("u{user}")
}

fn strings<'a>(values: impl Iterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

fn write(path: &Path, columns: Vec<(&str, ArrayRef)>) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = ArrowWriter::try_new(std::fs::File::create(path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

impl Interactions {
    /// What must be read.
    pub fn expected(&self, ids: &[String]) -> Items {
        let row = |id: &String| ids.iter().position(|known| known == id).map(|row| row as u32);
        self.users.iter().enumerate().map(|(i, items)| (name(i), items.iter().map(row).collect())).collect()
    }

    fn lines(&self, write: impl Fn(&str, &[String]) -> String) -> String {
        self.users.iter().enumerate().map(|(i, items)| write(&name(i), items) + "\n").collect()
    }

    fn object(&self) -> serde_json::Value {
        self.users.iter().enumerate().map(|(i, items)| (name(i), json!(items))).collect::<serde_json::Map<_, _>>().into()
    }

    /// Every interaction as a row, shuffled.
    fn ordered(&self) -> Vec<Row<'_>> {
        let user = |(i, items)| std::iter::repeat(i).zip(items).enumerate();
        let rows: Vec<(usize, (usize, &String))> = self.users.iter().enumerate().flat_map(user).collect();
        let row = |&at: &usize| Row { user: name(rows[at].1.0), item: rows[at].1.1, time: 1_717_156_800 + rows[at].0 as i64 };
        self.order.iter().map(row).collect()
    }

    fn rows(&self, header: &str, write: impl Fn(&Row<'_>) -> String) -> String {
        header.to_string() + &self.ordered().iter().map(|row| write(row) + "\n").collect::<String>()
    }
}
