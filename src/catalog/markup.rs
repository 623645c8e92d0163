//! Text without its HTML: tags removed, entities decoded, anything else as it was.

use std::borrow::Cow;

use super::item::clean;

/// Elements that stand within a line: their tags leave no space, so that `W<b>ord</b>` stays one word.
const INLINE: &str = " a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q s samp small span strike \
    strong sub sup time tt u var wbr ";
/// Elements that end a line or a cell: their tags are a space.
const BLOCK: &str = " address applet area article aside audio base blockquote body br button canvas caption center col \
    colgroup dd details dir div dl dt embed fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header \
    hr html iframe img input legend li link main map menu meta nav noscript object ol optgroup option p param picture pre \
    script section select source style summary svg table tbody td template textarea tfoot th thead title tr track ul video xml ";
/// Attributes that are written without a value.
const BARE: &str = " allowfullscreen async autoplay checked compact controls defer disabled hidden loop multiple muted noshade \
    nowrap readonly required reversed selected ";
/// Entities of U+00A0 to U+00FF in order.
const LATIN: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute \
    micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil \
    Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute \
    Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc \
    iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml";
/// Other entities that texts of shops have.
const OTHERS: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("hellip", '…'),
    ("mdash", '—'),
    ("ndash", '–'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("sbquo", '‚'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("bdquo", '„'),
    ("lsaquo", '‹'),
    ("rsaquo", '›'),
    ("bull", '•'),
    ("trade", '™'),
    ("euro", '€'),
    ("prime", '′'),
    ("Prime", '″'),
    ("minus", '−'),
    ("le", '≤'),
    ("ge", '≥'),
    ("ne", '≠'),
    ("rarr", '→'),
    ("star", '☆'),
    ("starf", '★'),
    ("hearts", '♥'),
    ("OElig", 'Œ'),
    ("oelig", 'œ'),
    ("Scaron", 'Š'),
    ("scaron", 'š'),
    ("ensp", '\u{2002}'),
    ("emsp", '\u{2003}'),
    ("thinsp", '\u{2009}'),
    ("zwnj", '\u{200c}'),
    ("zwj", '\u{200d}'),
];
/// What numbers 128 to 159 mean in HTML: Windows-1252. A space where it has nothing.
const WINDOWS: [char; 32] = [
    '€', ' ', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', ' ', 'Ž', ' ', ' ', '‘', '’', '“', '”', '•', '–', '—', '˜',
    '™', 'š', '›', 'œ', ' ', 'ž', 'Ÿ',
];

/// A piece of a text.
enum Piece<'a> {
    Plain(&'a str),
    Decoded(char),
    /// A tag, comment or script, with whether it parts words.
    Markup {
        space: bool,
    },
}

/// The text without tags, comments, scripts and styles, and with its entities decoded. Tags of blocks part words, those
/// within a line do not.
///
/// Only what HTML defines counts: `a < b`, `<3`, `A>B` and `AT&T` stay as they are, as does every text without markup.
pub fn without_markup(text: &str) -> Cow<'_, str> {
    if !has_markup(text) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    for (piece, _) in Pieces(text) {
        match piece {
            Piece::Plain(plain) => out.push_str(plain),
            Piece::Decoded(c) => out.push(c),
            Piece::Markup { space } => out.extend(space.then_some(' ')),
        }
    }
    clean(&out).into()
}

/// Whether [`without_markup`] would change a text.
pub fn has_markup(text: &str) -> bool {
    memchr::memchr2(b'<', b'&', text.as_bytes()).is_some() && Pieces(text).any(|(piece, _)| !matches!(piece, Piece::Plain(_)))
}

