//! Races in headless Chromium: the page's WebAssembly against the native program, and its text encoder against transformers.js,
//! on the CPU or on WebGPU. Also measures how long a visitor waits for the first tokens.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::contenders::{Contender, Race, bar, contender};
use super::peers::Tools;
use crate::process::{describe, root, run};
use crate::{site, test};

/// Names of the races on the CPU, for `--only`.
pub const RACES: [&str; 3] = ["wasm", "browser-text", "browser-text-int8"];
/// Names of the races on a GPU, for `--only`.
pub const GPU_RACES: [&str; 1] = ["browser-text"];
/// Name of the measurement of the first tokens, for `--only`. It has no peers, so it is not a race.
pub const FIRST_TOKEN: &str = "first-token";
/// Most titles that the page embeds: fewer than in the native races, because it is slower.
const TITLES: usize = 125;

/// What races in the browser need besides [`Tools`].
pub struct Browser<'t> {
    tools: &'t Tools,
    site: PathBuf,
    chromium: PathBuf,
    /// `node_modules` of transformers.js.
    packages: PathBuf,
}

/// Builds the site, installs packages, and makes the results that the page must reproduce with the native program.
pub fn set_up<'t>(folder: &Path, tools: &'t Tools) -> Result<Browser<'t>> {
    test::node()?;
    let chromium = test::chromium()?;
    test::install_packages()?;
    let packages = transformers(&folder.join("transformers"))?;
    let browser = Browser { tools, site: site::build()?, chromium, packages };
    browser.make_data()?;
    Ok(browser)
}

/// Installs the locked version of transformers.js, and returns its `node_modules`. Install scripts are left out: they would
/// fetch programs that a browser does not need.
fn transformers(folder: &Path) -> Result<PathBuf> {
    let locked = root().join("xtask/peers/transformers");
    let (packages, stamp) = (folder.join("node_modules"), folder.join("installed-lock.json"));
    let wanted = fs::read(locked.join("package-lock.json"))?;
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(packages);
    }
    fs::create_dir_all(folder)?;
    for name in ["package.json", "package-lock.json"] {
        fs::copy(locked.join(name), folder.join(name))?;
    }
    let mut npm = Command::new("npm");
    npm.current_dir(folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    run(&mut npm).context("cannot install transformers.js: check the network and npm's settings, then try again")?;
    fs::write(&stamp, wanted)?;
    Ok(packages)
}

