//! Every kernel of this processor against plain sums, with rows that lie apart, and tiles that lack rows or columns.

use super::*;

/// Whole numbers, so that the sums are exact in floats too.
fn value(i: usize) -> i16 {
    ((i * 7919 + 13) % 31) as i16 - 15
}

const BIAS: [f32; TILE_COLUMNS] = [-3.0; TILE_COLUMNS];
const ROW_UNITS: [f32; TILE_ROWS] = [0.5; TILE_ROWS];
const COLUMN_UNITS: [f32; TILE_COLUMNS] = [4.0; TILE_COLUMNS];

/// Checks `run`, which multiplies `count` rows of `depth` values with a panel of `value(k * 37 + column)`.
fn check(name: &str, count: usize, depth: usize, columns: usize, relu: bool, scale: f32, run: impl Fn(Columns<'_>)) {
    let stride = columns + 3;
    let mut y = vec![f32::NAN; count * stride];
    run(Columns { values: &mut y, stride, count: columns });
    for (i, row) in y.chunks_exact(stride).enumerate() {
        for (j, got) in row[..columns].iter().enumerate() {
            let exact: i32 = (0..depth).map(|k| i32::from(row_value(depth, i, k)) * i32::from(value(k * 37 + j))).sum();
            let exact = scale * exact as f32 + BIAS[j];
            let exact = if relu { exact.max(0.0) } else { exact };
            assert_eq!(*got, exact, "{name}: row {i} of {count}, column {j} of {columns}, {depth} deep");
        }
        assert!(row[columns..].iter().all(|v| v.is_nan()), "{name} wrote beyond its columns");
    }
}

/// Value `k` of a row of the left operand: rows lie five values further apart than they are deep.
fn row_value(depth: usize, row: usize, k: usize) -> i16 {
    value(row * (depth + 5) + k)
}

#[test]
fn tiles_are_exact_at_every_count_of_rows_and_columns() {
    for (count, depth) in [(1, 2), (3, 8), (TILE_ROWS, 64)] {
        let (stride, in_panel) = (depth + 5, |k: usize, j: usize| value(k * 37 + j));
        let integers: Vec<i16> = (0..count * stride).map(value).collect();
        let floats: Vec<f32> = integers.iter().map(|&v| f32::from(v)).collect();
        let panel: Vec<f32> =
            (0..depth * TILE_COLUMNS).map(|i| f32::from(in_panel(i / TILE_COLUMNS, i % TILE_COLUMNS))).collect();
        let pairs: Vec<i16> =
            (0..depth * TILE_COLUMNS).map(|i| in_panel(i / (2 * TILE_COLUMNS) * 2 + i % 2, i / 2 % TILE_COLUMNS)).collect();
        let (rows, integer_rows) = (Rows { values: &floats, stride, count }, Rows { values: &integers, stride, count });
        let units = Units { rows: &ROW_UNITS, columns: &COLUMN_UNITS };
        for relu in [false, true] {
            let activation = if relu { Activation::Relu } else { Activation::Identity };
            for columns in [1, TILE_COLUMNS - 1, TILE_COLUMNS] {
                check("floats", count, depth, columns, relu, 1.0, |y| multiply_tile(rows, &panel, &BIAS, activation, y));
                check("integers", count, depth, columns, relu, 2.0, |y| {
                    multiply_tile_i16(integer_rows, &pairs, units, &BIAS, activation, y);
                });
            }
            #[cfg(not(target_arch = "wasm32"))]
            {
                let columns = TILE_COLUMNS;
                check("portable", count, depth, columns, relu, 1.0, |y| portable::multiply_tile(rows, &panel, &BIAS, relu, y));
                check("portable integers", count, depth, columns, relu, 2.0, |y| {
                    portable::multiply_tile_i16(integer_rows, &pairs, units, &BIAS, relu, y);
                });
            }
        }
    }
}

#[test]
#[should_panic(expected = "rows end too early")]
fn short_rows_are_refused() {
    let mut y = [0.0; 2 * TILE_COLUMNS];
    let y = Columns { values: &mut y, stride: TILE_COLUMNS, count: TILE_COLUMNS };
    let rows = Rows { values: &[1.0; 7], stride: 4, count: 2 };
    multiply_tile(rows, &[0.0; 4 * TILE_COLUMNS], &BIAS, Activation::Identity, y);
}

#[test]
#[should_panic(expected = "columns end too early")]
fn a_product_without_room_is_refused() {
    let mut y = [0.0; 2 * TILE_COLUMNS - 1];
    let y = Columns { values: &mut y, stride: TILE_COLUMNS, count: TILE_COLUMNS };
    let rows = Rows { values: &[1.0; 8], stride: 4, count: 2 };
    multiply_tile(rows, &[0.0; 4 * TILE_COLUMNS], &BIAS, Activation::Identity, y);
}