/// The beginning of a text that holds its first `chars` characters, markup not counted.
pub(super) fn head(text: &str, chars: usize) -> &str {
    let (mut kept, mut room) = (0, chars);
    for (piece, length) in Pieces(text) {
        let plain = match piece {
            Piece::Plain(plain) => plain,
            Piece::Decoded(_) => "x",
            Piece::Markup { .. } => "",
        };
        match plain.char_indices().nth(room) {
            Some((at, _)) => return &text[..kept + if room == 0 { 0 } else { at }],
            None => room -= plain.chars().count(),
        }
        kept += length;
    }
    text
}

/// The pieces of a text in order, each with its length in bytes.
struct Pieces<'a>(&'a str);

impl<'a> Iterator for Pieces<'a> {
    type Item = (Piece<'a>, usize);

    fn next(&mut self) -> Option<Self::Item> {
        let text = self.0;
        let (piece, length) = match text.as_bytes().first()? {
            b'<' => markup(text).unwrap_or((Piece::Plain("<"), 1)),
            b'&' => entity(text).map_or((Piece::Plain("&"), 1), |(c, length)| (Piece::Decoded(c), length)),
            _ => {
                let length = text.find(['<', '&']).unwrap_or(text.len());
                (Piece::Plain(&text[..length]), length)
            }
        };
        self.0 = &text[length..];
        Some((piece, length))
    }
}

/// The markup that `text` begins with, and its length.
fn markup<'a>(text: &str) -> Option<(Piece<'a>, usize)> {
    if text.starts_with("<!--") {
        let length = text.find("-->").map_or(text.len(), |at| at + 3);
        return Some((Piece::Markup { space: true }, length));
    }
    let declaration = ["<!doctype", "<?xml", "<![cdata[", "<![if", "<![endif"].iter().any(|start| starts_with(text, start));
    if declaration {
        return Some((Piece::Markup { space: true }, text.find('>')? + 1));
    }
    let name = text[1..].strip_prefix('/').unwrap_or(&text[1..]);
    let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric() && c != ':').unwrap_or(name.len())];
    let lower = name.to_ascii_lowercase();
    let inline = is_one_of(&lower, INLINE);
    if !(inline || is_one_of(&lower, BLOCK) || is_of_office(&lower)) {
        return None;
    }
    let start = text.len() - text[1..].trim_start_matches('/').len() + name.len();
    let mut length = start + attributes(&text[start..])?;
    if matches!(lower.as_str(), "script" | "style") && !text.starts_with("</") {
        length += end_of(&text[length..], &lower);
    }
    Some((Piece::Markup { space: !inline }, length))
}

