//! Measurements as lines of JSON, each an object with the name of its `event` first and the `step` among its fields.

use std::io::{self, Write};

use serde::Serialize;

/// An append-only log.
#[derive(Debug)]
pub struct MetricsLog<W: Write> {
    out: W,
}

#[derive(Serialize)]
struct Line<'a, T> {
    event: &'a str,
    #[serde(flatten)]
    fields: &'a T,
}

impl<W: Write> MetricsLog<W> {
    /// A log that is written to `out`.
    pub fn new(out: W) -> Self {
        Self { out }
    }

    /// Appends an event; its fields are those of a struct or map.
    ///
    /// # Errors
    /// What cannot be written, or is no JSON object.
    pub fn write(&mut self, event: &str, fields: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, &Line { event, fields })?;
        self.out.write_all(b"\n")
    }

    /// Hands everything on.
    ///
    /// # Errors
    /// What cannot be written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// What the log was written to.
    pub fn into_inner(self) -> W {
        self.out
    }
}

/// The lines of events up to `step`: a run that is resumed there repeats the later ones. A line that a kill cut short is
/// left out.
pub fn up_to(log: &str, step: usize) -> String {
    let early = |line: &&str| step_of(line).is_some_and(|s| s <= step as u64);
    log.lines().filter(early).flat_map(|line| [line, "\n"]).collect()
}

fn step_of(line: &str) -> Option<u64> {
    let value: serde_json::Value = serde_json::from_str(line).ok()?;
    value.get("step")?.as_u64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Loss {
        step: usize,
        loss: f32,
    }

    #[test]
    fn a_log_of_any_events_is_cut_back_to_a_step() {
        let mut log = MetricsLog::new(Vec::new());
        for step in 1..4 {
            log.write("step", &Loss { step, loss: 0.1 }).unwrap();
        }
        log.write("measured", &serde_json::json!({ "step": 3, "recall": 0.5 })).unwrap();
        let text = String::from_utf8(log.into_inner()).unwrap();
        assert!(text.starts_with("{\"event\":\"step\",\"step\":1,\"loss\":0.1}\n"), "{text}");
        assert!(text.ends_with("{\"event\":\"measured\",\"step\":3,\"recall\":0.5}\n"), "{text}");
        let cut = &text[..text.len() - 5];
        assert_eq!(up_to(cut, 3).lines().count(), 3);
        assert_eq!(up_to(cut, 2), text.lines().take(2).map(|line| format!("{line}\n")).collect::<String>());
    }
}
