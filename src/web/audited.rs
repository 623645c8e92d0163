//! An audit for JavaScript.

use js_sys::Reflect;
use wasm_bindgen::prelude::*;

use super::error::to_object;
use crate::audit::Report;
use crate::tokens::CollisionReport;

/// Written by hand: a flattened struct would bring a second serializer of every type.
#[wasm_bindgen(typescript_custom_section)]
const TYPE: &str = r"
/**
 * What `unitok audit --json` says of an index, and what the collision policy did: null for an index that was made elsewhere.
 */
export type Audit = Report & { policy: CollisionReport | null };
";

/// The object of type `Audit`.
pub(super) fn audit(report: &Report, policy: Option<&CollisionReport>) -> Result<JsValue, JsValue> {
    let audit = to_object(report);
    Reflect::set(&audit, &"policy".into(), &policy.map_or(JsValue::NULL, to_object))?;
    Ok(audit)
}
