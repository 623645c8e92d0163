//! Reading vectors from a Parquet column of lists.

use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float16Type, Float32Type, Float64Type};
use arrow_array::{Array, ArrayRef, ListArray};
use arrow_schema::DataType;

use super::{Element, Layout};
use crate::base::ids::IdList;
use crate::catalog::{check_id_type, id, id_column};
use crate::tables::{Batches, ParquetTable, TableError};

/// Names of the column, the preferred first.
const NAMES: &[&str] = &["embeddings", "embedding", "vectors", "vector"];

/// A row that cannot be read: its number, the column of the vector, and why.
pub type BadRow = (usize, usize, &'static str);

/// Vectors of a Parquet file, in order.
pub struct Vectors {
    pub layout: Layout,
    batches: Batches,
    /// Values of the last batch that were not asked for yet.
    pending: Vec<f32>,
    /// Rows among the pending that are not what they should be.
    bad: Vec<BadRow>,
}

impl Vectors {
    /// Finds the column of vectors, their width by the first, and the ids if there is a column of them.
    ///
    /// # Errors
    /// There is no such column, or no vector in it; a row has no id; the file is damaged.
    pub fn open(table: &ParquetTable) -> Result<(Self, Option<IdList>), TableError> {
        let (column, element) = find_vectors(table)?;
        let width = first_width(table, column)?;
        let ids = id_column(table).map(|column| read_ids(table, column)).transpose()?;
        let batches = table.batches(&[column])?;
        let layout = Layout { rows: table.rows() as usize, width, element };
        let vectors = Self { layout, batches, pending: Vec::new(), bad: Vec::new() };
        Ok((vectors, ids))
    }

    /// Values of `rows`, which must follow those of the previous call, and the bad rows among them, whose values are NaN.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn read(&mut self, rows: Range<usize>) -> Result<(Vec<f32>, Vec<BadRow>), TableError> {
        let count = rows.len() * self.layout.width;
        while self.pending.len() < count {
            let Some((first, batch)) = self.batches.next_batch()? else { break };
            let lists = batch.column(0).as_list::<i32>();
            (0..lists.len()).for_each(|row| self.append(lists, row, first as usize + row));
        }
        let rest = self.pending.split_off(count.min(self.pending.len()));
        let later = self.bad.split_off(self.bad.partition_point(|bad| bad.0 < rows.end));
        Ok((std::mem::replace(&mut self.pending, rest), std::mem::replace(&mut self.bad, later)))
    }

    fn append(&mut self, lists: &ListArray, row: usize, number: usize) {
        let end = self.pending.len() + self.layout.width;
        if lists.is_null(row) {
            self.bad.push((number, 0, "no vector"));
        } else {
            let values = lists.value(row);
            if values.len() == self.layout.width {
                decode(&values, &mut self.pending);
            } else {
                self.bad.push((number, values.len().min(self.layout.width), "a vector of another width than the first"));
            }
        }
        self.pending.resize(end, f32::NAN);
    }
}

/// The column with one of the usual names, or else the only column of float lists.
fn find_vectors(table: &ParquetTable) -> Result<(usize, Element), TableError> {
    let fields = table.schema().fields();
    let expected = "embedding, embeddings, vector or vectors (lists of floats), and no single column of such lists";
    let no_column = || TableError::NoColumn { name: table.name().into(), expected, columns: table.columns() };
    let only = || {
        let mut lists = (0..fields.len()).filter(|&column| element(fields[column].data_type()).is_some());
        lists.next().filter(|_| lists.next().is_none())
    };
    let column = table.named(NAMES).or_else(only).ok_or_else(no_column)?;
    let element = element(fields[column].data_type());
    let remedy = "Write it so, as in pyarrow.array(list(vectors), pyarrow.list_(pyarrow.float32()))";
    Ok((column, element.ok_or_else(|| table.type_error(column, "lists of floats (16, 32 or 64 bits)", remedy.into()))?))
}

fn element(kind: &DataType) -> Option<Element> {
    let DataType::List(of) = kind else { return None };
    match of.data_type() {
        DataType::Float16 => Some(Element::F16),
        DataType::Float32 => Some(Element::F32),
        DataType::Float64 => Some(Element::F64),
        _ => None,
    }
}

/// Width of the first vector that is there.
fn first_width(table: &ParquetTable, column: usize) -> Result<usize, TableError> {
    let mut batches = table.batches(&[column])?;
    while let Some((_, batch)) = batches.next_batch()? {
        let lists = batch.column(0).as_list::<i32>();
        let width = |row: usize| if lists.is_null(row) { 0 } else { lists.value_length(row) as usize };
        if let Some(width) = (0..lists.len()).map(width).find(|&width| width > 0) {
            return Ok(width);
        }
    }
    let column = table.schema().field(column).name().clone();
    let what = "no row has a vector: write the vectors again".into();
    Err(TableError::Value { name: table.name().into(), row: 0, column, what })
}

/// All ids, as text.
fn read_ids(table: &ParquetTable, column: usize) -> Result<IdList, TableError> {
    let field = table.schema().field(column);
    check_id_type(table, column, "Cast it, or drop it to number the rows")?;
    let (mut ids, mut batches) = (IdList::default(), table.batches(&[column])?);
    while let Some((first, batch)) = batches.next_batch()? {
        for row in 0..batch.num_rows() {
            let id = id(batch.column(0), row).ok_or_else(|| TableError::Value {
                name: table.name().into(),
                row: first + row as u64,
                column: field.name().clone(),
                what: "no id. Give each row one, or drop the column to number the rows".into(),
            })?;
            ids.push(&id);
        }
    }
    Ok(ids)
}

/// Appends values as single floats; nulls become NaN.
fn decode(values: &ArrayRef, out: &mut Vec<f32>) {
    let start = out.len();
    match values.data_type() {
        DataType::Float16 => out.extend(values.as_primitive::<Float16Type>().values().iter().map(|v| v.to_f32())),
        DataType::Float32 => out.extend_from_slice(values.as_primitive::<Float32Type>().values()),
        _ => out.extend(values.as_primitive::<Float64Type>().values().iter().map(|&v| v as f32)),
    }
    if values.null_count() > 0 {
        (0..values.len()).filter(|&i| values.is_null(i)).for_each(|i| out[start + i] = f32::NAN);
    }
}
