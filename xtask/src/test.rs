//! Every check, cheapest first, with all the set-up that each needs.

use std::env::consts::EXE_SUFFIX;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail, ensure};

use crate::process::{apt_install, cargo, describe, find_program, forget_package, in_ci, output, root, run, target};
use crate::{package, site, text_model, wasm, wheel};

/// Oldest node whose test runner has the options that the browser tests use.
const NODE: u32 = 20;

/// With it, training in closed form is tested against automatic differentiation.
const AUTODIFF: &str = "unitok/autodiff";

/// Runs everything; the last lines are the closing lines of each test runner.
pub fn all() -> Result<()> {
    let mut checks = Checks::default();
    run(cargo().args(["fmt", "--all", "--check"])).context("run `cargo fmt --all`")?;

    // Set-up first: it takes seconds, and what it misses should not be found after the long builds.
    checks.needs("the shared data (../shared)", shared_data())?;
    checks.needs("a Vulkan driver", vulkan())?;
    checks.needs("the text model", text_model::fetch().map(drop))?;
    let node = checks.needs("node and npm", node())?;
    let browser = checks.needs("a browser", chromium().map(drop))? && node;

    // With these the page's API is linted as well, short of what only exists on wasm.
    let features = format!("unitok/web,unitok/web-files,unitok/web-text,unitok/web-train,{AUTODIFF}");
    let lints = ["clippy", "--locked", "--workspace", "--all-targets", "--features", &features, "--", "--deny", "warnings"];
    run(cargo().args(lints))?;
    for features in [wasm::PAGE, wasm::TRAINING] {
        run(wasm::clippy(features)?.args(["--", "--deny", "warnings"]))?;
    }

    let site = site::build()?;
    package::build(&site)?;
    // Against the types of the modules that were just built.
    if node {
        install_packages()?;
        run(npm().args(["--silent", "run", "types"])).context("the page's types do not fit")?;
    }
    // With the profile that built us, so that nothing is compiled twice.
    checks.runner("xtask", cargo().args(["test", "--locked", "--package", "xtask", "--profile", "xtask"]), cargo_closes)?;
    checks.runner("native", cargo().args(["test", "--locked", "--package", "unitok", "--features", AUTODIFF]), cargo_closes)?;
    // After the native tests, which build the program that the package and the page are compared with.
    checks.runner("python", &mut wheel::tests(&program())?, pytest_closes)?;
    if browser {
        checks.runner("browser", &mut browser_tests(&site)?, node_closes)?;
    }
    checks.close();
    Ok(())
}

/// `test result: ok. 12 passed; …`
fn cargo_closes(line: &str) -> bool {
    line.starts_with("test result:")
}

/// `12 passed in 3.45s`
fn pytest_closes(line: &str) -> bool {
    line.contains(" passed") && line.contains(" in ")
}

/// `# pass 12` (TAP) or `ℹ pass 12`.
fn node_closes(line: &str) -> bool {
    let count = line.strip_prefix("# ").or_else(|| line.strip_prefix("ℹ "));
    count.is_some_and(|count| ["tests ", "pass ", "fail ", "skipped "].iter().any(|word| count.starts_with(word)))
}

/// What was left out, and how each test runner closed.
#[derive(Default)]
struct Checks {
    skipped: Vec<String>,
    closings: Vec<String>,
}

impl Checks {
    /// Whether a thing that checks need is here. In CI it must be; at a desk its checks are skipped, and that is said.
    fn needs(&mut self, thing: &str, found: Result<()>) -> Result<bool> {
        let Err(error) = found else { return Ok(true) };
        if in_ci() {
            return Err(error.context(format!("CI must have {thing}")));
        }
        let notice = format!("SKIPPED: what needs {thing}: {error:#}");
        eprintln!("{notice}");
        self.skipped.push(notice);
        Ok(false)
    }

