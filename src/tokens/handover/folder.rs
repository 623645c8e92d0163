//! The folder of a hand-over, whose files appear together.

use std::io;
use std::path::{Path, PathBuf};

use super::error::HandoverError;
use super::target::Kind;
use crate::base::files::{Aside, Destination, Draft, Lock, make_folder};

/// A folder that this run alone may write, and the files that are ready to be put there.
pub(super) struct Folder<'a> {
    pub(super) path: &'a Path,
    drafts: Vec<Ready>,
    claim: Option<Lock>,
    /// Folders that were not there before, the inner ones first.
    made: Vec<&'a Path>,
}

/// A file under another name.
struct Ready {
    name: &'static str,
    place: PathBuf,
    draft: Draft,
}

impl<'a> Folder<'a> {
    /// The folder `path`, which is made if it does not exist. Drafts that killed runs have left there go.
    ///
    /// # Errors
    /// What the system says; or another run is writing there.
    pub(super) fn open(path: &'a Path) -> Result<Self, HandoverError> {
        let made = path.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists()).collect();
        let mut folder = Self { path, drafts: Vec::new(), claim: None, made };
        match folder.claim() {
            Ok(()) => Ok(folder),
            Err(error) => {
                folder.remove();
                Err(error)
            }
        }
    }

    fn claim(&mut self) -> Result<(), HandoverError> {
        make_folder(self.path).map_err(io::Error::from)?;
        let claim = Lock::of_folder(self.path)?;
        claim.sweep_folder(self.path, Kind::writes);
        self.claim = Some(claim);
        Ok(())
    }

    /// Writes a file under another name, until [`Folder::commit`].
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn write(&mut self, name: &'static str, write: impl FnOnce(&mut Draft) -> io::Result<()>) -> io::Result<()> {
        let destination = Destination::resolve(&self.path.join(name))?;
        let mut draft = Draft::seekable(&destination)?;
        write(&mut draft)?;
        draft.settle()?;
        let place = destination.file().map_or_else(|| self.path.join(name), Path::to_path_buf);
        self.drafts.push(Ready { name, place, draft });
        Ok(())
    }

    /// Puts all files in their places, `main` last, and takes away those of `stale` that are not among them. Returns their names.
    ///
    /// While files of two exports may lie there, `main` does not: what is killed then leaves a folder that no reader takes for
    /// whole, and the next export completes it.
    ///
    /// # Errors
    /// What the system says; then everything is as it was before. [`HandoverError::Torn`] where that could not be done.
    pub(super) fn commit(&mut self, main: &str, stale: &[&str]) -> Result<Vec<&'static str>, HandoverError> {
        let names: Vec<&str> = self.drafts.iter().map(|ready| ready.name).collect();
        let mut earlier = Vec::new();
        let exchanged = self.exchange(main, stale, &mut earlier);
        let Err(error) = exchanged else { return Ok(names) };
        // The main file was taken first, and comes back last.
        match earlier.into_iter().rev().try_for_each(Aside::restore) {
            Ok(()) => Err(error.into()),
            Err(source) => Err(HandoverError::Torn { path: self.path.join(main), source }),
        }
    }

    fn exchange(&mut self, main: &str, stale: &[&str], earlier: &mut Vec<Aside>) -> io::Result<()> {
        let mut drafts = std::mem::take(&mut self.drafts);
        drafts.sort_by_key(|ready| ready.name == main);
        for Ready { place, .. } in drafts.iter().filter(|ready| ready.name == main) {
            earlier.push(Aside::take(place)?);
        }
        for name in stale.iter().filter(|stale| drafts.iter().all(|ready| ready.name != **stale)) {
            earlier.push(Aside::take(&self.path.join(name))?);
        }
        for Ready { place, .. } in drafts.iter().filter(|ready| ready.name != main) {
            earlier.push(Aside::keep(place)?);
        }
        drafts.into_iter().try_for_each(|ready| Ok(ready.draft.commit()?))
    }

    /// Removes the folders that were made, with what is in them.
    pub(super) fn remove(self) {
        drop((self.drafts, self.claim));
        if let Some(own) = self.made.first() {
            let _ = std::fs::remove_dir_all(own);
        }
        self.made.iter().for_each(|folder| drop(std::fs::remove_dir(folder)));
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use super::*;
    use crate::base::files::drafts_of;

    /// Exports `content` as `ids.json`, `added_tokens.json` and the main file `trie.npz`; `spoil` does what a system error does
    /// just before they are put in their places.
    fn export(path: &Path, content: &str, spoil: impl FnOnce()) -> Result<Vec<&'static str>, HandoverError> {
        let mut folder = Folder::open(path).unwrap();
        for name in ["trie.npz", "ids.json", "added_tokens.json"] {
            folder.write(name, |out| out.write_all(content.as_bytes())).unwrap();
        }
        spoil();
        folder.commit("trie.npz", &["embeddings.safetensors"])
    }

    /// Names and contents of the files.
    fn files(path: &Path) -> Vec<(String, String)> {
        let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> = entries
            .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(path).unwrap()))
            .collect();
        files.sort();
        files
    }

    #[test]
    fn a_file_that_cannot_be_put_in_its_place_leaves_all_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        for earlier in [false, true] {
            if earlier {
                fs::write(path.join("embeddings.safetensors"), "old").unwrap();
                export(path, "old", || {}).unwrap();
                assert_eq!(files(path).len(), 3, "what is stale is gone");
                fs::write(path.join("embeddings.safetensors"), "old").unwrap();
            }
            let before = files(path);
            for name in ["ids.json", "added_tokens.json", "trie.npz"] {
                let spoil = || drafts_of(&path.join(name)).iter().for_each(|draft| fs::remove_file(draft).unwrap());
                let error = export(path, "new", spoil).unwrap_err();
                assert!(error.to_string().contains(name), "{error}");
                assert_eq!(files(path), before, "{name}");
            }
        }
    }

    #[test]
    fn what_cannot_be_taken_back_is_said_and_completed_by_the_next_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        export(path, "old", || {}).unwrap();
        // The main file is taken away, and something else lies there: neither can come to its place.
        let main = path.join("trie.npz");
        let mut open = Folder::open(path).unwrap();
        open.write("trie.npz", |out| out.write_all(b"new")).unwrap();
        let mut earlier = vec![Aside::take(&main).unwrap()];
        fs::create_dir(&main).unwrap();
        drafts_of(&main)
            .iter()
            .filter(|draft| fs::read(draft).unwrap() == b"new")
            .for_each(|draft| fs::remove_file(draft).unwrap());
        assert!(open.exchange("trie.npz", &[], &mut earlier).is_err());
        assert!(earlier.into_iter().rev().try_for_each(Aside::restore).is_err());
        drop(open);
        fs::remove_dir(&main).unwrap();
        export(path, "newer", || {}).unwrap();
        assert!(files(path).len() == 3 && files(path).iter().all(|(_, content)| content == "newer"));
    }
}
