//! The paper's comparison: systems × catalogues × seeds, planned, done, and put into tables and plots.
//!
//! ```text
//! folders ─ catalogue, vectors ─┐
//! systems, preset ── plan ──────┴─ execute ─ run files ─ results, tables, plots
//!                                    │ tokenizers (made once), recommend
//! ```
//!
//! | file | what it does |
//! |---|---|
//! | `systems`, `tokenizers/` | what is compared: to add a method, a file or a row here |
//! | `preset`, `plan`, `cost` | how much of it, which runs that are, how long they take |
//! | `catalogue`, `vectors` | a catalogue's items, sequences and vectors |
//! | `execute`, `watch` | doing what is not done yet; who watches |
//! | `run`, `store` | one run as a result and as a file |
//! | `study`, `tables/`, `plots/` | runs grouped, with intervals; what is shown of them |
//! | `quality`, `theorems` | measures that train no recommender; the paper's theorems as checks |
//! | `reference` | what others report |
//! | `results`, `table` | all of it as files; tables as data and as text |
//! | `error`, `names` | what can go wrong |

pub mod catalogue;
pub mod cost;
pub mod error;
pub mod execute;
pub mod names;
pub mod plan;
pub mod plots;
pub mod preset;
pub mod quality;
pub mod reference;
pub mod results;
pub mod run;
pub mod store;
pub mod study;
pub mod systems;
pub mod table;
pub mod tables;
pub mod theorems;
pub mod tokenizers;
pub mod vectors;
pub mod watch;
