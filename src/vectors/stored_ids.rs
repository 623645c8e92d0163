//! Ids that are stored as a tensor or an array.

use crate::base::ids::IdList;

/// How ids are stored, little-endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IdKind {
    /// One JSON array of strings or numbers.
    Json,
    /// Whole numbers of 1, 2, 4 or 8 bytes.
    Unsigned(usize),
    /// As [`Self::Unsigned`], with a sign.
    Signed(usize),
    /// Strings of so many UTF-32 characters, filled up with zeros.
    #[cfg(feature = "files")]
    Utf32(usize),
    /// Strings of so many bytes of UTF-8, filled up with zeros.
    #[cfg(feature = "files")]
    Utf8(usize),
}

impl IdKind {
    /// Bytes an id; 1 for JSON.
    pub(super) fn size(self) -> usize {
        match self {
            Self::Json => 1,
            Self::Unsigned(size) | Self::Signed(size) => size,
            #[cfg(feature = "files")]
            Self::Utf32(characters) => characters.saturating_mul(4),
            #[cfg(feature = "files")]
            Self::Utf8(size) => size,
        }
    }

    /// Reads all ids; the error says what is wrong.
    pub(super) fn read(self, bytes: &[u8]) -> Result<IdList, String> {
        if self == Self::Json {
            let text = std::str::from_utf8(bytes).map_err(|e| format!("they are not UTF-8: {e}"))?;
            return from_json(text);
        }
        let mut ids = IdList::default();
        for (row, bytes) in bytes.chunks_exact(self.size().max(1)).enumerate() {
            let id = self.id(bytes).ok_or_else(|| format!("row {row} has an id that is no text"))?;
            if id.trim().is_empty() {
                return Err(format!("row {row} has no id: give each row one, or leave them all out to number the rows"));
            }
            ids.push(&id);
        }
        Ok(ids)
    }

    fn id(self, bytes: &[u8]) -> Option<String> {
        let mut wide = [0; 8];
        match self {
            Self::Json => None,
            Self::Unsigned(size) => {
                wide[..size].copy_from_slice(bytes);
                Some(u64::from_le_bytes(wide).to_string())
            }
            Self::Signed(size) => {
                // The number is put into the upper bytes and shifted down with its sign.
                wide[8 - size..].copy_from_slice(bytes);
                Some((i64::from_le_bytes(wide) >> (64 - 8 * size)).to_string())
            }
            #[cfg(feature = "files")]
            Self::Utf32(_) => {
                let characters = bytes.as_chunks().0.iter().map(|c| u32::from_le_bytes(*c));
                let text: Option<String> = characters.map(char::from_u32).collect();
                Some(text?.trim_end_matches('\0').into())
            }
            #[cfg(feature = "files")]
            Self::Utf8(_) => Some(std::str::from_utf8(bytes).ok()?.trim_end_matches('\0').into()),
        }
    }
}

/// Ids from a JSON array of strings or whole numbers.
pub(super) fn from_json(text: &str) -> Result<IdList, String> {
    serde_json::from_str(text).or_else(|strings| {
        let numbers: Vec<serde_json::Number> =
            serde_json::from_str(text).map_err(|_| format!("no JSON array of strings or numbers: {strings}"))?;
        Ok(numbers.iter().map(ToString::to_string).collect())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_sign() {
        let read = |kind: IdKind, bytes: &[u8]| kind.read(bytes).unwrap().iter().map(String::from).collect::<Vec<_>>();
        assert_eq!(read(IdKind::Signed(2), &[0xff, 0xff, 7, 0]), ["-1", "7"]);
        assert_eq!(read(IdKind::Signed(8), &i64::MIN.to_le_bytes()), [i64::MIN.to_string()]);
        assert_eq!(read(IdKind::Unsigned(8), &u64::MAX.to_le_bytes()), [u64::MAX.to_string()]);
        assert_eq!(read(IdKind::Json, b"[1, 20]"), ["1", "20"]);
        assert!(IdKind::Json.read(b"{}").unwrap_err().contains("no JSON array of strings"));
    }

    #[cfg(feature = "files")]
    #[test]
    fn strings_lose_their_padding() {
        let wide: Vec<u8> = ['ü', '\0'].iter().flat_map(|&c| (c as u32).to_le_bytes()).collect();
        assert_eq!(IdKind::Utf32(2).read(&wide).unwrap().get(0), Some("ü"));
        assert_eq!(IdKind::Utf8(2).read(b"ab\0\0").unwrap_err().split(':').next(), Some("row 1 has no id"));
    }
}
