//! The text model and template that the vectors of several files are from.

use std::path::{Path, PathBuf};

use anyhow::bail;

use crate::model::TextConfig;
use crate::tokens::lock::Artefact;

/// What files of vectors say of the texts that they were made of: all that say anything say the same.
#[derive(Debug, Default)]
pub struct OneTextModel {
    said: Option<(PathBuf, TextConfig)>,
    /// Those that say nothing.
    silent: Vec<PathBuf>,
}

impl OneTextModel {
    /// Adds a file and what it says.
    ///
    /// # Errors
    /// A file before it says something else.
    pub fn add(&mut self, path: &Path, text: Option<&TextConfig>) -> anyhow::Result<()> {
        match (&self.said, text) {
            (_, None) => self.silent.push(path.into()),
            (None, Some(text)) => self.said = Some((path.into(), text.clone())),
            (Some((first, known)), Some(text)) if known != text => {
                let [here, there] = differing(text, known);
                bail!(
                    "{}: its vectors are from {here}, those of {} from {there}: embed the items of all domains with one text model \
                     and one template",
                    path.display(),
                    first.display()
                );
            }
            _ => {}
        }
        Ok(())
    }

    /// What the files say. Those that say nothing are taken to be like the others, which is told to `say`.
    pub fn finish(self, say: &mut dyn FnMut(&str)) -> TextConfig {
        let Some((first, text)) = self.said else { return TextConfig::default() };
        for path in self.silent {
            say(&format!(
                "{} does not say which text model its vectors are from: they are taken to be from {}, as those of {} are",
                path.display(),
                model(&text).described(),
                first.display()
            ));
        }
        text
    }
}

fn model(text: &TextConfig) -> Artefact {
    Artefact { name: text.encoder.clone(), sha256: text.encoder_sha256.clone() }
}

/// In what two differ: the text model, or else the template.
fn differing(a: &TextConfig, b: &TextConfig) -> [String; 2] {
    let template = |text: &TextConfig| serde_json::to_string(&text.template).expect("a template is plain");
    match [a, b].map(model) {
        models if models[0] != models[1] => models.map(|model| model.described()),
        _ => [a, b].map(|text| format!("the template {}", template(text))),
    }
}
