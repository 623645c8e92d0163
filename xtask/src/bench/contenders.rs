//! The races: which contenders run against each other, and the bars that UniTok must reach.

use std::ffi::{OsStr, OsString};
use std::process::Command;

use anyhow::Result;

use super::device::Torch;
use super::peers::Tools;

/// UniTok and its peers at the same work.
pub struct Race {
    /// Name for `--only`.
    pub name: &'static str,
    /// Title in the table.
    pub title: String,
    /// Threads of every contender.
    pub threads: usize,
    /// The contenders, UniTok first.
    pub contenders: Vec<Contender>,
    /// The ratios that UniTok must reach.
    pub bars: Vec<Bar>,
}

/// A program that prints one line of JSON with `items_per_second` and `items_per_cpu_second`.
pub struct Contender {
    /// Name in the table.
    pub name: &'static str,
    /// How to run it.
    pub command: Command,
    /// Whether its results differ by design, so that they need not agree with the reference.
    pub differs: bool,
}

/// A least speed of UniTok, relative to the fastest of some peers.
pub struct Bar {
    /// Names of the peers.
    pub against: Vec<&'static str>,
    /// Least ratio of UniTok's rate to theirs.
    pub least: f64,
}

/// UniTok must be at least `least` times as fast as the fastest of `against`.
pub fn bar(against: &[&'static str], least: f64) -> Bar {
    Bar { against: against.to_vec(), least }
}

/// A program whose results must agree with the reference.
pub fn contender(name: &'static str, command: Command) -> Contender {
    Contender { name, command, differs: false }
}

/// Names of the races on a GPU, for `--only`.
pub const GPU_RACES: [&str; 4] = ["rq", "encode", "text", "tokenize"];

/// All races on a GPU: UniTok against PyTorch, both plain and compiled, if PyTorch has a device. All contenders start and end
/// in the host's memory, so wall times are compared. There are no bars.
pub fn gpu_races(tools: &Tools, seconds: f64, torch: Torch) -> Vec<Race> {
    let threads = std::thread::available_parallelism().map_or(2, |count| count.get().max(2));
    let seconds = seconds.to_string();
    let with = |mut command: Command, arguments: &[(&str, &OsStr)]| {
        command.args(["--threads", &threads.to_string(), "--seconds", &seconds]);
        command.args(arguments.iter().flat_map(|(name, value)| [OsStr::new(name), *value]));
        command
    };
    let race = |name, title: &str, ours: &str, arguments: &[(&str, &OsStr)], peers: [(&'static str, Command); 2]| {
        let ours = with(tools.unitok_bench(ours), &[arguments, &[("--device", OsStr::new("gpu"))]].concat());
        let mut contenders = vec![contender("unitok", ours)];
        if let Some(device) = torch {
            contenders.extend(peers.map(|(name, command)| {
                let which = [("--only", OsStr::new(name)), ("--device", OsStr::new(device))];
                contender(name, with(command, &which))
            }));
        }
        Race { name, title: title.to_owned(), threads, contenders, bars: Vec::new() }
    };
    let file = |name: &str| tools.data.join(name).into_os_string();
    let (rq, layers, rows, texts) = (file("rq.npz"), file("layers.npz"), file("rows.npz"), file("texts.txt"));
    let model = tools.model().into_os_string();
    let script = |name: &str, arguments: &[&OsStr]| {
        let mut command = tools.script(name);
        command.args(arguments);
        command
    };
    let data = OsStr::new("--data");
    let peers = |names: [&'static str; 2], command: &dyn Fn() -> Command| names.map(|name| (name, command()));
    let text = [texts.as_os_str(), tools.text_model.as_os_str()];
    let tokenize = [data, &rows, OsStr::new("--model"), &model];
    vec![
        race(
            "rq",
            "RQ 4×256×32, greedy",
            "rq",
            &[("--data", &rq)],
            peers(["torch_by_hand", "torch_compiled"], &|| script("rq.py", &[data, &rq])),
        ),
        race(
            "encode",
            "MLP 768→512→256→128→64→32",
            "encode",
            &[("--data", &layers)],
            peers(["torch", "torch_compiled"], &|| script("mlp.py", &[data, &layers])),
        ),
        race(
            "text",
            &format!("MiniLM f32, {} titles", tools.titles),
            "text",
            &[("--texts", &texts), ("--text-model", tools.text_model.as_os_str())],
            peers(["sentence-transformers", "sentence-transformers-compiled"], &|| script("text.py", &text)),
        ),
        race(
            "tokenize",
            "embedding → tokens",
            "tokenize",
            &[("--data", &rows), ("--model", &model)],
            peers(["torch", "torch_compiled"], &|| script("end_to_end.py", &tokenize)),
        ),
    ]
}

/// Names of the native races on the CPU, for `--only`.
pub const RACES: [&str; 10] = ["rq", "beam", "encode", "text", "text-int8", "tokenize", "train", "dec", "sasrec", "search"];

/// Those of them that need a program with training.
pub const TRAINING: [&str; 4] = ["train", "dec", "sasrec", "search"];

/// The native races on the CPU; each contender is timed for `seconds` in a round.
pub fn races(tools: &Tools, seconds: f64) -> Result<Vec<Race>> {
    let seconds = seconds.to_string();
    let with = |mut command: Command, threads: usize, arguments: &[(&str, OsString)]| {
        command.args(["--threads", &threads.to_string(), "--seconds", &seconds]);
        for (name, value) in arguments {
            command.arg(name).arg(value);
        }
        command
    };
    let data = |name: &str| ("--data", tools.data.join(name).into_os_string());
    let only = |name: &str| ("--only", OsString::from(name));
    let rq = |name: &'static str| contender(name, with(tools.script("rq.py"), 1, &[only(name), data("rq.npz")]));

    let mut greedy = vec![contender("unitok", with(tools.unitok_bench("rq"), 1, &[data("rq.npz")]))];
    greedy.extend(["faiss_beam1", "faiss_flat", "vector_quantize_pytorch", "torch_by_hand", "numpy_products"].map(rq));
    let mut bars = vec![bar(&["faiss_beam1"], 4.0), bar(&["vector_quantize_pytorch"], 10.0)];
    for (name, library) in &tools.c_loops {
        let arguments = [only("c_fused"), data("rq.npz"), ("--library", library.clone().into_os_string())];
        greedy.push(contender(name, with(tools.script("rq.py"), 1, &arguments)));
    }
    let loops: Vec<&'static str> = tools.c_loops.iter().map(|(name, _)| *name).collect();
    if !loops.is_empty() {
        bars.push(bar(&loops, 1.2));
    }

    let beam = [data("rq.npz"), ("--beam", "5".into())];
    let beam =
        vec![contender("unitok", with(tools.unitok_bench("rq"), 1, &beam)), Contender { differs: true, ..rq("faiss_beam5_lut") }];

    let mlp = |name: &'static str| contender(name, with(tools.script("mlp.py"), 1, &[only(name), data("layers.npz")]));
    let encode =
        vec![contender("unitok", with(tools.unitok_bench("encode"), 1, &[data("layers.npz")])), mlp("ort"), mlp("torch")];

    let texts = tools.data.join("texts.txt");
    let text = |name: &'static str| {
        let mut command = tools.script("text.py");
        command.arg(&texts).arg(&tools.text_model).arg("--graphs").arg(&tools.data);
        contender(name, with(command, 1, &[only(name)]))
    };
    let ours = |model: &std::path::Path| {
        with(tools.unitok_bench("text"), 1, &[("--texts", texts.clone().into()), ("--text-model", model.into())])
    };
    let text_f32 = vec![contender("unitok", ours(&tools.text_model)), text("ort-f32"), text("sentence-transformers")];
    let text_int8 = vec![contender("unitok", ours(&tools.int8_model()?)), text("ort-int8")];

    let rows = |name: &'static str| {
        let arguments = [only(name), data("rows.npz"), ("--model", tools.model().into_os_string())];
        contender(name, with(tools.script("end_to_end.py"), 2, &arguments))
    };
    let model = ("--model", tools.model().into_os_string());
    let mut tokenize = vec![contender("unitok", with(tools.unitok_bench("tokenize"), 2, &[data("rows.npz"), model]))];
    let combinations = ["ort_numpy", "ort_torch", "ort_faiss", "ort_faiss_flat"];
    tokenize.extend(combinations.map(rows));

    let torch = |name: &'static str, mode: &str| contender(name, with(tools.script("train.py"), 2, &[only(mode)]));
    let train = vec![contender("unitok", with(tools.unitok_bench("train"), 2, &[])), torch("torch", "eager")];

    let part = |name: &'static str, threads, part| contender(name, with(tools.unitok_bench("recommend"), threads, &[only(part)]));
    let script = |name: &str, words: &[&str]| {
        let mut command = tools.script(name);
        command.args(words);
        contender("torch", with(command, 2, &[]))
    };
    let dec = vec![part("unitok", 2, "dec"), script("dec.py", &["--race"])];
    let sasrec = vec![part("unitok", 2, "sasrec"), script("sasrec.py", &[])];
    let search = vec![part("unitok", 1, "search"), part("uncached", 1, "uncached-search")];

    let race = |name, title: &str, threads, contenders, bars| Race { name, title: title.to_owned(), threads, contenders, bars };
    Ok(vec![
        race("rq", "RQ 4×256×32, greedy", 1, greedy, bars),
        race("beam", "RQ 4×256×32, beam 5", 1, beam, vec![bar(&["faiss_beam5_lut"], 3.0)]),
        race("encode", "MLP 768→512→256→128→64→32", 1, encode, vec![bar(&["ort"], 1.1)]),
        race(
            "text",
            &format!("MiniLM f32, {} titles", tools.titles),
            1,
            text_f32,
            vec![bar(&["ort-f32"], 1.2), bar(&["sentence-transformers"], 2.0)],
        ),
        race("text-int8", &format!("MiniLM int8, {} titles", tools.titles), 1, text_int8, vec![bar(&["ort-int8"], 1.2)]),
        race("tokenize", "embedding → tokens", 2, tokenize, vec![bar(&combinations, 2.0)]),
        race("train", "a training step of preset `small`", 2, train, vec![bar(&["torch"], 1.0)]),
        race("dec", "a training step of `dec`, reduced size", 2, dec, vec![bar(&["torch"], 0.8)]),
        race("sasrec", "a training step of SASRec, reduced size", 2, sasrec, vec![bar(&["torch"], 0.8)]),
        race("search", "beam search of `dec`, 20 beams", 1, search, vec![bar(&["uncached"], 5.0)]),
    ])
}
