//! Errors for JavaScript: an `Error` with the library's message, and a `name` where a caller acts on it.

use wasm_bindgen::JsValue;

#[cfg(any(feature = "web", feature = "web-text"))]
use crate::compute::DeviceError;
#[cfg(feature = "web")]
use crate::engine::EngineError;

/// An `Error` with the message of `error`.
pub(super) fn js_error(error: impl std::fmt::Display) -> JsValue {
    js_sys::Error::new(&error.to_string()).into()
}

/// The same for a text model, on whatever device.
#[cfg(feature = "web-text")]
pub(super) fn js_text_error(error: crate::text::TextError) -> JsValue {
    match error {
        crate::text::TextError::Device(error) => js_device_error(&error),
        error => js_error(error),
    }
}

/// The same for a tokenizer, on whatever device.
#[cfg(feature = "web")]
pub(super) fn js_engine_error(error: &EngineError) -> JsValue {
    match error {
        EngineError::Device(error) => js_device_error(error),
        error => js_error(error),
    }
}

/// The same for a device; an error of one that is gone is named `DeviceLost`.
#[cfg(any(feature = "web", feature = "web-text"))]
pub(super) fn js_device_error(error: &DeviceError) -> JsValue {
    let thrown = js_sys::Error::new(&match error {
        // The library's advice is for the command line.
        DeviceError::NoGpu(cause) => format!(
            "No GPU engine: {cause}. Choose the CPU engine, or open the page in a current Chrome, Edge, Safari or Firefox with hardware acceleration"
        ),
        error => error.to_string(),
    });
    if matches!(error, DeviceError::Stopped(_)) {
        thrown.set_name("DeviceLost");
    }
    thrown.into()
}

/// A plain object of the shape that JSON would have.
pub(super) fn to_object(value: &impl serde::Serialize) -> JsValue {
    let plain = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&plain).unwrap_or(JsValue::UNDEFINED)
}
