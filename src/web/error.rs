//! Errors for JavaScript: an `Error` with the library's message, and a `name` where a caller acts on it.

use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::engine::EngineError;

/// An `Error` with the message of `error`.
pub(super) fn fault(error: impl std::fmt::Display) -> JsValue {
    js_sys::Error::new(&error.to_string()).into()
}

/// The same for an engine; one whose device is gone is named `DeviceLost`.
pub(super) fn engine_fault(error: &EngineError) -> JsValue {
    let fault = js_sys::Error::new(&error.to_string());
    if matches!(error, EngineError::Device(_)) {
        fault.set_name("DeviceLost");
    }
    fault.into()
}

/// A plain object of the shape that JSON would have.
pub(super) fn to_object(value: &impl Serialize) -> JsValue {
    let plain = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&plain).unwrap_or(JsValue::UNDEFINED)
}
