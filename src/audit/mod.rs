//! How good the tokens are.
