//! The page's WebAssembly: compile, bind, optimise.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::npm;
use crate::process::{apt_install, cargo, find_program, forget_package, output, root, run, run_within, target};

const TRIPLE: &str = "wasm32-unknown-unknown";
const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-22"];
/// Where Debian's `rust-web-src` puts the standard library's source.
const DEBIAN_STD: &str = "/usr/lib/rustlib/src/rust/library/std";
/// Offline, rustup hangs on some networks; where it works, this is plenty.
const RUSTUP_PATIENCE: Duration = Duration::from_mins(3);
/// Carries `wasm-opt` as a program for node.
const BINARYEN: &str = "132.0.0";

const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_CLIPPY: &str = "/usr/bin/cargo-clippy";

/// Who compiles for wasm.
#[derive(Clone, Copy)]
enum Toolchain {
    /// The toolchain that builds everything else: it has the target.
    Native,
    /// Debian's packages; the standard library is built from source.
    Debian,
}

/// How a module is optimised that is fetched soon.
const SMALL: &[&str] = &["-Os", "--skip-pass=local-cse"];
/// The modules of the page: feature of the library and profile, name of what is built, how it is optimised.
const MODULES: [(&str, &str, &[&str]); 4] = [
    ("web", "unitok", SMALL),
    ("web-files", "unitok_files", SMALL),
    ("web-text", TEXT_MODULE, &["-O3"]),
    ("web-train", TRAINING_MODULE, &["-O3"]),
];
/// Loaded only when a visitor needs it.
pub const TEXT_MODULE: &str = "unitok_text";
/// Loaded only when a visitor trains.
pub const TRAINING_MODULE: &str = "unitok_train";

/// Of the library alone, the last to be compiled: the two builds of a module share all that it depends on.
const RELAXED_SIMD: [&str; 3] = ["--", "-C", "target-feature=+relaxed-simd"];

/// Builds the modules and their JavaScript bindings into `package`: `NAME.js`, `NAME_bg.wasm` and, with relaxed SIMD for
/// browsers that have it, `NAME_relaxed_bg.wasm`. Answers whether they are as small as they can be.
pub fn build(package: &Path) -> Result<bool> {
    let toolchain = toolchain()?;
    let optimiser = wasm_opt()?;
    for (feature, name, passes) in MODULES {
        let (plain, relaxed) = (package.join(format!("{name}_bg.wasm")), package.join(format!("{name}_relaxed_bg.wasm")));
        bind(&compile(feature, &[], toolchain)?, name, package, optimiser.is_some())?;
        let twin = tempfile::tempdir_in(wasm_target_dir()).context("cannot write in target/")?;
        bind(&compile(feature, &RELAXED_SIMD, toolchain)?, name, twin.path(), optimiser.is_some())?;
        expect_same_bindings(package, twin.path(), &format!("{name}.js"))?;
        fs::rename(twin.path().join(format!("{name}_bg.wasm")), &relaxed).context("cannot move the module")?;
        if let Some(tool) = &optimiser {
            optimise(tool, &plain, passes)?;
            optimise(tool, &relaxed, passes)?;
        }
    }
    Ok(optimiser.is_some())
}

/// A module as the compiler makes it.
fn compile(feature: &str, last: &[&str], toolchain: Toolchain) -> Result<PathBuf> {
    let program = match toolchain {
        Toolchain::Native => cargo(),
        Toolchain::Debian => debian(DEBIAN_CARGO)?,
    };
    run(for_the_page(program, "rustc", feature, feature, toolchain).args(last))?;
    Ok(wasm_target_dir().join(TRIPLE).join(feature).join("unitok.wasm"))
}

/// One script starts either of two modules.
fn expect_same_bindings(package: &Path, twin: &Path, script: &str) -> Result<()> {
    let [plain, relaxed] = [package, twin].map(|folder| fs::read(folder.join(script)));
    ensure!(
        plain? == relaxed?,
        "wasm-bindgen made another {script} for the module with relaxed SIMD, and the page has one for both: \
         remove {} and build again",
        wasm_target_dir().display()
    );
    Ok(())
}

/// Features of the page.
pub const PAGE: &str = "web,web-files,web-text,web-train";
/// Features of training, `learn` among them: in a page it must do without threads, clocks and paths.
pub const TRAINING: &str = "train";

/// Lints the library with `features` for the page.
pub fn clippy(features: &str) -> Result<Command> {
    let toolchain = toolchain()?;
    let program = match toolchain {
        Toolchain::Native => cargo(),
        Toolchain::Debian => {
            if !Path::new(DEBIAN_CLIPPY).is_file() {
                apt_install(&["rust-web-clippy"])?;
            }
            debian(DEBIAN_CLIPPY)?
        }
    };
    Ok(for_the_page(program, "clippy", features, "web", toolchain))
}

