//! Where an output goes: a file, a pipe or device, or stdout.

use std::fs::{self, File, FileType, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::error::WriteError;
use super::identity::{Identity, canonical_place, folder};

/// Links that are followed before they are taken for a loop, as on Linux.
const MOST_LINKS: usize = 40;

/// What an output's path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    given: PathBuf,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// A file at the end of all links; it need not exist.
    File(PathBuf),
    /// A pipe, a character device, or a descriptor that the program was started with.
    Stream,
    Stdout,
}

impl Destination {
    /// Follows `path`, and checks that there can be written to it.
    ///
    /// # Errors
    /// It leads to a folder, a socket, a block device, a read-only file or round in a circle; or its folder is missing.
    pub fn resolve(path: &Path) -> Result<Self, WriteError> {
        let destination = |kind| Self { given: path.into(), kind };
        if path == Path::new("-") {
            return Ok(destination(Kind::Stdout));
        }
        if path.as_os_str().to_string_lossy().ends_with(std::path::is_separator) {
            return Err(WriteError::refused(path, "it is a folder: give the name of a file in it"));
        }
        let mut place = path.to_owned();
        for _ in 0..MOST_LINKS {
            if let Some(kind) = descriptor(&place) {
                return fs::metadata(&place).map(|_| destination(kind)).map_err(|e| WriteError::new(path, e));
            }
            match fs::symlink_metadata(&place) {
                Ok(found) if found.is_symlink() => {
                    let target = fs::read_link(&place).map_err(|e| WriteError::new(path, e))?;
                    place = folder(&place).join(target);
                }
                Ok(found) if found.is_file() => {
                    check_writable(&place).map_err(|e| WriteError::new(path, e))?;
                    return Ok(destination(Kind::File(canonical_place(&place).unwrap_or(place))));
                }
                Ok(found) => return stream(found.file_type(), path).map(destination),
                Err(e) if e.kind() == io::ErrorKind::NotFound => return new_file(&place, path).map(destination),
                Err(e) => return Err(WriteError::new(path, e)),
            }
        }
        Err(WriteError::refused(path, "its links lead round in a circle"))
    }

    /// The file that is written, with no links in its path; none for a pipe, a device or stdout.
    pub fn file(&self) -> Option<&Path> {
        if let Kind::File(path) = &self.kind { Some(path) } else { None }
    }

    /// Whether it is stdout, by whatever name.
    pub fn is_stdout(&self) -> bool {
        self.kind == Kind::Stdout
    }

    /// The path as it was given.
    pub fn given(&self) -> &Path {
        &self.given
    }

    /// How messages name it.
    pub fn name(&self) -> &Path {
        if self.is_stdout() { Path::new("stdout") } else { &self.given }
    }

    /// What it is compared by; none for a pipe without a name, or a device.
    pub fn identity(&self) -> Option<Identity> {
        match &self.kind {
            Kind::File(path) => Identity::of(path),
            Kind::Stream => Identity::of(&self.given),
            Kind::Stdout => Identity::of(Path::new("/dev/stdout")),
        }
    }

    /// Opens a pipe or device for writing.
    pub(super) fn open_stream(&self) -> io::Result<File> {
        // Appending matters where a descriptor is an ordinary file: its earlier content stays.
        if self.is_stdout() { stdout() } else { OpenOptions::new().append(true).open(&self.given) }
    }
}

/// Something that exists and is no file.
fn stream(kind: FileType, path: &Path) -> Result<Kind, WriteError> {
    if kind.is_dir() {
        return Err(WriteError::refused(path, "it is a folder: give the name of a file in it"));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() || kind.is_char_device() {
            return Ok(Kind::Stream);
        }
        let what = if kind.is_socket() { "a socket" } else { "a block device" };
        Err(WriteError::refused(path, format!("it is {what}: give a file, a pipe or -")))
    }
    #[cfg(not(unix))]
    Err(WriteError::refused(path, "it is no file"))
}

/// A file that is to be made at `place`, to which `path` leads.
fn new_file(place: &Path, path: &Path) -> Result<Kind, WriteError> {
    let missing = || WriteError::refused(path, format!("there is no folder {}", folder(place).display()));
    if !folder(place).is_dir() {
        return Err(missing());
    }
    canonical_place(place).map(Kind::File).ok_or_else(missing)
}

/// Renaming asks only the folder, so the file itself is asked here.
fn check_writable(path: &Path) -> io::Result<()> {
    if fs::metadata(path)?.permissions().readonly() {
        return Err(io::Error::other("its permissions do not let it be written: change them, or give another name"));
    }
    OpenOptions::new().write(true).open(path).map(drop)
}

/// What a process was started with, if `path` names one of its descriptors: `/dev/fd/3`, `/proc/self/fd/3`.
fn descriptor(path: &Path) -> Option<Kind> {
    let number: u32 = path.file_name()?.to_str()?.parse().ok()?;
    let (named, found) = (folder(path), folder(path).canonicalize().ok()?);
    let own = named == Path::new("/dev/fd") || found == Path::new(&format!("/proc/{}/fd", std::process::id()));
    let any = own || found.starts_with("/proc") && found.ends_with("fd");
    any.then_some(if own && number == 1 { Kind::Stdout } else { Kind::Stream })
}

/// Stdout without the buffer that Rust puts before it.
fn stdout() -> io::Result<File> {
    #[cfg(unix)]
    let owned = std::os::fd::AsFd::as_fd(&io::stdout()).try_clone_to_owned()?;
    #[cfg(windows)]
    let owned = std::os::windows::io::AsHandle::as_handle(&io::stdout()).try_clone_to_owned()?;
    Ok(owned.into())
}
