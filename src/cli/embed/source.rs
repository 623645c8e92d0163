//! What a run's rows are made from, to tell whether another run can continue them.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cli::file_hash::sha256;
use crate::cli::items::ItemArgs;
use crate::model::Template;
use crate::tables::is_read_once;
use crate::text::AnyTextEncoder;

/// Everything that determines the rows: two runs with equal sources give equal outputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Source {
    inputs: Vec<Input>,
    template: Template,
    /// Options that decide which records become items.
    rules: Value,
    tokenizer_sha256: String,
    encoder_sha256: String,
    /// `cpu` or `gpu`, because their results differ in the last bits. Journals from before this field are of the CPU.
    #[serde(default = "cpu")]
    device: String,
}

fn cpu() -> String {
    "cpu".into()
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Input {
    /// What is no UTF-8 in it replaced; the hash tells such files apart.
    path: String,
    bytes: u64,
    sha256: String,
}

impl Source {
    /// Describes the inputs of a run. Reads every file once, for its hash; none if one is a pipe, which is read only once.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn new(args: &ItemArgs, encoder: &AnyTextEncoder) -> anyhow::Result<Option<Self>> {
        if args.items.iter().any(|path| is_read_once(path)) {
            return Ok(None);
        }
        let digests = encoder.digests();
        Ok(Some(Self {
            inputs: args.items.iter().map(|path| Input::new(path)).collect::<Result<_, _>>()?,
            template: args.template()?,
            rules: serde_json::json!({
                "no_text": format!("{:?}", args.no_text), "skip_bad": args.reading.skip_bad,
                "lossy": args.reading.lossy, "fields": args.reading.fields, "number": args.reading.number_items, "no_header": args.reading.no_header,
                "prefix_ids": args.reading.prefix_ids, "duplicates": format!("{:?}", args.reading.duplicates),
                "format": args.reading.format.map(|name| format!("{name:?}")), "delimiter": args.reading.delimiter,
            }),
            tokenizer_sha256: digests.tokenizer.clone(),
            encoder_sha256: digests.weights.clone(),
            device: encoder.info().kind.into(),
        }))
    }

    /// Names the first part in which `now` differs from this earlier source.
    pub fn difference(&self, now: &Self) -> Option<String> {
        let files = |source: &Self| source.inputs.iter().map(|i| i.path.clone()).collect::<Vec<_>>();
        if files(self) != files(now) {
            return Some("the list of item files".into());
        }
        if let Some((_, input)) = self.inputs.iter().zip(&now.inputs).find(|(then, now)| then != now) {
            return Some(format!("the content of {}", input.path));
        }
        let encoder = |s: &Self| (s.tokenizer_sha256.clone(), s.encoder_sha256.clone());
        let changes = [
            (self.template != now.template, "the template"),
            (
                self.rules != now.rules,
                "an option for reading items (--no-text, --skip-bad, --lossy, --field, --number-items, --prefix-ids, --duplicates, --format or --delimiter)",
            ),
            (encoder(self) != encoder(now), "the text model"),
            (self.device != now.device, "the device (see --device)"),
        ];
        changes.into_iter().find(|(changed, _)| *changed).map(|(_, what)| what.into())
    }
}

impl Input {
    fn new(path: &Path) -> anyhow::Result<Self> {
        let (bytes, sha256) = sha256(path)?;
        Ok(Self { path: path.to_string_lossy().into(), bytes, sha256 })
    }
}
