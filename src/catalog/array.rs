//! The elements of a JSON array, found without reading it whole.

use super::FaultKind;
use crate::tables::{End, Input, TableError};

/// How far a search through an array has come.
#[derive(Debug, Default)]
pub(super) struct Elements {
    opened: bool,
    /// Elements found so far.
    found: u64,
}

impl Elements {
    /// Moves to the next element: false at the closing bracket.
    pub(super) fn advance(&mut self, input: &mut Input<'_>) -> Result<Result<bool, FaultKind>, TableError> {
        if !self.opened {
            self.opened = true;
            skip_space(input)?;
            input.advance(1, 0);
        }
        loop {
            skip_space(input)?;
            match input.peek()? {
                None => return Ok(Err(FaultKind::Truncated)),
                Some(b']') => {
                    input.advance(1, 0);
                    skip_space(input)?;
                    let rest = input.peek()?;
                    return Ok(rest.map_or(Ok(false), |_| Err(FaultKind::Json("something follows the array".into()))));
                }
                Some(b',') if self.found > 0 => input.advance(1, 0),
                Some(_) => {
                    self.found += 1;
                    return Ok(Ok(true));
                }
            }
        }
    }
}

fn skip_space(input: &mut Input<'_>) -> Result<(), TableError> {
    input.skip_while(|b| b.is_ascii_whitespace())
}

/// Reads the element that lies ahead into `record`.
pub(super) fn take_element(input: &mut Input<'_>, record: &mut Vec<u8>) -> Result<End, TableError> {
    if !matches!(input.peek()?, Some(b'{' | b'[' | b'"')) {
        // A number or a bare word: it ends before a comma, a bracket or the end of the line.
        while let Some(byte) = input.peek()?.filter(|b| !matches!(b, b',' | b']' | b'\n')) {
            record.push(byte);
            input.advance(1, 0);
        }
        return Ok(End::Complete);
    }
    let (mut depth, mut quoted, mut escaped) = (0u64, false, false);
    input.take(record, |byte| {
        match byte {
            _ if std::mem::take(&mut escaped) => {}
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => depth += 1,
            b'}' | b']' if !quoted => depth -= 1,
            _ => {}
        }
        depth == 0 && !quoted
    })
}
