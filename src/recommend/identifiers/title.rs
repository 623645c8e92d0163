//! P5-TID: an item is the beginning of its title.

use super::number::numbered;
use crate::catalog::without_markup;
use crate::text::WordPiece;
use crate::tokens::{Index, IndexError};

/// Pieces of a title that are kept. Six words tell nine in ten titled items apart in catalogues of ten thousand, and a history
/// of twenty items still fits in the reach of a small recommender.
pub const PIECES: usize = 6;

/// The index of items by id and title: the first `pieces` pieces that `split` makes of a title, and a number.
///
/// `split` is [`words`], or [`word_pieces`] where the vocabulary of a text encoder is at hand. An item without a title has its number alone.
///
/// # Errors
/// No items, or an id that appears twice.
pub fn title_index<'a>(
    items: impl IntoIterator<Item = (&'a str, &'a str)>,
    split: &dyn Fn(&str) -> Vec<String>,
    pieces: usize,
) -> Result<Index, IndexError> {
    let tokens = |title: &str| split(title).into_iter().map(|piece| format!("<t_{piece}>")).collect();
    numbered(items.into_iter().map(|(id, title)| (id.to_string(), tokens(title))), pieces)
}

/// The numbers of a title's word pieces.
pub fn word_pieces(tokenizer: &WordPiece, title: &str) -> Vec<String> {
    let ids = tokenizer.encode(&without_markup(title));
    // The first and the last are marks of the encoder.
    ids[1..ids.len() - 1].iter().map(u32::to_string).collect()
}

/// The words of a title in lower case: runs of letters and digits, markup and entities apart.
pub fn words(title: &str) -> Vec<String> {
    let title = without_markup(title);
    let words = title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recommend::identifiers::tests::rows;

    #[test]
    fn titles_begin_alike_where_they_read_alike_and_a_number_tells_the_rest_apart() {
        let items = [("a", "Blue Lamp, small"), ("b", "blue&nbsp;lamp &amp; (small)"), ("c", "Blue chair"), ("d", "")];
        let index = title_index(items, &words, 3).unwrap();
        assert_eq!(
            rows(&index),
            [
                "<t_blue> <t_lamp> <t_small> <n_0>",
                "<t_blue> <t_lamp> <t_small> <n_1>",
                "<t_blue> <t_chair> <pad> <n_0>",
                "<pad> <pad> <pad> <n_0>"
            ]
        );
        assert!(index.bucket_sizes_of_items().iter().all(|&size| size == 1));
        assert_eq!(title_index(items, &words, 1).unwrap().width, 2);
    }

    #[test]
    fn word_pieces_are_those_of_the_encoder_without_its_marks() {
        let vocabulary = serde_json::json!({"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "un": 4, "##able": 5});
        let json = serde_json::json!({
            "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                      "max_input_chars_per_word": 10, "vocab": vocabulary},
        });
        let tokenizer = WordPiece::from_json(json.to_string().as_bytes()).unwrap();
        assert_eq!(word_pieces(&tokenizer, "Unable un"), ["4", "5", "4"]);
        assert!(word_pieces(&tokenizer, "").is_empty());
    }

    #[test]
    fn no_items_and_repeated_ids_are_errors() {
        assert!(matches!(title_index([], &words, 3), Err(IndexError::Empty)));
        assert!(matches!(title_index([("a", "x"), ("a", "y")], &words, 3), Err(IndexError::Duplicate { .. })));
    }
}
