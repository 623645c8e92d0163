//! Packages from npm: programs that the build uses if node and npm are installed, and data.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::{find_program, run, target};

/// Path of `program` in an npm package, which node runs. `None` if node or npm is missing.
pub fn program(package: &str, version: &str, program: &str) -> Result<Option<PathBuf>> {
    let inside = format!("bin/{program}");
    Ok(folder(package, version, &inside)?.map(|folder| folder.join(inside)))
}

/// Folder of an npm package, which is installed once, below the target folder, and has the file `inside`. `None` if node or
/// npm is missing.
pub fn folder(package: &str, version: &str, inside: &str) -> Result<Option<PathBuf>> {
    let (Some(npm), Some(_)) = (find_program(&["npm"]), find_program(&["node"])) else { return Ok(None) };
    let tools = target().join("tools").join(format!("{package}-{version}"));
    let folder = tools.join("node_modules").join(package);
    if !folder.join(inside).is_file() {
        fs::create_dir_all(&tools).with_context(|| format!("cannot create {}", tools.display()))?;
        let mut command = Command::new(npm);
        // Install scripts are left out, because esbuild's would put a native program where node expects a script.
        command.args(["install", "--silent", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]).arg(&tools);
        run(command.arg(format!("{package}@{version}")))?;
    }
    Ok(Some(folder))
}
