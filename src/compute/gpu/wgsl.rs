//! Shaders as they are compiled: what is there for readers alone is a third of a page's first load of them.

/// A WGSL file without comments, indentation and empty lines.
macro_rules! wgsl {
    ($path:literal) => {{
        const TEXT: &str = include_str!($path);
        const BARE: ([u8; TEXT.len()], usize) = $crate::compute::gpu::wgsl::bare(TEXT.as_bytes());
        const BYTES: &[u8; BARE.1] = BARE.0.first_chunk().unwrap();
        match std::str::from_utf8(BYTES) {
            Ok(text) => text,
            Err(_) => panic!("not UTF-8"),
        }
    }};
}

pub(crate) use wgsl;

/// `text` without them, and how long that is. WGSL has no strings that could hold a comment's beginning.
pub const fn bare<const N: usize>(text: &[u8]) -> ([u8; N], usize) {
    let (mut bare, mut length) = ([0; N], 0);
    let (mut at, mut in_comment) = (0, false);
    while at < N {
        let byte = text[at];
        in_comment = byte != b'\n' && (in_comment || byte == b'/' && at + 1 < N && text[at + 1] == b'/');
        while byte == b'\n' && length > 0 && bare[length - 1] == b' ' {
            length -= 1;
        }
        let at_start = length == 0 || bare[length - 1] == b'\n';
        if !in_comment && !(at_start && (byte == b' ' || byte == b'\n')) {
            bare[length] = byte;
            length += 1;
        }
        at += 1;
    }
    (bare, length)
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn only_what_the_compiler_needs_is_left() {
        let text = "// head\n\nfn f() { // why\n    // more\n    return a / b;   \n}\n// end";
        let (bytes, length) = bare::<66>(text.as_bytes());
        assert_eq!(text.len(), 66);
        assert_eq!(std::str::from_utf8(&bytes[..length]), Ok("fn f() {\nreturn a / b;\n}\n"));
    }
}
