//! Settings to vary, as `--vary` gives them.

use anyhow::{bail, ensure};

use crate::compare::preset::Sweep;
use crate::compare::systems::{Method, System};

/// Reads `SYSTEM:KEY=VALUE,VALUE`. The system as it is goes beside the values.
///
/// # Errors
/// Another form, an unknown system or one without a tokenizer, a value that is empty or given twice.
pub fn sweep(text: &str) -> anyhow::Result<Sweep> {
    let parts = text.split_once(':').and_then(|(system, rest)| Some((system, rest.split_once('=')?)));
    let Some((system, (key, values))) = parts.filter(|(_, (key, values))| !key.is_empty() && !values.is_empty()) else {
        bail!("--vary {text}: expected SYSTEM:KEY=VALUE,VALUE, for example letter:loss.alignment=0.05,0.1")
    };
    let values: Vec<String> = std::iter::once("").chain(values.split(',')).map(String::from).collect();
    if let Some(value) = twice(&values) {
        bail!("--vary {text}: the value «{value}» is empty or given twice");
    }
    let system = System::named(system)?;
    let has_tokenizer = matches!(system.method, Method::Tokens { .. });
    ensure!(has_tokenizer, "--vary {text}: {} has no tokenizer, so it has no settings that can be varied", system.name);
    Ok(Sweep { system: system.name.into(), key: key.into(), label: key.into(), values, usual: String::new() })
}

/// The first value that is there twice.
pub fn twice<T: PartialEq + ToString>(values: &[T]) -> Option<String> {
    let again = values.iter().enumerate().find(|(place, value)| values[..*place].contains(value));
    again.map(|(_, value)| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_is_read_with_the_system_as_it_is_beside_it() {
        let sweep = sweep("letter:loss.alignment=0.05,0.1").unwrap();
        assert_eq!((sweep.system.as_str(), sweep.values.len()), ("letter", 3));
        assert_eq!(sweep.changes().collect::<Vec<_>>(), ["loss.alignment=0.05", "loss.alignment=0.1"]);
    }

    #[test]
    fn what_is_no_sweep_says_why() {
        for text in ["", "letter", "letter:loss.alignment", "letter:=1", "letter:loss.alignment="] {
            assert!(sweep(text).unwrap_err().to_string().contains("SYSTEM:KEY=VALUE"), "{text}");
        }
        let cases =
            [("lettre:a=1", "letter"), ("graph:a=1", "no tokenizer"), ("tiger:a=1,1", "twice"), ("tiger:a=1,,2", "empty")];
        for (text, said) in cases {
            assert!(sweep(text).unwrap_err().to_string().contains(said), "{text}");
        }
    }
}
