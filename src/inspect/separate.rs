//! The words that would separate items of one codeword.

use std::collections::HashMap;

use crate::base::sort::ordered;

/// Words that are given of an item.
const WORDS: usize = 5;

/// `[texts]` words that a text has and another of them lacks, those of fewest texts first, and of equals those that come first.
/// Nothing where all texts have the same words. Words are runs of letters and digits, without regard to case.
pub fn separating_words(texts: &[&str]) -> Vec<Vec<String>> {
    let words: Vec<Vec<String>> = texts.iter().map(|text| words_of(text)).collect();
    let mut frequency: HashMap<&str, usize> = HashMap::new();
    words.iter().flatten().for_each(|word| *frequency.entry(word).or_default() += 1);
    let telling = |words: &Vec<String>| {
        let rare: Vec<&String> = words.iter().filter(|word| frequency[word.as_str()] < texts.len()).collect();
        let order = ordered(rare.len(), &|a, b| frequency[rare[a].as_str()].cmp(&frequency[rare[b].as_str()]));
        order.into_iter().take(WORDS).map(|place| rare[place as usize].clone()).collect()
    };
    words.iter().map(telling).collect()
}

/// The different words of a text in the order in which they come.
fn words_of(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase);
    let mut seen = std::collections::HashSet::new();
    words.filter(|word| seen.insert(word.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_all_have_separate_nobody() {
        let texts = ["Pruner for the right hand", "pruner for the LEFT hand", "pruner for the left hand, 2 pieces"];
        assert_eq!(separating_words(&texts), [vec!["right"], vec!["left"], vec!["2", "pieces", "left"]]);
        assert_eq!(separating_words(&["tea", "Tea!"]), [[""; 0], []]);
        assert_eq!(separating_words(&["tea tin", "tea"]), [vec!["tin"], vec![]]);
    }
}
