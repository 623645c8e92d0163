//! Every kernel of this processor against plain sums, with rows that lie apart, and products that end within a tile.

use super::operands::{Finish, PairRow, PanelRow};
use super::*;

/// Whole numbers, so that the sums are exact in floats too.
fn value(i: usize) -> i16 {
    ((i * 7919 + 13) % 31) as i16 - 15
}

const BIAS: f32 = -3.0;
const ROW_UNIT: f32 = 0.5;
const COLUMN_UNIT: f32 = 4.0;

/// Operands of a product, in floats and in integers.
struct Product {
    rows: usize,
    depth: usize,
    columns: usize,
    relu: bool,
    floats: Vec<f32>,
    integers: Vec<i16>,
    /// `[panel][depth][TILE_COLUMNS]`.
    panels: Vec<PanelRow>,
    /// `[panel][depth / 2][2 · TILE_COLUMNS]`.
    pairs: Vec<PairRow>,
}

impl Product {
    fn new(rows: usize, depth: usize, columns: usize, relu: bool) -> Self {
        let integers: Vec<i16> = (0..rows * (depth + 5)).map(value).collect();
        let panels = || 0..columns.div_ceil(TILE_COLUMNS);
        let at = |panel: usize, k: usize, j: usize| right(k, panel * TILE_COLUMNS + j);
        Self {
            floats: integers.iter().map(|&v| f32::from(v)).collect(),
            panels: panels().flat_map(|p| (0..depth).map(move |k| std::array::from_fn(|j| f32::from(at(p, k, j))))).collect(),
            pairs: panels()
                .flat_map(|p| (0..depth / 2).map(move |k| std::array::from_fn(|i| at(p, 2 * k + i % 2, i / 2))))
                .collect(),
            integers,
            rows,
            depth,
            columns,
            relu,
        }
    }

    fn floats(&self) -> Rows<'_, f32> {
        Rows { values: &self.floats, stride: self.depth + 5, count: self.rows }
    }

    fn integers(&self) -> Rows<'_, i16> {
        Rows { values: &self.integers, stride: self.depth + 5, count: self.rows }
    }

    /// Checks what `run` writes; it leaves what is beyond the columns.
    fn check(&self, name: &str, scale: f32, run: impl Fn(Columns<'_>)) {
        let stride = self.columns + 3;
        let mut y = vec![f32::NAN; self.rows * stride];
        run(Columns { values: &mut y, stride, count: self.columns });
        for (i, row) in y.chunks_exact(stride).enumerate() {
            for (j, got) in row[..self.columns].iter().enumerate() {
                let products = (0..self.depth).map(|k| i32::from(value(i * (self.depth + 5) + k)) * i32::from(right(k, j)));
                let exact = scale * products.sum::<i32>() as f32 + BIAS;
                let exact = if self.relu { exact.max(0.0) } else { exact };
                let Self { rows, depth, columns, .. } = self;
                assert_eq!(*got, exact, "{name}: row {i} of {rows}, column {j} of {columns}, {depth} deep");
            }
            assert!(row[self.columns..].iter().all(|v| v.is_nan()), "{name} wrote beyond its columns");
        }
    }
}

/// Value `k` of a column of the right operand.
fn right(k: usize, column: usize) -> i16 {
    value(k * 37 + column)
}

#[test]
fn products_are_exact_at_every_count_of_rows_and_columns() {
    for (rows, depth) in [(1, 2), (3, 8), (6, 64), (7, 6), (12, 30), (29, 16)] {
        for (columns, relu) in [1, 15, 16, 17, 32, 47, 48].into_iter().flat_map(|columns| [(columns, false), (columns, true)]) {
            let product = Product::new(rows, depth, columns, relu);
            let activation = if relu { Activation::Relu } else { Activation::Identity };
            let whole = columns.next_multiple_of(TILE_COLUMNS);
            let bias = vec![BIAS; whole];
            product.check("floats", 1.0, |y| {
                multiply(product.floats(), product.panels.as_flattened(), Some(&bias), activation, y);
            });
            let units = Units { rows: &vec![ROW_UNIT; rows], columns: &vec![COLUMN_UNIT; whole] };
            product.check("integers", ROW_UNIT * COLUMN_UNIT, |y| {
                multiply_i16(product.integers(), product.pairs.as_flattened(), units, &bias, activation, y);
            });
        }
    }
}

