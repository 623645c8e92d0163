//! One tokenizer for all domains: against one for each (the paper's Table 3), on domains that it has not seen (Table 4), and
//! what each of its ideas adds (Tables 5 and 8).

use crate::compare::study::{Study, compare, ndcg};
use crate::compare::systems::System;
use crate::compare::table::{Cell, Table};

/// Tokenizers of other papers with the system that is trained on all domains together.
const PAIRS: [(&str, &str); 3] = [("tiger", "tiger-unified"), ("lc-rec", "lc-rec-unified"), ("letter", "letter-unified")];
/// The paper's ablation.
const ABLATION: [&str; 4] = ["unitok-1", "unitok-2", "unitok-3", "unitok"];

/// What is lost when a tokenizer of another paper is trained on all domains.
pub fn unified(study: &Study<'_>) -> Table {
    let columns = ["tokenizer and domain", "one for each domain", "one for all", "ratio", "paper: each", "paper: all"];
    let mut table = Table::new("unified", "Unified training, N@10", &columns);
    table.note = "The ratio is of one for all to one for each, user by user, with its 95 % interval.".into();
    for (own, unified) in PAIRS {
        for domain in study.domains() {
            let (Some(a), Some(b)) = (study.of(own, domain), study.of(unified, domain)) else { continue };
            let paper = |system| Cell::score(study.reference.paper(system, domain, false));
            let ratio = compare(&[b], &[a]).map(|comparison| comparison.ratio);
            table.push(vec![
                Cell::text(format!("{}, {domain}", label(own))),
                Cell::estimate(ndcg(Some(a))),
                Cell::estimate(ndcg(Some(b))),
                Cell::estimate(ratio),
                paper(own),
                paper(unified),
            ]);
        }
    }
    // Alone, UniTok's scores would only be those of the first tables again.
    let others = !table.rows.is_empty();
    for domain in study.domains().into_iter().filter(|domain| others && study.of("unitok", domain).is_some()) {
        table.push(vec![
            Cell::text(format!("UniTok, {domain}")),
            Cell::Empty,
            Cell::estimate(ndcg(study.of("unitok", domain))),
            Cell::Empty,
            Cell::Empty,
            Cell::score(study.reference.paper("unitok", domain, false)),
        ]);
    }
    table
}

/// Frozen tokenizers on domains that they have not seen.
pub fn zero_shot(study: &Study<'_>) -> Table {
    let columns = ["tokenizer and domain", "N@10", "trained on it too", "of what it has then", "paper's N@10"];
    let mut table = Table::new("zero-shot", "Domains that the tokenizer has not seen, N@10", &columns);
    table.note = "The tokenizer is trained on the other domains together and frozen; the recommender is trained on the domain. \
                  Beside it the score of the same system when its tokenizer has seen the domain, and the ratio of the two."
        .into();
    for system in study.systems() {
        for domain in study.unseen_domains() {
            let Some(unseen) = study.unseen(system.name, domain) else { continue };
            let seen = study.of(system.name, domain);
            let ratio = seen.and_then(|seen| compare(&[unseen], &[seen])).map(|comparison| comparison.ratio);
            table.push(vec![
                Cell::text(format!("{}, {domain}", system.label)),
                Cell::estimate(ndcg(Some(unseen))),
                Cell::estimate(ndcg(seen)),
                Cell::estimate(ratio),
                Cell::score(study.reference.paper(system.name, domain, true)),
            ]);
        }
    }
    table
}

/// UniTok with one idea after the other.
pub fn ablation(study: &Study<'_>) -> Table {
    let columns = ["variant and domain", "N@10", "of UniTok-1's", "paper's N@10", "paper: of UniTok-1's"];
    let mut table = Table::new("ablation", "What each idea adds, N@10", &columns);
    table.note =
        "UniTok-1: one set of codebooks. UniTok-2: experts and a router. UniTok-3: a shared expert too. UniTok: and the \
                  calibration of information."
            .into();
    for domain in study.domains() {
        let first = study.of(ABLATION[0], domain);
        let paper = |name| study.reference.paper(name, domain, false);
        for name in ABLATION {
            let Some(runs) = study.of(name, domain) else { continue };
            let ratio = first.and_then(|first| compare(&[runs], &[first])).map(|comparison| comparison.ratio);
            let papers_ratio = paper(name).zip(paper(ABLATION[0])).map(|(own, first)| own / first);
            table.push(vec![
                Cell::text(format!("{}, {domain}", label(name))),
                Cell::estimate(ndcg(Some(runs))),
                Cell::estimate(ratio),
                Cell::score(paper(name)),
                papers_ratio.map_or(Cell::Empty, |value| Cell::Number { value, digits: 2 }),
            ]);
        }
    }
    table
}

fn label(name: &str) -> &'static str {
    System::named(name).map_or("", |system| system.label)
}
