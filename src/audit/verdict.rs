//! The verdict on an index: the worst of three losses, each compared with bounds of its own.

use super::levels::Level;
use super::loss::{Loss, PositionLoss};
use super::report::{Finding, Severity, Verdict};

/// Bounds above which a loss is a warning, and a collapse.
struct Bounds {
    warning: f64,
    collapse: f64,
}

/// Collision rate.
const COLLISIONS: Bounds = Bounds { warning: 0.05, collapse: 0.25 };
/// Share lost of all positions. Below the first, one of three or two of six say nothing, as an expert's token in a
/// catalogue of one domain and a suffix do; above the second, more than half.
const POSITIONS: Bounds = Bounds { warning: 0.37, collapse: 0.55 };
/// What numbers tell, in parts of one position.
const NUMBERS: Bounds = Bounds { warning: 0.25, collapse: 1.0 };
/// Collision rate without numbers from which they are a warning whatever they tell: it would be a collapse without them.
const NUMBERED_COLLISIONS: f64 = COLLISIONS.collapse;

/// Items for each token from which unused ones are more than a note.
const ITEMS_PER_TOKEN: usize = 8;

impl Bounds {
    fn severity(&self, loss: f64) -> Severity {
        match loss {
            loss if loss > self.collapse => Severity::Collapse,
            loss if loss > self.warning => Severity::Warning,
            _ => Severity::Note,
        }
    }
}

/// The verdict that findings come to.
pub(super) fn verdict(findings: &[Finding]) -> Verdict {
    match findings.iter().map(|finding| finding.severity).max() {
        Some(Severity::Collapse) => Verdict::Collapsed,
        Some(Severity::Warning) => Verdict::Warned,
        Some(Severity::Note) | None => Verdict::Healthy,
    }
}

/// How bad the collisions are.
pub(super) fn of_collisions(rate: f64) -> Severity {
    COLLISIONS.severity(rate)
}

/// How bad it is that positions say nothing.
pub(super) fn of_positions(loss: &Loss) -> Severity {
    POSITIONS.severity(loss.share)
}

/// How bad it is that numbers, and not codes, tell items apart.
pub(super) fn of_numbers(loss: &Loss) -> Severity {
    let least = if loss.collision_rate_without_numbers > NUMBERED_COLLISIONS && !loss.numbers.is_empty() {
        Severity::Warning
    } else {
        Severity::Note
    };
    NUMBERS.severity(loss.told_by_numbers * loss.positions.len() as f64).max(least)
}

/// How bad it is that tokens are not in use: never a collapse, since a vocabulary says what there could be, not what is
/// needed; and no more than a note where it is only inferred.
pub(super) fn of_unused(levels: &[Level], loss: &Loss, items: usize, stated: bool) -> Severity {
    let unused = |level: &Level| if items >= ITEMS_PER_TOKEN * level.vocabulary { 1.0 - share_used(level, items) } else { 0.0 };
    let lost = |(level, position): (&Level, &PositionLoss)| position.share.max(unused(level));
    let share = levels.iter().zip(&loss.positions).map(lost).sum::<f64>() / levels.len() as f64;
    if stated { POSITIONS.severity(share).min(Severity::Warning) } else { Severity::Note }
}

/// Tokens in use, as a share of those that would be if items drew them at random: a small catalogue cannot use all.
pub(super) fn share_used(level: &Level, items: usize) -> f64 {
    let vocabulary = level.vocabulary as f64;
    let expected = vocabulary * (1.0 - (1.0 - 1.0 / vocabulary).powf(items as f64));
    (level.used as f64 / expected).min(1.0)
}
