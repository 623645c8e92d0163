//! Options that the given inputs leave without effect are refused: nobody should find out afterwards that a wish was not
//! heeded.

use anyhow::bail;
use clap::ArgMatches;
use clap::parser::ValueSource;

/// Options that do not apply where a certain input is given.
pub struct Rule {
    /// The input's id and name.
    pub input: (&'static str, &'static str),
    /// Ids of options, and why each does not apply.
    pub options: &'static [(&'static str, &'static str)],
}

/// Refuses the options that were typed, be it with their default value, and that a rule excludes.
///
/// # Errors
/// Names the first of them, and why it does not apply.
pub fn refuse(matches: &ArgMatches, rules: &[Rule]) -> anyhow::Result<()> {
    let typed = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
    for rule in rules.iter().filter(|rule| typed(rule.input.0)) {
        if let Some((option, why)) = rule.options.iter().find(|option| typed(option.0)) {
            bail!("--{} does not apply to {}: {why}. Leave it out", option.replace('_', "-"), rule.input.1);
        }
    }
    Ok(())
}
