//! What tokens are like: entropies (the paper's Table 9, in bits), and whether the tokenizers are healthy.

use serde_json::Value;

use crate::compare::run::TokenFacts;
use crate::compare::study::Study;
use crate::compare::table::{Cell, Table};

/// Entropy of codewords before collisions are resolved, over all domains together.
pub fn entropy(study: &Study<'_>) -> Table {
    let columns = ["tokenizer", "entropy of codewords, bits", "of log2 items", "entropy of experts, bits", "capacity, bits"];
    let mut table = Table::new("entropy", "Entropy of the codewords of all domains", &columns);
    let paper = &study.reference.paper.entropy;
    let papers: Vec<String> = paper.iter().map(|(name, value)| format!("{value} for {name}")).collect();
    table.note = format!(
        "The paper's Table 9 has {}: the lower is 4·log10 256, the capacity of four codes in Hartleys and no entropy, the higher \
         adds the router's. Capacities are upper bounds that say nothing of use; the entropy of codewords is what tells items apart, \
         and can be no larger than the logarithm of the items.",
        papers.join(", ")
    );
    for (label, facts) in tokenizers(study) {
        let bits = |name| number(facts, name).map_or(Cell::Empty, |value| Cell::Number { value, digits: 2 });
        if number(facts, "codeword_entropy_bits").is_none() {
            continue;
        }
        table.push(vec![
            Cell::text(label),
            bits("codeword_entropy_bits"),
            bits("items_bits"),
            bits("expert_entropy_bits"),
            bits("capacity_bits"),
        ]);
    }
    table
}

/// How well tokenizers keep what they read.
pub fn health(study: &Study<'_>) -> Table {
    let columns = [
        "tokenizer",
        "unexplained of the input",
        "unexplained of the latent",
        "net collisions, %",
        "domain–expert NMI",
        "variance of information",
        "collapsed",
    ];
    let mut table = Table::new("health", "What the unified tokenizers keep", &columns);
    table.note =
        "Means over the domains that were trained on. Net collisions are over items with distinct text, before any policy. \
                  Information: HSIC between input and latent, scale-free; its variance over domains."
            .into();
    for (label, facts) in tokenizers(study) {
        let figure = |name, digits| number(facts, name).map_or(Cell::Empty, |value| Cell::Number { value, digits });
        if number(facts, "rec").is_none() {
            continue;
        }
        let collapse = facts.measured.get("collapse").and_then(Value::as_array).is_some_and(|reasons| !reasons.is_empty());
        let net = number(facts, "net_collision").map_or(Cell::Empty, |rate| Cell::Number { value: 100.0 * rate, digits: 2 });
        table.push(vec![
            Cell::text(label),
            figure("rec", 3),
            figure("q", 3),
            net,
            figure("domain_expert_nmi", 3),
            figure("hsic_scale_free_variance", 6),
            Cell::text(if collapse { "yes" } else { "no" }),
        ]);
    }
    table
}

/// The tokenizers that one model serves all domains with, with what is known of them.
fn tokenizers<'s>(study: &'s Study<'_>) -> Vec<(&'static str, &'s TokenFacts)> {
    let domains = study.domains();
    let facts = |name| study.of(name, domains.first()?)?[0].run.tokens.as_ref();
    let unified = |facts: &&TokenFacts| facts.trained_on.len() > 1;
    let named = study.systems().filter(|system| system.name != "popularity-by-code");
    named.filter_map(|system| Some((system.label, facts(system.name).filter(unified)?))).collect()
}

fn number(facts: &TokenFacts, name: &str) -> Option<f64> {
    facts.measured.get(name)?.as_f64()
}
