//! The page's API.
