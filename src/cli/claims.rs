//! Which files a command reads and which it writes. They are compared before any work: no output may be an input, or
//! another output, by whatever path. Then the outputs are locked, so that no other run writes them meanwhile.

use std::path::{Path, PathBuf};

use anyhow::{bail, ensure};

use super::index_file;
use super::output::warn;
use crate::base::files::{Destination, Identity, Lock, beside};
use crate::tables::is_stdin;

/// The files of a run, each with the option that names it.
#[derive(Default)]
pub struct Plan {
    inputs: Vec<(&'static str, PathBuf)>,
    outputs: Vec<Output>,
    recover: Option<Box<dyn FnOnce() -> anyhow::Result<()>>>,
}

/// Outputs that this run alone may write, until it is dropped.
pub struct Claims(Vec<Output>);

/// One output.
pub struct Output {
    option: &'static str,
    destination: Destination,
    /// Files beside it that are written too.
    more: Vec<PathBuf>,
    lock: Option<Lock>,
}

impl Plan {
    /// Files or folders that are read.
    pub fn reads(mut self, option: &'static str, paths: impl IntoIterator<Item = PathBuf>) -> Self {
        self.inputs.extend(paths.into_iter().map(|path| (option, path)));
        self
    }

    /// An output.
    ///
    /// # Errors
    /// It leads to nothing that can be written to.
    pub fn writes(self, option: &'static str, path: &Path) -> anyhow::Result<Self> {
        self.writes_also(option, Destination::resolve(path)?, [])
    }

    /// An output with the files `more` beside it.
    ///
    /// # Errors
    /// It is another output of this command.
    pub fn writes_also(
        mut self,
        option: &'static str,
        destination: Destination,
        more: impl IntoIterator<Item = PathBuf>,
    ) -> anyhow::Result<Self> {
        let scratch = destination.file().map(|file| beside(file, ".partial"));
        let output = Output { option, destination, more: more.into_iter().chain(scratch).collect(), lock: None };
        for earlier in &self.outputs {
            earlier.ensure_differs(&output)?;
        }
        self.outputs.push(output);
        Ok(self)
    }

    /// What puts in its place that which killed runs had finished, before the rest that they left is removed. After an error it stays.
    pub fn recovers(mut self, recover: impl FnOnce() -> anyhow::Result<()> + 'static) -> Self {
        self.recover = Some(Box::new(recover));
        self
    }

    /// Compares all files. With `json` stdout is taken by a summary.
    ///
    /// # Errors
    /// An output is an input, or where the summary goes; two inputs are standard input.
    pub fn check(&self, json: bool) -> anyhow::Result<()> {
        let from_stdin = self.inputs.iter().filter(|(_, input)| is_stdin(input));
        ensure!(from_stdin.count() < 2, "standard input (-) can be one of the inputs only");
        for output in &self.outputs {
            ensure!(
                !(json && output.destination.is_stdout()),
                "{} and --json both write to stdout: leave out --json, or give {} a file",
                output.described(),
                output.option
            );
            output.ensure_no_lockfile()?;
            for (option, input) in &self.inputs {
                output.ensure_spares(option, input)?;
                let lock = index_file::lock_path(input).filter(|lock| lock.is_file());
                lock.map_or(Ok(()), |lock| output.ensure_spares("the lockfile", &lock))?;
            }
        }
        Ok(())
    }

    /// [Checks](Self::check), then claims the outputs.
    ///
    /// # Errors
    /// Another run is writing one; nobody knows what counts of that which a killed run has left; or as `check`.
    pub fn claim(mut self, json: bool) -> anyhow::Result<Claims> {
        self.check(json)?;
        for output in &mut self.outputs {
            output.lock = Lock::of(&output.destination)?;
            if output.lock.as_ref().is_some_and(|lock| !lock.is_locked()) {
                let name = output.destination.name().display();
                warn(&format!("this file system has no locks: start no second run that writes {name}"));
            }
        }
        self.outputs.iter().filter_map(|output| output.destination.file()).for_each(index_file::recover);
        self.recover.map_or(Ok(()), |recover| recover())?;
        self.outputs.iter().for_each(Output::sweep);
        Ok(Claims(self.outputs))
    }
}

impl Claims {
    /// The outputs, in the order in which they were planned.
    pub fn outputs(&self) -> &[Output] {
        &self.0
    }
}

impl Output {
    /// Where it goes.
    pub fn destination(&self) -> &Destination {
        &self.destination
    }

    /// The lock; pipes and devices have none.
    pub fn lock(&self) -> Option<&Lock> {
        self.lock.as_ref()
    }

