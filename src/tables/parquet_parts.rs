//! The parts of a Parquet table: which there are, what columns they have together, and whether they agree.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef};

use super::TableError;
use super::parquet_file::{ParquetFile, type_name};
use super::parts::files;

/// What Hive and Spark name the folder of rows that have no value.
const NO_VALUE: &str = "__HIVE_DEFAULT_PARTITION__";

/// A file of a table.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub path: PathBuf,
    pub rows: u64,
    pub bytes: u64,
    schema: SchemaRef,
    /// Columns whose value is in the names of its folders.
    keys: Vec<(String, Option<String>)>,
}

/// Where a column of a part is taken from.
#[derive(Debug, Clone)]
pub(super) enum Origin {
    /// A column of the file.
    File(usize),
    /// The name of the folder, the same for all rows; nothing where it names none.
    Folder(Option<String>),
    /// Nothing: the part has only nulls in it, and so a type of its own.
    Null,
}

impl Origin {
    /// The column of the file, where it is one.
    pub(super) fn in_file(&self) -> Option<usize> {
        if let Self::File(column) = self { Some(*column) } else { None }
    }
}

/// Reads the footers of a table's files: those that have rows, or the first alone, and the columns of all of them.
///
/// # Errors
/// A file is not Parquet, or is damaged; a folder holds nothing, or data of several kinds.
pub(super) fn open_parts(path: &Path) -> Result<(Vec<Part>, SchemaRef), TableError> {
    let mut parts: Vec<Part> = Vec::new();
    for file in files(path)? {
        let part = Part::open(path, file)?;
        if parts.first().is_some_and(|first| first.rows == 0) {
            parts.clear();
        }
        if part.rows > 0 || parts.is_empty() {
            parts.push(part);
        }
    }
    let schema = columns(&parts);
    Ok((parts, schema))
}

impl Part {
    fn open(table: &Path, path: PathBuf) -> Result<Self, TableError> {
        let file = ParquetFile::open(&path)?;
        let (rows, bytes, schema) = (file.rows(), file.bytes(), file.schema().clone());
        let folders = path.strip_prefix(table).ok().and_then(Path::parent);
        let folders = folders.into_iter().flat_map(Path::iter).map(|name| name.to_string_lossy());
        let keys = folders.filter_map(|name| name.split_once('=').map(|(key, value)| (key.to_owned(), decoded(value))));
        // A column of the file goes before a folder's name.
        let keys = keys.filter(|(key, _)| schema.column_with_name(key).is_none()).collect();
        Ok(Self { path, rows, bytes, schema, keys })
    }

    /// Where each of some columns of a table of this `schema` is taken from; `first` is its first part, for the message.
    ///
    /// # Errors
    /// A column is not there, or of another type.
    pub(super) fn plan(&self, schema: &SchemaRef, columns: &[usize], first: &Self) -> Result<Vec<Origin>, TableError> {
        if Arc::ptr_eq(&self.schema, schema) {
            return Ok(columns.iter().copied().map(Origin::File).collect());
        }
        let fields = columns.iter().map(|&column| schema.field(column));
        fields.map(|field| self.origin(field).map_err(|what| self.disagrees(field, what, first))).collect()
    }

    fn origin(&self, field: &Field) -> Result<Origin, String> {
        if let Some((_, value)) = self.keys.iter().find(|(key, _)| key == field.name()) {
            return Ok(Origin::Folder(value.clone()));
        }
        let (column, found) = self.schema.column_with_name(field.name()).ok_or("is missing")?;
        match (type_name(found.data_type()), type_name(field.data_type())) {
            (found, expected) if found == expected => Ok(Origin::File(column)),
            _ if *found.data_type() == DataType::Null => Ok(Origin::Null),
            (found, expected) => Err(format!("is of type {found}, not {expected}")),
        }
    }

    fn disagrees(&self, field: &Field, what: String, first: &Self) -> TableError {
        let of = if first.origin(field).is_ok() { first.path.display().to_string() } else { "another part".into() };
        TableError::Parts { name: self.path.display().to_string(), column: field.name().clone(), what, of }
    }
}

/// The columns of all parts, those that are named after folders last. One of nulls only takes the type of another part.
fn columns(parts: &[Part]) -> SchemaRef {
    if let [part] = parts
        && part.keys.is_empty()
    {
        return part.schema.clone();
    }
    let mut fields: Vec<Field> = Vec::new();
    for found in parts.iter().flat_map(|part| part.schema.fields()) {
        match fields.iter_mut().find(|field| field.name() == found.name()) {
            Some(field) if *field.data_type() == DataType::Null => *field = found.as_ref().clone(),
            Some(_) => {}
            None => fields.push(found.as_ref().clone()),
        }
    }
    for (key, _) in parts.iter().flat_map(|part| &part.keys) {
        if fields.iter().all(|field| field.name() != key) {
            fields.push(Field::new(key, DataType::Utf8, true));
        }
    }
    Arc::new(Schema::new(fields))
}

/// The value in a folder's name, in which engines write signs that file systems do not take as `%2F`.
fn decoded(name: &str) -> Option<String> {
    if name == NO_VALUE {
        return None;
    }
    let (mut bytes, mut rest) = (Vec::new(), name.as_bytes());
    while let Some((&first, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|_| first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        let escaped = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
