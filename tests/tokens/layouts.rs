//! Which tokens an item gets, in which order.

use unitok::engine::Tokenized;
use unitok::model::Architecture;
use unitok::tokens::{CodeVocabulary, Layout, Schema, TokensError, letters};

/// One item with experts 4 and 1, and with three slots of four levels.
fn two_experts() -> (Architecture, Tokenized) {
    let architecture = Architecture { top_n: 2, ..Architecture::small(384, 6) };
    let item = Tokenized {
        items: 1,
        top_n: 2,
        slots: 3,
        levels: 4,
        experts: vec![4, 1],
        codes: vec![12, 3, 250, 7, 20, 21, 22, 23, 30, 31, 32, 33],
        ..Tokenized::default()
    };
    (architecture, item)
}

/// The item's tokens, joined.
fn joined_tokens(layout: Layout, vocabulary: CodeVocabulary) -> String {
    let (architecture, item) = two_experts();
    Schema::new(&architecture, layout, vocabulary).unwrap().codewords(&item).tokens(0).concat()
}

#[test]
fn expert_last_is_the_papers_order() {
    assert_eq!(joined_tokens(Layout::ExpertLast, CodeVocabulary::Shared), "<a_12><b_3><c_250><d_7><e_4><f_1>");
}

#[test]
fn expert_first_puts_each_expert_before_its_codes() {
    let expected = "<a_4><b_12><c_3><d_250><e_7><f_1><g_20><h_21><i_22><j_23>";
    assert_eq!(joined_tokens(Layout::ExpertFirst, CodeVocabulary::Shared), expected);
}

#[test]
fn with_shared_appends_the_shared_experts_codes() {
    let expected = "<a_12><b_3><c_250><d_7><e_4><f_1><g_30><h_31><i_32><j_33>";
    assert_eq!(joined_tokens(Layout::WithShared, CodeVocabulary::Shared), expected);
}

#[test]
fn per_expert_vocabulary_offsets_routed_codes_only() {
    let offset = 4 * 256;
    let expected =
        format!("<a_{}><b_{}><c_{}><d_{}><e_4><f_1><g_30><h_31><i_32><j_33>", offset + 12, offset + 3, offset + 250, offset + 7);
    assert_eq!(joined_tokens(Layout::WithShared, CodeVocabulary::PerExpert), expected);
    // In expert-first the second expert's codes carry the second expert's offset.
    assert!(joined_tokens(Layout::ExpertFirst, CodeVocabulary::PerExpert).contains(&format!("<g_{}>", 256 + 20)));
}

#[test]
fn a_model_without_routed_experts_gives_the_shared_codes_alone() {
    let architecture = Architecture { experts: 0, top_n: 0, ..Architecture::small(384, 0) };
    let item = Tokenized { items: 1, slots: 1, levels: 4, codes: vec![5, 6, 7, 8], ..Tokenized::default() };
    for layout in [Layout::ExpertLast, Layout::ExpertFirst, Layout::WithShared] {
        let schema = Schema::new(&architecture, layout, CodeVocabulary::PerExpert).unwrap();
        assert_eq!(schema.codewords(&item).tokens(0).concat(), "<a_5><b_6><c_7><d_8>");
        assert_eq!(schema.sizes, [256; 4]);
    }
}

#[test]
fn with_shared_needs_a_shared_expert() {
    let architecture = Architecture { shared: false, ..Architecture::small(384, 6) };
    let refused = Schema::new(&architecture, Layout::WithShared, CodeVocabulary::Shared);
    assert_eq!(refused, Err(TokensError::NoSharedExpert));
}

#[test]
fn the_vocabulary_lists_every_possible_token_once() {
    let (architecture, item) = two_experts();
    let codewords = Schema::new(&architecture, Layout::ExpertLast, CodeVocabulary::PerExpert).unwrap().codewords(&item);
    let all: Vec<String> = codewords.vocabulary().collect();
    assert_eq!(all.len(), 4 * 6 * 256 + 2 * 6);
    assert_eq!((all[0].as_str(), all.last().unwrap().as_str()), ("<a_0>", "<f_5>"));
}

#[test]
fn letters_go_on_past_z() {
    let names: Vec<String> = [0, 25, 26, 27, 51, 52, 701, 702].into_iter().map(letters).collect();
    assert_eq!(names, ["a", "z", "aa", "ab", "az", "ba", "zz", "aaa"]);
}

#[test]
fn names_parse_back_and_wrong_ones_list_the_choices() {
    for layout in [Layout::ExpertLast, Layout::ExpertFirst, Layout::WithShared] {
        assert_eq!(layout.to_string().parse(), Ok(layout));
    }
    let error = "expert_last".parse::<Layout>().unwrap_err().to_string();
    assert!(error.contains("expert_last") && error.contains("expert-last"), "{error}");
}
