//! A file that waits while others take its place.

use std::path::{Path, PathBuf};
use std::{fs, io};

use tempfile::TempPath;

use super::draft_name::make_beside;

/// What was at a place before. Dropped, it is gone.
pub struct Aside {
    place: PathBuf,
    /// Under the name of a draft, so that what a killed run leaves is removed as its drafts are; none where nothing was.
    before: Option<TempPath>,
}

impl Aside {
    /// Takes the file at `place` away.
    ///
    /// # Errors
    /// What the system says.
    pub fn take(place: &Path) -> io::Result<Self> {
        Self::of(place, |aside| fs::rename(place, aside))
    }

    /// Keeps the file at `place`, which stays until another takes its place.
    ///
    /// # Errors
    /// What the system says.
    pub fn keep(place: &Path) -> io::Result<Self> {
        // Not every file system has hard links.
        Self::of(place, |aside| fs::hard_link(place, aside).or_else(|_| fs::copy(place, aside).map(drop)))
    }

    fn of(place: &Path, put: impl FnMut(&Path) -> io::Result<()>) -> io::Result<Self> {
        let before = match place.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
            Ok(_) => Some(make_beside(place, put)?.into_temp_path()),
        };
        Ok(Self { place: place.into(), before })
    }

    /// Puts the file back where it was; where none was, what is there now goes.
    ///
    /// # Errors
    /// What the system says; then it stays under the name that it has.
    pub fn restore(self) -> io::Result<()> {
        match self.before {
            Some(before) => {
                let aside = before.to_path_buf();
                before.persist(&self.place).map_err(|refused| {
                    let _ = refused.path.keep();
                    refused.error
                })?;
                // Two names of one file stay both when one is renamed to the other.
                let _ = fs::remove_file(aside);
                Ok(())
            }
            None => match fs::remove_file(&self.place) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_comes_back_or_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("a");
        let content = || fs::read_to_string(&place).ok();
        let entries = || fs::read_dir(folder.path()).unwrap().count();
        for take in [Aside::take, Aside::keep] {
            fs::write(&place, "before").unwrap();
            let aside = take(&place).unwrap();
            fs::write(folder.path().join("new"), "after").unwrap();
            fs::rename(folder.path().join("new"), &place).unwrap();
            aside.restore().unwrap();
            assert_eq!((content().as_deref(), entries()), (Some("before"), 1));
            let aside = take(&place).unwrap();
            assert_eq!(entries(), 1 + usize::from(content().is_some()));
            drop(aside);
            // Nothing took its place.
            fs::write(&place, "before").unwrap();
            take(&place).unwrap().restore().unwrap();
            assert_eq!((content().as_deref(), entries()), (Some("before"), 1));
            fs::remove_file(&place).unwrap();
            // Nothing was there.
            let aside = take(&place).unwrap();
            fs::write(&place, "after").unwrap();
            aside.restore().unwrap();
            assert_eq!(entries(), 0);
        }
    }
}
