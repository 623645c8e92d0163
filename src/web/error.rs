//! Errors for JavaScript: an `Error` with the library's message, and a `name` where a caller acts on it.

use wasm_bindgen::JsValue;

/// An `Error` with the message of `error`.
pub(super) fn fault(error: impl std::fmt::Display) -> JsValue {
    js_sys::Error::new(&error.to_string()).into()
}

/// The same for a text model, on whatever engine.
#[cfg(feature = "web-text")]
pub(super) fn text_fault(error: crate::text::TextError) -> JsValue {
    match error {
        crate::text::TextError::Engine(error) => engine_fault(&error),
        error => fault(error),
    }
}

/// The same for an engine; one whose device is gone is named `DeviceLost`.
pub(super) fn engine_fault(error: &crate::engine::EngineError) -> JsValue {
    use crate::engine::EngineError;
    let fault = js_sys::Error::new(&match error {
        // The library's advice is for the command line.
        EngineError::NoGpu(cause) => format!(
            "No GPU engine: {cause}. Choose the CPU engine, or open the page in a current Chrome, Edge, Safari or Firefox with hardware acceleration"
        ),
        error => error.to_string(),
    });
    if matches!(error, EngineError::Device(_)) {
        fault.set_name("DeviceLost");
    }
    fault.into()
}

/// A plain object of the shape that JSON would have.
pub(super) fn to_object(value: &impl serde::Serialize) -> JsValue {
    let plain = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&plain).unwrap_or(JsValue::UNDEFINED)
}
