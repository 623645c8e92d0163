//! Files of interactions: the same ones written in every form, and forms that are refused.

mod forms;
mod refused;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use proptest::prelude::*;
use unitok::interactions::{Options, Reading, Sequences, SequencesError, from_reader, open};

use forms::{Interactions, TEXTS};

/// Items by user: rows of the ids that [`ids`] has.
type Items = BTreeMap<String, Vec<Option<u32>>>;

/// `7`, `B0`, `x y` and so on: numbers, words, leading zeros.
fn ids() -> Vec<String> {
    (1..=20).map(|id| id.to_string()).chain((0..10).map(|id| format!("B00{id}"))).collect()
}

fn read(text: &str, options: &[&str]) -> Result<(Sequences, Reading), SequencesError> {
    let named = options.iter().map(|text| text.parse().unwrap()).collect();
    from_reader(text.as_bytes(), "file", &ids(), &Options { named, skip_malformed: false })
}

fn by_user(sequences: &Sequences) -> Items {
    sequences.users().map(|user| (user.id.to_string(), user.items.to_vec())).collect()
}

fn open_at(path: &Path) -> (Sequences, Reading) {
    open(path, &ids(), &Options::default()).unwrap()
}

/// Users with at least two interactions, each at a time of its own; every user meets at least one known item.
fn interactions() -> impl Strategy<Value = Interactions> {
    let known = proptest::sample::select(ids());
    let item = prop_oneof![9 => proptest::sample::select(ids()), 1 => "[C-E][0-9]{1,2}"];
    let user = (known, prop::collection::vec(item, 1..12)).prop_map(|(first, rest)| [vec![first], rest].concat());
    prop::collection::vec(user, 2..8).prop_flat_map(|users| {
        let rows: usize = users.iter().map(Vec::len).sum();
        (Just(users), Just((0..rows).collect::<Vec<_>>()).prop_shuffle()).prop_map(|(users, order)| Interactions { users, order })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_form_gives_the_same_sequences(interactions in interactions()) {
        let expected = interactions.expected(&ids());
        for (name, write) in TEXTS {
            let text = write(&interactions);
            let (sequences, reading) = read(&text, &[]).map_err(|error| TestCaseError::fail(format!("{name}: {error}\n{text}")))?;
            prop_assert_eq!(&by_user(&sequences), &expected, "{}: {}\n{}", name, reading, text);
        }
        let folder = tempfile::tempdir().unwrap();
        for (name, write) in forms::TABLES {
            let path = folder.path().join(name);
            write(&interactions, &path);
            prop_assert_eq!(&by_user(&open_at(&path).0), &expected, "{}", name);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a file holds, it is read or refused.
    #[test]
    fn any_bytes_are_read_or_refused(interactions in interactions(), form in 0..TEXTS.len(), cut in 0.0..1.0, bytes: Vec<u8>, start in 0usize..3) {
        let mut file = TEXTS[form].1(&interactions).into_bytes();
        let at = (cut * file.len() as f64) as usize;
        let end = (at + start).min(file.len());
        file.splice(at..end, bytes.iter().copied());
        for skip_malformed in [false, true] {
            for file in [&file, &bytes, &file[..at].to_vec()] {
                let options = Options { skip_malformed, named: Vec::new() };
                let _ = from_reader(file.as_slice(), "file", &ids(), &options);
            }
        }
    }
}

#[test]
fn packed_files_and_what_spreadsheets_write_are_read() {
    let items = [Some(0), Some(1), Some(0)];
    for text in [
        "sep=;\nuser;item\nu;1\nu;2\nu;1\n",
        "user,item\ru,1\ru,2\ru,1\r",
        "\u{feff}user,item,\r\nu,1,\r\nu,2\r\n,,\r\nu,1,\r\n",
        "\"User-ID\";\"ISBN\";\"Book-Rating\"\n\"u\";\"1\";\"0\"\n\"u\";\"2\";\"0\"\n\"u\";\"1\";\"0\"\n",
        "user | item\nu | 1\nu | 2\nu | 1\n",
    ] {
        let (sequences, reading) = read(text, &[]).unwrap();
        assert_eq!(sequences.user(0).items, items, "{reading}: {text}");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ratings.csv.gz");
    let mut gzip = flate2::write::GzEncoder::new(std::fs::File::create(&path).unwrap(), flate2::Compression::fast());
    gzip.write_all(b"user,item\nu,1\nu,2\nu,1\n").unwrap();
    gzip.finish().unwrap();
    assert_eq!(open_at(&path).0.user(0).items, items);
}

#[test]
fn what_was_read_as_what_is_said() {
    let (sequences, reading) = read("u1\t1\t5\t890899122\nu1\t7\t3\t880000000\nu2\tnew\t3\t880000000\n", &[]).unwrap();
    assert_eq!(
        reading.to_string(),
        "file: rows of a table: user ← column 1, item ← column 2, time ← column 4, not used: column 3; \
         2 users, 3 interactions, 1 item not in the index (33.33 % of interactions)"
    );
    let first = sequences.user(0);
    assert_eq!(
        (first.id, first.items, first.times),
        ("u1", [Some(6), Some(0)].as_slice(), [880_000_000.0, 890_899_122.0].as_slice())
    );
}

#[test]
fn ties_and_files_without_times_keep_the_order_of_the_file() {
    let order = |text: &str| read(text, &[]).unwrap().0.user(0).items.to_vec();
    assert_eq!(order("user,item,time\nu,3,5\nu,1,4\nu,2,5\nu,1,5\n"), [Some(0), Some(2), Some(1), Some(0)]);
    assert_eq!(order("user,item,rating\nu,3,5\nu,1,4\nu,3,5\n"), [Some(2), Some(0), Some(2)]);
}

#[test]
fn columns_are_found_by_the_ids_that_are_known() {
    let text = "asin,parent_asin,user_id,timestamp\nX1,B001,u,1\nX2,B002,u,2\n";
    assert_eq!(read(text, &[]).unwrap().1.item.as_deref(), Some("parent_asin"));
    let text = "asin,parent_asin,user_id,timestamp\nB001,X1,u,1\nB002,X2,u,2\n";
    assert_eq!(read(text, &[]).unwrap().1.item.as_deref(), Some("asin"));
    // Item, user, rating, time, as in Amazon's ratings of 2018.
    let text = "B001,A1,5.0,1369699200\nB002,A1,4.0,1369699201\n";
    assert_eq!(read(text, &[]).unwrap().1.item.as_deref(), Some("column 1"));
    // Titles beside the ids, and a history that ends before the row's item.
    let text = "user_id,history,item,history_item_id,item_id\nu,\"['Kettle', 'Cup']\",Pot,\"[1, 2]\",3\n";
    let (sequences, reading) = read(text, &[]).unwrap();
    assert_eq!(sequences.user(0).items, [Some(0), Some(1), Some(2)]);
    assert_eq!((reading.list.as_deref(), reading.item.as_deref()), (Some("history_item_id"), Some("item_id")));
}

#[test]
fn columns_can_be_named() {
    let text = "kunde,artikel,zeit\nu,1,2024-05-02\nu,2,2024-05-01\n";
    let (sequences, reading) = read(text, &["user=kunde", "item=artikel", "time=zeit"]).unwrap();
    assert_eq!(sequences.user(0).items, [Some(1), Some(0)]);
    assert_eq!(reading.time.as_deref(), Some("zeit"));
    let numbers = "5,u,1,2024-05-02\n4,u,2,2024-05-01\n";
    assert_eq!(read(numbers, &["user=2", "item=3", "time=4"]).unwrap().0.user(0).items, [Some(1), Some(0)]);
    assert_eq!(read(numbers, &["user=2", "item=3", "time="]).unwrap().0.user(0).items, [Some(0), Some(1)]);
    let json = "{\"kunde\": \"u\", \"artikel\": 1}\n{\"kunde\": \"u\", \"artikel\": 2}\n";
    assert_eq!(read(json, &["user=kunde", "item=artikel"]).unwrap().0.user(0).items, [Some(0), Some(1)]);
    let usual = "user_id,item_id,product_id\nu,1,2\n";
    assert_eq!(read(usual, &["item=product_id"]).unwrap().0.user(0).items, [Some(1)]);
}

#[test]
fn a_users_lines_are_joined_and_numbers_keep_their_digits() {
    let (sequences, _) = read("u 1 2\nv 3\nu 4\n\nw\n", &[]).unwrap();
    let users: Vec<_> = sequences.users().map(|user| (user.id, user.items.len())).collect();
    assert_eq!(users, [("u", 3), ("v", 1), ("w", 0)]);
    assert_eq!(read("{\"1\": [7, \"7\", 7.0]}", &[]).unwrap().0.user(0).items, [Some(6), Some(6), None]);
}

#[test]
fn malformed_records_are_skipped_on_request() {
    let text = "user,item\nu,1\nu\nu,2\n,3\n";
    let options = Options { skip_malformed: true, ..Options::default() };
    let (sequences, reading) = from_reader(text.as_bytes(), "file", &ids(), &options).unwrap();
    assert_eq!((sequences.user(0).items, reading.skipped), ([Some(0), Some(1)].as_slice(), 2));
    assert!(reading.to_string().contains("2 malformed records skipped:\n  line 3 (byte"), "{reading}");
}

#[test]
fn lists_without_users_are_a_user_each() {
    let (sequences, reading) = read("[[1, 2, 3],\n [\"B000\", 4],\n [5]]\n", &[]).unwrap();
    let expected = Items::from([
        ("0".into(), vec![Some(0), Some(1), Some(2)]),
        ("1".into(), vec![Some(20), Some(3)]),
        ("2".into(), vec![Some(4)]),
    ]);
    assert_eq!(by_user(&sequences), expected);
    assert!(reading.form.contains("one for each user"), "{reading}");
    assert!(read("[[1, 2], 3]", &[]).unwrap_err().to_string().contains("expected a list of items"));
    // Ids may begin with brackets.
    assert_eq!(read("[[u] 1 2 3\n[[v] 3 4\n", &[]).unwrap().0.len(), 2);
}

#[test]
fn check_ins_with_dates_in_words_are_read_in_their_order() {
    let row =
        |item: &str, second: u32| format!("9\t{item}\t4bf5\tArts\t40.7\t-74.0\t-240\tTue Apr 03 18:00:0{second} +0000 2012\n");
    let (sequences, reading) = read(&[row("B002", 3), row("B001", 2), row("B003", 4)].concat(), &[]).unwrap();
    assert_eq!(by_user(&sequences), Items::from([("9".into(), vec![Some(21), Some(22), Some(23)])]), "{reading}");
}
