//! An output while it is written.

use std::fs::{self, File, Metadata, Permissions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use super::destination::Destination;
use super::draft_name::{named, prefix};
use super::error::WriteError;
use super::identity::folder;

/// What is written to a [`Destination`]. Dropped before [`Draft::commit`], it leaves a file as it was.
///
/// Its errors name the destination.
pub struct Draft {
    out: BufWriter<Sink>,
    destination: Destination,
    /// Whether nothing is left to do but to rename it.
    is_settled: bool,
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
            Some(file) => {
                let made = temporary_beside(file).map(Sink::Beside);
                made.map_err(|e| WriteError::in_folder(destination.name(), folder(file), e))
            }
            None => stream(destination).map_err(|e| error(destination, e)),
        }?;
        Ok(Self { out: BufWriter::new(sink), destination: destination.clone(), is_settled: false })
    }

    /// Brings a file to where it only has to be renamed, so that [`Draft::commit`] takes no time, and nothing but that can fail.
    ///
    /// # Errors
    /// What the system says.
    pub fn settle(&mut self) -> Result<(), WriteError> {
        if self.is_settled {
            return Ok(());
        }
        let settled = self.out.flush().and_then(|()| match (self.out.get_ref(), self.destination.file()) {
            (Sink::Beside(draft), Some(file)) => {
                like_before(draft.as_file(), file)?;
                draft.as_file().sync_all()
            }
            _ => Ok(()),
        });
        settled.map_err(|e| error(&self.destination, e))?;
        self.is_settled = true;
        Ok(())
    }

    /// Puts the file in its place, or the last bytes into the stream.
    ///
    /// # Errors
    /// What the system says; then a file is as it was before.
    pub fn commit(self) -> Result<(), WriteError> {
        self.finish(false)
    }

    /// As [`Draft::commit`], for a file that belongs to one which is in its place already: one that was [settled](Draft::settle) and
    /// cannot be put in its own stays as a draft, so that a later run finds it ([`drafts_of`](super::drafts_of)).
    ///
    /// # Errors
    /// What the system says.
    pub fn commit_or_stay(self) -> Result<(), WriteError> {
        self.finish(true)
    }

    fn finish(mut self, stays: bool) -> Result<(), WriteError> {
        self.settle()?;
        let Self { out, destination, .. } = self;
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
        self.is_settled = false;
        self.out.write(bytes).map_err(|e| error(&self.destination, e).into())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.is_settled = false;
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

fn temporary_beside(file: &Path) -> io::Result<NamedTempFile> {
    let prefix = prefix(file);
    let mut builder = named(&prefix);
    if let Some(permissions) = permissions(fs::metadata(file).ok().as_ref()) {
        builder.permissions(permissions);
    }
    builder.tempfile_in(folder(file))
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

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_is_settled_needs_nothing_of_the_disk_but_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("a");
        let mut draft = Draft::create(&Destination::resolve(&place).unwrap()).unwrap();
        draft.write_all(b"content").unwrap();
        draft.settle().unwrap();
        // A pipe refuses to be synced, as a full disk does.
        let Sink::Beside(file) = draft.out.get_mut() else { panic!("a file beside") };
        let (_reader, pipe) = io::pipe().unwrap();
        *file.as_file_mut() = File::from(std::os::fd::OwnedFd::from(pipe));
        file.as_file().sync_all().unwrap_err();
        draft.commit_or_stay().unwrap();
        assert_eq!(fs::read_to_string(place).unwrap(), "content");
    }
}
