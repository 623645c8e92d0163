//! Programs from npm that the build uses if node and npm are installed.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::{find_program, run, target};

/// Path of `program` in an npm package, which node runs. The package is installed once, below the target folder. `None` if
/// node or npm is missing.
pub fn program(package: &str, version: &str, program: &str) -> Result<Option<PathBuf>> {
    let (Some(npm), Some(_)) = (find_program(&["npm"]), find_program(&["node"])) else { return Ok(None) };
    let folder = target().join("tools").join(format!("{package}-{version}"));
    let path = folder.join("node_modules").join(package).join("bin").join(program);
    if !path.is_file() {
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let mut command = Command::new(npm);
        // Install scripts are left out, because esbuild's would put a native program where node expects a script.
        command
            .args(["install", "--silent", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"])
            .arg(&folder);
        run(command.arg(format!("{package}@{version}")))?;
    }
    Ok(Some(path))
}
