//! The specialisation of a kernel: constants, and lines that are repeated.

/// What a kernel's WGSL is given before it is compiled.
#[derive(Debug)]
pub struct Shape {
    /// Declarations, so that loops have known lengths.
    pub constants: String,
    /// Markers, and how often lines that hold them are repeated.
    pub repeats: Vec<(&'static str, usize)>,
}

impl Shape {
    /// `text` with each run of consecutive lines that hold a marker repeated, the marker replaced by 0, 1, …; for one marker
    /// after the other. WGSL cannot ask for a loop to be unrolled, and an array that is indexed in a loop may be kept in
    /// memory.
    pub(super) fn unroll(&self, text: &str) -> String {
        self.repeats.iter().fold(text.to_owned(), |text, &(marker, times)| {
            let lines: Vec<&str> = text.lines().collect();
            let mut unrolled = String::new();
            for run in lines.chunk_by(|a, b| a.contains(marker) == b.contains(marker)) {
                let times = if run[0].contains(marker) { times } else { 1 };
                let run = run.join("\n") + "\n";
                unrolled.extend((0..times).map(|n| run.replace(marker, &n.to_string())));
            }
            unrolled
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Shape;

    #[test]
    fn runs_of_lines_are_repeated_together() {
        let unroll = |text, repeats| Shape { constants: String::new(), repeats }.unroll(text);
        let text = "a$i = 0;\n{\nlet x$j = $j;\na$i += x$j;\n}";
        let expected = "a0 = 0;\na1 = 0;\n{\nlet x0 = 0;\na0 += x0;\na1 += x0;\nlet x1 = 1;\na0 += x1;\na1 += x1;\n}\n";
        assert_eq!(unroll(text, vec![("$i", 2), ("$j", 2)]), expected);
        assert_eq!(unroll("b$i\nc", vec![("$i", 0)]), "c\n");
    }
}
