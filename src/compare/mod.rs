//! The comparison of tokenizers and recommenders over catalogues.
