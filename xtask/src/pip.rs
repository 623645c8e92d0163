//! Packages from PyPI, fetched with the user's pip and its settings.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow};

use crate::process::{apt_install, output, run};

/// Fetches the wheel of `package` (`name==version`) into `folder`, which has no other wheel; returns its path.
pub fn wheel(package: &str, folder: &Path) -> Result<PathBuf> {
    if output(Command::new("python3").args(["-m", "pip", "--version"])).is_none() {
        apt_install(&["python3-pip"]).with_context(|| format!("fetching {package} needs pip"))?;
    }
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]);
    run(pip.arg(package).current_dir(folder))
        .with_context(|| format!("cannot fetch {package}: check the network and pip's settings"))?;
    let mut files = fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path()));
    files
        .find(|path| path.extension().is_some_and(|kind| kind == "whl"))
        .ok_or_else(|| anyhow!("pip has fetched no wheel of {package}"))
}
