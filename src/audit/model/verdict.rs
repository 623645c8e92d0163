//! Whether a model has collapsed, which a low collision rate alone cannot rule out (METHOD.md, Measurement: *collapse*).

use super::report::{Collapse, ModelReport};

/// Bounds beyond which a model has collapsed (METHOD.md, Measurement: *collapse*).
pub mod criteria {
    /// Least domain–expert NMI.
    pub const NMI: f64 = 0.5;
    /// Largest share of the load on one expert, domains counting alike.
    pub const LOAD: f64 = 0.6;
    /// Largest unexplained share of variance of the input.
    pub const REC: f64 = 0.6;
    /// Least utilisation of an expert's first level.
    pub const UTILISATION: f64 = 0.9;
    /// Fewest items for each code of each expert from which unused codes count.
    pub const ITEMS_PER_CODE: usize = 8;
}

/// Compares a report with all criteria; `codes` is the number of codes a level.
pub(super) fn judge(report: &ModelReport, codes: usize) -> Collapse {
    let reasons: Vec<String> =
        routing(report).into_iter().chain(reconstruction(report)).chain(unused_codes(report, codes)).collect();
    Collapse { collapsed: !reasons.is_empty(), reasons }
}

/// Criteria of the router, which need more than one domain and more than one expert.
fn routing(report: &ModelReport) -> Vec<String> {
    let Some(router) = report.router.as_ref().filter(|r| report.domains.len() > 1 && r.load.len() > 1) else {
        return Vec::new();
    };
    let mut reasons = Vec::new();
    // Without NMI, one expert has all items.
    let nmi = router.domain_nmi.unwrap_or(0.0);
    if nmi < criteria::NMI {
        reasons.push(format!(
            "experts do not follow domains: domain–expert NMI is {nmi:.2}, at least {} is expected",
            criteria::NMI
        ));
    }
    let busiest = (0..router.balanced_load.len()).max_by(|&a, &b| router.balanced_load[a].total_cmp(&router.balanced_load[b]));
    if let Some(expert) = busiest
        && router.balanced_load[expert] > criteria::LOAD
    {
        let share = 100.0 * router.balanced_load[expert];
        reasons.push(format!("expert {expert} takes {share:.0} % of the load, over {:.0} %", 100.0 * criteria::LOAD));
    }
    reasons
}

fn reconstruction(report: &ModelReport) -> Option<String> {
    let percent = |share: f64| 100.0 * share;
    (report.rec > criteria::REC).then(|| {
        format!(
            "{:.0} % of the input's variance is lost in reconstruction, over {:.0} %",
            percent(report.rec),
            percent(criteria::REC)
        )
    })
}

fn unused_codes(report: &ModelReport, codes: usize) -> Option<String> {
    let experts = report.router.as_ref().map_or(1, |router| router.load.len());
    if report.items < criteria::ITEMS_PER_CODE * codes * experts {
        return None;
    }
    let worst = report.quantizers.iter().min_by(|a, b| a.levels[0].utilisation.total_cmp(&b.levels[0].utilisation))?;
    let utilisation = worst.levels[0].utilisation;
    let name = worst.expert.map_or("the shared expert".to_string(), |k| format!("expert {k}"));
    (utilisation < criteria::UTILISATION).then(|| {
        format!(
            "{name} uses {} of its {codes} first-level codes ({:.0} %, at least {:.0} % expected)",
            worst.levels[0].used,
            100.0 * utilisation,
            100.0 * criteria::UTILISATION
        )
    })
}
