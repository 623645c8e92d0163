//! The domains of a training run: which files they are, their vectors, and what is known of their items besides.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

use super::histories::mix;
use super::one_text_model::OneTextModel;
use crate::base::words::{counted, verb};
use crate::engine::scale_rows;
use crate::train::TrainError;
use crate::train::data::{Collaborative, Domain};
use crate::train::recipes::unitok::evaluate::LeftOut;
use crate::train::recipes::unitok::options::{HistoryOptions, Role};
use crate::train::recipes::unitok::session::Data;
use crate::vectors::{self, ReadOptions};

/// A domain and where its vectors are.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    name: String,
    path: PathBuf,
    /// What users did with its items.
    interactions: Option<PathBuf>,
    /// Not to train on, only to measure.
    unseen: bool,
}

impl Source {
    /// Where the vectors are.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the interactions are.
    pub fn interactions(&self) -> Option<&Path> {
        self.interactions.as_deref()
    }
}

/// The files of `--domain` and of `--zero-shot`; says where an argument could be read in two ways.
///
/// # Errors
/// A file that does not exist, or a name that is missing or given twice.
pub fn sources(domains: &[String], unseen: &[String], say: &mut dyn FnMut(&str)) -> anyhow::Result<Vec<Source>> {
    let arguments = domains.iter().map(|a| (a, false)).chain(unseen.iter().map(|a| (a, true)));
    let (mut sources, mut paths) = (Vec::new(), HashMap::new());
    for (argument, unseen) in arguments {
        let (name, path) = name_and_path(argument, &|path| path.exists(), say)?;
        let earlier = paths.insert(name.clone(), path.clone());
        if let Some(earlier) = earlier {
            bail!(
                "two domains are called {name}, {} and {}: give each its own name, as in {name}-2={}",
                earlier.display(),
                path.display(),
                path.display()
            );
        }
        sources.push(Source { name, path, interactions: None, unseen });
    }
    Ok(sources)
}

/// Gives each of `--interactions` to the domain that it names.
///
/// # Errors
/// A name that no domain has, or that two have.
pub fn add_interactions(sources: &mut [Source], arguments: &[String]) -> anyhow::Result<()> {
    for argument in arguments {
        let (name, path) =
            argument.split_once('=').with_context(|| format!("--interactions {argument}: write DOMAIN={argument}"))?;
        let names = sources.iter().map(|source| source.name.as_str()).collect::<Vec<_>>().join(", ");
        let source = sources.iter_mut().find(|source| source.name == name);
        let source = source.with_context(|| {
            format!("--interactions {argument}: no domain is called {name}. Write one of {names} before the =")
        })?;
        let earlier = source.interactions.replace(path.into());
        ensure!(earlier.is_none(), "--interactions {argument}: domain {name} has interactions already. Put all into one file");
    }
    Ok(())
}

/// Reads and scales every domain; all must have one width and one text model. Interactions take part as `histories` says;
/// `collaborative` is a file of vectors that go to the items of the same ids.
///
/// # Errors
/// A file that cannot be read, or does not fit those before it.
pub fn read(
    sources: &[Source],
    collaborative: Option<&Path>,
    options: &ReadOptions,
    histories: &HistoryOptions,
    say: &mut dyn FnMut(&str),
) -> anyhow::Result<Data> {
    let mut known = collaborative.map(|path| VectorsById::read(path, options)).transpose()?;
    let (mut data, mut text) = (None::<Data>, OneTextModel::default());
    for source in sources {
        let Source { name, path, unseen, .. } = source;
        let mut file = vectors::open(path, options.clone())?;
        let width = file.layout().width;
        let data = data.get_or_insert_with(|| Data { width, ..Data::default() });
        let other = data.width;
        ensure!(other == width, "{}: rows are {width} wide, those before {other}: embed all with one encoder", path.display());
        text.add(path, file.text())?;
        let chunk = file.read_all()?;
        let rows = scale_rows(&chunk.values, width).with_context(|| path.display().to_string())?;
        say(&format!("domain {name}: {} of {} ({})", counted(rows.len() / width, "row"), path.display(), file.contents()));
        if let (rows @ 1.., [first, ..]) = file.dropped() {
            say(&format!("domain {name}: {} left out; the first: {first}", counted(rows, "row")));
            data.left_out.push(LeftOut { domain: name.clone(), rows, first: first.to_string() });
        }
        if let (Some(known), false) = (&mut known, unseen) {
            let found = known.add_domain(chunk.rows.iter().map(|&row| file.id(row)));
            say(&format!(
                "domain {name}: {found} of {} {} a collaborative vector",
                counted(chunk.rows.len(), "item"),
                verb(found, "has", "have")
            ));
        }
        let mut domain = Domain::new(name.clone(), rows);
        if let Some(path) = source.interactions() {
            let ids: Vec<String> = chunk.rows.iter().map(|&row| file.id(row)).collect();
            let (mixed, note) = mix(&domain.rows, width, &ids, path, &histories.mixing)?;
            say(&format!("domain {name}: {note}"));
            let mixed = scale_rows(&mixed, width)?;
            match histories.role {
                Role::Target => domain.targets = Some(mixed),
                Role::Input => {
                    domain.rows = mixed;
                    data.cooccurrence = Some(histories.mixing);
                }
            }
        }
        if *unseen { &mut data.unseen } else { &mut data.domains }.push(domain);
    }
    let mut data = data.context("there is nothing to train on")?;
    data.text = text.finish(say);
    data.collaborative = known.map(|known| Collaborative::new(known.width, known.of_domains));
    Ok(data)
}

