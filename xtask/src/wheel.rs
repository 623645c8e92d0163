//! The wheel of the Python package, and the virtual environments that build and test it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::process::{apt_install, find_program, forget_package, in_ci, output, root, run, target};

/// Builds the wheel.
const MATURIN: &str = "maturin==1.16.0";
/// Largest wheel that we ship.
const LARGEST: u64 = 12 << 20;

/// Builds the wheel as it is shipped, into `target/wheels/`; returns its path.
pub fn build() -> Result<PathBuf> {
    let wheel = build_with("release", &root().join("target/wheels"))?;
    let size = fs::metadata(&wheel)?.len();
    ensure!(size <= LARGEST, "{} has {size} bytes, over {LARGEST}", wheel.display());
    eprintln!("wheel: {}  ({:.1} MB; pip install takes it)", wheel.display(), size as f64 / 1e6);
    Ok(wheel)
}

/// Builds a wheel with one of cargo's profiles into `folder`, which then has no other.
fn build_with(profile: &str, folder: &Path) -> Result<PathBuf> {
    let python = venv("maturin", &[MATURIN.into()])?;
    // Built beside it, so that a build that fails leaves the old wheel as it was.
    let fresh = folder.with_extension("new");
    let _ = fs::remove_dir_all(&fresh);
    let mut maturin = Command::new(&python);
    maturin.args(["-m", "maturin", "build", "--quiet", "--locked", "--interpreter"]).arg(&python);
    maturin.args(["--profile", profile, "--manifest-path"]).arg(root().join("python/Cargo.toml"));
    forget_package(&mut maturin);
    run(maturin.arg("--out").arg(&fresh).env("CARGO_TARGET_DIR", target()))?;
    let _ = fs::remove_dir_all(folder);
    fs::rename(&fresh, folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let mut files = fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path()));
    files.find(|path| path.extension().is_some_and(|kind| kind == "whl")).context("maturin has built no wheel")
}

/// The Python tests, with the wheel of the profile that the native tests have compiled most of.
pub fn tests(unitok: &Path) -> Result<Command> {
    let folder = root().join("tests/python");
    let wheel = build_with("dev", &target().join("wheels-tested"))?;
    let mut wanted = packages(&folder.join("requirements.txt"))?;
    if in_ci() {
        wanted.extend(packages(&folder.join("engines.txt"))?);
        if find_program(&["java"]).is_none() {
            apt_install(&["default-jre-headless"]).context("the recipe for Spark needs Java")?;
        }
    }
    let python = venv("python-tests", &wanted)?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index", "--force-reinstall"]);
    run(pip.arg(&wheel))?;
    let mut pytest = Command::new(&python);
    pytest.args(["-m", "pytest", "--quiet", "-p", "no:cacheprovider"]).arg(&folder).current_dir(&folder);
    pytest.env("UNITOK", unitok).env("PYTHONDONTWRITEBYTECODE", "1").env_remove("PYTHONPATH");
    Ok(pytest)
}

/// The packages that a file of requirements names.
fn packages(requirements: &Path) -> Result<Vec<String>> {
    let text = fs::read_to_string(requirements).with_context(|| format!("cannot read {}", requirements.display()))?;
    Ok(text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(String::from).collect())
}

/// Python of the virtual environment `name` with these packages, which are installed once for each list of them.
fn venv(name: &str, packages: &[String]) -> Result<PathBuf> {
    let folder = target().join("tools").join(name);
    let (python, stamp) = (folder.join("bin/python"), folder.join("installed.txt"));
    let wanted = packages.join("\n");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    if !python.is_file() {
        if output(Command::new("python3").args(["-c", "import ensurepip, venv"])).is_none() {
            apt_install(&["python3-venv"]).context("the Python package needs Python 3.10 or newer")?;
        }
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    }
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(packages);
    run(&mut pip).context("cannot install Python packages: check the network and pip's settings, then try again")?;
    fs::write(&stamp, wanted)?;
    Ok(python)
}
