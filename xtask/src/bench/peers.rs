//! What the races need: UniTok's release build, the peers' packages in a virtual environment, a compiled loop in C, and data.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::{apt_install, cargo, find_program, output, root, run, target};
use crate::text_model;

/// Paths of programs and data.
pub struct Tools {
    /// The `unitok` program.
    pub unitok: PathBuf,
    /// Python of the virtual environment with the peers' packages.
    pub python: PathBuf,
    /// Folder of the peers' scripts.
    pub scripts: PathBuf,
    /// Folder of the data that all contenders read.
    pub data: PathBuf,
    /// Number of titles in `texts.txt` there.
    pub titles: usize,
    /// Folder of the text model.
    pub text_model: PathBuf,
    /// Names and libraries of the C loop, for each instruction set that this CPU has.
    pub c_loops: Vec<(&'static str, PathBuf)>,
}

/// Installs and builds what is missing. Without `train`, the program is built without training, in a fifth of the time.
pub fn set_up(folder: &Path, train: bool, titles: usize) -> Result<Tools> {
    let scripts = root().join("xtask/peers");
    let features: &[&str] = if train { &[] } else { &["--no-default-features", "--features", "cli"] };
    run(cargo().args(["build", "--release", "--bin", "unitok"]).args(features))?;
    let python = python(folder, &scripts.join("requirements.txt"))?;
    let data = folder.join("data");
    fs::create_dir_all(&data)?;
    let unitok = target().join("release/unitok");
    let (c_loops, text_model) = (c_loops(folder, &scripts)?, text_model::fetch()?);
    let tools = Tools { unitok, python, c_loops, scripts, data, titles, text_model };
    tools.make_data()?;
    Ok(tools)
}

/// The virtual environment's Python, after installing the requirements. A copy of them marks a finished installation.
fn python(folder: &Path, requirements: &Path) -> Result<PathBuf> {
    let (venv, stamp) = (folder.join("venv"), folder.join("venv/requirements.txt"));
    let python = venv.join("bin/python");
    let wanted = fs::read_to_string(requirements)?;
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    eprintln!("installing the peers, some gigabytes of Python packages, once into {}", venv.display());
    if !python.is_file() {
        if output(Command::new("python3").args(["-m", "venv", "--help"])).is_none() {
            apt_install(&["python3-venv"])?;
        }
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
    }
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
    run(pip.arg(requirements)).context("cannot install the peers: check the network and pip's settings, then try again")?;
    fs::write(&stamp, wanted)?;
    Ok(python)
}

/// Compiles `rq_fused.c` for the instruction sets that the CPU has; for none without a C compiler, or on other CPUs than x86-64.
fn c_loops(folder: &Path, scripts: &Path) -> Result<Vec<(&'static str, PathBuf)>> {
    let Some(compiler) = find_program(&["gcc", "cc"]).filter(|_| env::consts::ARCH == "x86_64") else {
        eprintln!("notice: the loop in C is left out: it needs gcc on x86-64");
        return Ok(Vec::new());
    };
    let flags = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let has = |flag: &str| flags.split_ascii_whitespace().any(|word| word == flag);
    let sets: [(&str, &str, &[&str]); 2] = [
        ("c_fused_avx2", "avx2", &["-mavx2", "-mfma"]),
        ("c_fused_avx512", "avx512bw", &["-march=skylake-avx512", "-mprefer-vector-width=512"]),
    ];
    let mut built = Vec::new();
    for (name, _, options) in sets.into_iter().filter(|(_, flag, _)| has(flag)) {
        let library = folder.join(format!("{name}.so"));
        let mut command = Command::new(&compiler);
        command.args(["-O3", "-fopenmp", "-shared", "-fPIC"]).args(options);
        run(command.arg(scripts.join("rq_fused.c")).arg("-o").arg(&library))?;
        built.push((name, library));
    }
    Ok(built)
}

impl Tools {
    /// Command that runs a peer's script.
    pub fn script(&self, name: &str) -> Command {
        let mut command = Command::new(&self.python);
        command.arg(self.scripts.join(name));
        // Idle threads of one library must not spin while the work of another is timed.
        command.envs([("OMP_WAIT_POLICY", "PASSIVE"), ("KMP_BLOCKTIME", "0"), ("GOMP_SPINCOUNT", "0")]);
        command
    }

    /// Command that times a stage with `unitok bench`.
    pub fn unitok_bench(&self, stage: &str) -> Command {
        let mut command = Command::new(&self.unitok);
        command.args(["bench", stage, "--json"]).env("UNITOK_TEXT_MODEL", &self.text_model);
        command
    }

    /// Folder of the default tokenizer.
    pub fn model(&self) -> PathBuf {
        root().join("www/models/default")
    }

    /// Folder of the text model in int8, which is made once.
    pub fn int8_model(&self) -> Result<PathBuf> {
        let folder = self.data.join("int8");
        if !folder.join("model.safetensors").is_file() {
            fs::create_dir_all(&folder)?;
            for name in ["config.json", "tokenizer.json"] {
                fs::copy(self.text_model.join(name), folder.join(name))?;
            }
            let weights = unitok::text::quantize_int8(&fs::read(self.text_model.join("model.safetensors"))?)?;
            fs::write(folder.join("model.safetensors"), weights)?;
        }
        Ok(folder)
    }

    /// Writes the data files that are missing, and the titles.
    fn make_data(&self) -> Result<()> {
        let missing = |name: &str| Some(self.data.join(name)).filter(|path| !path.is_file());
        if let Some(path) = missing("rq.npz") {
            run(self.script("rq.py").arg("--prep").arg("--data").arg(path))?;
        }
        if missing("rows.npz").or(missing("rows.npy")).is_some() {
            let mut rows = self.script("end_to_end.py");
            run(rows.arg("--prep").arg("--model").arg(self.model()).arg("--data").arg(self.data.join("rows.npz")))?;
        }
        if let Some(path) = missing("layers.npz") {
            run(self.script("mlp.py").args(["--make", "--only", "torch", "--seconds", "0.1", "--data"]).arg(path))?;
        }
        fs::write(self.data.join("texts.txt"), titles(self.titles)?)?;
        Ok(())
    }
}

/// `count` titles, one per line: from the real catalogues beside the repository if they exist, otherwise from the sample
/// catalogues. Titles are repeated if there are too few.
fn titles(count: usize) -> Result<String> {
    let real = root().join("../shared/data");
    let mut files: Vec<PathBuf> = list(&real).into_iter().map(|folder| folder.join("items.jsonl")).collect();
    files.retain(|file| file.is_file());
    if files.is_empty() {
        eprintln!("notice: no real catalogues in ../shared/data: the titles are those of the sample catalogues");
        files = list(&root().join("www/samples"));
        files.retain(|file| file.extension().is_some_and(|kind| kind == "jsonl"));
    }
    let mut titles = Vec::new();
    for file in &files {
        let items = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let title =
            |line: &str| Some(serde_json::from_str::<serde_json::Value>(line).ok()?["title"].as_str()?.replace('\n', " "));
        titles.extend(items.lines().filter_map(title).filter(|title| !title.trim().is_empty()).take(count / files.len() + 1));
    }
    let repeated = titles.iter().cycle().take(count.min(titles.len() * count));
    Ok(repeated.map(|title| format!("{title}\n")).collect())
}

/// Sorted paths in a folder; empty if it cannot be read.
fn list(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).map(|entries| entries.flatten().map(|entry| entry.path()).collect()).unwrap_or_default();
    paths.sort();
    paths
}
