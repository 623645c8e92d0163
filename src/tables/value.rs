//! The value of one row of a column, as JSON.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use serde_json::Value;

/// Whether values of this type can be an id or a text: strings, numbers, lists of such.
pub(crate) fn is_plain(kind: &DataType) -> bool {
    match kind {
        DataType::List(of) => is_plain(of.data_type()),
        DataType::Utf8 | DataType::Null | DataType::Decimal128(..) => true,
        kind => kind.is_integer() || kind.is_floating(),
    }
}

/// The value of a row as JSON would have it; null where there is none, or where the type is not [`is_plain`].
pub(crate) fn value(column: &ArrayRef, row: usize) -> Value {
    if column.is_null(row) {
        return Value::Null;
    }
    match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().value(row).into(),
        DataType::List(_) => {
            let list = column.as_list::<i32>().value(row);
            (0..list.len()).map(|i| value(&list, i)).collect()
        }
        DataType::Int8 => number::<Int8Type>(column, row).into(),
        DataType::Int16 => number::<Int16Type>(column, row).into(),
        DataType::Int32 => number::<Int32Type>(column, row).into(),
        DataType::Int64 => number::<Int64Type>(column, row).into(),
        DataType::UInt8 => number::<UInt8Type>(column, row).into(),
        DataType::UInt16 => number::<UInt16Type>(column, row).into(),
        DataType::UInt32 => number::<UInt32Type>(column, row).into(),
        DataType::UInt64 => number::<UInt64Type>(column, row).into(),
        // JSON has no NaN and no infinity: they become null.
        DataType::Float16 => number::<Float16Type>(column, row).to_f64().into(),
        DataType::Float32 => number::<Float32Type>(column, row).into(),
        DataType::Float64 => number::<Float64Type>(column, row).into(),
        DataType::Decimal128(..) => column.as_primitive::<arrow_array::types::Decimal128Type>().value_as_string(row).into(),
        _ => Value::Null,
    }
}

fn number<T: ArrowPrimitiveType>(column: &ArrayRef, row: usize) -> T::Native {
    column.as_primitive::<T>().value(row)
}
