//! The package `unitok` for Python: a thin shell over the crate, which computes with Python's lock released.
//!
//! What Python's users read as docs are the comments of classes and methods here; `unitok/_unitok.pyi` has the types.

mod arrow;
mod audit;
mod encoding;
mod errors;
mod export;
mod index;
mod json;
mod lookup;
mod save;
mod sizes;
mod text;
mod threads;
mod tokenizer;
mod trie;
mod vectors;

/// What the package re-exports. Its classes are frozen, and what they share is behind locks or written once: it needs no global
/// lock of the interpreter.
#[pyo3::pymodule(gil_used = false)]
mod _unitok {
    #[pymodule_export]
    use crate::audit::audit;
    #[pymodule_export]
    use crate::encoding::Encoding;
    #[pymodule_export]
    use crate::errors::TextModelNotFoundError;
    #[pymodule_export]
    use crate::export::export;
    #[pymodule_export]
    use crate::index::Index;
    #[pymodule_export]
    use crate::text::TextEncoder;
    #[pymodule_export]
    use crate::tokenizer::Tokenizer;
    #[pymodule_export]
    use crate::trie::Trie;

    #[expect(non_upper_case_globals, reason = "Python's name for it")]
    #[pymodule_export]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
