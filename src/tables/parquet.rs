//! Reading a Parquet file: its columns, and the values of some of them in batches of rows.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_schema::{DataType, SchemaRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};

use super::TableError;
use super::detect::MAGIC;
use super::write::BATCH;

/// A Parquet file whose footer was read.
pub struct ParquetTable {
    name: String,
    file: File,
    bytes: u64,
    metadata: ArrowReaderMetadata,
}

impl ParquetTable {
    /// Opens a file and reads its footer.
    ///
    /// Types are those of the Parquet schema. The Arrow types that the writing program noted beside it (dictionaries,
    /// large or viewed strings, fixed-size lists) are ignored: they are other forms of the same values.
    ///
    /// # Errors
    /// It is no Parquet file, or is cut short or damaged.
    pub fn open(path: &Path) -> Result<Self, TableError> {
        let name = path.display().to_string();
        let io = |source| TableError::Io { name: name.clone(), source };
        let file = File::open(path).map_err(io)?;
        let bytes = file.metadata().map_err(io)?.len();
        check_ends(&file, bytes, &name)?;
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let metadata = guarded(|| ArrowReaderMetadata::load(&file, options));
        let metadata = metadata.map_err(|what| TableError::Damaged { name: name.clone(), place: "footer".into(), what })?;
        Ok(Self { name, file, bytes, metadata })
    }

    /// The file's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Rows by the footer's count.
    pub fn rows(&self) -> u64 {
        self.metadata.metadata().file_metadata().num_rows().max(0) as u64
    }

    /// The file's columns.
    pub fn schema(&self) -> &SchemaRef {
        self.metadata.schema()
    }

    /// The value of a key in the footer's metadata.
    pub fn metadata_value(&self, key: &str) -> Option<&str> {
        let pairs = self.metadata.metadata().file_metadata().key_value_metadata()?;
        pairs.iter().find(|pair| pair.key == key)?.value.as_deref()
    }

    /// Names and types of all columns, for messages.
    pub fn columns(&self) -> String {
        let columns: Vec<String> =
            self.schema().fields().iter().map(|f| format!("{} ({})", f.name(), type_name(f.data_type()))).collect();
        columns.join(", ")
    }

    /// The first of `names` that there is a column of, compared in lower case.
    pub(crate) fn named(&self, names: &[&str]) -> Option<usize> {
        let fields = self.schema().fields();
        names.iter().find_map(|name| fields.iter().position(|field| field.name().trim().eq_ignore_ascii_case(name)))
    }

    /// The error for a column that is not what it should be.
    pub(crate) fn type_error(&self, column: usize, expected: &'static str, remedy: String) -> TableError {
        let field = self.schema().field(column);
        let (column, found) = (field.name().clone(), type_name(field.data_type()));
        TableError::Type { name: self.name.clone(), column, found, expected, remedy }
    }

    /// Reads some columns, given in ascending order, from the first row.
    ///
    /// # Errors
    /// There are no rows, or the file is damaged.
    pub fn batches(&self, columns: &[usize]) -> Result<Batches, TableError> {
        if self.rows() == 0 {
            return Err(TableError::Empty { name: self.name.clone(), columns: self.columns() });
        }
        let file = self.file.try_clone().map_err(|source| TableError::Io { name: self.name.clone(), source })?;
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone());
        let mask = ProjectionMask::roots(builder.parquet_schema(), columns.iter().copied());
        let reader = guarded(|| builder.with_projection(mask).with_batch_size(BATCH).build());
        let name = self.name.clone();
        match reader {
            Ok(reader) => Ok(Batches { name, reader, first: 0, next: 0, rows: self.rows(), bytes: self.bytes }),
            Err(what) => Err(TableError::Damaged { name, place: "columns".into(), what }),
        }
    }
}

/// A file read in batches.
pub struct Batches {
    name: String,
    reader: ParquetRecordBatchReader,
    /// Row of the file that the last batch began with, and the one after its last.
    first: u64,
    next: u64,
    rows: u64,
    bytes: u64,
}

impl Batches {
    /// The next batch, with the number of its first row.
    ///
    /// # Errors
    /// The file is damaged, or has fewer rows than its footer says.
    pub fn next_batch(&mut self) -> Result<Option<(u64, RecordBatch)>, TableError> {
        let damaged = |name: &str, row, what| TableError::Damaged { name: name.into(), place: format!("after row {row}"), what };
        match guarded(|| self.reader.next().transpose()).map_err(|what| damaged(&self.name, self.next, what))? {
            Some(batch) => {
                (self.first, self.next) = (self.next, self.next + batch.num_rows() as u64);
                Ok(Some((self.first, batch)))
            }
            None if self.next == self.rows => Ok(None),
            None => Err(damaged(&self.name, self.next, format!("its footer promises {} rows", self.rows))),
        }
    }

    /// The file's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Bytes read so far, as far as rows can tell.
    pub fn bytes_read(&self) -> u64 {
        (self.bytes as f64 * self.next as f64 / self.rows.max(1) as f64) as u64
    }
}

/// Parquet begins and ends with the same four bytes.
fn check_ends(mut file: &File, bytes: u64, name: &str) -> Result<(), TableError> {
    use std::io::{Read, Seek, SeekFrom};
    let io = |source| TableError::Io { name: name.into(), source };
    let foreign = |what: String| TableError::Foreign { name: name.into(), what };
    if bytes < 12 {
        return Err(foreign(format!("it has {bytes} bytes")));
    }
    let mut end = |at| -> Result<[u8; 4], TableError> {
        let mut found = [0; 4];
        file.seek(at).and_then(|_| file.read_exact(&mut found)).map_err(io)?;
        Ok(found)
    };
    let (head, tail) = (end(SeekFrom::Start(0))?, end(SeekFrom::End(-4))?);
    match (&head, &tail) {
        (b"PARE", _) | (_, b"PARE") => Err(foreign("it is encrypted".into())),
        (MAGIC, MAGIC) => Ok(()),
        (MAGIC, _) => Err(foreign("it is cut short, for its footer is missing".into())),
        _ => Err(foreign(format!("it starts with \"{}\"", head.escape_ascii()))),
    }
}

/// Runs the Parquet reader. It panics on some damaged files; that becomes an error too.
fn guarded<T, E: std::fmt::Display>(read: impl FnOnce() -> Result<T, E>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(_) => Err("the reader gave up".into()),
    }
}

/// The name of a type, for messages.
fn type_name(kind: &DataType) -> String {
    match kind {
        DataType::Utf8 => "string".into(),
        DataType::Binary | DataType::FixedSizeBinary(_) => "binary".into(),
        DataType::List(of) => format!("list of {}", type_name(of.data_type())),
        DataType::Struct(_) => "struct".into(),
        DataType::Map(..) => "map".into(),
        other => other.to_string().to_lowercase(),
    }
}
