//! The settings of a run: those of its recipe, then those of a TOML file, then `--set key=value`.

use super::unitok::config::{TrainConfig, TrainConfigError};
use super::unitok::options::RecipeName;
use super::{lc_rec, letter, tiger, unitok_paper};

impl TrainConfig {
    /// The settings of a recipe.
    pub fn of(name: RecipeName) -> Self {
        match name {
            RecipeName::UniTok => Self::default(),
            RecipeName::UniTokPaper => unitok_paper::settings(),
            RecipeName::Tiger => tiger::settings(),
            RecipeName::LcRec => lc_rec::settings(),
            RecipeName::Letter => letter::settings(),
        }
    }

    /// Reads TOML text and applies `key=value` assignments on top, in order. What neither says is as in the recipe
    /// `recipe.name`.
    ///
    /// # Errors
    /// Text that is no TOML, a name that is no setting, a number out of its range.
    pub fn from_toml(text: &str, assignments: &[String]) -> Result<Self, TrainConfigError> {
        let mut chosen: toml::Table = toml::from_str(text)?;
        for assignment in assignments {
            assign(&mut chosen, assignment)?;
        }
        let name = chosen.get("recipe").and_then(|recipe| recipe.get("name")).cloned();
        let name = name.map_or(Ok(RecipeName::default()), toml::Value::try_into)?;
        let mut settings = toml::from_str(&Self::of(name).to_toml()).expect("settings are written as TOML");
        choose(&mut settings, chosen);
        let config: Self = toml::Value::Table(settings).try_into()?;
        config.validate()?;
        Ok(config)
    }
}

/// Puts what was chosen in the place of what there is, section by section.
fn choose(settings: &mut toml::Table, chosen: toml::Table) {
    for (key, value) in chosen {
        match (settings.get_mut(&key), value) {
            (Some(toml::Value::Table(section)), toml::Value::Table(chosen)) => section.extend(chosen),
            (_, value) => drop(settings.insert(key, value)),
        }
    }
}

/// Sets a dotted key; the value is TOML, or a bare word taken as a string.
fn assign(table: &mut toml::Table, assignment: &str) -> Result<(), TrainConfigError> {
    let wrong = || TrainConfigError::Assignment(assignment.into());
    let (key, value) = assignment.split_once('=').ok_or_else(wrong)?;
    let parsed = toml::from_str::<toml::Table>(&format!("value = {value}"));
    let value = parsed.ok().and_then(|mut t| t.remove("value")).unwrap_or_else(|| toml::Value::String(value.trim().into()));
    let mut parts: Vec<&str> = key.trim().split('.').collect();
    let last = parts.pop().filter(|name| !name.is_empty()).ok_or_else(wrong)?;
    let mut place = table;
    for part in parts {
        let child = place.entry(part).or_insert_with(|| toml::Value::Table(toml::Table::new()));
        place = child.as_table_mut().ok_or_else(wrong)?;
    }
    place.insert(last.into(), value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Mix;
    use crate::train::recipes::unitok::options::Variant;

    #[test]
    fn assignments_override_the_file_and_typos_are_refused() {
        let file = "seed = 7\n[recipe]\njoint_steps = 10\n";
        let sets =
            ["recipe.joint_steps=20".to_string(), "variant=unitok-2".into(), "model.mix={kind=\"convex\",weight=0.5}".into()];
        let config = TrainConfig::from_toml(file, &sets).unwrap();
        assert_eq!((config.seed, config.recipe.joint_steps, config.variant), (7, 20, Variant::UniTok2));
        assert_eq!(config.model.mix, Mix::Convex { weight: 0.5 });
        assert!(TrainConfig::from_toml("", &["recipe.joint_step=20".into()]).is_err());
        assert!(TrainConfig::from_toml("", &["nonsense".into()]).is_err());
        assert!(
            TrainConfig::from_toml("", &["recipe.learning_rate=-1".into()]).unwrap_err().to_string().contains("learning_rate")
        );
    }

    #[test]
    fn a_saved_configuration_reads_back() {
        let config = TrainConfig { seed: 3, variant: Variant::UniTok3, ..TrainConfig::default() };
        assert_eq!(TrainConfig::from_toml(&config.to_toml(), &[]).unwrap(), config);
    }

    #[test]
    fn what_is_not_chosen_is_as_in_the_recipe_of_the_name() {
        let sets = ["recipe.name=tiger".to_string(), "model.codes=64".into()];
        let config = TrainConfig::from_toml("[recipe]\nname = \"letter\"\njoint_steps = 10\n", &sets).unwrap();
        let tiger = TrainConfig::of(RecipeName::Tiger);
        assert_eq!((config.model.codes, config.recipe.joint_steps), (64, 10));
        assert_eq!((config.model.levels, config.loss), (tiger.model.levels, tiger.loss));
        assert!(TrainConfig::from_toml("", &["recipe.name=tigger".into()]).is_err());
        assert!(TrainConfig::from_toml("recipe = 3", &[]).is_err());
    }
}
