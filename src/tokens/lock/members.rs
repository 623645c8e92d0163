//! The members of a lockfile as text, and the seal over them. The fingerprints, eight digits for each item, are not copied.

use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::fingerprints::Fingerprints;
use crate::base::hash::hex;

/// Member with the SHA-256 of all others.
const SEAL: &str = "seal";
const FINGERPRINTS: &str = "fingerprints";

/// Members by name, in their order, without the seal.
pub(super) struct Members<'a> {
    all: Vec<(String, &'a RawValue)>,
    seal: Option<&'a RawValue>,
}

impl<'a> Members<'a> {
    /// Those of a JSON object.
    pub(super) fn parse(json: &'a str) -> serde_json::Result<Self> {
        let mut reader = serde_json::Deserializer::from_str(json);
        let mut all = reader.deserialize_map(Object)?;
        reader.end()?;
        let seal = all.iter().position(|(name, _)| name == SEAL).map(|place| all.remove(place).1);
        Ok(Self { all, seal })
    }

    /// The value of a member.
    pub(super) fn get(&self, name: &str) -> Option<Value> {
        let (_, raw) = self.all.iter().find(|(member, _)| member == name)?;
        serde_json::from_str(raw.get()).ok()
    }

    /// Whether there is a seal.
    pub(super) fn is_sealed(&self) -> bool {
        self.seal.is_some()
    }

    /// What the seal says, if it is a text.
    pub(super) fn seal(&self) -> Option<String> {
        serde_json::from_str(self.seal?.get()).ok()
    }

    /// SHA-256 of the members, however they are set.
    pub(super) fn sum(&self) -> serde_json::Result<String> {
        let mut hash = Sha256::new();
        for (place, (name, raw)) in self.all.iter().enumerate() {
            hash.update(if place == 0 { "{" } else { "," });
            hash.update(Value::from(name.as_str()).to_string());
            hash.update(":");
            // A text without escapes is set in one way only.
            match raw.get() {
                text if text.starts_with('"') && !text.contains('\\') => hash.update(text),
                other => hash.update(serde_json::from_str::<Value>(other)?.to_string()),
            }
        }
        hash.update(if self.all.is_empty() { "{}" } else { "}" });
        Ok(hex(&hash.finalize()))
    }

    /// All but the fingerprints, which are empty if they are there, and these.
    pub(super) fn parted(&self) -> serde_json::Result<(Value, Fingerprints)> {
        let (mut members, mut fingerprints) = (Map::new(), Fingerprints::default());
        for (name, raw) in &self.all {
            let value = if name == FINGERPRINTS {
                let text = raw.get().strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or("no text");
                fingerprints = Fingerprints::parse(text).map_err(<serde_json::Error as serde::de::Error>::custom)?;
                Value::String(String::new())
            } else {
                serde_json::from_str(raw.get())?
            };
            members.insert(name.clone(), value);
        }
        Ok((members.into(), fingerprints))
    }
}

/// The content of a lockfile with these members, whose seal is made anew.
pub fn sealed(mut members: Value) -> String {
    members.as_object_mut().map(|members| members.shift_remove(SEAL));
    members[SEAL] = hex(&Sha256::digest(members.to_string())).into();
    serde_json::to_string_pretty(&members).expect("JSON is plain") + "\n"
}

struct Object;

impl<'de> Visitor<'de> for Object {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut all: Self::Value = Vec::new();
        while let Some((name, value)) = members.next_entry::<String, &'de RawValue>()? {
            match all.iter_mut().find(|member| member.0 == name) {
                // The last of a name counts, as everywhere in JSON.
                Some(member) => member.1 = value,
                None => all.push((name, value)),
            }
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_that_of_the_members_however_they_are_set() {
        let members =
            serde_json::json!({ "format": 2, "a \"b\"": ["é", { "x": 0.25, "y": null }], "fingerprints": "0000000100000002" });
        let written = sealed(members.clone());
        let compact = serde_json::to_string(&serde_json::from_str::<Value>(&written).unwrap()).unwrap();
        let escaped = compact.replace('é', "\\u00e9");
        for text in [&written, &compact, &escaped] {
            let read = Members::parse(text).unwrap();
            assert_eq!(Some(read.sum().unwrap()), read.seal(), "{text}");
            let (value, fingerprints) = read.parted().unwrap();
            assert_eq!((&value["a \"b\""], fingerprints.0), (&members["a \"b\""], vec![1, 2]));
            assert_eq!(read.get("format"), Some(2.into()));
        }
        let changed = written.replace("0.25", "0.5");
        let changed = Members::parse(&changed).unwrap();
        assert_ne!(Some(changed.sum().unwrap()), changed.seal());
        for text in ["[]", "3", "{} {}", "{\"a\": 1"] {
            assert!(Members::parse(text).is_err(), "{text}");
        }
        assert_eq!(Members::parse("{}").unwrap().sum().unwrap(), hex(&Sha256::digest("{}")));
    }
}
