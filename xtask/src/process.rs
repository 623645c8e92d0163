//! Runs other programs, and installs those that are missing.

use std::env;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// Folder of the repository. It is read at run time, because two clones may share a target folder and thus this program.
pub fn root() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package.parent().expect("xtask is a folder of the repository").to_path_buf()
}

/// Folder of builds and tools: `$CARGO_TARGET_DIR`, or `target/` of the repository.
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |path| root().join(path))
}

/// Whether this is continuous integration, where no check may be skipped.
pub fn in_ci() -> bool {
    env::var_os("CI").is_some_and(|value| !value.is_empty())
}

/// Cargo, started in the repository with a clean environment: without the variables that `cargo run` sets.
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    forget_package(&mut command);
    command
}

/// Removes the variables that describe the package xtask, because build scripts would take them for their own.
pub fn forget_package(command: &mut Command) {
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text.starts_with("CARGO_BIN_") {
            command.env_remove(&name);
        }
    }
}

/// Prints and runs a command. If it fails, the error names it.
pub fn run(command: &mut Command) -> Result<()> {
    let line = describe(command);
    eprintln!("$ {line}");
    let status = command.status().with_context(|| format!("cannot start: {line}"))?;
    ensure!(status.success(), "{line}: {status}");
    Ok(())
}

/// As [`run`], but a command that has not ended within `limit` is stopped, and counts as failed.
pub fn run_within(limit: Duration, command: &mut Command) -> Result<()> {
    let line = describe(command);
    eprintln!("$ {line}");
    let mut child = command.spawn().with_context(|| format!("cannot start: {line}"))?;
    let start = Instant::now();
    while start.elapsed() < limit {
        if let Some(status) = child.try_wait()? {
            ensure!(status.success(), "{line}: {status}");
            return Ok(());
        }
        thread::sleep(Duration::from_millis(50));
    }
    child.kill()?;
    child.wait()?;
    bail!("{line}: stopped after {} s", limit.as_secs())
}

/// What the command prints on stdout, trimmed; `None` if it fails or does not exist.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|o| o.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A command as one would type it in the repository.
pub fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut line = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
    let here = format!("{}/", root().display());
    for argument in command.get_args() {
        let _ = write!(line, " {}", argument.to_string_lossy().replace(&here, ""));
    }
    line
}

/// Path of the first of `names` that is on the `PATH`.
pub fn find_program(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|file| file.is_file())
}

/// Installs Debian packages if the user is root; otherwise the error says how to.
pub fn apt_install(packages: &[&str]) -> Result<()> {
    let list = packages.join(" ");
    let apt = find_program(&["apt-get"]);
    let root = output(Command::new("id").arg("-u")).as_deref() == Some("0");
    let Some(apt) = apt.filter(|_| root) else {
        bail!("missing: {list}. On Debian run `sudo apt-get install --no-install-recommends {list}`, then try again");
    };
    let install = || {
        let mut command = Command::new(&apt);
        command.args(["install", "--yes", "--quiet=2", "--no-install-recommends"]).args(packages);
        run(command.env("DEBIAN_FRONTEND", "noninteractive"))
    };
    // A fresh machine has no package lists, an old one has stale ones.
    install().or_else(|_| run(Command::new(&apt).args(["update", "--quiet=2"])).and_then(|()| install()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_hangs_is_stopped() {
        let start = Instant::now();
        let error = run_within(Duration::from_millis(200), Command::new("sleep").arg("600")).unwrap_err();
        assert!(format!("{error}").contains("stopped after"), "{error}");
        assert!(start.elapsed() < Duration::from_secs(300));
        assert!(run_within(Duration::from_secs(300), &mut Command::new("true")).is_ok());
        assert!(run_within(Duration::from_secs(300), &mut Command::new("false")).is_err());
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = run(Command::new("no-such-program").arg("x")).unwrap_err();
        assert!(format!("{error}").contains("cannot start: no-such-program x"), "{error}");
    }
}
