//! BERT's text normalisation, one character at a time, equal to that of Hugging Face's `tokenizers`.

use unicode_categories::UnicodeCategories;
use unicode_normalization::UnicodeNormalization;

/// The `BertNormalizer` of `tokenizer.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
pub struct Normalizer {
    /// Drop control characters, and turn all white space into spaces.
    pub clean_text: bool,
    /// Put spaces around CJK ideographs.
    pub handle_chinese_chars: bool,
    /// Drop accents; `None` means the same as `lowercase`.
    pub strip_accents: Option<bool>,
    /// Lowercase.
    pub lowercase: bool,
}

impl Normalizer {
    /// Normalised characters, lazily: of a text of a megabyte only the part that becomes tokens is normalised.
    pub fn normalize<'a>(&self, text: &'a str) -> Box<dyn Iterator<Item = char> + 'a> {
        let mut chars: Box<dyn Iterator<Item = char> + 'a> = Box::new(text.chars());
        if self.clean_text {
            chars = Box::new(chars.filter(|&c| !is_dropped(c)).map(|c| if c.is_whitespace() { ' ' } else { c }));
        }
        if self.handle_chinese_chars {
            chars = Box::new(chars.flat_map(|c| {
                let space = is_ideograph(c).then_some(' ');
                space.into_iter().chain([c]).chain(space)
            }));
        }
        if self.strip_accents.unwrap_or(self.lowercase) {
            chars = Box::new(chars.nfd().filter(|c| !c.is_mark_nonspacing()));
        }
        if self.lowercase {
            chars = Box::new(chars.flat_map(char::to_lowercase));
        }
        chars
    }
}

/// NUL, the replacement character, and control, format and private-use characters that are not white space.
fn is_dropped(c: char) -> bool {
    c == '\u{fffd}' || (c.is_other() && !matches!(c, '\t' | '\n' | '\r'))
}

/// Whether a character is a token of its own. As in BERT, all ASCII symbols count as punctuation.
pub fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation() || c.is_punctuation()
}

/// The CJK blocks of BERT's reference code: ideographs, but not Hangul or kana. One of them should begin at U+2B820. It
/// begins at U+2B920 here because it does so in `tokenizers`, whose ids must be matched.
fn is_ideograph(c: char) -> bool {
    matches!(c,
        '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{20000}'..='\u{2a6df}' | '\u{2a700}'..='\u{2b73f}'
        | '\u{2b740}'..='\u{2b81f}' | '\u{2b920}'..='\u{2ceaf}' | '\u{f900}'..='\u{faff}' | '\u{2f800}'..='\u{2fa1f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const BERT: Normalizer = Normalizer { clean_text: true, handle_chinese_chars: true, strip_accents: None, lowercase: true };

    #[test]
    fn cleans_spaces_strips_and_lowercases() {
        let normalized = |text: &str| BERT.normalize(text).collect::<String>();
        assert_eq!(normalized("Crème\u{0}\u{200b} Brûlée\tΣΑΣ"), "creme brulee σασ");
        assert_eq!(normalized("a寿b\u{fffd}\n"), "a 寿 b ");
        assert_eq!(normalized("e\u{301}İ"), "ei");
    }

    #[test]
    fn accents_stay_when_case_does() {
        let cased = Normalizer { lowercase: false, ..BERT };
        assert_eq!(cased.normalize("É").collect::<String>(), "É");
    }
}
