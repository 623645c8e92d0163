//! Two runs on one output, started at any distance, and runs that are killed: the output is always of one run, and the
//! next run goes through. `UNITOK_RACES` sets the number of rounds.

use std::fs;
use std::process::{Child, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use unitok::base::random::Random;

use super::workspace;
use super::workspace::{Workspace, stderr};

/// A command that writes; `{}` stands for `a` or `b`.
struct Race<'a> {
    command: &'a str,
    /// What it writes.
    files: &'a [&'a str],
    /// What the next run needs after one that was killed.
    again: &'a str,
}

fn rounds() -> usize {
    std::env::var("UNITOK_RACES").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(3)
}

impl Race<'_> {
    fn start(&self, workspace: &Workspace, input: &str, more: &str) -> Child {
        let mut command = workspace.command(&format!("{} {more}", self.command.replace("{}", input)));
        command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap()
    }

    fn finish(&self, workspace: &Workspace, input: &str, more: &str) -> Vec<Vec<u8>> {
        let output = self.start(workspace, input, more).wait_with_output().unwrap();
        assert!(won(&output), "{}: {}", self.command, stderr(&output));
        self.written(workspace)
    }

    fn written(&self, workspace: &Workspace) -> Vec<Vec<u8>> {
        self.files.iter().map(|name| fs::read(workspace.path(name)).unwrap_or_default()).collect()
    }

    /// Runs all rounds.
    fn run(&self, workspace: &Workspace) {
        let began = Instant::now();
        let whole = ["a", "b"].map(|input| self.finish(workspace, input, ""));
        let one_run = began.elapsed() / 2;
        let left = files(workspace);
        assert_ne!(whole[0], whole[1], "the test needs two outputs");
        let mut random = Random::new(13);
        let mut offset = |longest: Duration| longest.mul_f32((random.centred() + 0.5).clamp(0.0, 1.0));
        let mut refused = 0;
        for round in 0..rounds() {
            let first = self.start(workspace, "a", "");
            sleep(offset(one_run));
            let second = self.start(workspace, "b", "");
            let ended = [first, second].map(|run| run.wait_with_output().unwrap());
            let wins = ended.each_ref().map(won);
            assert!(wins[0] || wins[1], "{}: one run wins: {}", self.command, stderr(&ended[0]));
            ended.iter().filter(|output| !won(output)).for_each(assert_refused);
            refused += wins.iter().filter(|won| !**won).count();
            // Where both won, one after the other, it is the second's or, if that came first, the first's.
            let written = self.written(workspace);
            let of = whole.iter().position(|whole| *whole == written);
            assert!(of.is_some_and(|run| wins[run]), "{}: round {round}: mixed, or of neither: {of:?} {wins:?}", self.command);
            assert_eq!(files(workspace), left, "nothing is left over");

            let mut killed = self.start(workspace, "a", "");
            sleep(offset(one_run));
            killed.kill().unwrap();
            killed.wait().unwrap();
            self.assert_whole_or_missing(workspace, &whole);
            assert_eq!(self.finish(workspace, "b", self.again), whole[1], "{}: after a kill", self.command);
            assert_eq!(files(workspace), left, "nothing of the killed run is left over");
        }
        eprintln!("{}: {} rounds, {refused} runs refused, one run takes {one_run:.0?}", self.command, rounds());
    }

    /// A run that is killed leaves what was there, its own output, or none.
    fn assert_whole_or_missing(&self, workspace: &Workspace, whole: &[Vec<Vec<u8>>; 2]) {
        let written = self.written(workspace);
        let first = &written[0];
        let complete = whole.iter().find(|whole| whole[0] == *first);
        assert!(first.is_empty() || complete.is_some(), "{}: half a file", self.command);
        if self.files.len() == 2 {
            assert!(complete.is_none_or(|whole| *whole == written), "{}: files of two runs", self.command);
        }
    }
}

/// Whether a run wrote its output. Training that short gives a collapsed model, which exit code 1 says.
fn won(output: &Output) -> bool {
    matches!(output.status.code(), Some(0 | 1))
}

