//! Item vectors that know which items users took one after the other.
//!
//! The neighbours of an item in the sequences of users make a vector: its entries in the leading eigenvectors of the
//! pointwise mutual information of items. Such vectors of two catalogues have nothing in common, and an item without a
//! history has none. So they are turned into the space of the texts, by the rotation that brings them nearest to the text
//! vectors, and added to these: a catalogue that nobody trained on lies where its texts are, and so does an item that nobody
//! took yet. Rows stay as wide as they were.

mod alignment;
mod pointwise;

use self::pointwise::Pointwise;
use crate::base::random::Random;
use crate::base::spectrum::leading;
use crate::model::Cooccurrence;

/// Vectors of texts and histories.
#[derive(Debug, Clone, PartialEq)]
pub struct Enriched {
    /// `[items][width]`, of norm 1.
    pub rows: Vec<f32>,
    /// Items that have a history; the rows of the others are those of their texts.
    pub with_history: usize,
}

/// Adds to the text vectors `rows [items][width]`, none of them zero, what the `histories` of users say of the items. An
/// item in a history is its row; none is an item without one.
pub fn enrich<'a>(
    rows: &[f32],
    width: usize,
    histories: impl Iterator<Item = &'a [Option<u32>]>,
    how: &Cooccurrence,
) -> Enriched {
    let items = rows.len() / width;
    let mut out: Vec<f32> = rows.chunks_exact(width).flat_map(unit).collect();
    let pointwise = Pointwise::of(histories, items, how.window);
    let known: Vec<usize> = (0..items).filter(|&i| !pointwise.neighbours(i).is_empty()).collect();
    if known.is_empty() {
        return Enriched { rows: out, with_history: 0 };
    }
    let mut vectors = of_neighbours(&pointwise, &known, how.dimensions);
    let narrow = vectors.len() / known.len();
    centre(&mut vectors, narrow);
    let mut texts: Vec<f32> = known.iter().flat_map(|&i| &out[i * width..][..width]).copied().collect();
    centre(&mut texts, width);
    let rotation = alignment::rotation(&vectors, narrow, &texts, width);
    for (&item, vector) in known.iter().zip(vectors.chunks_exact(narrow)) {
        let row = &mut out[item * width..][..width];
        for (v, turned) in vector.iter().zip(rotation.chunks_exact(width)) {
            let factor = f64::from(how.weight * v);
            row.iter_mut().zip(turned).for_each(|(x, r)| *x += (factor * r) as f32);
        }
        let scaled = unit(row);
        row.copy_from_slice(&scaled);
    }
    Enriched { rows: out, with_history: known.len() }
}

/// Unit vectors `[known][dimensions]` of items that have neighbours.
fn of_neighbours(pointwise: &Pointwise, known: &[usize], dimensions: usize) -> Vec<f32> {
    let mut random = Random::new(1);
    let start = || f64::from(random.centred());
    let spectrum = leading(pointwise.items(), dimensions, start, |vector| pointwise.multiply(vector));
    let scales: Vec<f64> = spectrum.values.iter().map(|value| value.abs().sqrt()).collect();
    let entry = |item: usize| scales.iter().zip(&spectrum.vectors).map(move |(scale, vector)| (scale * vector[item]) as f32);
    known.iter().flat_map(|&item| unit(&entry(item).collect::<Vec<f32>>())).collect()
}

/// Subtracts the mean of all rows from each.
fn centre(rows: &mut [f32], width: usize) {
    let mut mean = vec![0.0f64; width];
    for row in rows.chunks_exact(width) {
        mean.iter_mut().zip(row).for_each(|(m, v)| *m += f64::from(*v));
    }
    let count = (rows.len() / width) as f64;
    for row in rows.chunks_exact_mut(width) {
        row.iter_mut().zip(&mean).for_each(|(v, m)| *v -= (m / count) as f32);
    }
}

/// A row divided by its norm; zero stays zero.
fn unit(row: &[f32]) -> Vec<f32> {
    let norm = row.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt();
    let factor = if norm > 0.0 { 1.0 / norm } else { 0.0 };
    row.iter().map(|v| (f64::from(*v) * factor) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::noise;

    const WIDTH: usize = 24;
    const HOW: Cooccurrence = Cooccurrence { weight: 0.7, dimensions: 8, window: 2 };

    fn cosine(rows: &[f32], a: usize, b: usize) -> f32 {
        let row = |i: usize| &rows[i * WIDTH..][..WIDTH];
        row(a).iter().zip(row(b)).map(|(a, b)| a * b).sum()
    }

    /// Users stay with the items of one of three groups; item 30 is in no history.
    fn histories() -> Vec<Vec<Option<u32>>> {
        let walk = |user: usize| (0..8).map(|step| Some(((user % 3) * 10 + (user * 7 + step * step * 3) % 10) as u32)).collect();
        (0..60).map(walk).collect()
    }

    fn enriched() -> (Vec<f32>, Enriched) {
        let texts: Vec<f32> = noise(31 * WIDTH, 5);
        let histories = histories();
        let enriched = enrich(&texts, WIDTH, histories.iter().map(Vec::as_slice), &HOW);
        (texts.chunks_exact(WIDTH).flat_map(unit).collect(), enriched)
    }

    #[test]
    fn items_of_the_same_users_come_together() {
        let (texts, enriched) = enriched();
        let within = |rows: &[f32]| {
            let pairs = (0..30).flat_map(|a| (0..a).map(move |b| (a, b))).filter(|(a, b)| a / 10 == b / 10);
            pairs.map(|(a, b)| cosine(rows, a, b)).sum::<f32>() / 135.0
        };
        assert!(within(&texts).abs() < 0.1 && within(&enriched.rows) > 0.15, "{} {}", within(&texts), within(&enriched.rows));
    }

    #[test]
    fn an_item_without_a_history_keeps_the_vector_of_its_text_and_all_have_norm_1() {
        let (texts, enriched) = enriched();
        assert_eq!(enriched.with_history, 30);
        assert_eq!(enriched.rows[30 * WIDTH..], texts[30 * WIDTH..]);
        assert!((0..31).all(|i| (cosine(&enriched.rows, i, i) - 1.0).abs() < 1e-5));
        let alone = enrich(&texts, WIDTH, std::iter::empty(), &HOW);
        assert_eq!((alone.rows, alone.with_history), (texts.chunks_exact(WIDTH).flat_map(unit).collect(), 0));
    }
}
