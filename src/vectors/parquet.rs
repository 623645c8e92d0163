//! Reading vectors from a Parquet column of lists.

use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float16Type, Float32Type, Float64Type, Int32Type};
use arrow_array::{Array, ArrayRef, Int32Array, ListArray, StructArray};
use arrow_schema::{DataType, FieldRef};

use super::contents::{Chosen, Entry, choose};
use super::layout::Header;
use super::parquet_writer::TEXT;
use super::{Element, EmbeddingError, Layout, ReadOptions};
use crate::base::ids::IdList;
use crate::catalog::{check_id_type, id};
use crate::tables::{Batches, ParquetTable, TableError, type_name};

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
    pub fn open(table: &ParquetTable, options: &ReadOptions) -> Result<(Self, Header, Option<IdList>), EmbeddingError> {
        let fields = table.schema().fields();
        let entry = |field: &FieldRef| Entry {
            name: field.name().clone(),
            kind: format!("({})", type_name(field.data_type())),
            is_matrix: element(field.data_type()).is_some(),
        };
        let entries: Vec<Entry> = fields.iter().map(entry).collect();
        let Chosen { vectors: column, ids, contents } =
            choose(&entries, options.array.as_deref(), options.ids.as_deref(), table.name())?;
        let remedy = "Write it so, as in pyarrow.array(list(vectors), pyarrow.list_(pyarrow.float32()))";
        let wrong = || table.type_error(column, "lists of floats (16, 32 or 64 bits)", remedy.into());
        let element = element(fields[column].data_type()).ok_or_else(wrong)?;
        let width = first_width(table, column)?;
        let ids = ids.map(|column| read_ids(table, column)).transpose()?;
        let batches = table.batches(&[column])?;
        let layout = Layout { rows: table.rows() as usize, width, element };
        let text = table.metadata_value(TEXT).and_then(|text| serde_json::from_str(text).ok());
        let header = Header { layout, start: 0, ids: None, text, contents };
        Ok((Self { layout, batches, pending: Vec::new(), bad: Vec::new() }, header, ids))
    }

    /// Values of `rows`, which must follow those of the previous call, and the bad rows among them, whose values are NaN.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn read(&mut self, rows: Range<usize>) -> Result<(Vec<f32>, Vec<BadRow>), TableError> {
        let count = rows.len() * self.layout.width;
        while self.pending.len() < count {
            let Some((first, batch)) = self.batches.next_batch()? else { break };
            let column = Column::new(batch.column(0));
            (0..column.len()).for_each(|row| self.append(&column, row, first as usize + row));
        }
        let rest = self.pending.split_off(count.min(self.pending.len()));
        let later = self.bad.split_off(self.bad.partition_point(|bad| bad.0 < rows.end));
        Ok((std::mem::replace(&mut self.pending, rest), std::mem::replace(&mut self.bad, later)))
    }

    /// The file that holds a row, and the row's number in it.
    pub fn locate(&self, row: usize) -> (String, usize) {
        let (name, row) = self.batches.locate(row as u64);
        (name, row as usize)
    }

    fn append(&mut self, column: &Column<'_>, row: usize, number: usize) {
        let (start, width) = (self.pending.len(), self.layout.width);
        match column.width(row) {
            None => self.bad.push((number, 0, "no vector")),
            Some(found) if found == width => {
                column.decode(row, &mut self.pending);
                // A sparse vector may name places beyond its width.
                if self.pending.len() != start + width {
                    self.pending.truncate(start);
                    self.bad.push((number, 0, "a damaged sparse vector"));
                }
            }
            Some(found) => self.bad.push((number, found.min(width), "a vector of another width than the first")),
        }
        self.pending.resize(start + width, f32::NAN);
    }
}

/// A batch of a column of vectors: lists, or the vectors of Spark ML, dense or sparse.
enum Column<'a> {
    Lists(&'a ListArray),
    Spark { vectors: &'a StructArray, sizes: &'a Int32Array, indices: &'a ListArray, values: &'a ListArray },
}

impl<'a> Column<'a> {
    fn new(column: &'a ArrayRef) -> Self {
        let Some(vectors) = column.as_struct_opt() else { return Self::Lists(column.as_list()) };
        let part = |name: &str| vectors.column_by_name(name).expect("the type was checked");
        let (sizes, indices, values) = (part("size").as_primitive(), part("indices").as_list(), part("values").as_list());
        Self::Spark { vectors, sizes, indices, values }
    }

    fn len(&self) -> usize {
        match self {
            Self::Lists(lists) => lists.len(),
            Self::Spark { vectors, .. } => vectors.len(),
        }
    }

    /// Width of a vector, if there is one.
    fn width(&self, row: usize) -> Option<usize> {
        let length = |lists: &ListArray| (!lists.is_null(row)).then(|| lists.value_length(row) as usize);
        match self {
            Self::Lists(lists) => length(lists),
            Self::Spark { vectors, .. } if vectors.is_null(row) => None,
            // A dense vector has neither a size nor indices.
            Self::Spark { sizes, values, .. } if sizes.is_null(row) => length(values),
            Self::Spark { sizes, .. } => usize::try_from(sizes.value(row)).ok(),
        }
    }

    /// Appends a vector that is there; nothing for a sparse one that does not fit itself.
    fn decode(&self, row: usize, out: &mut Vec<f32>) {
        match self {
            Self::Lists(lists) => decode(&lists.value(row), out),
            Self::Spark { sizes, values, .. } if sizes.is_null(row) => decode(&values.value(row), out),
            Self::Spark { sizes, indices, values, .. } => {
                let (places, mut sparse) = (indices.value(row), Vec::new());
                decode(&values.value(row), &mut sparse);
                let mut dense = vec![0.0; sizes.value(row).max(0) as usize];
                let places = places.as_primitive::<Int32Type>().values();
                let fits = places.len() == sparse.len() && places.iter().all(|&at| (at as usize) < dense.len());
                if fits {
                    places.iter().zip(sparse).for_each(|(&at, value)| dense[at as usize] = value);
                    out.append(&mut dense);
                }
            }
        }
    }
}

/// The number format of a column of vectors.
fn element(kind: &DataType) -> Option<Element> {
    let of = match kind {
        DataType::List(of) => of.data_type(),
        DataType::Struct(fields) => {
            let part = |name: &str| fields.iter().find(|field| field.name() == name).map(|field| field.data_type());
            let (DataType::Int32, DataType::List(at), DataType::List(of)) = (part("size")?, part("indices")?, part("values")?)
            else {
                return None;
            };
            let is_spark = *at.data_type() == DataType::Int32 && *of.data_type() == DataType::Float64;
            return is_spark.then_some(Element::F64);
        }
        _ => return None,
    };
    match of {
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
        let column = Column::new(batch.column(0));
        if let Some(width) = (0..column.len()).filter_map(|row| column.width(row)).find(|&width| width > 0) {
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
            let id = id(batch.column(0), row).ok_or_else(|| {
                let (name, row) = batches.locate(first + row as u64);
                let what = "no id. Give each row one, or drop the column to number the rows".into();
                TableError::Value { name, row, column: field.name().clone(), what }
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
