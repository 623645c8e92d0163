//! The folder of a hand-over, whose files appear together.

use std::io;
use std::path::Path;

use crate::base::files::{Destination, Draft};

/// A folder, and the files that are ready to be put there.
pub(super) struct Folder<'a> {
    pub(super) path: &'a Path,
    drafts: Vec<(&'static str, Draft)>,
    /// Folders that were not there before, the inner ones first.
    made: Vec<&'a Path>,
}

impl<'a> Folder<'a> {
    /// The folder `path`, which is made if it does not exist.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn open(path: &'a Path) -> io::Result<Self> {
        let made = path.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists()).collect();
        let folder = Self { path, drafts: Vec::new(), made };
        match std::fs::create_dir_all(path) {
            Ok(()) => Ok(folder),
            Err(error) => {
                folder.remove();
                Err(error)
            }
        }
    }

    /// Writes a file under another name, until [`Folder::commit`].
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn write(&mut self, name: &'static str, write: impl FnOnce(&mut Draft) -> io::Result<()>) -> io::Result<()> {
        let mut draft = Draft::seekable(&Destination::resolve(&self.path.join(name))?)?;
        write(&mut draft)?;
        draft.settle()?;
        self.drafts.push((name, draft));
        Ok(())
    }

    /// Puts all files in their places, `main` last, and takes away those of `stale` that are not among them. What is killed
    /// meanwhile leaves no main file, instead of one that does not fit the others. Returns the names of the files.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn commit(&mut self, main: &str, stale: &[&str]) -> io::Result<Vec<&'static str>> {
        let names: Vec<&str> = self.drafts.iter().map(|(name, _)| *name).collect();
        for name in stale.iter().filter(|name| !names.contains(name)).chain([&main]) {
            match std::fs::remove_file(self.path.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        let mut drafts = std::mem::take(&mut self.drafts);
        drafts.sort_by_key(|(name, _)| *name == main);
        drafts.into_iter().try_for_each(|(_, draft)| draft.commit())?;
        Ok(names)
    }

    /// Removes the folders that were made, with what is in them.
    pub(super) fn remove(self) {
        drop(self.drafts);
        if let Some(own) = self.made.first() {
            let _ = std::fs::remove_dir_all(own);
        }
        self.made.iter().for_each(|folder| drop(std::fs::remove_dir(folder)));
    }
}
