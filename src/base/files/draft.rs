//! An output while it is written.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, Permissions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use super::destination::Destination;
use super::error::WriteError;
use super::identity::folder;

/// What is written to a [`Destination`]. Dropped before [`Draft::commit`], it leaves a file as it was.
///
/// Its errors name the destination.
pub struct Draft {
    out: BufWriter<Sink>,
    destination: Destination,
}

enum Sink {
    /// Renamed at the end.
    Beside(NamedTempFile),
    /// Written as it comes.
    Stream(File),
    /// Copied into the stream at the end, because the writer goes back.
    Spooled(File),
}

impl Draft {
    /// Begins to write from start to end.
    ///
    /// # Errors
    /// The system refuses; a named pipe waits for its reader.
    pub fn create(destination: &Destination) -> Result<Self, WriteError> {
        Self::begin(destination, |destination| destination.open_stream().map(Sink::Stream))
    }

    /// Begins to write with [`Seek`]: what goes into a pipe or device waits in a temporary file until it is complete.
    ///
    /// # Errors
    /// The system refuses.
    pub fn seekable(destination: &Destination) -> Result<Self, WriteError> {
        Self::begin(destination, |_| tempfile::tempfile().map(Sink::Spooled))
    }

    fn begin(destination: &Destination, stream: impl FnOnce(&Destination) -> io::Result<Sink>) -> Result<Self, WriteError> {
        let sink = match destination.file() {
            Some(file) => temporary_beside(file).map(Sink::Beside),
            None => stream(destination),
        };
        let sink = sink.map_err(|e| error(destination, e))?;
        Ok(Self { out: BufWriter::new(sink), destination: destination.clone() })
    }

    /// Brings a file to where it only has to be renamed, so that [`Draft::commit`] takes no time.
    ///
    /// # Errors
    /// What the system says.
    pub fn settle(&mut self) -> Result<(), WriteError> {
        let settled = self.out.flush().and_then(|()| match (self.out.get_ref(), self.destination.file()) {
            (Sink::Beside(draft), Some(file)) => {
                like_before(draft.as_file(), file)?;
                draft.as_file().sync_all()
            }
            _ => Ok(()),
        });
        settled.map_err(|e| error(&self.destination, e))
    }

    /// Puts the file in its place, or the last bytes into the stream.
    ///
    /// # Errors
    /// What the system says; then a file is as it was before.
    pub fn commit(self) -> Result<(), WriteError> {
        self.finish(false)
    }

    /// As [`Draft::commit`], for a file that belongs to one which is in its place already: where it cannot be put in its own, its
    /// draft stays, so that a later run finds it ([`drafts_of`]).
    ///
    /// # Errors
    /// What the system says.
    pub fn commit_or_stay(self) -> Result<(), WriteError> {
        self.finish(true)
    }

    fn finish(mut self, stays: bool) -> Result<(), WriteError> {
        self.settle()?;
        let Self { out, destination } = self;
        let finish = || {
            match out.into_inner().map_err(|e| e.into_error())? {
                Sink::Beside(draft) => {
                    let file = destination.file().expect("a draft beside a file");
                    draft.persist(file).map_err(|e| {
                        if stays {
                            // What cannot even stay is lost as without it.
                            let _ = e.file.keep();
                        }
                        e.error
                    })?;
                }
                Sink::Stream(_) => {}
                Sink::Spooled(mut spool) => {
                    spool.rewind()?;
                    io::copy(&mut spool, &mut destination.open_stream()?)?;
                }
            }
            Ok(())
        };
        finish().map_err(|e| error(&destination, e))
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes).map_err(|e| error(&self.destination, e).into())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes).map_err(|e| error(&self.destination, e).into())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush().map_err(|e| error(&self.destination, e).into())
    }
}

impl Seek for Draft {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.out.seek(to).map_err(|e| error(&self.destination, e).into())
    }
}

impl Sink {
    fn file(&self) -> &File {
        match self {
            Self::Beside(file) => file.as_file(),
            Self::Stream(file) | Self::Spooled(file) => file,
        }
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file().flush()
    }
}

impl Seek for Sink {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file().seek(to)
    }
}

/// A reader of stdout may stop when it has enough (`| head`), which the program takes for no error. From any other pipe
/// that breaks, an output is missing.
fn error(destination: &Destination, source: io::Error) -> WriteError {
    let broken = source.kind() == io::ErrorKind::BrokenPipe && !destination.is_stdout();
    let source = if broken { io::Error::other("the program that reads the pipe has ended") } else { source };
    WriteError::new(destination.name(), source)
}

/// Ends of a draft's name: `.` and the file's name and a dot before six letters, this after them.
const SUFFIX: &str = ".partial";
const RANDOM: usize = 6;

fn temporary_beside(file: &Path) -> io::Result<NamedTempFile> {
    let prefix = prefix(file);
    let mut builder = Builder::new();
    builder.prefix(&prefix).suffix(SUFFIX).rand_bytes(RANDOM);
    if let Some(permissions) = permissions(fs::metadata(file).ok().as_ref()) {
        builder.permissions(permissions);
    }
    builder.tempfile_in(folder(file))
}

/// Makes something beside `file` that has the name of a draft of it.
pub(super) fn make_beside<R>(file: &Path, make: impl FnMut(&Path) -> io::Result<R>) -> io::Result<NamedTempFile<R>> {
    Builder::new().prefix(&prefix(file)).suffix(SUFFIX).rand_bytes(RANDOM).make_in(folder(file), make)
}

fn prefix(file: &Path) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(file.file_name().unwrap_or_default());
    prefix.push(".");
    prefix
}

/// The file whose draft has the name `name`, if it is one's.
pub(super) fn drafted(name: &str) -> Option<&str> {
    let name = name.strip_prefix('.')?.strip_suffix(SUFFIX)?;
    let (file, random) = name.split_at_checked(name.len().checked_sub(RANDOM)?)?;
    random.chars().all(|c| c.is_ascii_alphanumeric()).then(|| file.strip_suffix('.'))?
}

/// The drafts of `file` that runs have left, or are writing.
pub fn drafts_of(file: &Path) -> Vec<PathBuf> {
    let name = file.file_name().and_then(|name| name.to_str());
    let entries = fs::read_dir(folder(file)).into_iter().flatten().flatten();
    let drafts = entries.filter(|entry| name.is_some() && entry.file_name().to_str().and_then(drafted) == name);
    drafts.map(|entry| entry.path()).collect()
}

/// A path as long as that of a draft, to find out early whether it is too long.
pub(super) fn longest_path(file: &Path) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    folder(file).join(format!(".{name}.{}{SUFFIX}", "0".repeat(RANDOM)))
}

/// Permissions to create a draft with: those of the file that it replaces, or of any new file, cut by the process's mask.
#[cfg(unix)]
fn permissions(before: Option<&Metadata>) -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Some(before.map_or_else(|| Permissions::from_mode(0o666), Metadata::permissions))
}

#[cfg(not(unix))]
fn permissions(_before: Option<&Metadata>) -> Option<Permissions> {
    None
}

/// Gives `draft` the mode and owner of the file that it will replace, if there is one.
fn like_before(draft: &File, file: &Path) -> io::Result<()> {
    let Ok(before) = fs::metadata(file) else { return Ok(()) };
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let now = draft.metadata()?;
        if (now.uid(), now.gid()) != (before.uid(), before.gid()) {
            // Only the superuser may give files away; otherwise the new file is its writer's.
            let _ = fchown(draft, Some(before.uid()), Some(before.gid()));
        }
    }
    draft.set_permissions(before.permissions())
}
