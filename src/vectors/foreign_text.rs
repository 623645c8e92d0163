//! Texts that are given for vectors: tables of numbers, JSON, pages.

use super::python::line as python;

const JSON_LIST: &str = "import json, numpy; numpy.save({npy}, numpy.array(json.load(open({file})), '<f4'))";
const JSON_OBJECT: &str = "import json, numpy; x = json.load(open({file})); numpy.save({npy}, numpy.array(list(x.values()), '<f4')); open({ids}, 'w', encoding='utf-8').write('\\n'.join(x))";
const JSON_RECORDS: &str =
    "import pandas, numpy; t = pandas.read_json({file}, lines={lines}); numpy.save({npy}, numpy.stack(t['{key}']).astype('<f4'))";
const NUMBERS: &str =
    "import numpy; numpy.save({npy}, numpy.loadtxt({file}, '<f4', delimiter={delimiter}, skiprows={skip}, ndmin=2))";
const NAMED_NUMBERS: &str = "import numpy; t = [l.rstrip().rsplit({delimiter}, {width}) for l in open({file}, encoding='utf-8')][{skip}:]; numpy.save({npy}, numpy.array([r[1:] for r in t], '<f4')); open({ids}, 'w', encoding='utf-8').write('\\n'.join(r[0] for r in t))";

/// Names under which records hold vectors.
const KEYS: [&str; 4] = ["embedding", "embeddings", "vector", "vectors"];
/// Characters between numbers, as they are in Python; `None` is white space.
const DELIMITERS: [(char, &str); 4] = [(',', "','"), (';', "';'"), ('\t', "'\\t'"), (' ', "None")];

/// What a text is, and how to make vectors of it; nothing if `head` is no text.
pub(super) fn describe(head: &[u8], name: &str) -> Option<(String, String)> {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // A character cut at the end of the head.
        Err(e) if e.error_len().is_none() => std::str::from_utf8(&head[..e.valid_up_to()]).ok()?,
        Err(_) => return None,
    };
    if text.contains(|c: char| c.is_control() && !c.is_whitespace()) {
        return None;
    }
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let begins = |with: &str| text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
    if begins("<!doctype") || begins("<html") || begins("<?xml") {
        let what = "an HTML page, as a download that failed leaves it";
        return Some((what.into(), "Fetch the file again, logged in if it is not public".into()));
    }
    if text.starts_with(['{', '[']) {
        return Some(json(text, name));
    }
    numbers(text, name).or_else(|| Some(("a text without vectors".into(), catalogue(name))))
}

fn json(text: &str, name: &str) -> (String, String) {
    let dense: String = text.chars().filter(|c| !c.is_whitespace()).take(4096).collect();
    let key = KEYS.into_iter().find(|key| dense.contains(&format!("\"{key}\":[")));
    let number = |c: Option<char>| c.is_some_and(|c| c == '-' || c.is_ascii_digit());
    let after = |of: &str| dense.split_once(of).map(|(_, rest)| number(rest.chars().next()));
    let line = if let Some(key) = key {
        let lines = if dense.starts_with('[') { "False" } else { "True" };
        JSON_RECORDS.replace("{lines}", lines).replace("{key}", key)
    } else if dense.starts_with("[[") {
        JSON_LIST.into()
    } else if dense.starts_with('{') && after("\":[") == Some(true) {
        JSON_OBJECT.into()
    } else {
        return ("JSON without vectors".into(), catalogue(name));
    };
    ("JSON".into(), python(&line, name))
}

fn catalogue(name: &str) -> String {
    format!("If it is a catalogue, embed it first: unitok embed --items {name} --out {name}.npy")
}

/// Lines of numbers, the first perhaps a header, each perhaps after an id.
fn numbers(text: &str, name: &str) -> Option<(String, String)> {
    let mut lines = text.lines();
    let (first, second) = (lines.next()?, lines.next().unwrap_or_default());
    let delimiters = DELIMITERS.into_iter().filter(|(delimiter, _)| first.contains(*delimiter) || second.contains(*delimiter));
    delimiters.into_iter().find_map(|(delimiter, literal)| {
        let row = |line: &str| Row::new(line, delimiter);
        // The first two lines may be the whole text. A first line that is as long as no other is the two counts of word2vec.
        let (skip, row) = match (row(first), row(second)) {
            (Some(first), Some(second)) if first.fields == second.fields => (0, first),
            (_, Some(second)) => (1, second),
            (Some(first), None) if second.is_empty() => (0, first),
            _ => return None,
        };
        let line = if row.named { NAMED_NUMBERS } else { NUMBERS };
        let line = line.replace("{delimiter}", literal).replace("{skip}", &skip.to_string());
        let line = line.replace("{width}", &(row.fields - 1).to_string());
        let what = if row.named { "a text of ids and numbers" } else { "a text of numbers" };
        Some((what.into(), python(&line, name)))
    })
}

/// A line of a table of numbers.
struct Row {
    fields: usize,
    /// The first field is an id.
    named: bool,
}

impl Row {
    fn new(line: &str, delimiter: char) -> Option<Self> {
        let fields: Vec<&str> = line.trim().split(delimiter).map(str::trim).filter(|field| !field.is_empty()).collect();
        let (first, rest) = fields.split_first()?;
        let whole = |field: &str| field.parse::<i64>().is_ok();
        let named = first.parse::<f64>().is_err() || (whole(first) && !rest.iter().any(|field| whole(field)));
        // An id and one number are no vector.
        let enough = rest.len() > usize::from(named);
        (enough && rest.iter().all(|field| field.parse::<f64>().is_ok())).then_some(Self { fields: fields.len(), named })
    }
}
