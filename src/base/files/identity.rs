//! Which file a path leads to.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

/// What two paths to one file have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// Of what exists, links resolved: all its names, hard links too, have the same.
    Inode {
        /// Number of the file system.
        device: u64,
        /// Number of the file in it.
        inode: u64,
    },
    /// Of a file that does not exist yet, or where the system numbers no files: its folder without links, and its name.
    Path(PathBuf),
}

impl Identity {
    /// Of the file at `path`; none if it has no folder either, or for a device, which may be read and written at once.
    pub fn of(path: &Path) -> Option<Self> {
        match fs::metadata(path) {
            Ok(metadata) => Self::existing(path, &metadata),
            Err(_) => canonical_place(path).map(Self::Path),
        }
    }

    #[cfg(unix)]
    fn existing(_path: &Path, metadata: &Metadata) -> Option<Self> {
        use std::os::unix::fs::FileTypeExt;
        let kind = metadata.file_type();
        let exchanged = kind.is_char_device() || kind.is_socket();
        (!exchanged).then(|| Self::of_metadata(metadata))
    }

    #[cfg(not(unix))]
    fn existing(path: &Path, _metadata: &Metadata) -> Option<Self> {
        path.canonicalize().ok().map(Self::Path)
    }

    #[cfg(unix)]
    pub(super) fn of_metadata(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self::Inode { device: metadata.dev(), inode: metadata.ino() }
    }
}

/// `path` with `suffix` appended to its name: `v.npy` → `v.npy.partial`.
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// The path of a file that need not exist, its folder without links.
pub(super) fn canonical_place(path: &Path) -> Option<PathBuf> {
    Some(folder(path).canonicalize().ok()?.join(path.file_name()?))
}

/// The folder that a file is in.
pub(super) fn folder(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn all_names_of_a_file_are_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("a"), "").unwrap();
        fs::write(at("other"), "").unwrap();
        fs::hard_link(at("a"), at("hard")).unwrap();
        std::os::unix::fs::symlink("a", at("soft")).unwrap();
        std::os::unix::fs::symlink(".", at("here")).unwrap();
        for name in ["a", "hard", "soft", "here/a", "here/./soft"] {
            assert_eq!(Identity::of(&at("a")), Identity::of(&at(name)), "{name}");
        }
        assert_ne!(Identity::of(&at("a")), Identity::of(&at("other")));
        assert_eq!(Identity::of(&at("new")), Identity::of(&at("here/new")));
        assert_ne!(Identity::of(&at("new")), Identity::of(&at("newer")));
        assert_eq!((Identity::of(&at("no/such")), Identity::of(Path::new("/dev/null"))), (None, None));
    }
}
