//! `unitok info`: describes a model, an index, a file of embeddings or a catalogue.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, ensure};
use serde_json::{Value, json};

use super::catalogue_fields::CatalogueFields;
use super::info_lock;
use super::model_arg::{Loaded, ModelArg};
use super::output::{Outcome, print, say};
use super::reading::ReadingArgs;
use crate::base::words::counted;
use crate::catalog::{self, Part};
use crate::model::{Architecture, NoText, Parameters, Template, Texts};
use crate::tables::is_parquet;
use crate::tokens::lock::read_together;
use crate::tokens::{Index, IndexError, read_index};
use crate::vectors;

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A model folder, an index (.json; exit code 1 if its lockfile does not fit), embeddings (.npy, .npz, .safetensors) or a catalogue. Files may also be .parquet.
    /// Without a path, the model of --model is described
    #[arg(value_name = "PATH", conflicts_with_all = ["model", "preset"])]
    path: Option<PathBuf>,
    #[command(flatten)]
    model: ModelArg,
    /// Describe a preset instead of a trained model
    #[arg(long, value_name = "NAME", value_parser = ["small", "paper"], conflicts_with = "model")]
    preset: Option<String>,
    /// Input width of the preset
    #[arg(long, value_name = "WIDTH", default_value_t = 384, requires = "preset", conflicts_with = "path", value_parser = clap::value_parser!(u32).range(1..=65_536))]
    input: u32,
    /// Number of routed experts of the preset
    #[arg(long, value_name = "COUNT", default_value_t = 6, requires = "preset", conflicts_with = "path", value_parser = clap::value_parser!(u32).range(0..=1024))]
    experts: u32,
    /// Name of the vectors in a file of embeddings that has several: a column, a tensor or an array
    #[arg(long, value_name = "NAME", requires = "path")]
    array: Option<String>,
    /// Print the description as JSON on stdout
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reading: ReadingArgs,
}

impl Args {
    /// How a file of embeddings is to be read.
    fn vectors(&self) -> vectors::ReadOptions {
        let ids = self.reading.id_field().map(Into::into);
        vectors::ReadOptions { array: self.array.clone(), ids, ..Default::default() }
    }

    /// The options for reading that have no effect on what is described: for vectors all but the field of the ids.
    fn unheeded(&self, kind: &Value) -> bool {
        let mut rest = self.reading.clone();
        if kind == "embeddings" {
            rest.fields.retain(|named| named.part != Part::Id);
        }
        kind != "catalogue" && rest != ReadingArgs::default()
    }
}

/// A description in both forms.
struct Description {
    /// For programs.
    json: Value,
    /// For people.
    text: String,
    /// What is wrong with it.
    fault: Option<String>,
}

/// Runs the command.
pub fn run(args: Args) -> anyhow::Result<Outcome> {
    let description = match (&args.path, args.preset.as_deref()) {
        (Some(path), _) => describe_path(path, &args)?,
        (_, Some(preset)) => {
            let (input, experts) = (args.input as usize, args.experts as usize);
            let architecture =
                if preset == "paper" { Architecture::paper(input, experts) } else { Architecture::small(input, experts) };
            describe_architecture(&format!("preset {preset}"), &architecture, experts)
        }
        _ => describe_model(&args.model.load()?)?,
    };
    ensure!(
        !args.unheeded(&description.json["kind"]),
        "the options for reading a catalogue (--field, --skip-bad and the like) do not apply: this is {}",
        if description.json["kind"] == "model" { "a model" } else { "no catalogue but a file of tokens or vectors" }
    );
    print(&if args.json { description.json.to_string() } else { description.text })?;
    let Some(fault) = description.fault else { return Ok(Outcome::Done) };
    say(&format!("check failed: {fault}"));
    Ok(Outcome::CheckFailed)
}