/// A cargo command over the library, with features and the target of the page.
fn for_the_page(mut command: Command, subcommand: &str, features: &str, profile: &str, toolchain: Toolchain) -> Command {
    command.args([subcommand, "--locked", "--package", "unitok", "--no-default-features", "--features", features]);
    // One profile for lints and build: they share build scripts and macros.
    command.args(["--lib", "--profile", profile, "--target", TRIPLE, "--target-dir"]).arg(wasm_target_dir());
    if matches!(toolchain, Toolchain::Debian) {
        command.arg("-Zbuild-std=std,panic_abort");
    }
    command.env_remove("CARGO_ENCODED_RUSTFLAGS").env("RUSTFLAGS", "-C target-feature=+simd128");
    command
}

/// Apart from the native build, so that the two neither wait for nor rebuild each other.
fn wasm_target_dir() -> PathBuf {
    target().join("wasm")
}

/// The toolchain at hand if it has the target or rustup can add it, otherwise Debian's.
fn toolchain() -> Result<Toolchain> {
    if has_target() {
        return Ok(Toolchain::Native);
    }
    if find_program(&["rustup"]).is_some() {
        let added = run_within(RUSTUP_PATIENCE, Command::new("rustup").args(["target", "add", TRIPLE]).current_dir(root()));
        if added.is_ok() && has_target() {
            return Ok(Toolchain::Native);
        }
        eprintln!("rustup cannot add {TRIPLE} here: using Debian's packages");
    }
    if wasm_linker().is_none() || !Path::new(DEBIAN_STD).is_dir() || !Path::new(DEBIAN_CARGO).is_file() {
        apt_install(&DEBIAN_PACKAGES).with_context(|| format!("no compiler for {TRIPLE}"))?;
    }
    Ok(Toolchain::Debian)
}

fn has_target() -> bool {
    let sysroot = output(Command::new("rustc").args(["--print", "sysroot"]).current_dir(root()));
    sysroot.is_some_and(|folder| Path::new(&folder).join("lib/rustlib").join(TRIPLE).join("lib").is_dir())
}

fn wasm_linker() -> Option<PathBuf> {
    find_program(&["wasm-ld-22", "wasm-ld"])
}

/// One of Debian's Rust programs, shielded from a rustup toolchain that may be running us.
fn debian(program: &str) -> Result<Command> {
    let linker = wasm_linker().ok_or_else(|| anyhow!("no wasm-ld on the PATH: install Debian's lld-22"))?;
    let mut command = Command::new(program);
    command.current_dir(root());
    forget_package(&mut command);
    for name in ["RUSTUP_TOOLCHAIN", "RUSTDOC", "LD_LIBRARY_PATH", "RUSTC_WRAPPER"] {
        command.env_remove(name);
    }
    command.env("CARGO", DEBIAN_CARGO).env("RUSTC", "/usr/bin/rustc");
    // Debian's compiler is a stable release: only this lets it build the standard library.
    command.env("RUSTC_BOOTSTRAP", "1");
    command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
    Ok(command)
}

/// What the program `wasm-bindgen --target web` does; as a library it always fits the lock file. The optimiser sorts by
/// names, so they stay until then.
fn bind(module: &Path, name: &str, package: &Path, keep_names: bool) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(module).out_name(name).typescript(true).remove_name_section(!keep_names);
    bindgen.web(true).and_then(|bindgen| bindgen.generate(package)).context("wasm-bindgen")
}

/// Shrinks the module in place, for what a visitor fetches: compressed. Inlining makes the file
/// smaller but its gzip 4 % larger, so it is left to LLVM; likewise, by half a per cent, `-Oz` and the
/// sharing of subexpressions where size counts. Sorted by name, functions stand beside others of the
/// same generic one, which saves 2 %.
fn optimise(tool: &Path, module: &Path, passes: &[&str]) -> Result<()> {
    let last = ["--skip-pass=inlining-optimizing", "--strip-producers", "--reorder-functions-by-name", "-g"];
    wasm_opt_in_place(tool, module, &[passes, &last].concat())?;
    // Locals that are shared and numbered by use once more, after the functions have their order.
    wasm_opt_in_place(tool, module, &["--rse", "--coalesce-locals", "--reorder-locals", "--vacuum", "--strip-debug"])
}

fn wasm_opt_in_place(tool: &Path, module: &Path, passes: &[&str]) -> Result<()> {
    let result = module.with_extension("opt.wasm");
    let features =
        ["simd", "relaxed-simd", "bulk-memory", "nontrapping-float-to-int", "sign-ext", "mutable-globals", "reference-types"];
    let mut command = Command::new("node");
    command.arg(tool).args(passes).args(features.map(|name| format!("--enable-{name}")));
    run(command.arg(module).arg("-o").arg(&result))?;
    fs::rename(&result, module).with_context(|| format!("cannot replace {}", module.display()))
}

/// `wasm-opt` from npm's `binaryen`.
fn wasm_opt() -> Result<Option<PathBuf>> {
    let tool = npm::program("binaryen", BINARYEN, "wasm-opt")?;
    if tool.is_none() {
        eprintln!("notice: npm is not installed, so wasm-opt is skipped and the page is larger than it could be");
    }
    Ok(tool)
}
