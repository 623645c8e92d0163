//! Parameter counts, as in the paper's Table 2.

use serde::Serialize;

use super::config::Architecture;

/// Parameter counts, split as in the paper's Table 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Parameters {
    /// Encoder and decoder.
    pub autoencoder: usize,
    /// All codebooks.
    pub codebooks: usize,
    /// Router weight and bias.
    pub router: usize,
}

impl Parameters {
    /// Sum of the parts.
    pub fn total(&self) -> usize {
        self.autoencoder + self.codebooks + self.router
    }
}

impl Architecture {
    /// Parameter counts as in the paper's Table 2.
    pub fn parameters(&self) -> Parameters {
        let widths = self.widths();
        let layers = |w: &[usize]| w.windows(2).map(|p| p[0] * p[1]).sum::<usize>();
        let biases: usize = widths[1..].iter().sum::<usize>() + widths[..widths.len() - 1].iter().sum::<usize>();
        Parameters {
            autoencoder: 2 * layers(&widths) + biases,
            codebooks: self.quantizers() * self.levels * self.codes * self.latent,
            router: if self.experts == 0 { 0 } else { self.experts * (self.latent + 1) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_equal_the_papers_table_2() {
        let unified = Architecture::paper(768, 10).parameters();
        assert_eq!(unified, Parameters { autoencoder: 8_745_632, codebooks: 360_448, router: 330 });
        // Ten single-domain tokenizers: an autoencoder and one codebook set each.
        let single = Architecture { experts: 0, top_n: 0, ..Architecture::paper(768, 10) }.parameters();
        let ten = 10 * single.total();
        assert_eq!(format!("{:.2}", ten as f64 / 1e6), "87.78");
        assert_eq!(format!("{:.2}", unified.total() as f64 / 1e6), "9.11");
        assert_eq!(format!("{:.2}", ten as f64 / unified.total() as f64), "9.64");
    }
}