impl Browser<'_> {
    /// The races on the CPU; each contender is timed for `seconds` in a round.
    pub fn races(&self, seconds: f64) -> Result<Vec<Race>> {
        let data = |name: &str| self.tools.data.join(name).into_os_string();
        let model = self.tools.model().into_os_string();
        let rows = [("--model", model.clone()), ("--rows", data("rows.npy")), ("--index", data("index.json"))];
        let ours = contender("unitok, wasm", self.node("tokenize.js", seconds, &rows));
        let mut native = self.tools.unitok_bench("tokenize");
        native.args(["--threads", "1", "--items", "20000", "--seconds", &seconds.to_string(), "--data"]).arg(data("rows.npz"));
        let native = contender("unitok, native", std::mem::replace(native.arg("--model").arg(model), Command::new("")));

        let (exact, peer) = (self.tools.text_model.clone().into_os_string(), "transformers.js, wasm");
        let text = |name, only, model, more: &[_]| self.text(name, only, model, seconds, more);
        let f32 = vec![text("unitok, wasm", "unitok", exact, &[]), text(peer, "transformers", data("transformers"), &[])];
        let int8 = self.tools.int8_model()?.into_os_string();
        let theirs = text(peer, "transformers", data("transformers"), &[("--dtype", "q8")]);
        let int8 = vec![text("unitok, wasm", "unitok", int8, &[]), Contender { differs: true, ..theirs }];

        let titles = |kind| self.titles(kind);
        let race = |name, title, contenders, bars| Race { name, title, threads: 1, contenders, bars };
        Ok(vec![
            race(RACES[0], "embedding → tokens in the browser".into(), vec![ours, native], vec![bar(&["unitok, native"], 0.4)]),
            race(RACES[1], titles("f32"), f32, vec![bar(&[peer], 1.0)]),
            race(RACES[2], titles("int8"), int8, vec![bar(&[peer], 1.0)]),
        ])
    }

    /// The races on WebGPU; `device` is webgpu or software. Contenders wait for the adapter, so wall times are compared.
    pub fn gpu_races(&self, seconds: f64, device: &str) -> Vec<Race> {
        let on = [("--device", device)];
        let (model, theirs) =
            (self.tools.text_model.clone().into_os_string(), self.tools.data.join("transformers").into_os_string());
        let ours = self.text("unitok, WebGPU", "unitok", model, seconds, &on);
        let theirs = self.text("transformers.js, WebGPU", "transformers", theirs, seconds, &on);
        vec![Race { name: GPU_RACES[0], title: self.titles("f32"), threads: 2, contenders: vec![ours, theirs], bars: Vec::new() }]
    }

    /// A contender that embeds the titles.
    fn text(&self, name: &'static str, only: &str, model: OsString, seconds: f64, more: &[(&str, &str)]) -> Contender {
        let data = |name: &str| self.tools.data.join(name).into_os_string();
        let texts = [("--texts", data("browser-texts.txt")), ("--vectors", data("browser-vectors.npy"))];
        let mut arguments = [texts.as_slice(), &[("--only", only.into()), ("--model", model)]].concat();
        arguments.push(("--packages", self.packages.clone().into_os_string()));
        arguments.extend(more.iter().map(|(name, value)| (*name, OsString::from(value))));
        contender(name, self.node("text.js", seconds, &arguments))
    }

    fn titles(&self, kind: &str) -> String {
        format!("MiniLM {kind} in the browser, {} titles", self.tools.titles.min(TITLES))
    }

    /// Milliseconds from navigation to the first tokens, over `visits` visits.
    pub fn first_token(&self, visits: usize) -> Result<Value> {
        let mut command = self.script("first_token.js");
        command.args(["--visits", &visits.to_string()]);
        let line = describe(&command);
        let output = command.stderr(Stdio::inherit()).output().with_context(|| format!("cannot start: {line}"))?;
        ensure!(output.status.success(), "{line}: {}", output.status);
        serde_json::from_slice(&output.stdout).with_context(|| format!("{line} printed no JSON"))
    }

    fn script(&self, name: &str) -> Command {
        let mut command = Command::new("node");
        command.arg(root().join("xtask/peers/browser").join(name));
        command.env("CHROMIUM", &self.chromium).env("UNITOK_SITE", &self.site);
        command
    }

    fn node(&self, script: &str, seconds: f64, arguments: &[(&str, OsString)]) -> Command {
        let mut command = self.script(script);
        command.args(["--threads", "1", "--seconds", &seconds.to_string()]);
        for (name, value) in arguments {
            command.arg(name).arg(value);
        }
        command
    }

    /// Makes the native program's results for the same rows and titles, and the ONNX graphs for transformers.js.
    fn make_data(&self) -> Result<()> {
        let data = |name: &str| self.tools.data.join(name);
        let mut tokens = Command::new(&self.tools.unitok);
        tokens.arg("tokenize").arg("--model").arg(self.tools.model()).arg("--embeddings").arg(data("rows.npy"));
        run(tokens.args(["--device", "cpu", "--out"]).arg(data("index.json")))?;

        let texts = fs::read_to_string(data("texts.txt"))?;
        let titles: Vec<&str> = texts.lines().step_by(self.tools.titles.div_ceil(TITLES)).take(TITLES).collect();
        fs::write(data("browser-texts.txt"), titles.join("\n"))?;
        let items: String =
            titles.iter().enumerate().map(|(i, title)| format!("{}\n", json!({ "id": i, "title": title }))).collect();
        fs::write(data("browser-texts.jsonl"), items)?;
        let mut vectors = Command::new(&self.tools.unitok);
        vectors.arg("embed").arg("--items").arg(data("browser-texts.jsonl")).args(["--device", "cpu", "--text-model"]);
        run(vectors.arg(&self.tools.text_model).arg("--out").arg(data("browser-vectors.npy")))?;

        if !data("transformers/tokenizer_config.json").is_file() {
            let mut export = self.tools.script("text.py");
            export.arg(data("texts.txt")).arg(&self.tools.text_model).arg("--graphs").arg(&self.tools.data);
            run(export.arg("--web").arg(data("transformers")))?;
        }
        Ok(())
    }
}
