//! Reading Parquet, a file or a folder of parts, as one table: its columns, and the values of some of them in batches of
//! rows.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, StringArray, new_null_array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};

use super::TableError;
use super::parquet_file::{FileBatches, ParquetFile, type_name};
use super::parquet_parts::{Origin, Part, open_parts};

/// A Parquet table whose footers were read.
pub struct ParquetTable {
    name: String,
    /// Parts that have rows; the first alone where none has.
    parts: Vec<Part>,
    schema: SchemaRef,
    first: ParquetFile,
}

impl ParquetTable {
    /// Opens a file, or all parts in a folder in their order, and reads the footers.
    ///
    /// Types are those of the Parquet schema. The Arrow types that the writing program noted beside it (dictionaries,
    /// large or viewed strings, fixed-size lists) are ignored: they are other forms of the same values. Folders named
    /// `key=value` inside a folder are columns of strings, the last ones.
    ///
    /// # Errors
    /// It is not Parquet, or is cut short or damaged; a folder holds nothing, or data of several kinds.
    pub fn open(path: &Path) -> Result<Self, TableError> {
        let (parts, schema) = open_parts(path)?;
        let first = ParquetFile::open(&parts[0].path)?;
        Ok(Self { name: path.display().to_string(), parts, schema, first })
    }

    /// The name of the file or folder.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Rows by the footers' counts.
    pub fn rows(&self) -> u64 {
        self.parts.iter().map(|part| part.rows).sum()
    }

    /// The columns of all parts.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The value of a key in the (first) footer's metadata.
    pub fn metadata_value(&self, key: &str) -> Option<&str> {
        self.first.metadata_value(key)
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
    /// There are no rows; a part lacks one of the columns or has another type in it; the first part is damaged.
    pub fn batches(&self, columns: &[usize]) -> Result<Batches, TableError> {
        self.batches_with(columns, None)
    }

    /// As [`ParquetTable::batches`]; of the column `texts`, which has lists of strings, the strings come as dictionaries, as the
    /// file mostly has them: there are few, and each is read once.
    pub(crate) fn batches_with(&self, columns: &[usize], texts: Option<usize>) -> Result<Batches, TableError> {
        if self.rows() == 0 {
            return Err(TableError::Empty { name: self.name.clone(), columns: self.columns() });
        }
        let plan = |part: &Part| part.plan(&self.schema, columns, &self.parts[0]);
        let plans = self.parts.iter().map(plan).collect::<Result<Vec<_>, _>>()?;
        let texts = columns.iter().position(|&column| Some(column) == texts);
        let current = self.first.batches(file_columns(&plans[0]), texts.and_then(|at| plans[0][at].in_file()))?;
        let fields = columns.iter().map(|&column| self.schema.field(column).clone()).collect();
        Ok(Batches { parts: self.parts.clone(), fields, plans, texts, at: 0, current, rows_before: 0, bytes_before: 0 })
    }
}

/// A table read in batches.
pub struct Batches {
    parts: Vec<Part>,
    fields: Vec<Field>,
    /// For each part, where each field is taken from.
    plans: Vec<Vec<Origin>>,
    /// The field whose texts come as dictionaries.
    texts: Option<usize>,
    /// Number of the current part.
    at: usize,
    current: FileBatches,
    rows_before: u64,
    bytes_before: u64,
}

impl Batches {
    /// The next batch, with the number of its first row in the table.
    ///
    /// # Errors
    /// A part is damaged, or has fewer rows than its footer says.
    pub fn next_batch(&mut self) -> Result<Option<(u64, RecordBatch)>, TableError> {
        loop {
            if let Some((first, batch)) = self.current.next_batch()? {
                return Ok(Some((self.rows_before + first, self.arranged(batch)?)));
            }
            let (done, Some(next)) = (&self.parts[self.at], self.parts.get(self.at + 1)) else { return Ok(None) };
            self.rows_before += done.rows;
            self.bytes_before += done.bytes;
            self.at += 1;
            let plan = &self.plans[self.at];
            let texts = self.texts.and_then(|at| plan[at].in_file());
            self.current = ParquetFile::open(&next.path)?.batches(file_columns(plan), texts)?;
        }
    }

    /// The columns of a part's batch in the order of the table, with those that the file does not hold.
    fn arranged(&self, batch: RecordBatch) -> Result<RecordBatch, TableError> {
        let (plan, rows) = (&self.plans[self.at], batch.num_rows());
        let order = file_columns(plan);
        if plan.iter().zip(&order).all(|(from, next)| matches!(from, Origin::File(column) if column == next))
            && order.len() == plan.len()
        {
            return Ok(batch);
        }
        let column = |(field, from): (&Field, &Origin)| -> ArrayRef {
            match from {
                Origin::File(column) => batch.column(order.partition_point(|c| c < column)).clone(),
                Origin::Folder(Some(value)) => Arc::new(StringArray::from_iter_values(std::iter::repeat_n(value, rows))),
                Origin::Folder(None) => new_null_array(&DataType::Utf8, rows),
                Origin::Null => new_null_array(field.data_type(), rows),
            }
        };
        let columns: Vec<ArrayRef> = self.fields.iter().zip(plan).map(column).collect();
        let fields =
            self.fields.iter().zip(&columns).map(|(field, column)| Field::new(field.name(), column.data_type().clone(), true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(schema, columns, &options).map_err(|error| TableError::Damaged {
            name: self.name().into(),
            place: "columns".into(),
            what: error.to_string(),
        })
    }

    /// The name of the file that is being read.
    pub fn name(&self) -> &str {
        self.current.name()
    }

    /// A row of the table as a file's name and a row of that file.
    pub fn locate(&self, row: u64) -> (String, u64) {
        let mut before = 0;
        for part in &self.parts {
            if row < before + part.rows {
                return (part.path.display().to_string(), row - before);
            }
            before += part.rows;
        }
        (self.name().into(), row - self.rows_before)
    }

    /// Rows of the parts before the current one.
    pub fn rows_before(&self) -> u64 {
        self.rows_before
    }

    /// Bytes read so far, as far as rows can tell.
    pub fn bytes_read(&self) -> u64 {
        let part = &self.parts[self.at];
        self.bytes_before + (part.bytes as f64 * self.current.rows_read() as f64 / part.rows.max(1) as f64) as u64
    }
}

/// The columns of the file that a plan needs, in ascending order.
fn file_columns(plan: &[Origin]) -> Vec<usize> {
    let mut columns: Vec<usize> = plan.iter().filter_map(Origin::in_file).collect();
    columns.sort_unstable();
    columns
}
