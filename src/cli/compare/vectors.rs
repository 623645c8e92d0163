//! The items' vectors of a comparison: the user's, or made of the texts and kept.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

use super::Args;
use super::embedder::TextEmbedder;
use crate::base::files::make_folder;
use crate::base::words::{counted, verb};
use crate::cli::interrupt;
use crate::cli::output::say;
use crate::compare::catalogue::Catalogue;
use crate::compare::vectors::{Embedder, Vectors};

impl Args {
    /// Reads the items' vectors, or makes them.
    pub(super) fn add_vectors(&self, catalogues: &mut [Catalogue]) -> anyhow::Result<()> {
        let mut embedder = None;
        for catalogue in &mut *catalogues {
            catalogue.vectors = match &self.embeddings {
                Some(folder) => given_vectors(folder, catalogue, self.quiet)?,
                None => self.made_vectors(catalogue, &mut embedder)?,
            };
        }
        same_encoder(catalogues)
    }

    /// The vectors that an earlier session made of the same texts with the same encoder, or new ones.
    fn made_vectors(&self, catalogue: &Catalogue, embedder: &mut Option<TextEmbedder>) -> anyhow::Result<Vectors> {
        let (name, items) = (&catalogue.name, &catalogue.items);
        let folder = self.out.join("embeddings");
        let path = folder.join(format!("{name}.{:08x}.safetensors", Vectors::hash_of_texts(items) as u32));
        let kept = path.exists().then(|| Vectors::read(name, items, &path)).and_then(Result::ok);
        // Which encoder is meant is known without loading it where none is named.
        if let Some(kept) = kept.as_ref().filter(|_| self.text_model.is_none()) {
            return Ok(kept.clone());
        }
        if embedder.is_none() {
            *embedder = Some(TextEmbedder::load(self.text_model.as_deref(), self.device, self.quiet)?);
        }
        let embedder = embedder.as_mut().expect("it was just loaded");
        if let Some(kept) = kept.filter(|kept| kept.text == embedder.config()) {
            return Ok(kept);
        }
        make_folder(&folder)?;
        let bar = embedder.bar(items.len(), name);
        let vectors = Vectors::embed(name, items, embedder, &path, |done, total| {
            bar.set_length(total as u64);
            bar.set_position(done as u64);
            !interrupt::requested()
        })?;
        bar.finish_and_clear();
        vectors.context("stopped; go on with the same command")
    }
}

/// Vectors from a folder of the user's.
fn given_vectors(folder: &Path, catalogue: &Catalogue, quiet: bool) -> anyhow::Result<Vectors> {
    let name = &catalogue.name;
    let Some(path) = find_vectors(folder, name) else {
        bail!("{} has no {name}.safetensors, .npy, .npz or .parquet with the embeddings of {name}", folder.display())
    };
    let vectors = Vectors::read(name, &catalogue.items, &path)?;
    let (missing, items) = (vectors.missing(), catalogue.items.len());
    let said = format!(
        "{}: {missing} of {} of {name} {} no vector",
        path.display(),
        counted(items, "item"),
        verb(missing, "has", "have")
    );
    ensure!(2 * missing <= items, "{said}: embed the catalogue as it is now, with unitok embed --items");
    if missing > 0 && !quiet {
        say(&format!("{said}; they get the mean of the others"));
    }
    Ok(vectors)
}

fn find_vectors(folder: &Path, name: &str) -> Option<PathBuf> {
    let extensions = ["safetensors", "npy", "npz", "parquet"];
    extensions.iter().map(|extension| folder.join(format!("{name}.{extension}"))).find(|path| path.exists())
}

/// Refuses vectors of different encoders, which have nothing to do with each other.
fn same_encoder(catalogues: &[Catalogue]) -> anyhow::Result<()> {
    let first = &catalogues[0];
    for other in &catalogues[1..] {
        let (a, b) = (&first.vectors, &other.vectors);
        ensure!(
            a.width == b.width && a.text == b.text,
            "the vectors of {} and {} are of different text encoders, templates or widths: embed all alike",
            first.name,
            other.name
        );
    }
    Ok(())
}