fn assert_refused(output: &Output) {
    let message = stderr(output);
    assert!(output.status.code() == Some(2) && message.contains("another run"), "{:?}: {message}", output.status);
}

fn files(workspace: &Workspace) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![workspace.path("")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path.to_string_lossy().into_owned()) }
        }
    }
    found.sort();
    found
}

#[test]
fn embed() {
    let workspace = workspace(4_000);
    let files = ["out.npy", "out.npy.ids.txt"];
    Race { command: "embed --items {}.jsonl --out out.npy --device cpu --quiet", files: &files, again: "--force" }
        .run(&workspace);
}

#[test]
fn tokenize() {
    let workspace = workspace(10_000);
    let command = "tokenize --model model --embeddings {}.npy --out i.json --device cpu --quiet --collisions suffix";
    Race { command, files: &["i.json"], again: "" }.run(&workspace);
}

/// Whoever reads an index while another run replaces it finds the lockfile of the same run.
#[test]
fn a_reader_of_an_index_that_is_replaced() {
    let workspace = workspace(10_000);
    for run in ["a", "b"] {
        workspace.summary(&format!("tokenize --model model --embeddings {run}.npy --out {run}.json --device cpu"));
    }
    let replace = |run: &str| {
        let files = ["json", "json.lock"].map(|ending| [run, "new", "i"].map(|name| workspace.path(&format!("{name}.{ending}"))));
        files.iter().for_each(|[made, new, _]| assert!(fs::copy(made, new).is_ok()));
        files.iter().for_each(|[_, new, old]| fs::rename(new, old).unwrap());
    };
    replace("a");
    let began = Instant::now();
    assert!(won(&workspace.run("info i.json")));
    let one_read = began.elapsed();
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for run in ["b", "a"].into_iter().cycle().take_while(|_| !ended.load(Ordering::Relaxed)) {
                replace(run);
                sleep(3 * one_read);
            }
        });
        let runs: Vec<Output> = (0..10 * rounds()).map(|_| workspace.run("info i.json")).collect();
        ended.store(true, Ordering::Relaxed);
        runs.iter().for_each(|run| assert_eq!(run.status.code(), Some(0), "{}", stderr(run)));
    });
}

#[cfg(feature = "train")]
#[test]
fn train() {
    let workspace = workspace(400);
    let sets = "model.hidden=[12] model.latent=4 model.codes=8 model.levels=2 recipe.items_per_domain=30 recipe.warmup_steps=20 \
                recipe.joint_steps=30 recipe.decoder_steps=10 recipe.reseed_every=10 recipe.checkpoint_every=5";
    let sets: String = sets.split_whitespace().map(|set| format!(" --set {set}")).collect();
    let command = format!("train --domain x={{}}.npy --domain y={{}}.npy --out trained --force --quiet{sets}");
    let files = ["trained/model.safetensors", "trained/config.json", "trained/metrics.jsonl"];
    Race { command: &command, files: &files, again: "" }.run(&workspace);
}

/// Two names of one output are one.
#[test]
fn a_living_run_is_named_and_not_disturbed() {
    let workspace = workspace(20_000);
    std::os::unix::fs::symlink("out.npy", workspace.path("link.npy")).unwrap();
    let run = "embed --items {}.jsonl --out out.npy --device cpu --quiet";
    let race = Race { command: run, files: &["out.npy"], again: "" };
    let living = race.start(&workspace, "a", "");
    while !workspace.path("out.npy.partial.json").exists() {
        sleep(Duration::from_millis(1));
    }
    for second in ["--out out.npy", "--out out.npy --force", "--out out.npy --resume", "--out link.npy"] {
        let output = workspace.run(&format!("embed --items b.jsonl {second}"));
        assert_refused(&output);
        if cfg!(target_os = "linux") {
            assert!(stderr(&output).contains(&format!("(pid {})", living.id())), "{}", stderr(&output));
        }
    }
    assert!(living.wait_with_output().unwrap().status.success());
    let alone = race.written(&workspace);
    assert_eq!(race.finish(&workspace, "a", ""), alone);
}
