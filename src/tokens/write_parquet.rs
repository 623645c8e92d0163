//! Writing an index as Parquet: columns `item_id`, `tokens` (a list of texts) and `codes` (a list of the tokens' numbers).

use std::io::{Result, Write};
use std::sync::Arc;

use arrow_array::builder::{Int32Builder, ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;

use crate::catalog::ID_COLUMN;
use crate::tables::{BATCH, properties};

/// Writes items, each with its tokens and their numbers, and returns `out`.
///
/// # Errors
/// `out` cannot be written.
pub fn write_index<'a, W: Write + Send>(out: W, items: impl Iterator<Item = (&'a str, Vec<String>, &'a [u32])>) -> Result<W> {
    let mut writer = ArrowWriter::try_new(out, schema(), Some(properties().build()))?;
    let mut columns = Columns::default();
    for (id, tokens, codes) in items {
        columns.push(id, tokens, codes);
        if columns.rows == BATCH {
            writer.write(&columns.take()?)?;
        }
    }
    writer.write(&columns.take()?)?;
    Ok(writer.into_inner()?)
}

/// A batch of rows while it is filled.
#[derive(Default)]
struct Columns {
    rows: usize,
    ids: StringBuilder,
    tokens: Option<ListBuilder<StringBuilder>>,
    codes: Option<ListBuilder<Int32Builder>>,
}

impl Columns {
    fn push(&mut self, id: &str, tokens: Vec<String>, codes: &[u32]) {
        self.rows += 1;
        self.ids.append_value(id);
        let lists = self.tokens.get_or_insert_with(|| ListBuilder::new(StringBuilder::new()).with_field(element(DataType::Utf8)));
        lists.append_value(tokens.into_iter().map(Some));
        let lists = self.codes.get_or_insert_with(|| ListBuilder::new(Int32Builder::new()).with_field(element(DataType::Int32)));
        lists.append_value(codes.iter().map(|&code| Some(code as i32)));
    }

    fn take(&mut self) -> Result<RecordBatch> {
        if std::mem::take(&mut self.rows) == 0 {
            return Ok(RecordBatch::new_empty(schema()));
        }
        let lists: [Option<ArrayRef>; 2] = [
            self.tokens.as_mut().map(|lists| Arc::new(lists.finish()) as _),
            self.codes.as_mut().map(|lists| Arc::new(lists.finish()) as _),
        ];
        let columns = std::iter::once(Arc::new(self.ids.finish()) as ArrayRef).chain(lists.into_iter().flatten()).collect();
        RecordBatch::try_new(schema(), columns).map_err(std::io::Error::other)
    }
}

/// The values of a list.
fn element(kind: DataType) -> Field {
    Field::new("element", kind, false)
}

fn schema() -> SchemaRef {
    let list = |name, kind| Field::new(name, DataType::List(Arc::new(element(kind))), false);
    let ids = Field::new(ID_COLUMN, DataType::Utf8, false);
    Arc::new(Schema::new(vec![ids, list("tokens", DataType::Utf8), list("codes", DataType::Int32)]))
}
