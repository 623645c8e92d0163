//! How well items are recommended (the paper's Tables 1 and 7).

use crate::base::words::counted;
use crate::compare::run::{By, Metric, RunFile};
use crate::compare::study::{NDCG_AT_10, Study, mean};
use crate::compare::systems::System;
use crate::compare::table::{Cell, Table};
use crate::compute::stats::bootstrap::{UserScores, bootstrap_mean};
use crate::recommend::dataset::Split;
use crate::recommend::record::thirds_by_popularity;

const RECALL_AT_10: Metric = |metrics| metrics.recall_at_10;

/// What every table of scores says.
const BY_ITEM: &str = "Items are scored, a shared codeword by the mean over its orders; brackets hold 95 % intervals over \
users and seeds. By code, any item of the target's codeword is a hit: that rewards collapse, and is what the paper's \
program counts.";

/// Every system on one domain.
pub fn of_domain(study: &Study<'_>, domain: &str) -> Table {
    let columns = ["system", "R@10", "N@10", "N@10 by code", "paper's N@10", "others' N@10"];
    let mut table = Table::new(&format!("accuracy-{domain}"), format!("Accuracy on {domain}"), &columns);
    let users = study.systems().find_map(|system| Some(study.of(system.name, domain)?[0].run.record.users));
    table.note = format!("{}. {BY_ITEM} {}", counted(users.unwrap_or(0), "user"), recommender_note(study));
    for system in study.systems() {
        let Some(runs) = study.of(system.name, domain) else { continue };
        let of = |by, metric| Cell::estimate(mean(&[runs], by, metric));
        table.push(vec![
            Cell::text(system.label),
            of(By::Items, RECALL_AT_10),
            of(By::Items, NDCG_AT_10),
            of(By::Codewords, NDCG_AT_10),
            Cell::score(study.reference.paper(system.name, domain, false)),
            anchors(study, system, domain),
        ]);
    }
    table
}

/// What others measured by items: one figure, or from the lowest to the highest.
fn anchors(study: &Study<'_>, system: &System, domain: &str) -> Cell {
    match study.reference.anchors(system.name, domain) {
        None => Cell::Empty,
        Some((low, high)) if low == high => Cell::score(Some(low)),
        Some((low, high)) => Cell::text(format!("{low:.4} to {high:.4}")),
    }
}

/// Every system, over all domains.
pub fn mean_over_domains(study: &Study<'_>) -> Table {
    let domains = study.domains();
    let columns = ["system", "R@10", "N@10", "N@10 by code"];
    let mut table = Table::new("accuracy", format!("Accuracy, mean over {}", domains.join(", ")), &columns);
    table.note = format!("{BY_ITEM} {}", recommender_note(study));
    for system in study.systems() {
        let Some(cells) = study.over(system.name, domains.iter().copied()) else { continue };
        let of = |by, metric| Cell::estimate(mean(&cells, by, metric));
        let row = [of(By::Items, RECALL_AT_10), of(By::Items, NDCG_AT_10), of(By::Codewords, NDCG_AT_10)];
        table.push(std::iter::once(Cell::text(system.label)).chain(row).collect());
    }
    table
}

fn recommender_note(study: &Study<'_>) -> String {
    format!(
        "{} Every system with tokens feeds the same recommender, {} of {} size, trained from scratch; the papers of P5 and LC-Rec \
         fine-tune language models.",
        study.seeds_note(),
        study.scope.recommender,
        study.scope.preset.size
    )
}

/// For whom systems are good: by the popularity of the target, over all domains.
pub fn by_popularity(study: &Study<'_>) -> Table {
    let columns = ["system", "rare targets", "middle", "frequent"];
    let mut table = Table::new("popularity", "N@10 by the popularity of the target", &columns);
    table.note =
        "Users in three groups of about equal size, by the training interactions with their target; mean over domains.".into();
    let groups: Vec<Vec<Vec<usize>>> = study.domains().iter().map(|domain| thirds(study, domain)).collect();
    for system in study.systems() {
        let Some(cells) = study.over(system.name, study.domains()) else { continue };
        let of_third = |third: usize| {
            let of = |runs: &[&RunFile], users: &[usize]| {
                let scores = runs.iter().map(|run| {
                    let all = run.scores(By::Items, NDCG_AT_10);
                    users.iter().map(|&user| all.get(user).copied().unwrap_or(0.0)).collect()
                });
                UserScores::new(scores.collect()).ok()
            };
            let scores: Option<Vec<UserScores>> =
                cells.iter().zip(&groups).map(|(runs, groups)| of(runs, groups.get(third)?)).collect();
            Cell::estimate(scores.and_then(|scores| bootstrap_mean(&scores, 500, 1).ok()))
        };
        table.push(std::iter::once(Cell::text(system.label)).chain((0..3).map(of_third)).collect());
    }
    table
}

/// The users of a domain in three groups, those of the rarest targets first.
fn thirds(study: &Study<'_>, domain: &str) -> Vec<Vec<usize>> {
    let catalogue = study.catalogues.iter().find(|catalogue| catalogue.name == domain).expect("it is one of the domains");
    let thirds = thirds_by_popularity(&catalogue.dataset.queries(Split::Test), catalogue.dataset.training_counts());
    thirds.into_iter().map(|(_, users)| users).collect()
}
