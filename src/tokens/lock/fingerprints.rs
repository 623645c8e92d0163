//! A fingerprint of each item's text or vector, by which a changed item is known.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::base::hash::{fnv1a, fnv1a_of_words, fnv1a_step};

/// Stands for an item whose text or vector is not known.
pub const UNKNOWN: u32 = 0;

/// `[items]` 32-bit fingerprints in the order of the index. In a file they are one text of eight hexadecimal digits an item,
/// the least room that a text needs for it: a changed item goes unnoticed once in four thousand million times.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fingerprints(pub Vec<u32>);

/// Fingerprint of a text.
pub fn of_text(text: &str) -> u32 {
    folded(fnv1a(text.bytes()))
}

/// Fingerprint of a vector, by its bits.
pub fn of_vector(values: &[f32]) -> u32 {
    folded(fnv1a_of_words(values.iter().map(|value| value.to_bits())))
}

/// Fingerprints of `[vectors][width]` values. A hash waits for each of its steps, so eight of them go side by side.
pub fn of_vectors(values: &[f32], width: usize) -> Vec<u32> {
    const SIDE: usize = 8;
    let mut fingerprints = Vec::with_capacity(values.len() / width.max(1));
    let mut groups = values.chunks_exact(SIDE * width.max(1));
    for group in &mut groups {
        let mut hashes = [fnv1a([]); SIDE];
        for column in 0..width {
            for (side, hash) in hashes.iter_mut().enumerate() {
                *hash = fnv1a_step(*hash, group[side * width + column].to_bits());
            }
        }
        fingerprints.extend(hashes.map(folded));
    }
    fingerprints.extend(groups.remainder().chunks_exact(width.max(1)).map(of_vector));
    fingerprints
}

fn folded(hash: u64) -> u32 {
    ((hash ^ (hash >> 32)) as u32).max(UNKNOWN + 1)
}

impl Fingerprints {
    /// Those of a text of eight hexadecimal digits an item.
    ///
    /// # Errors
    /// It is none.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let (digits, rest) = text.as_bytes().as_chunks::<8>();
        let number = |digits: &[u8; 8]| digits.iter().try_fold(0, |sum, &digit| Some(sum << 4 | char::from(digit).to_digit(16)?));
        let numbers: Option<Vec<u32>> = digits.iter().map(number).collect();
        let numbers = numbers.filter(|_| rest.is_empty());
        numbers.map(Self).ok_or("fingerprints are eight hexadecimal digits an item")
    }
}

impl Serialize for Fingerprints {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.iter().map(|fingerprint| format!("{fingerprint:08x}")).collect::<String>())
    }
}

impl<'de> Deserialize<'de> for Fingerprints {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_read_back_and_tell_vectors_apart() {
        let written = Fingerprints(vec![0, 1, u32::MAX, of_text("tea"), of_text("teas")]);
        let json = serde_json::to_string(&written).unwrap();
        assert!(json.starts_with("\"0000000000000001ffffffff"));
        assert_eq!(serde_json::from_str::<Fingerprints>(&json).unwrap(), written);
        for bad in ["\"0000000\"", "\"0000000g\"", "\"+0000001\"", "\"é000000\"", "7"] {
            serde_json::from_str::<Fingerprints>(bad).unwrap_err();
        }
        let different: std::collections::HashSet<u32> =
            [&[0.0f32, 0.0][..], &[-0.0, 0.0], &[0.0, -0.0], &[0.0], &[1.0, 2.0], &[2.0, 1.0]].map(of_vector).into();
        assert_eq!(different.len(), 6);
        let values: Vec<f32> = (0..57).map(|value| value as f32).collect();
        assert_eq!(of_vectors(&values, 3), values.chunks_exact(3).map(of_vector).collect::<Vec<_>>());
    }
}
