//! The README beside the weights: what was trained, by which command, and how good it measured.

use std::fmt::Write;

use super::config::TrainConfig;
use super::evaluate::Evaluation;
use crate::audit::model::LevelUse;
use crate::base::words::counted;
use crate::model::Model;

/// Where a model comes from.
#[derive(Debug)]
pub struct Origin<'a> {
    /// The command line.
    pub command: &'a str,
    /// The resolved settings.
    pub train: &'a TrainConfig,
    /// Seconds of training.
    pub seconds: f64,
    /// Steps of training.
    pub steps: usize,
}

/// The card as Markdown.
pub fn render(model: &Model, evaluation: &Evaluation, origin: &Origin<'_>) -> String {
    let mut card = String::new();
    // Writing to a string cannot fail.
    let _ = write_card(&mut card, model, evaluation, origin);
    card
}

fn write_card(out: &mut String, model: &Model, e: &Evaluation, origin: &Origin<'_>) -> std::fmt::Result {
    let (config, a) = (&model.config, &model.config.model);
    let parameters = a.parameters();
    writeln!(out, "# {}\n", origin.train.recipe.name.tokenizer())?;
    let r = &e.report;
    if r.collapse.collapsed {
        writeln!(out, "**This model has collapsed, do not use it:** {}.\n", r.collapse.reasons.join("; "))?;
    }
    let expert = if a.experts > 0 { " and the number of an expert" } else { "" };
    writeln!(out, "Turns {}-wide item embeddings into {} codes of {}{expert}.", a.input, a.levels, a.codes)?;
    writeln!(out, "Written by `unitok train`; every number below was measured on the finished weights.\n")?;
    writeln!(out, "| | |\n|---|---|")?;
    writeln!(out, "| command | `{}` |", origin.command)?;
    writeln!(out, "| seed | {} |", origin.train.seed)?;
    writeln!(
        out,
        "| steps | {} in {:.0} s ({:.1} a second) |",
        origin.steps,
        origin.seconds,
        origin.steps as f64 / origin.seconds.max(1e-9)
    )?;
    let widths: Vec<String> = a.widths().iter().map(ToString::to_string).collect();
    writeln!(out, "| encoder | {}, mirrored by the decoder |", widths.join("→"))?;
    writeln!(out, "| experts | {} routed ({} an item), {} shared |", a.experts, a.top_n, usize::from(a.shared))?;
    writeln!(
        out,
        "| parameters | {} autoencoder, {} codebooks, {} router |",
        parameters.autoencoder, parameters.codebooks, parameters.router
    )?;
    writeln!(out, "| domains | {} |", config.domains.join(", "))?;
    if !config.text.encoder.is_empty() {
        writeln!(out, "| text encoder | {} (sha256 {}) |", config.text.encoder, config.text.encoder_sha256)?;
    }
    for left_out in &e.left_out {
        writeln!(out, "| left out of {} | {}; the first: {} |", left_out.domain, counted(left_out.rows, "row"), left_out.first)?;
    }
    write_domains(out, e)?;
    write_zero_shot(out, e)?;
    write_codebooks(out, e)
}

fn write_domains(out: &mut String, e: &Evaluation) -> std::fmt::Result {
    let r = &e.report;
    writeln!(out, "\n## Domains\n")?;
    writeln!(
        out,
        "Net collision: over items with distinct vectors (equal texts give equal vectors), before any policy. `rec`, `q`:"
    )?;
    writeln!(
        out,
        "unexplained share of the variance of the input and of the latent. HSIC: dependence of latent and input over {}",
        r.hsic_items
    )?;
    writeln!(out, "items of each domain; nHSIC is its scale-free form.\n")?;
    writeln!(out, "| domain | items | distinct | net collision % | rec | q | HSIC | nHSIC |\n|---|---|---|---|---|---|---|---|")?;
    for d in &r.domains {
        let (net, hsic) = (&d.net, &d.hsic);
        writeln!(
            out,
            "| {} | {} | {} | {:.2} | {:.3} | {:.3} | {:.5} | {:.3} |",
            d.name,
            d.items,
            net.distinct,
            100.0 * net.rate,
            d.rec,
            d.q,
            hsic.value,
            hsic.scale_free
        )?;
    }
    let net = 100.0 * r.net.rate;
    writeln!(out, "| **all** | {} | {} | **{net:.2}** | **{:.3}** | **{:.3}** | | |\n", r.items, r.net.distinct, r.rec, r.q)?;
    if let Some(router) = &r.router {
        let nmi = router.domain_nmi.map_or("–".into(), |nmi| format!("{nmi:.3}"));
        writeln!(out, "Domain–expert NMI {nmi}; mean entropy of the router {:.3} bits.", router.mean_entropy_bits)?;
    }
    writeln!(out, "Variance over domains: HSIC {:.2e}, nHSIC {:.2e}.", r.hsic_variance, r.hsic_scale_free_variance)?;
    let after = e.assign.collisions_after;
    writeln!(
        out,
        "Largest level dependence {:.3}. After `assign`: {after} collisions among distinct items, q within domains +{:.4}.",
        e.dependence, e.assign_added_q
    )
}

fn write_zero_shot(out: &mut String, e: &Evaluation) -> std::fmt::Result {
    if e.zero_shot.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Domains that it never saw\n")?;
    writeln!(
        out,
        "| domain | items | distinct | net collision % | with the shared expert's codes % | rec | q | load of each expert % |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|---|---|")?;
    for zero_shot in &e.zero_shot {
        let d = &zero_shot.domain;
        let shared = zero_shot.net_with_shared.map_or("–".into(), |net| format!("{:.2}", 100.0 * net.rate));
        let load = zero_shot.load.iter().map(|l| format!("{:.0}", 100.0 * l)).collect::<Vec<_>>().join(" / ");
        let net = 100.0 * d.net.rate;
        writeln!(
            out,
            "| {} | {} | {} | {net:.2} | {shared} | {:.3} | {:.3} | {load} |",
            d.name, d.items, d.net.distinct, d.rec, d.q
        )?;
    }
    Ok(())
}

fn write_codebooks(out: &mut String, e: &Evaluation) -> std::fmt::Result {
    let r = &e.report;
    writeln!(out, "\n## Codebooks\n")?;
    writeln!(out, "Quantisation error: mean squared norm of what is left of the latent after each level.\n")?;
    writeln!(
        out,
        "| quantizer | items % | utilisation of each level | perplexity | quantisation error |\n|---|---|---|---|---|"
    )?;
    for q in &r.quantizers {
        let name = q.expert.map_or("shared".into(), |k| format!("expert {k}"));
        let join = |f: &dyn Fn(&LevelUse) -> String| q.levels.iter().map(f).collect::<Vec<_>>().join(" / ");
        let share = 100.0 * q.items as f64 / r.items as f64;
        let (used, perplexity) = (join(&|l| format!("{:.3}", l.utilisation)), join(&|l| format!("{:.0}", l.perplexity)));
        writeln!(out, "| {name} | {share:.1} | {used} | {perplexity} | {} |", join(&|l| format!("{:.3}", l.squared_error)))?;
    }
    Ok(())
}
