//! How long something takes, in words.

/// A duration as people say it.
pub fn duration(seconds: f64) -> String {
    let minutes = (seconds / 60.0).round();
    match seconds {
        _ if seconds < 90.0 => format!("{seconds:.0} seconds"),
        _ if minutes < 90.0 => format!("{minutes:.0} minutes"),
        _ => format!("{:.1} hours", seconds / 3600.0),
    }
}