fn describe_path(path: &Path, args: &Args) -> anyhow::Result<Description> {
    if path.join("config.json").is_file() {
        return describe_model(&Loaded::from_folder(path)?);
    }
    if vectors::is_named_so(path) || args.array.is_some() {
        return describe_embeddings(path, &vectors::open(path, args.vectors())?);
    }
    if is_parquet(path) {
        return describe_parquet(path, args);
    }
    // An index and a catalogue may both be named .json, so the content decides: an index is one object of lists.
    let name = path.to_string_lossy().to_lowercase();
    if [".json", ".json.gz"].iter().any(|ending| name.ends_with(ending)) {
        std::fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
        return describe_index(path).or_else(|index| {
            let neither = |catalogue| anyhow!("{}: neither an index ({index}) nor a catalogue ({catalogue})", path.display());
            describe_catalogue(path, &args.reading).map_err(neither)
        });
    }
    describe_catalogue(path, &args.reading)
}

/// Describes embeddings, an index or a catalogue in Parquet, whichever the file's columns fit.
fn describe_parquet(path: &Path, args: &Args) -> anyhow::Result<Description> {
    let vectors = match vectors::open(path, args.vectors()) {
        Ok(reader) => return describe_embeddings(path, &reader),
        Err(error) => error,
    };
    describe_index(path).or_else(|index| {
        let none = |catalogue| anyhow!("neither vectors ({vectors}) nor an index ({index}) nor a catalogue ({catalogue})");
        describe_catalogue(path, &args.reading).map_err(none)
    })
}

fn describe_model(loaded: &Loaded) -> anyhow::Result<Description> {
    let config = &loaded.model.config;
    let mut description = describe_architecture(&loaded.name(), &config.model, config.domains.len());
    let text = &config.text;
    let card = loaded.folder.as_ref().map(|folder| folder.join("README.md")).filter(|card| card.is_file());
    description.text += &format!("\ndomains       {}", config.domains.join(", "));
    description.text += &format!("\ntext encoder  {}", text.encoder);
    if !text.encoder_sha256.is_empty() {
        description.text += &format!(" (sha256 {}…)", text.encoder_sha256.chars().take(12).collect::<String>());
    }
    description.text += &format!("\ntemplate      {}", serde_json::to_string(&text.template)?);
    let metrics = loaded.metrics();
    if let Some(metrics) = &metrics {
        description.text += &format!("\nmeasured      {}", measured(metrics));
    }
    if let Some(card) = &card {
        description.text += &format!("\ncard          {}", card.display());
    }
    description.json["config"] = serde_json::to_value(config)?;
    description.json["folder"] = json!(loaded.folder);
    description.json["card"] = json!(card);
    description.json["metrics"] = json!(metrics);
    Ok(description)
}

/// The most telling figures of `metrics.json`, as far as it has them.
fn measured(metrics: &Value) -> String {
    let figures = [
        ("net collisions", "/report/net/rate"),
        ("rec", "/report/rec"),
        ("q", "/report/q"),
        ("domain–expert NMI", "/report/router/domain_nmi"),
        ("level dependence", "/dependence"),
    ];
    let figure = |(name, pointer)| Some(format!("{name} {:.4}", metrics.pointer(pointer)?.as_f64()?));
    figures.into_iter().filter_map(figure).collect::<Vec<_>>().join(", ")
}

/// Shapes, and the number of parameters beside that of `domains` single-domain tokenizers (the paper's Table 2).
fn describe_architecture(name: &str, a: &Architecture, domains: usize) -> Description {
    let one = a.parameters();
    let single = Architecture { experts: 0, top_n: 0, shared: true, ..a.clone() }.parameters();
    let domains = domains.max(1);
    let ratio = (domains * single.total()) as f64 / one.total() as f64;
    let separate = Parameters {
        autoencoder: domains * single.autoencoder,
        codebooks: domains * single.codebooks,
        router: domains * single.router,
    };
    let widths: Vec<String> = a.widths().iter().map(ToString::to_string).collect();
    let mut text = format!("{name}\n\nencoder       {} (the decoder mirrors it)", widths.join("→"));
    text += &format!("\nquantizers    {} of {} levels × {} codes", a.quantizers(), a.levels, a.codes);
    text +=
        &format!("\nexperts       {} routed, {} an item{}", a.experts, a.top_n, if a.shared { ", and a shared one" } else { "" });
    text += &format!("\n\n{:<14}{:>14}{:>22}", "parameters", "this one", format!("{domains} single-domain"));
    let rows = [
        ("autoencoder", one.autoencoder, separate.autoencoder),
        ("codebooks", one.codebooks, separate.codebooks),
        ("router", one.router, separate.router),
        ("total", one.total(), separate.total()),
    ];
    for (part, one, separate) in rows {
        text += &format!("\n{part:<14}{:>14}{:>22}", grouped(one), grouped(separate));
    }
    text += &format!("\nratio         {ratio:.2} times fewer\n");
    let table =
        |p: Parameters| json!({ "autoencoder": p.autoencoder, "codebooks": p.codebooks, "router": p.router, "total": p.total() });
    let json = json!({
        "kind": "model", "name": name, "architecture": a,
        "parameters": table(one), "single_domain": { "count": domains, "parameters": table(separate) }, "ratio": ratio,
    });
    Description { json, text, fault: None }
}

