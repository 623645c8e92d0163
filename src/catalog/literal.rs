//! Records that are almost JSON, turned into JSON: Python's way of writing dicts, and numbers that are none.
//!
//! Python: strings in single quotes with its escapes, `u''`, tuples, `None`, `True`, `False`, numbers as keys, `10L`. In
//! either language `NaN`, `Infinity`, `undefined` and their like become null. Whatever Python's `repr` never writes is an
//! error: what is read is read exactly.

/// Deepest nesting, as in `serde_json`.
const DEEPEST: usize = 127;

/// What is wrong, and at which byte.
pub(crate) type Wrong = (usize, String);

/// JSON with the same meaning.
///
/// # Errors
/// The text is no such record.
pub(crate) fn to_json(text: &str) -> Result<String, Wrong> {
    let mut writer = Writer { text, at: 0, json: String::with_capacity(text.len()) };
    writer.value(0)?;
    match writer.peek() {
        None => Ok(writer.json),
        Some(_) => Err(writer.wrong("something follows the record")),
    }
}

/// Reads `text` from `at` on, and writes JSON.
struct Writer<'a> {
    text: &'a str,
    at: usize,
    json: String,
}

impl<'a> Writer<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// The next character that is no space.
    fn peek(&mut self) -> Option<char> {
        self.at = self.text.len() - self.rest().trim_start().len();
        self.rest().chars().next()
    }

    fn wrong(&self, what: &str) -> Wrong {
        (self.at, what.into())
    }

    fn value(&mut self, depth: usize) -> Result<(), Wrong> {
        if depth > DEEPEST {
            return Err(self.wrong("recursion limit exceeded"));
        }
        match self.peek() {
            Some('{') => self.list('}', depth, |writer, depth| {
                writer.key()?;
                if writer.peek() != Some(':') {
                    return Err(writer.wrong("expected a colon"));
                }
                writer.at += 1;
                writer.json.push(':');
                writer.value(depth)
            }),
            Some('[') => self.list(']', depth, Self::value),
            Some('(') => self.list(')', depth, Self::value),
            Some('\'' | '"') => self.string(),
            Some('u' | 'U') if self.rest()[1..].starts_with(['\'', '"']) => {
                self.at += 1;
                self.string()
            }
            Some(_) => self.word(),
            None => Err(self.wrong("the record ends in its middle")),
        }
    }

    /// Entries up to `close`, in JSON's brackets.
    fn list(
        &mut self,
        close: char,
        depth: usize,
        mut entry: impl FnMut(&mut Self, usize) -> Result<(), Wrong>,
    ) -> Result<(), Wrong> {
        let (open, end) = if close == '}' { ('{', '}') } else { ('[', ']') };
        self.at += 1;
        self.json.push(open);
        let mut first = true;
        while self.peek() != Some(close) {
            if !std::mem::take(&mut first) {
                if self.peek() != Some(',') {
                    return Err(self.wrong("expected a comma or the closing bracket"));
                }
                self.at += 1;
                // Python writes a tuple of one as `(1,)`.
                if close == ')' && self.peek() == Some(')') {
                    break;
                }
                self.json.push(',');
            }
            entry(self, depth + 1)?;
        }
        self.at += 1;
        self.json.push(end);
        Ok(())
    }

    fn key(&mut self) -> Result<(), Wrong> {
        match self.peek() {
            Some('0'..='9' | '-') => {
                self.json.push('"');
                self.word()?;
                self.json.push('"');
                Ok(())
            }
            Some('\'' | '"') => self.string(),
            Some('u') if self.rest()[1..].starts_with(['\'', '"']) => {
                self.at += 1;
                self.string()
            }
            _ => Err(self.wrong("expected a key in quotes")),
        }
    }

    /// A number or a bare word.
    fn word(&mut self) -> Result<(), Wrong> {
        let rest = self.rest();
        let word =
            &rest[..rest.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '-' | '.' | '_')).unwrap_or(rest.len())];
        let json = match word.trim_start_matches(['-', '+']) {
            "None" | "null" | "NaN" | "nan" | "Infinity" | "inf" | "undefined" => "null".into(),
            "True" | "true" => "true".into(),
            "False" | "false" => "false".into(),
            number if number.starts_with(|c: char| c.is_ascii_digit() || c == '.') => {
                number_in_json(word).ok_or_else(|| self.wrong("not a number"))?
            }
            _ => return Err(self.wrong("expected a value")),
        };
        self.json.push_str(&json);
        self.at += word.len();
        Ok(())
    }

    fn string(&mut self) -> Result<(), Wrong> {
        let quote = self.rest().chars().next();
        self.at += 1;
        self.json.push('"');
        while let Some(c) = self.rest().chars().next() {
            match c {
                '\\' => self.escape()?,
                _ => {
                    self.at += c.len_utf8();
                    if Some(c) == quote {
                        self.json.push('"');
                        return Ok(());
                    }
                    self.push(c);
                }
            }
        }
        Err(self.wrong("a string that never ends"))
    }

    /// What stands for itself in Python's strings need not in JSON's.
    fn push(&mut self, c: char) {
        match c {
            '"' | '\\' => self.json.extend(['\\', c]),
            c if c < ' ' => self.json.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => self.json.push(c),
        }
    }

    fn escape(&mut self) -> Result<(), Wrong> {
        let c = self.rest()[1..].chars().next().ok_or_else(|| self.wrong("a string that never ends"))?;
        let (c, length) = match c {
            'n' => ('\n', 2),
            't' => ('\t', 2),
            'r' => ('\r', 2),
            'b' => ('\u{8}', 2),
            'f' => ('\u{c}', 2),
            'a' => ('\u{7}', 2),
            'v' => ('\u{b}', 2),
            '\\' | '\'' | '"' | '/' => (c, 2),
            'x' => self.numbered(2)?,
            'u' => {
                let code = self.rest().get(2..6).ok_or_else(|| self.wrong("expected four hexadecimal digits"))?;
                match u32::from_str_radix(code, 16) {
                    // Halves of a pair: JSON has the same escape.
                    Ok(0xd800..=0xdfff) => {
                        self.json.push_str(&self.rest()[..6]);
                        self.at += 6;
                        return Ok(());
                    }
                    _ => self.numbered(4)?,
                }
            }
            'U' => self.numbered(8)?,
            '0'..='7' => {
                let digits = self.rest()[1..].bytes().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
                let code = u32::from_str_radix(&self.rest()[1..=digits], 8).unwrap_or_default();
                (char::from_u32(code).unwrap_or_default(), 1 + digits)
            }
            _ => return Err(self.wrong("an escape that neither JSON nor Python writes")),
        };
        self.push(c);
        self.at += length;
        Ok(())
    }

    /// The character of an escape of `digits` hexadecimal digits, and the length of the escape.
    fn numbered(&self, digits: usize) -> Result<(char, usize), Wrong> {
        let code = self.rest().get(2..2 + digits).filter(|code| code.bytes().all(|b| b.is_ascii_hexdigit()));
        let c = code.and_then(|code| char::from_u32(u32::from_str_radix(code, 16).ok()?));
        c.map(|c| (c, 2 + digits)).ok_or_else(|| self.wrong("not the number of a character"))
    }
}

