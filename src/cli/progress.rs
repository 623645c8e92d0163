//! Progress bars on stderr. They are hidden with `--quiet`, and where stderr is not a terminal.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};

use super::output::say;

/// A bar over `total` items that shows the rate and the time left.
pub fn items(total: u64, what: &'static str, quiet: bool) -> ProgressBar {
    if quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(total).with_message(what);
    bar.set_style(style("{msg} [{bar:32}] {human_pos}/{human_len} · {per_sec} · {eta} left"));
    bar
}

/// A bar over `total` bytes of catalogues, whose number of items is known only at their end.
pub fn bytes(total: u64, what: &'static str, quiet: bool) -> ProgressBar {
    let bar = items(total, what, quiet);
    bar.set_style(style("{msg} [{bar:32}] {binary_bytes}/{binary_total_bytes} · {eta} left"));
    bar
}

/// Says what goes on, and for how long it has, where nothing can be counted, until it is dropped.
pub fn stage(what: String) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner()
        .with_style(style("{msg} · {elapsed}"))
        .with_message(what)
        .with_finish(ProgressFinish::AndClear);
    bar.enable_steady_tick(Duration::from_millis(250));
    bar
}

/// A line beside a bar, or on stderr where there is none.
pub fn line(bar: &ProgressBar, quiet: bool, text: &str) {
    match (quiet, bar.is_hidden()) {
        (true, _) => {}
        (false, true) => say(text),
        (false, false) => bar.println(text),
    }
}

/// The look of all bars, with a template of [`indicatif`].
///
/// # Panics
/// If the template is malformed.
pub fn style(template: &'static str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the template is well-formed").progress_chars("█▉▊▋▌▍▎▏ ")
}