fn describe_embeddings(path: &Path, reader: &vectors::Reader<'_>) -> anyhow::Result<Description> {
    let layout = reader.layout();
    let ids = if reader.has_ids() { "with ids" } else { "without ids" };
    let mut text = format!(
        "{}\n\n{} of width {} ({}), {ids}",
        path.display(),
        counted(layout.rows, "vector"),
        layout.width,
        layout.element_name()
    );
    text += &format!("\n{}", reader.contents());
    if let Some(made_by) = reader.text() {
        text += &format!("\ntext encoder  {}\ntemplate      {}", made_by.encoder, serde_json::to_string(&made_by.template)?);
    }
    let json = json!({
        "kind": "embeddings", "name": path, "items": layout.rows, "width": layout.width,
        "element": layout.element, "ids": reader.has_ids(), "text": reader.text(),
        "contents": reader.contents(),
    });
    Ok(Description { json, text, fault: None })
}

/// Describes an index and its lockfile, read again where another run writes them meanwhile.
fn describe_index(path: &Path) -> Result<Description, IndexError> {
    let read = || {
        let index: Index = read_index(path).map_err(Err)?;
        let description = describe_with_lock(path, &index);
        if description.fault.is_none() { Ok(description) } else { Err(Ok(description)) }
    };
    read_together(path, read).or_else(|faulty| faulty)
}

fn describe_with_lock(path: &Path, index: &Index) -> Description {
    let (items, tokens) = (index.items(), index.vocabulary.len());
    let (lock, said, fault) = info_lock::describe(path, index);
    let text = format!(
        "{}\n\n{}, {} each, {}{said}",
        path.display(),
        counted(items, "item"),
        counted(index.width, "token"),
        counted(tokens, "different token")
    );
    let json = json!({ "kind": "index", "name": path, "items": items, "width": index.width, "vocabulary": tokens, "lock": lock });
    Description { json, text, fault }
}

fn describe_catalogue(path: &Path, reading: &ReadingArgs) -> anyhow::Result<Description> {
    let options = catalog::ReadOptions { malformed: catalog::Malformed::Skip, ..reading.options() };
    let mut texts = Texts::new(catalog::open(path, &options)?, Template::default(), NoText::LeaveOut);
    texts.try_for_each(|item| item.map(drop))?;
    let mut fields = CatalogueFields::default();
    fields.add(path, texts.reader().fields());
    fields.check(&options.fields)?;
    let report = texts.reader().report();
    let markup = if report.with_markup > 0 { format!("; {} with HTML in their text", report.with_markup) } else { String::new() };
    let json = json!({ "kind": "catalogue", "name": path, "read": report, "fields": texts.reader().fields() });
    let told = catalog::describe_fields(texts.reader().fields());
    let text = format!("{}\n\n{report}{markup}{}\n{told}", path.display(), fields.unread());
    Ok(Description { json, text, fault: None })
}

/// `8745632` → `8,745,632`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|g| std::str::from_utf8(g).expect("digits")).collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_papers_table_2_is_printed() {
        let paper = describe_architecture("paper", &Architecture::paper(768, 10), 10);
        for number in ["8,745,632", "360,448", "330", "9,106,410", "87,784,000", "9.64 times"] {
            assert!(paper.text.contains(number), "{number} is not in\n{}", paper.text);
        }
        assert_eq!(paper.json["parameters"]["total"], 9_106_410);
    }
}
