//! What the fields of catalogues were read as: told before the work, held to what the user named.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::bail;
use serde::Serialize;

use crate::catalog::{FieldUse, Named, describe_fields, is_typed, unread};

/// The fields of some files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct CatalogueFields(Vec<OfFile>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct OfFile {
    #[serde(serialize_with = "any_name")]
    file: PathBuf,
    fields: Vec<FieldUse>,
}

/// File names need not be UTF-8, JSON is.
fn any_name<S: serde::Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&path.display())
}

impl CatalogueFields {
    /// Notes the fields of a file, in place of what was known of them before.
    pub fn add(&mut self, file: &Path, fields: &[FieldUse]) {
        self.0.retain(|known| known.file != file);
        self.0.push(OfFile { file: file.into(), fields: fields.to_vec() });
    }

    /// Says how many values could not be read, after a semicolon each.
    pub fn unread(&self) -> String {
        self.0.iter().map(|file| unread(&file.fields)).collect()
    }

    /// Checks that each field that the user named gave its part in one of the files.
    ///
    /// # Errors
    /// The first that did not, and why.
    pub fn check(&self, named: &[Named]) -> anyhow::Result<()> {
        for named in named.iter().filter(|named| !named.field.is_empty()) {
            let (part, name) = (named.part.name(), &named.field);
            let all = || self.0.iter().flat_map(|file| &file.fields).filter(|field| field.name == *name);
            let of_part = || all().filter(|field| field.part == Some(named.part));
            if let (None, Some(other)) = (of_part().next(), all().find_map(|field| field.part)) {
                bail!("--field {part}={name}: this field is read as {} already", other.name());
            }
            if all().next().is_none() && !self.0.iter().flat_map(|file| &file.fields).any(|field| is_typed(name, &field.name)) {
                bail!("--field {part}={name}: none of the catalogues has such a field");
            }
            if of_part().any(|field| field.used > 0) {
                continue;
            }
            if let Some(field) = of_part().find(|field| field.unread > 0) {
                let example = field.example.as_deref().unwrap_or_default();
                bail!(
                    "--field {part}={name}: none of its values can be read as text, the first: {example}. Name a field of strings, numbers or lists of them"
                );
            }
            if of_part().any(|field| field.empty > 0) {
                bail!("--field {part}={name}: this field is empty in every record. Name another, or leave the option out");
            }
        }
        Ok(())
    }
}

impl fmt::Display for CatalogueFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().enumerate().try_for_each(|(i, file)| {
            let gap = if i > 0 { "\n" } else { "" };
            write!(f, "{gap}{}: {}", file.file.display(), describe_fields(&file.fields))
        })
    }
}
