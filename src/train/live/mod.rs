//! A run that somebody watches and takes part in, as on the page: everything that its panel does, without the panel.
//!
//! | file | what it does |
//! |---|---|
//! | `settings` | what can be chosen, as the settings of `unitok train` |
//! | `domains` | the domains of a catalogue: its largest categories, or clusters of its vectors |
//! | `run` | steps, looks, snapshots, the finished model |
//! | `interventions` | dead codes re-seeded now, an expert switched off |
//! | `look` | collisions and use of the codes, in a fixed sample of the items |
//! | `map` | latents in two dimensions, without jumps between looks |

pub mod domains;
pub mod interventions;
pub mod look;
pub mod map;
pub mod run;
pub mod settings;
