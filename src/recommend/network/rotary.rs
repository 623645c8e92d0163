//! Rotary positions (arXiv 2104.09864): the product of a turned query and a turned key depends on their distance.

/// Cosines and sines by position.
#[derive(Debug, Clone)]
pub struct Rotary {
    half: usize,
    /// `[positions][half]` cosine and sine.
    turns: Vec<(f32, f32)>,
}

impl Rotary {
    /// For heads of width `size` and positions below `positions`. Pair `(i, i + size/2)` turns by `10000^(−2i/size)` a position.
    pub fn new(size: usize, positions: usize) -> Self {
        let half = size / 2;
        let turn = |position: usize, i: usize| {
            let angle = position as f64 * 10000_f64.powf(-(i as f64) / half as f64);
            (angle.cos() as f32, angle.sin() as f32)
        };
        Self { half, turns: (0..positions).flat_map(|p| (0..half).map(move |i| (p, i))).map(|(p, i)| turn(p, i)).collect() }
    }

    /// Turns every head in `row` to its position.
    pub fn turn(&self, row: &mut [f32], position: usize) {
        self.each_pair(row, position, |(a, b), (cos, sin)| (a * cos - b * sin, b * cos + a * sin));
    }

    /// Turns back: the inverse of [`Rotary::turn`], and the way of a gradient through it.
    pub fn turn_back(&self, row: &mut [f32], position: usize) {
        self.each_pair(row, position, |(a, b), (cos, sin)| (a * cos + b * sin, b * cos - a * sin));
    }

    fn each_pair(&self, row: &mut [f32], position: usize, f: impl Fn((f32, f32), (f32, f32)) -> (f32, f32)) {
        let turns = &self.turns[position * self.half..][..self.half];
        for head in row.chunks_exact_mut(2 * self.half) {
            let (first, second) = head.split_at_mut(self.half);
            for ((a, b), turn) in first.iter_mut().zip(second).zip(turns) {
                (*a, *b) = f((*a, *b), *turn);
            }
        }
    }
}
