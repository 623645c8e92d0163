//! The README beside the weights: what was trained, by which command, and how good it measured.

use std::fmt::Write;

use super::config::TrainConfig;
use super::evaluate::Evaluation;
use crate::weights::Model;

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
    writeln!(out, "# A UniTok tokenizer\n")?;
    if !e.collapse.is_empty() {
        writeln!(out, "**This model has collapsed, do not use it:** {}.\n", e.collapse.join("; "))?;
    }
    writeln!(out, "Turns {}-wide item embeddings into {} codes of {} and the number of an expert.", a.input, a.levels, a.codes)?;
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
    writeln!(out, "\n## Domains\n")?;
    writeln!(
        out,
        "Net collision: over items with distinct vectors, before any policy. `rec`, `q`: unexplained share of the variance of the"
    )?;
    writeln!(out, "input and of the latent. HSIC: information between inputs and latents; nHSIC is its scale-free form.\n")?;
    writeln!(
        out,
        "| domain | items | distinct | net collision % | rec | q | HSIC | nHSIC | main expert |\n|---|---|---|---|---|---|---|---|---|"
    )?;
    for d in &e.domains {
        writeln!(
            out,
            "| {} | {} | {} | {:.2} | {:.3} | {:.3} | {:.5} | {:.3} | {} |",
            d.name,
            d.items,
            d.distinct,
            100.0 * d.net_collision,
            d.rec,
            d.q,
            d.hsic,
            d.hsic_scale_free,
            d.main_expert
        )?;
    }
    let o = &e.overall;
    writeln!(
        out,
        "| **all** | {} | {} | **{:.2}** | **{:.3}** | **{:.3}** | {:.5} | {:.3} | |\n",
        o.items,
        o.distinct,
        100.0 * o.net_collision,
        o.rec,
        o.q,
        o.hsic,
        o.hsic_scale_free
    )?;
    writeln!(
        out,
        "Variance of HSIC over domains {:.2e}, of nHSIC {:.2e}. Domain–expert NMI {:.3}; router entropy {:.3} bits;",
        o.hsic_variance, o.hsic_scale_free_variance, o.nmi, o.router_entropy_bits
    )?;
    writeln!(
        out,
        "largest level dependence {:.3}. After `assign`: {} collisions among distinct items, q +{:.4}.\n",
        o.dependence, o.collisions_after_assign, o.assign_q
    )?;
    writeln!(out, "## Codebooks\n")?;
    writeln!(
        out,
        "| quantizer | load % | used of each level | perplexity | quantisation error after each level |\n|---|---|---|---|---|"
    )?;
    for q in &e.quantizers {
        let join = |f: &dyn Fn(&super::evaluate::LevelReport) -> String| q.levels.iter().map(f).collect::<Vec<_>>().join(" / ");
        writeln!(
            out,
            "| {} | {:.1} | {} | {} | {} |",
            q.name,
            100.0 * q.load,
            join(&|l| format!("{:.3}", l.utilisation)),
            join(&|l| format!("{:.0}", l.perplexity)),
            join(&|l| format!("{:.3}", l.error))
        )?;
    }
    Ok(())
}
