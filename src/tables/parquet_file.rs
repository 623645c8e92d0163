//! Reading one Parquet file: its columns, and the values of some of them in batches of rows.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{DataType, FieldRef, Schema, SchemaRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;

use super::TableError;
use super::packed::PARQUET;
use super::write::BATCH;
use crate::base::words::counted;

/// A Parquet file whose footer was read.
pub(super) struct ParquetFile {
    name: String,
    file: File,
    bytes: u64,
    metadata: ArrowReaderMetadata,
}

impl ParquetFile {
    /// Opens a file and reads its footer.
    ///
    /// Types are those of the Parquet schema. The Arrow types that the writing program noted beside it (dictionaries,
    /// large or viewed strings, fixed-size lists) are ignored: they are other forms of the same values.
    ///
    /// # Errors
    /// It is no Parquet file, or is cut short or damaged.
    pub(super) fn open(path: &Path) -> Result<Self, TableError> {
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

    /// Its size.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Rows by the footer's count.
    pub(super) fn rows(&self) -> u64 {
        self.metadata.metadata().file_metadata().num_rows().max(0) as u64
    }

    /// The file's columns.
    pub(super) fn schema(&self) -> &SchemaRef {
        self.metadata.schema()
    }

    /// The value of a key in the footer's metadata.
    pub(super) fn metadata_value(&self, key: &str) -> Option<&str> {
        let pairs = self.metadata.metadata().file_metadata().key_value_metadata()?;
        pairs.iter().find(|pair| pair.key == key)?.value.as_deref()
    }

    /// Reads some columns, in the order of the file, from the first row; of the lists in the column `texts`, the strings as
    /// dictionaries.
    ///
    /// # Errors
    /// The file is damaged.
    pub(super) fn batches(
        &self,
        columns: impl IntoIterator<Item = usize>,
        texts: Option<usize>,
    ) -> Result<FileBatches, TableError> {
        let file = self.file.try_clone().map_err(|source| TableError::Io { name: self.name.clone(), source })?;
        let name = self.name.clone();
        let reader = guarded(|| {
            let metadata = texts.map_or_else(|| Ok(self.metadata.clone()), |column| self.with_dictionaries(column))?;
            let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata);
            let mask = ProjectionMask::roots(builder.parquet_schema(), columns);
            builder.with_projection(mask).with_batch_size(BATCH).build()
        });
        match reader {
            Ok(reader) => Ok(FileBatches { name, reader, first: 0, next: 0, rows: self.rows() }),
            Err(what) => Err(TableError::Damaged { name, place: "columns".into(), what }),
        }
    }
}

impl ParquetFile {
    /// The footer, with dictionaries as the type of the strings in a column of lists.
    fn with_dictionaries(&self, column: usize) -> Result<ArrowReaderMetadata, ParquetError> {
        let mut fields: Vec<FieldRef> = self.schema().fields().iter().cloned().collect();
        if let DataType::List(texts) = fields[column].data_type() {
            let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(texts.data_type().clone()));
            let texts = texts.as_ref().clone().with_data_type(dictionary);
            let lists = DataType::List(Arc::new(texts));
            fields[column] = Arc::new(fields[column].as_ref().clone().with_data_type(lists));
        }
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true).with_schema(Arc::new(Schema::new(fields)));
        ArrowReaderMetadata::try_new(self.metadata.metadata().clone(), options)
    }
}

/// A file read in batches.
pub(super) struct FileBatches {
    name: String,
    reader: ParquetRecordBatchReader,
    /// Row of the file that the last batch began with, and the one after its last.
    first: u64,
    next: u64,
    rows: u64,
}

impl FileBatches {
    /// The next batch, with the number of its first row.
    ///
    /// # Errors
    /// The file is damaged, or has fewer rows than its footer says.
    pub(super) fn next_batch(&mut self) -> Result<Option<(u64, RecordBatch)>, TableError> {
        let damaged = |name: &str, row, what| TableError::Damaged { name: name.into(), place: format!("after row {row}"), what };
        match guarded(|| self.reader.next().transpose()).map_err(|what| damaged(&self.name, self.next, what))? {
            Some(batch) => {
                (self.first, self.next) = (self.next, self.next + batch.num_rows() as u64);
                Ok(Some((self.first, batch)))
            }
            None if self.next == self.rows => Ok(None),
            None => Err(damaged(&self.name, self.next, format!("its footer promises {}", counted(self.rows, "row")))),
        }
    }

    /// The file's name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Rows read so far.
    pub(super) fn rows_read(&self) -> u64 {
        self.next
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
        (PARQUET, PARQUET) => Ok(()),
        (PARQUET, _) => Err(foreign("it is cut short, for its footer is missing".into())),
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
pub(crate) fn type_name(kind: &DataType) -> String {
    match kind {
        DataType::Utf8 => "string".into(),
        DataType::Binary | DataType::FixedSizeBinary(_) => "binary".into(),
        DataType::List(of) => format!("list of {}", type_name(of.data_type())),
        DataType::Struct(_) => "struct".into(),
        DataType::Map(..) => "map".into(),
        other => other.to_string().to_lowercase(),
    }
}