/// The kernels of one tile: in floats, in integers.
#[cfg(not(target_arch = "wasm32"))]
type Kernels = (
    fn(Rows<'_, f32>, &[PanelRow], &[PanelRow], Finish, Columns<'_>),
    fn(Rows<'_, i16>, &[PairRow], Units<'_>, &[PanelRow], Finish, Columns<'_>),
);

#[cfg(not(target_arch = "wasm32"))]
fn check_kernels(name: &str, shape: operands::Shape, (floats, integers): Kernels) {
    for (rows, panels) in (1..=shape.rows).flat_map(|rows| (1..=shape.panels).map(move |panels| (rows, panels))) {
        for (depth, relu) in [(2, true), (24, false)] {
            let product = Product::new(rows, depth, panels * TILE_COLUMNS, relu);
            let finish = if relu { Finish::WriteRelu } else { Finish::Write };
            let bias = vec![[BIAS; TILE_COLUMNS]; panels];
            product.check(name, 1.0, |y| floats(product.floats(), &product.panels, &bias, finish, y));
            let units = Units { rows: &vec![ROW_UNIT; rows], columns: &vec![COLUMN_UNIT; panels * TILE_COLUMNS] };
            product.check(name, ROW_UNIT * COLUMN_UNIT, |y| {
                integers(product.integers(), &product.pairs, units, &bias, finish, y);
            });
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn the_portable_kernels_are_exact() {
    check_kernels("portable", portable::SHAPE, (portable::multiply_tile, portable::multiply_tile_i16));
}

#[cfg(target_arch = "x86_64")]
#[test]
fn the_kernels_of_every_instruction_set_that_is_here_are_exact() {
    use std::arch::is_x86_feature_detected as has;
    // SAFETY, here and below: the processor has what the kernels need.
    if has!("avx2") && has!("fma") {
        let floats = |a: Rows<'_, f32>, b: &[PanelRow], bias: &[PanelRow], finish, y: Columns<'_>| unsafe {
            avx2::multiply_tile(a, b, bias, finish, y);
        };
        check_kernels(
            "AVX2",
            avx2::SHAPE,
            (floats, |a, b, units, bias, finish, y| unsafe {
                avx2::multiply_tile_i16(a, b, units, bias, finish, y);
            }),
        );
        ran("AVX-VNNI", has!("avxvnni"), || {
            check_kernels(
                "AVX-VNNI",
                avx2::SHAPE,
                (floats, |a, b, units, bias, finish, y| unsafe {
                    avx2::multiply_tile_vnni(a, b, units, bias, finish, y);
                }),
            );
        });
    }
    ran("AVX-512", has!("avx512f") && has!("avx512bw"), || {
        let floats = |a: Rows<'_, f32>, b: &[PanelRow], bias: &[PanelRow], finish, y: Columns<'_>| unsafe {
            avx512::multiply_tile(a, b, bias, finish, y);
        };
        check_kernels(
            "AVX-512",
            avx512::SHAPE,
            (floats, |a, b, units, bias, finish, y| unsafe {
                avx512::multiply_tile_i16(a, b, units, bias, finish, y);
            }),
        );
        ran("AVX-512 VNNI", has!("avx512vnni"), || {
            check_kernels(
                "AVX-512 VNNI",
                avx512::SHAPE,
                (floats, |a, b, units, bias, finish, y| unsafe {
                    avx512::multiply_tile_vnni(a, b, units, bias, finish, y);
                }),
            );
        });
    });
}

/// Runs a check where the processor can, and says where it did not.
#[cfg(target_arch = "x86_64")]
fn ran(name: &str, here: bool, check: impl FnOnce()) {
    if here {
        check();
    } else {
        eprintln!("skipped: this processor has no {name}");
    }
}

#[test]
#[should_panic(expected = "rows end too early")]
fn short_rows_are_refused() {
    let mut y = [0.0; 2 * TILE_COLUMNS];
    let y = Columns { values: &mut y, stride: TILE_COLUMNS, count: TILE_COLUMNS };
    let rows = Rows { values: &[1.0; 7], stride: 4, count: 2 };
    multiply(rows, &[0.0; 4 * TILE_COLUMNS], None, Activation::Identity, y);
}

#[test]
#[should_panic(expected = "columns end too early")]
fn a_product_without_room_is_refused() {
    let mut y = [0.0; 2 * TILE_COLUMNS - 1];
    let y = Columns { values: &mut y, stride: TILE_COLUMNS, count: TILE_COLUMNS };
    let rows = Rows { values: &[1.0; 8], stride: 4, count: 2 };
    multiply(rows, &[0.0; 4 * TILE_COLUMNS], None, Activation::Identity, y);
}
