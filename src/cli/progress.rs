//! Progress on stderr: a bar on a terminal, silence otherwise or by `--quiet`.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over `total` items that shows the rate and the time left; hidden where nobody watches.
pub fn items(total: u64, what: &'static str, quiet: bool) -> ProgressBar {
    if quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{msg} [{bar:32}] {human_pos}/{human_len} · {per_sec} · {eta} left");
    let bar = ProgressBar::new(total).with_message(what);
    bar.set_style(style.expect("the template is fixed").progress_chars("█▉▊▋▌▍▎▏ "));
    bar
}

/// A bar over `total` bytes of catalogues: how many items they hold is known only at their end.
pub fn bytes(total: u64, what: &'static str, quiet: bool) -> ProgressBar {
    let bar = items(total, what, quiet);
    let style = ProgressStyle::with_template("{msg} [{bar:32}] {binary_bytes}/{binary_total_bytes} · {eta} left");
    bar.set_style(style.expect("the template is fixed").progress_chars("█▉▊▋▌▍▎▏ "));
    bar
}