    /// Removes what dead runs have left.
    fn sweep(&self) {
        let Some(lock) = &self.lock else { return };
        self.destination.file().into_iter().for_each(|file| lock.sweep(file));
        self.more.iter().for_each(|file| lock.sweep(file));
    }

    fn described(&self) -> String {
        format!("{} {}", self.option, self.destination.given().display())
    }

    /// Everything that is written, with what compares it.
    fn files(&self) -> impl Iterator<Item = (String, Identity)> {
        let own = self.destination.identity().map(|identity| (String::new(), identity));
        let more = self.more.iter().filter_map(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            Some((format!(" (its file {name})"), Identity::of(path)?))
        });
        own.into_iter().chain(more)
    }

    fn ensure_differs(&self, other: &Self) -> anyhow::Result<()> {
        let common = || self.files().find_map(|(what, identity)| Some((what, other.files().find(|(_, i)| *i == identity)?.0)));
        let both_stdout = self.destination.is_stdout() && other.destination.is_stdout();
        if let Some((mine, its)) = both_stdout.then(Default::default).or_else(common) {
            bail!("{}{mine} and {}{its} are one file: give each output its own", self.described(), other.described());
        }
        Ok(())
    }

    /// The lockfile of some index is written with that index alone.
    fn ensure_no_lockfile(&self) -> anyhow::Result<()> {
        let file = self.destination.file().filter(|file| file.extension().is_some_and(|ending| ending == "lock"));
        ensure!(
            file.is_none_or(|file| index_file::read_lock_as_it_is(file).is_err()),
            "{} is the lockfile of an index, which would be lost: give {} another name",
            self.described(),
            self.option
        );
        Ok(())
    }

    fn ensure_spares(&self, option: &str, input: &Path) -> anyhow::Result<()> {
        let input_file = if is_stdin(input) { Path::new("/dev/stdin") } else { input };
        let Some(read) = Identity::of(input_file) else { return Ok(()) };
        for (what, written) in self.files() {
            ensure!(
                written != read,
                "{}{what} is the file of {option} {}, which would be lost: give {} another name",
                self.described(),
                input.display(),
                self.option
            );
        }
        // A folder is read as a whole, now or by the next run.
        let inside = input.is_dir() && self.destination.file().is_some_and(|file| is_inside(file, input));
        ensure!(
            !inside,
            "{} lies in the folder of {option} {}, which is read as a whole: give {} another place",
            self.described(),
            input.display(),
            self.option
        );
        Ok(())
    }
}

fn is_inside(file: &Path, folder: &Path) -> bool {
    folder.canonicalize().is_ok_and(|folder| file.starts_with(folder))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// What is wrong with a run that reads `inputs` and writes `outputs`, files of a folder with `a`, its hard link
    /// `hard`, its link `soft` and the folder `parts` with a file.
    fn fault(inputs: &[&str], outputs: &[&str]) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| if name.starts_with('/') { name.into() } else { folder.path().join(name) };
        std::fs::create_dir(at("parts")).unwrap();
        ["a", "parts/1", "b.partial"].iter().for_each(|name| std::fs::write(at(name), "").unwrap());
        std::fs::hard_link(at("a"), at("hard")).unwrap();
        std::os::unix::fs::symlink("a", at("soft")).unwrap();
        let plan = Plan::default().reads("--in", inputs.iter().map(|name| at(name)));
        let plan = outputs.iter().try_fold(plan, |plan, name| plan.writes("--out", &at(name)));
        let fault = plan.and_then(|plan| plan.claim(false)).err().map(|error| format!("{error:#}"));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 5, "nothing is left");
        fault
    }

    #[test]
    fn no_output_is_an_input_or_another_output() {
        let says = |inputs: &[&str], outputs: &[&str], words: &str| {
            let fault = fault(inputs, outputs).unwrap_or_else(|| panic!("{outputs:?} over {inputs:?}"));
            assert!(fault.contains(words), "{fault}");
        };
        for output in ["a", "hard", "soft", "parts/../a"] {
            says(&["parts/../soft"], &[output], "is the file of --in");
        }
        says(&["b.partial"], &["b"], "(its file b.partial) is the file of --in");
        says(&["parts"], &["parts/2"], "lies in the folder of --in");
        says(&["parts"], &["parts"], "it is a folder");
        says(&[], &["new", "parts/../new"], "are one file");
        says(&[], &["a", "soft"], "are one file");
        says(&[], &["new.partial", "new"], "(its file new.partial) are one file");
        says(&[], &["/dev/stdout", "/dev/fd/1"], "are one file");
        assert_eq!(fault(&["a", "/dev/null"], &["new", "newer", "/dev/null"]), None);
    }
}
