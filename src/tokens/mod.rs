//! Codewords as tokens.
