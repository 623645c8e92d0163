//! The records of a JSON file that are not one a line, found without reading it whole.

use super::FaultKind;
use crate::tables::{End, Input, TableError};

/// What holds the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holder {
    /// One array; in an object that has more, whatever follows the array is passed over.
    Array { wrapped: bool },
    /// One object, whose keys are the ids; or several of them.
    Object,
    /// Nothing: objects follow each other, each over as many lines as it takes.
    None,
}

/// How far a search through a file's records has come.
#[derive(Debug)]
pub(crate) struct Elements {
    holder: Holder,
    opened: bool,
    /// Elements found so far.
    found: u64,
    /// The key of the last element of an object, in its quotes.
    pub key: Vec<u8>,
}

impl Elements {
    /// The elements of what begins at the next byte.
    pub(crate) fn new(holder: Holder) -> Self {
        Self { holder, opened: holder == Holder::None, found: 0, key: Vec::new() }
    }

    /// Moves to the next element: false after the last.
    pub(crate) fn advance(&mut self, input: &mut Input<'_>) -> Result<Result<bool, FaultKind>, TableError> {
        if !self.opened {
            self.opened = true;
            skip_space(input)?;
            input.advance(1, 0);
        }
        loop {
            skip_space(input)?;
            match (input.peek()?, self.holder) {
                (None, Holder::None) => return Ok(Ok(false)),
                (None, _) => return Ok(Err(FaultKind::Truncated)),
                (Some(b']'), Holder::Array { wrapped }) => {
                    input.advance(1, 0);
                    return if wrapped { input.skip_while(|_| true).map(|()| Ok(false)) } else { ended(input, "array") };
                }
                (Some(b'}'), Holder::Object) => {
                    input.advance(1, 0);
                    skip_space(input)?;
                    if input.peek()? != Some(b'{') {
                        return ended(input, "object");
                    }
                    input.advance(1, 0);
                    self.found = 0;
                }
                (Some(b','), Holder::Array { .. } | Holder::Object) if self.found > 0 => input.advance(1, 0),
                (Some(_), Holder::Object) => {
                    self.found += 1;
                    return self.take_key(input);
                }
                (Some(_), _) => {
                    self.found += 1;
                    return Ok(Ok(true));
                }
            }
        }
    }

    /// Reads a key and its colon.
    fn take_key(&mut self, input: &mut Input<'_>) -> Result<Result<bool, FaultKind>, TableError> {
        self.key.clear();
        let mut quotes = Quotes::default();
        if input.peek()? == Some(b'"') {
            input.take(&mut self.key, |byte| {
                quotes.pass(byte);
                !quotes.are_open()
            })?;
        }
        skip_space(input)?;
        if self.key.is_empty() || input.peek()? != Some(b':') {
            let cut = input.peek()?.is_none();
            return Ok(Err(if cut { FaultKind::Truncated } else { FaultKind::Json("expected a key and a colon".into()) }));
        }
        input.advance(1, 0);
        skip_space(input)?;
        Ok(Ok(true))
    }

    /// Reads the element that lies ahead into `record`.
    pub(crate) fn take(&self, input: &mut Input<'_>, record: &mut Vec<u8>) -> Result<End, TableError> {
        if !matches!(input.peek()?, Some(b'{' | b'[' | b'"')) {
            let close = if self.holder == Holder::Object { b'}' } else { b']' };
            // A number or a bare word: it ends before a comma, a bracket or the end of the line.
            while let Some(byte) =
                input.peek()?.filter(|&b| b != b'\n' && (self.holder == Holder::None || ![b',', close].contains(&b)))
            {
                record.push(byte);
                input.advance(1, 0);
            }
            return Ok(End::Complete);
        }
        let mut nesting = Nesting::default();
        input.take(record, |byte| nesting.closes(byte))
    }
}

/// The end of what holds the records must be the end of the file.
fn ended(input: &mut Input<'_>, holder: &str) -> Result<Result<bool, FaultKind>, TableError> {
    skip_space(input)?;
    Ok(input.peek()?.map_or(Ok(false), |_| Err(FaultKind::Json(format!("something follows the {holder}")))))
}

fn skip_space(input: &mut Input<'_>) -> Result<(), TableError> {
    input.skip_while(|b| b.is_ascii_whitespace())
}

/// Whether bytes are inside a string. JSON has single quotes in strings only; Python quotes with them.
#[derive(Debug, Default)]
struct Quotes {
    open: Option<u8>,
    escaped: bool,
}

impl Quotes {
    fn pass(&mut self, byte: u8) {
        match (byte, self.open) {
            _ if std::mem::take(&mut self.escaped) => {}
            (b'\\', Some(_)) => self.escaped = true,
            (b'"' | b'\'', None) => self.open = Some(byte),
            (_, Some(quote)) if byte == quote => self.open = None,
            _ => {}
        }
    }

    fn are_open(&self) -> bool {
        self.open.is_some()
    }
}

/// How deep bytes are in brackets and strings.
#[derive(Debug, Default)]
pub(super) struct Nesting {
    depth: u64,
    quotes: Quotes,
}

impl Nesting {
    /// Passes a byte: whether the value that began with the first ends with it.
    pub(super) fn closes(&mut self, byte: u8) -> bool {
        self.quotes.pass(byte);
        if self.quotes.are_open() {
            return false;
        }
        match byte {
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.depth == 0
    }
}
