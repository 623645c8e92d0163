//! An audit for JavaScript.

use serde::Serialize;

use crate::audit::Report;
use crate::tokens::CollisionReport;

/// What `unitok audit --json` says of an index, and what the collision policy did.
#[derive(Serialize, tsify::Tsify)]
#[tsify(missing_as_null)]
pub(super) struct Audit<'a> {
    #[serde(flatten)]
    pub report: Report,
    /// None for an index that was made elsewhere.
    pub policy: Option<&'a CollisionReport>,
}
