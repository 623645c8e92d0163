//! Progress bars on stderr. They are hidden with `--quiet`, and where stderr is not a terminal.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

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
