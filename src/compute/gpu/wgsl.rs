//! Shaders without what only readers need, which is a third of their text in a page's first load.

/// A WGSL file without comments, indentation, empty lines, and spaces that separate nothing.
macro_rules! wgsl {
    ($path:literal) => {{
        const TEXT: &str = include_str!($path);
        const STRIPPED: ([u8; TEXT.len()], usize) = $crate::compute::gpu::wgsl::strip(TEXT.as_bytes());
        const BYTES: &[u8; STRIPPED.1] = STRIPPED.0.first_chunk().unwrap();
        match std::str::from_utf8(BYTES) {
            Ok(text) => text,
            Err(_) => panic!("not UTF-8"),
        }
    }};
}

pub(crate) use wgsl;

/// `text` without comments, indentation, empty lines, and spaces beside punctuation, and its length then. WGSL has no strings,
/// in which `//` would not begin a comment.
pub const fn strip<const N: usize>(text: &[u8]) -> ([u8; N], usize) {
    let (mut stripped, mut length) = ([0; N], 0);
    let (mut at, mut in_comment) = (0, false);
    while at < N {
        let byte = text[at];
        in_comment = byte != b'\n' && (in_comment || byte == b'/' && at + 1 < N && text[at + 1] == b'/');
        while length > 0 && stripped[length - 1] == b' ' && (byte == b'\n' || separates(byte)) {
            length -= 1;
        }
        let at_start = length == 0 || stripped[length - 1] == b'\n';
        let after_space = byte == b' ' && (at_start || separates(stripped[length - 1]));
        if !(in_comment || after_space || at_start && byte == b'\n') {
            stripped[length] = byte;
            length += 1;
        }
        at += 1;
    }
    (stripped, length)
}

/// Whether no space is needed beside this. `-`, `<` and `>` would join with their like to other operators.
const fn separates(byte: u8) -> bool {
    byte.is_ascii_punctuation() && !matches!(byte, b'-' | b'<' | b'>' | b'_' | b'$')
}

#[cfg(test)]
mod tests {
    use super::strip;

    #[test]
    fn only_what_the_compiler_needs_is_left() {
        let text = "// head\n\nfn f() { // why\n    // more\n    return a / b;   \n}\n// end";
        let (bytes, length) = strip::<66>(text.as_bytes());
        assert_eq!(text.len(), 66);
        assert_eq!(std::str::from_utf8(&bytes[..length]), Ok("fn f(){\nreturn a/b;\n}\n"));
    }
}