/// Vectors by item id, and those of the domains so far.
struct VectorsById {
    width: usize,
    values: Vec<f32>,
    /// Position in `values` of each id.
    positions: HashMap<String, usize>,
    /// `[items][width]` of each domain, zeros for ids that are not there.
    of_domains: Vec<Vec<f32>>,
}

impl VectorsById {
    fn read(path: &Path, options: &ReadOptions) -> anyhow::Result<Self> {
        let mut file = vectors::open(path, ReadOptions { bad_rows: options.bad_rows, ..ReadOptions::default() })?;
        ensure!(file.has_ids(), "{}: these vectors have no ids, by which they would be given to items", path.display());
        let (chunk, width) = (file.read_all()?, file.layout().width);
        let positions = chunk.rows.iter().enumerate().map(|(position, &row)| (file.id(row), position * width)).collect();
        Ok(Self { width, values: chunk.values, positions, of_domains: Vec::new() })
    }

    /// Adds a domain of these items, and returns how many of them have a vector.
    fn add_domain(&mut self, ids: impl Iterator<Item = String>) -> usize {
        let (mut rows, mut found) = (Vec::new(), 0);
        for id in ids {
            match self.positions.get(&id) {
                Some(&at) => {
                    rows.extend_from_slice(&self.values[at..at + self.width]);
                    found += 1;
                }
                None => rows.resize(rows.len() + self.width, 0.0),
            }
        }
        self.of_domains.push(rows);
        found
    }
}

/// An error about a domain's data with the name of its file.
pub fn with_file(error: TrainError, sources: &[Source]) -> anyhow::Error {
    let file = match &error {
        TrainError::Data { domain, .. } => sources.iter().find(|source| source.name == *domain),
        _ => None,
    };
    match file.map(|source| source.path.display().to_string()) {
        Some(file) => anyhow::anyhow!("{file}: {error}"),
        None => error.into(),
    }
}

/// The name and the path of `[NAME=]FILE`. Paths may hold `=` too, as the folders of partitions do: what exists decides.
fn name_and_path(argument: &str, exists: &dyn Fn(&Path) -> bool, say: &mut dyn FnMut(&str)) -> anyhow::Result<(String, PathBuf)> {
    let splits = || argument.match_indices('=').map(|(at, _)| (&argument[..at], Path::new(&argument[at + 1..])));
    let whole = Path::new(argument);
    let split = splits().find(|split| exists(split.1));
    let is_pipe = splits().next().map_or(argument == "-", |(_, path)| path == Path::new("-"));
    let (name, path) = match split {
        Some((name, path)) if !exists(whole) => (name, path),
        Some((name, path)) => {
            say(&format!(
                "--domain {argument}: read as the file of this name, not as {} with the name {name}; for that write {name}=./{}",
                path.display(),
                path.display()
            ));
            (stem(whole), whole)
        }
        None if exists(whole) || is_pipe && !argument.contains('=') => (stem(whole), whole),
        None => {
            let (name, path) = splits().next().unwrap_or((stem(whole), whole));
            let also = if argument.contains('=') { format!(", nor {argument}") } else { String::new() };
            ensure!(is_pipe, "--domain {argument}: there is no file {}{also}", path.display());
            (name, path)
        }
    };
    ensure!(!name.is_empty(), "--domain {argument}: the domain has no name: write NAME={}", path.display());
    Ok((name.to_owned(), path.to_owned()))
}

/// A file's name without its extension.
fn stem(path: &Path) -> &str {
    path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(argument: &str, files: &[&str]) -> (String, String, usize) {
        let mut said = 0;
        let exists = |path: &Path| files.iter().any(|file| Path::new(file) == path);
        let read = name_and_path(argument, &exists, &mut |_| said += 1);
        let (name, path) = read.unwrap_or_else(|error| ("error".into(), error.to_string().into()));
        (name, path.display().to_string(), said)
    }

    #[test]
    fn what_exists_decides_which_sign_parts_name_and_path() {
        let all = |name: &str, path: &str| (name.to_string(), path.to_string(), 0);
        assert_eq!(read("a=x.npy", &["x.npy"]), all("a", "x.npy"));
        assert_eq!(read("d/x.npy", &["d/x.npy"]), all("x", "d/x.npy"));
        assert_eq!(read("a=ds=1/x.npy", &["ds=1/x.npy"]), all("a", "ds=1/x.npy"));
        assert_eq!(read("ds=1/x.npy", &["ds=1/x.npy"]), all("x", "ds=1/x.npy"));
        assert_eq!(read("a=b=x.npy", &["x.npy"]), all("a=b", "x.npy"));
        assert_eq!(read("ds=1/x.npy", &["ds=1/x.npy", "1/x.npy"]), ("x".into(), "ds=1/x.npy".into(), 1));
        assert_eq!(read("a=./x.npy", &["a=x.npy", "x.npy", "./x.npy"]), all("a", "./x.npy"));
        assert_eq!(read("a=-", &[]), all("a", "-"));
        assert_eq!(read("a=y.npy", &["x.npy"]).1, "--domain a=y.npy: there is no file y.npy, nor a=y.npy");
        assert!(read("=x.npy", &["x.npy"]).1.contains("has no name"));
    }
}
