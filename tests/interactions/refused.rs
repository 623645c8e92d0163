//! Files that are refused, and what the message says.

use super::read;

fn refused(text: &str, options: &[&str], expected: &[&str]) {
    let error = read(text, options).unwrap_err().to_string();
    for part in expected {
        assert!(error.contains(part), "{text}: {error} lacks {part}");
    }
}

#[test]
fn files_without_interactions() {
    for text in ["", "\n\n", "\u{feff}", "1\n2\n", "{}", "[]", "user_id,item_id\n", "{\"u\": [], \"v\": []}"] {
        refused(text, &[], &["file: no interactions", "{\"user\": [items]}"]);
    }
}

#[test]
fn ids_of_another_catalogue() {
    refused("u 77 78\n", &[], &["of 2 different items not one", "«77»", "begins with «1»", "same catalogue?"]);
    refused("user,item\nu,1.0\n", &[], &["«1.0»", "is item the column of items", "--sequence-field item=NAME"]);
    refused("{\"u\": [1.0]}", &[], &["«1.0»"]);
}

#[test]
fn columns_that_are_missing_or_hold_something_else() {
    refused("kunde,item_id\nu,1\n", &[], &["no column of users among: kunde, item_id", "--sequence-field user=NAME"]);
    refused("user_id:token\tx:float\nu\t1\n", &[], &["no column of items among: user_id, x", "--sequence-field item=NAME"]);
    refused("user,item\nu,1\n", &["time=when"], &["no column when", "user, item"]);
    refused("u,1,5,7\nu,1,4,8\n", &["item=9"], &["no column 9", "column 1, column 2"]);
    refused("user,item,date\nu,1,31/05/2024\n", &[], &["column date", "«31/05/2024»", "--sequence-field time="]);
    refused("{\"u\": [1, 2]}", &["item=x"], &["lists of items by user", "leave out --sequence-field"]);
    refused("{\"kunde\": \"u\", \"artikel\": 1}\n", &[], &["no column of users among: kunde, artikel"]);
}

#[test]
fn malformed_records_with_their_place() {
    refused("user,item\nu,1\nu,1,2\n", &[], &["line 3 (byte 14): 3 values, the header has 2", "--skip-bad"]);
    refused("user,item\nu,1\n,1\n", &[], &["line 3", "no user"]);
    refused("user,item\nu,1\nu,\n", &[], &["line 3", "no item"]);
    refused("user,item,time\nu,1,5\nu,1,\n", &[], &["line 3", "no time"]);
    refused("{\"user\": 1, \"item\": 1}\n{\"user\": 1,\n", &[], &["line 2", "bad JSON"]);
    refused("{\"user\": 1, \"item\": [1]}\n{\"user\": [1], \"item\": [1]}\n", &[], &["line 2", "the user is neither"]);
    refused("{\"user\": 1, \"items\": [{\"id\": 1}]}\n", &[], &["line 1", "expected a list of item ids"]);
    refused("{\"u\": [1],\n \"v\": {\"a\": 1}}", &[], &["line 2", "«v»: expected a list of items"]);
    refused("{\"u\": [1],\n \"v\": [1, ", &[], &["line 2", "cut short"]);
    let bytes = b"u 1\nv \xff\n";
    let error = unitok::interactions::from_reader(bytes.as_slice(), "file", &super::ids(), &Default::default()).unwrap_err();
    assert!(error.to_string().contains("line 2 (byte 4): byte 3 of the line is not UTF-8"), "{error}");
}

#[test]
fn other_kinds_of_files() {
    refused("<!doctype html><p>not found", &[], &["this is HTML", "Fetch the file again"]);
    refused("u\0 \x001\0", &[], &["binary file or UTF-16"]);
}