    /// Runs a test runner and keeps the lines that it closes with.
    fn runner(&mut self, name: &str, command: &mut Command, closes: fn(&str) -> bool) -> Result<()> {
        let line = describe(command);
        eprintln!("$ {line}");
        let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start: {line}"))?;
        let stdout = child.stdout.take().context("no output")?;
        let before = self.closings.len();
        let mut console = std::io::stdout().lock();
        for text in BufReader::new(stdout).lines() {
            let text = text?;
            writeln!(console, "{text}")?;
            if closes(&text) {
                self.closings.push(format!("{name}: {text}"));
            }
        }
        let status = child.wait()?;
        ensure!(status.success(), "{line}: {status}");
        ensure!(self.closings.len() > before, "{line} ran no tests");
        Ok(())
    }

    fn close(&self) {
        let lines = self.closings.iter().chain(&self.skipped);
        eprintln!("\nevery check passed\n{}", lines.map(String::as_str).collect::<Vec<_>>().join("\n"));
    }
}

fn shared_data() -> Result<()> {
    let folder = root().join("../shared");
    ensure!(folder.join("data").is_dir(), "no folder ../shared/data beside the repository; tests over real catalogues need it");
    Ok(())
}

/// A Vulkan driver for the native GPU tests: Mesa's software one where there is no other.
fn vulkan() -> Result<()> {
    let has_driver = || {
        let folders = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d"];
        let drivers = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten();
        drivers.flatten().any(|file| file.path().extension().is_some_and(|kind| kind == "json"))
    };
    // Elsewhere the system brings its own graphics API.
    if cfg!(target_os = "linux") && !has_driver() {
        apt_install(&["mesa-vulkan-drivers", "libvulkan1"])?;
    }
    Ok(())
}

/// Node and npm, of an age that the browser tests can use.
pub fn node() -> Result<()> {
    if find_program(&["node"]).is_none() || find_program(&["npm"]).is_none() {
        apt_install(&["nodejs", "npm"])?;
    }
    let version = output(Command::new("node").arg("--version")).unwrap_or_default();
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    ensure!(major.is_some_and(|major| major >= NODE), "the browser tests need node {NODE} or newer, this is {version:?}");
    Ok(())
}

/// The browser: `$CHROMIUM`, or one that is installed, or Debian's.
pub fn chromium() -> Result<PathBuf> {
    if let Some(chosen) = std::env::var_os("CHROMIUM").map(PathBuf::from) {
        ensure!(chosen.is_file(), "CHROMIUM names {}, which is not a file", chosen.display());
        return Ok(chosen);
    }
    let installed = || find_program(&["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]);
    if let Some(found) = installed() {
        return Ok(found);
    }
    apt_install(&["chromium"])?;
    installed().ok_or_else(|| anyhow!("chromium was installed but is not on the PATH"))
}

fn browser_folder() -> PathBuf {
    root().join("tests/browser")
}

/// Installs the browser tests' packages as locked, unless they are.
pub fn install_packages() -> Result<()> {
    let folder = browser_folder();
    let same = |name: &str| {
        let modules = std::fs::metadata(folder.join("node_modules/.package-lock.json"))?.modified()?;
        std::io::Result::Ok(modules >= std::fs::metadata(folder.join(name))?.modified()?)
    };
    if same("package-lock.json").unwrap_or(false) {
        return Ok(());
    }
    run(npm().args(["ci", "--no-audit", "--no-fund"])).context("cannot install the browser tests' packages")
}

fn browser_tests(site: &Path) -> Result<Command> {
    if !browser_folder().join("package.json").is_file() {
        bail!("there are no browser tests in {}", browser_folder().display());
    }
    let mut command = npm();
    command.args(["--silent", "test"]).env("CHROMIUM", chromium()?).env("UNITOK_SITE", site);
    command.env("UNITOK", program());
    Ok(command)
}

/// The program, as the native tests build it.
fn program() -> PathBuf {
    target().join("debug").join(format!("unitok{EXE_SUFFIX}"))
}

fn npm() -> Command {
    let mut command = Command::new("npm");
    command.current_dir(browser_folder());
    forget_package(&mut command);
    command
}
