//! Findings: what codewords lose, in sentences for people.

use super::levels::Level;
use super::loss::Loss;
use super::numbers::is_own_number;
use super::report::{Finding, Report, Severity};
use super::verdict::{of_collisions, of_numbers, of_positions, of_unused, share_used};
use crate::base::words::counted;

/// Dependence from which two positions are more correlated than in a healthy residual quantizer.
const CORRELATED: f64 = 0.3;
/// Share of the expected tokens that a healthy position uses at least.
const HEALTHY_USE: f64 = 0.9;
/// Share lost from which a position is named.
const LOST: f64 = 0.5;
/// Share of its part of the information below which a position is called nearly constant.
const NEARLY_CONSTANT: f64 = 0.2;

/// All findings, the worst first; `stated` tells whether vocabularies were given.
pub(super) fn findings(report: &Report, stated: bool) -> Vec<Finding> {
    let mut findings: Vec<Finding> = collisions(report).into_iter().chain(numbers(report)).collect();
    findings.extend(item_ids(report));
    findings.extend(lost_positions(report));
    findings.extend(unused_tokens(report, stated));
    findings.extend(strongest_correlation(report));
    let of = |severity| findings.iter().filter(move |finding| finding.severity == severity).cloned();
    [Severity::Collapse, Severity::Warning, Severity::Note].into_iter().flat_map(of).collect()
}

fn collisions(report: &Report) -> Option<Finding> {
    let severity = of_collisions(report.collision_rate);
    let share = 100.0 * report.share_in_buckets;
    let message = format!(
        "{share:.1} % of the items share their codeword with another (up to {} items on one): nothing that reads codewords can tell them apart",
        report.max_bucket
    );
    (severity > Severity::Note).then_some(Finding { severity, message })
}

fn numbers(report: &Report) -> Option<Finding> {
    let (loss, severity) = (&report.loss, of_numbers(&report.loss));
    let (subject, verb) = subject(&loss.numbers, "numbers items: it tells", "number items: they tell")?;
    let say = if loss.numbers.len() == 1 { "says" } else { "say" };
    let mut message = format!("{subject} only {verb} them apart, but {say} nothing about them");
    if severity > Severity::Note {
        message += &format!(
            ". Without numbers the collision rate is {:.1} %: {:.0} % of what tells items apart is a mere number",
            100.0 * loss.collision_rate_without_numbers,
            100.0 * loss.told_by_numbers
        );
    }
    Some(Finding { severity, message })
}

/// Codewords of one token that are ids.
fn item_ids(report: &Report) -> Option<Finding> {
    let [level] = &report.levels[..] else { return None };
    let ids = report.items > 1 && is_own_number(level.entropy_bits, report.items);
    let message = "nearly every item has a token of its own, an id: it tells items apart, but says nothing about them".into();
    ids.then_some(Finding { severity: Severity::Warning, message })
}

/// Positions that say nothing, by why they do not. Numbers have a finding of their own.
fn lost_positions(report: &Report) -> Vec<Finding> {
    let (levels, loss, severity) = (&report.levels, &report.loss, of_positions(&report.loss));
    let width = levels.len();
    let lost = || (1..=width).filter(|&p| loss.positions[p - 1].share >= LOST);
    let mut messages = Vec::new();
    if severity > Severity::Note {
        let say = if lost().count() == 1 { "says" } else { "say" };
        messages.push(format!(
            "{} of {} {say} nothing about the items, or next to nothing",
            lost().count(),
            counted(width, "position")
        ));
    }
    let others = || lost().filter(|p| !loss.numbers.contains(p));
    let constant: Vec<usize> = others().filter(|&p| levels[p - 1].used == 1).collect();
    if let Some((subject, verb)) = subject(&constant, "is", "are") {
        messages.push(format!("{subject} {verb} the same for every item{}", harmless(severity)));
    }
    let part = (report.items as f64).log2() / width as f64;
    let (little, following): (Vec<usize>, Vec<usize>) =
        others().filter(|&p| levels[p - 1].used > 1).partition(|&p| levels[p - 1].entropy_bits <= (1.0 - LOST) * part);
    messages.extend(little.iter().map(|&p| little_said(&levels[p - 1], part, severity)));
    for origin in 1..=width {
        let repeating: Vec<usize> = following.iter().copied().filter(|&p| origin_of(p, loss) == origin).collect();
        match subject(&repeating, "repeats", "repeat") {
            Some((subject, verb)) if repeating != [origin] => {
                messages.push(format!("{subject} {verb} what position {origin} says"));
            }
            Some((subject, _)) => messages.push(format!("{subject} follows from the positions before it")),
            None => {}
        }
    }
    messages.into_iter().map(|message| Finding { severity, message }).collect()
}

/// A position that is nearly constant, or has few tokens.
fn little_said(level: &Level, part: f64, severity: Severity) -> String {
    let (position, bits) = (level.position, level.entropy_bits);
    if bits < NEARLY_CONSTANT * part {
        format!("position {position} is nearly the same for every item{}", harmless(severity))
    } else {
        format!("position {position} tells {bits:.1} bits of the {part:.1} that are its part of what tells all items apart")
    }
}

fn harmless(severity: Severity) -> &'static str {
    if severity == Severity::Note { ": right for an expert or a domain, where the catalogue is of one" } else { "" }
}

/// The first position of those that a position repeats; itself where no single one tells most of it.
fn origin_of(position: usize, loss: &Loss) -> usize {
    loss.positions[position - 1].repeats.map_or(position, |earlier| origin_of(earlier, loss))
}

/// `position 3 is`, `positions 1, 2 and 4 are`; None without positions.
fn subject<'a>(positions: &[usize], one: &'a str, many: &'a str) -> Option<(String, &'a str)> {
    let names: Vec<String> = positions.iter().map(ToString::to_string).collect();
    match names.split_last()? {
        (last, []) => Some((format!("position {last}"), one)),
        (last, others) => Some((format!("positions {} and {last}", others.join(", ")), many)),
    }
}

fn unused_tokens(report: &Report, stated: bool) -> Vec<Finding> {
    let severity = of_unused(&report.levels, &report.loss, report.items, stated);
    let said = report.levels.iter().zip(&report.loss.positions).filter(|(_, position)| position.share < LOST);
    let unused = said.filter(|(level, _)| share_used(level, report.items) < HEALTHY_USE);
    unused
        .map(|(level, _)| {
            let message = format!("position {} uses {} of its {} tokens", level.position, level.used, level.vocabulary);
            Finding { severity, message }
        })
        .collect()
}

/// The strongest dependence of two positions that both say something.
fn strongest_correlation(report: &Report) -> Option<Finding> {
    let says = |p: usize| report.loss.positions[p].share < LOST;
    let width = report.levels.len();
    let pairs = (0..width).flat_map(|i| (i + 1..width).map(move |j| (i, j))).filter(|&(i, j)| says(i) && says(j));
    let strength = |&(i, j): &(usize, usize)| report.dependence[i][j];
    let (i, j) = pairs.filter(|pair| strength(pair) >= CORRELATED).max_by(|a, b| strength(a).total_cmp(&strength(b)))?;
    let message = format!(
        "positions {} and {} depend on each other ({:.2}; a healthy quantizer stays near 0)",
        i + 1,
        j + 1,
        report.dependence[i][j]
    );
    Some(Finding { severity: Severity::Note, message })
}