/// Names such as `o:p`, which word processors leave behind.
fn is_of_office(name: &str) -> bool {
    name.split_once(':').is_some_and(|(space, name)| !name.is_empty() && space.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// The length of a tag's attributes, its closing bracket included; nothing where they are no attributes.
fn attributes(text: &str) -> Option<usize> {
    // Between a quoted value and the next attribute the space is often missing.
    let (mut rest, mut after_quote) = (text, false);
    loop {
        let trimmed = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if let Some(after) = trimmed.strip_prefix('>') {
            return Some(text.len() - after.len());
        }
        let name = &trimmed[..trimmed.find(|c: char| c.is_whitespace() || "=><\"'/".contains(c))?];
        if name.is_empty() || (trimmed.len() == rest.len() && !after_quote) {
            return None;
        }
        let after = &trimmed[name.len()..];
        (rest, after_quote) = match after.trim_start().strip_prefix('=') {
            Some(value) => past_value(value.trim_start())?,
            None if is_one_of(&name.to_ascii_lowercase(), BARE) => (after, false),
            None => return None,
        };
    }
}

/// What follows an attribute's value, and whether the value was quoted.
fn past_value(text: &str) -> Option<(&str, bool)> {
    match text.chars().next()? {
        quote @ ('"' | '\'') => text[1..].split_once(quote).map(|(_, after)| (after, true)),
        _ => Some((&text[text.find(|c: char| c.is_whitespace() || c == '>')?..], false)),
    }
}

/// Up to and with the closing tag of an element whose content is no text; all of `text` where it never closes.
fn end_of(text: &str, name: &str) -> usize {
    let mut from = 0;
    while let Some(at) = text[from..].find("</") {
        from += at + 2;
        if starts_with(&text[from..], name) {
            return text[from..].find('>').map_or(text.len(), |end| from + end + 1);
        }
    }
    text.len()
}

fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

fn is_one_of(name: &str, names: &str) -> bool {
    !name.is_empty() && names.contains(&format!(" {name} "))
}

/// The character of the entity that `text` begins with, and the entity's length.
fn entity(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(12).position(|b| b == b';')?;
    let name = &text[1..end];
    let c = match name.strip_prefix('#') {
        Some(number) => numbered(number)?,
        None => named(name)?,
    };
    Some((c, end + 1))
}

fn numbered(number: &str) -> Option<char> {
    let digits = |text: &str, radix| u32::from_str_radix(text, radix).ok().filter(|_| !text.starts_with('+'));
    let code = number.strip_prefix(['x', 'X']).map_or_else(|| digits(number, 10), |hex| digits(hex, 16))?;
    match code {
        128..=159 => Some(WINDOWS[code as usize - 128]),
        _ => char::from_u32(code),
    }
}

fn named(name: &str) -> Option<char> {
    let latin = || LATIN.split_ascii_whitespace().zip('\u{a0}'..).find(|(latin, _)| *latin == name).map(|(_, c)| c);
    OTHERS.iter().find(|(other, _)| *other == name).map(|&(_, c)| c).or_else(latin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_go_and_entities_are_decoded() {
        for (html, text) in [
            ("<p>Warm &amp; soft</p>", "Warm & soft"),
            ("W<b>or</B>d<br>two<br/>three</p >", "Word two three"),
            (r#"<a href="x>y"class='z' target=_blank>Link</a> <INPUT disabled><td nowrap>c</td>"#, "Link c"),
            ("a<script type='x'>var b = '<p>' < 3;</script>c<style>p{}</STYLE>d", "a c d"),
            ("a<!-- <b> -->b <!DOCTYPE html><?xml version=\"1.0\"?>c", "a b c"),
            ("<o:p></o:p>x<w:LsdException Locked=\"false\"/>y", "x y"),
            ("5&#34; &#x27;caf&eacute;&#39; &#151; &#9733;&nbsp;&reg;&trade;", "5\" 'café' — ★ ®™"),
            ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
            ("a<style>p{} never closed", "a"),
        ] {
            assert_eq!(without_markup(html), text, "{html}");
            assert!(has_markup(html));
        }
    }

    #[test]
    fn plain_text_is_left_as_it_is() {
        for text in [
            "",
            "a < b and c > d",
            "I <3 this",
            "A>B",
            "AT&T; R&D",
            "&amp &copy without an end",
            "<y and z>",
            "x <b and c> y",
            "< b>",
            "<>",
            "</>",
            "<http://a.b>",
            "&#xD800; &#; &#x; &#+9; &nosuch; &toolongtobeone;",
            "tail <a href=\"cut",
            "  two  spaces ",
            "1<2&&3>2",
            "<b",
            "&",
            "<",
        ] {
            assert_eq!(without_markup(text), text);
            assert!(!has_markup(text), "{text}");
        }
    }

    #[test]
    fn a_head_holds_as_much_text_as_asked_for() {
        assert_eq!(head("<p>one &amp; two</p> three", 5), "<p>one &amp;");
        assert_eq!(head("<p>one &amp; two</p> three", 100), "<p>one &amp; two</p> three");
        assert_eq!(head("ééé", 2), "éé");
        let html = "<div class='x'>a</div> b &lt; <i>c</i> ".repeat(300);
        let (all, part) = (without_markup(&html), without_markup(head(&html, 1000)));
        assert!(all.starts_with(&*part) && part.chars().count() > 900, "{}", part.chars().count());
    }
}
