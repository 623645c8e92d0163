//! How a table of delimited text is written: what separates its fields, and what ends its lines.

use super::TableError;
use super::csv::{CsvEnd, CsvReader};
use super::input::Input;

/// Bytes, and records among them, that are looked at.
const SAMPLE: usize = 1 << 15;
const RECORDS: usize = 100;
/// What may separate fields; the first is preferred.
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// What a sample says for a delimiter, the stronger reason first.
#[derive(PartialEq, PartialOrd)]
struct Evidence {
    /// Share of the records that have as many fields as the header.
    even: f64,
    /// Quotes left in the fields of the header, which are less likely the more there are.
    unquoted: std::cmp::Reverse<usize>,
    /// Fields of the header.
    columns: usize,
}

/// Prepares a table for reading from its first byte and finds its delimiter, unless it is `given`: Excel's line `sep=;` is
/// skipped and heeded, and carriage returns are made line breaks where they alone end the lines.
///
/// # Errors
/// What the system says.
pub(crate) fn delimiter(input: &mut Input<'_>, given: Option<u8>) -> Result<u8, TableError> {
    if ends_in_return(input.look(SAMPLE)?) {
        input.break_lines_at_returns();
    }
    let named = named(input.look(SAMPLE)?);
    if named.is_some() {
        input.skip_past(b'\n')?;
    }
    match given.or(named) {
        Some(delimiter) => Ok(delimiter),
        None => Ok(measured(input)?.map_or(DELIMITERS[0], |(delimiter, _)| delimiter)),
    }
}

/// The delimiter of something that may be a table: where a line `sep=;` names one, or nearly all records have as many fields
/// as the first.
///
/// # Errors
/// What the system says.
pub(crate) fn is_table(input: &mut Input<'_>) -> Result<Option<u8>, TableError> {
    if let Some(named) = named(input.look(SAMPLE)?) {
        return Ok(Some(named));
    }
    Ok(measured(input)?.filter(|(_, even)| *even > 0.9).map(|(delimiter, _)| delimiter))
}

/// The delimiter by which the first records have the most even number of fields, two at least, and the share that has it.
fn measured(input: &mut Input<'_>) -> Result<Option<(u8, f64)>, TableError> {
    let sample = input.look(SAMPLE)?;
    // A record that is cut by the sample's end tells nothing, unless it is the only one.
    let whole = if sample.len() < SAMPLE { None } else { sample.iter().rposition(|&b| b == b'\n') };
    let sample = &sample[..whole.map_or(sample.len(), |at| at + 1)];
    let mut best: Option<(u8, Evidence)> = None;
    for delimiter in DELIMITERS {
        if let Some(evidence) = evidence(sample, delimiter)?
            && best.as_ref().is_none_or(|(_, before)| evidence > *before)
        {
            best = Some((delimiter, evidence));
        }
    }
    Ok(best.map(|(delimiter, evidence)| (delimiter, evidence.even)))
}

fn evidence(sample: &[u8], delimiter: u8) -> Result<Option<Evidence>, TableError> {
    let mut input = Input::new(String::new(), Box::new(sample));
    let mut reader = CsvReader::new(delimiter);
    reader.read_header(&mut input)?;
    let header = reader.record();
    let (columns, quotes) = (header.len(), header.text().iter().filter(|&&b| b == b'"').count());
    let (mut records, mut even) = (0, 0);
    while records < RECORDS
        && let Some(end) = reader.read(&mut input)?
    {
        records += 1;
        even += usize::from(end == CsvEnd::Complete && reader.fits());
    }
    let even = if records == 0 { 1.0 } else { even as f64 / records as f64 };
    Ok((columns > 1).then_some(Evidence { even, unquoted: std::cmp::Reverse(quotes), columns }))
}

/// The delimiter in a first line `sep=;`.
fn named(sample: &[u8]) -> Option<u8> {
    let line = sample.split(|&b| b == b'\n').next()?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    match line {
        [s, e, p, b'=', delimiter] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") => Some(*delimiter),
        _ => None,
    }
}

/// Whether the first line ends in a carriage return alone.
fn ends_in_return(sample: &[u8]) -> bool {
    let mut quoted = false;
    let end = sample.iter().position(|&b| {
        quoted ^= b == b'"';
        !quoted && matches!(b, b'\r' | b'\n')
    });
    let after = end.and_then(|end| sample[end..].iter().find(|&&b| b != b'\r'));
    after.is_some_and(|&b| b != b'\n')
}
