//! What a run says at its end.

use super::args::Args;
use super::counts::Counts;
use super::output::Finished;
use super::pins::Kept;
use super::source::Source;
use crate::base::words::counted;
use crate::cli::model_arg::Loaded;
use crate::cli::output::print;
use crate::compute::DeviceInfo;
use crate::tokens::lock::{Changes, Replaced};
use crate::tokens::{CollisionReport, Policy};

/// Seconds that a run took.
#[derive(Default)]
pub struct Clock {
    pub total: f64,
    /// In the engine alone.
    pub engine: f64,
}

/// What became of the index that was there.
pub struct Earlier {
    pub appended: Option<Counts>,
    pub pinned: Option<Kept>,
    pub replaced: Option<(Replaced, Changes)>,
}

/// Prints what was done, as text on stderr and with `--json` on stdout.
pub fn summarise(
    args: &Args,
    loaded: &Loaded,
    engine: &DeviceInfo,
    input: &mut Source<'_>,
    done: &Finished,
    earlier: &Earlier,
    clock: &Clock,
) -> anyhow::Result<()> {
    let (items, report) = (done.ids.len(), &done.collisions);
    let tokenized = done.tokens.items;
    let engine_rate = tokenized as f64 / clock.engine.max(1e-9);
    args.say(&input.report());
    args.say(&format!(
        "tokenized {} in {:.1} s (the tokenizer alone: {engine_rate:.0} items/s): {}",
        counted(tokenized, "item"),
        clock.total,
        args.out().display()
    ));
    earlier.appended.iter().flat_map(|counts| counts.describe(args.retokenize, args.reuse)).for_each(|line| args.say(&line));
    earlier.pinned.iter().flat_map(Kept::describe).for_each(|line| args.say(&line));
    let warnings = earlier.replaced.iter().flat_map(|(replaced, changes)| replaced.warnings(changes));
    warnings.for_each(|line| args.say(&format!("warning: {line}; --append adds items and moves none, --no-replace refuses")));
    args.say(&describe_collisions(report));
    if args.json {
        let summary = serde_json::json!({
            "out": args.out().to_string_lossy(), "items": items, "unique_codewords": items - report.collisions_after,
            "model": loaded.name(), "layout": args.layout, "code_vocabulary": args.code_vocabulary, "collisions": report,
            "engine": engine, "seconds": clock.total, "engine_items_per_second": engine_rate, "input": input.summary(),
            "append": earlier.appended, "pinned": earlier.pinned, "replaced": earlier.replaced.as_ref().map(|(_, changes)| changes),
        });
        print(&summary.to_string())?;
    }
    Ok(())
}

fn describe_collisions(report: &CollisionReport) -> String {
    let share = |collisions: usize| 100.0 * collisions as f64 / report.items as f64;
    let mut text = format!(
        "collisions: {} ({:.2} %), largest bucket {}",
        report.collisions_before,
        share(report.collisions_before),
        report.max_bucket_before
    );
    if report.policy != Policy::Keep {
        text += &format!(
            "; after {}: {} ({:.2} %), largest bucket {}",
            report.policy,
            report.collisions_after,
            share(report.collisions_after),
            report.max_bucket_after
        );
    }
    if let (Some(before), Some(after)) = (report.q_before, report.q_after) {
        text += &format!("; {} moved, quantisation error {before:.4} → {after:.4}", report.moved);
    }
    text
}