/// A number of Python as JSON writes it: `1.`, `.5`, `+2` and `10L` are numbers too. The digits stay as they are.
fn number_in_json(word: &str) -> Option<String> {
    let word = word.strip_suffix('L').unwrap_or(word);
    let (sign, word) = word.strip_prefix('-').map_or(("", word.strip_prefix('+').unwrap_or(word)), |word| ("-", word));
    let (mantissa, exponent) = word.split_at(word.find(['e', 'E']).unwrap_or(word.len()));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let power = exponent.get(1..).map_or("0", |power| power.trim_start_matches(['+', '-']));
    let is_number = is_digits(whole) && is_digits(fraction) && is_digits(power) && !power.is_empty() && mantissa != ".";
    let point = if mantissa.contains('.') { "." } else { "" };
    let zero = |digits: &str| if digits.is_empty() { "0" } else { "" };
    let fraction = if point.is_empty() { "" } else { fraction };
    let after = if point.is_empty() { "" } else { zero(fraction) };
    (is_number && (whole.len() < 2 || !whole.starts_with('0')))
        .then(|| [sign, zero(whole), whole, point, after, fraction, exponent].concat())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn python_is_read_as_python_reads_it() {
        for (python, value) in [
            (r#"{'asin': 'B0', "title": "It's", 'price': 9.5}"#, json!({ "asin": "B0", "title": "It's", "price": 9.5 })),
            (r"{'a': 'it\'s \x41\xe9\u00fc\U0001f600\n\\', u'b': u'x'}", json!({ "a": "it's Aéü😀\n\\", "b": "x" })),
            (r#"['say \"hi\"', 'tab	in', '\ud83d\ude00', '\101\0']"#, json!(["say \"hi\"", "tab\tin", "😀", "A\0"])),
            (
                "[None, True, False, (1,), (), ('a', 'b'), 10L, -1, 1e5, 1., .5, -inf, nan]",
                json!([null, true, false, [1], [], ["a", "b"], 10, -1, 1e5, 1.0, 0.5, null, null]),
            ),
            ("{1: 'a', -2: {'b': [['A', 'B']]}}", json!({ "1": "a", "-2": { "b": [["A", "B"]] } })),
            (
                r#" {"p": NaN, "q": -Infinity, "r": undefined, "s": "NaN http:\/\/x \"y\""} "#,
                json!({ "p": null, "q": null, "r": null, "s": "NaN http://x \"y\"" }),
            ),
        ] {
            let json = to_json(python).unwrap();
            assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), value, "{python} became {json}");
        }
    }

    #[test]
    fn what_python_never_writes_is_an_error_at_its_byte() {
        for (text, at) in [
            ("{'a': 1,}", 8),
            ("[1,]", 3),
            ("{'a' 1}", 5),
            ("{'a': 'b", 8),
            (r"{'a': '\d'}", 7),
            (r"{'a': '\x4'}", 7),
            ("{a: 1}", 1),
            ("{'a': Decimal('1')}", 6),
            ("{'a': 1} x", 9),
            ("{'a': 007}", 6),
            ("{'a': 1.2.3}", 6),
            ("{'a': 1e}", 6),
            ("{'a': .}", 6),
            ("{'a', 'b'}", 4),
            ("", 0),
            ("{(1, 2): 3}", 1),
        ] {
            assert_eq!(to_json(text).unwrap_err().0, at, "{text}");
        }
        assert_eq!(to_json(&"[".repeat(1000)).unwrap_err().1, "recursion limit exceeded");
    }
}
