//! NumPy's `.npz`: a zip of arrays, stored as they are so that they can be mapped into memory.

use std::io::{self, Seek, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Values of an array.
pub(super) enum Values<'a> {
    I32(&'a [i32]),
    Bool(&'a [bool]),
}

/// An array in C order.
pub(super) struct Array<'a> {
    pub(super) name: &'static str,
    pub(super) shape: Vec<usize>,
    pub(super) values: Values<'a>,
}

/// Writes arrays.
///
/// # Errors
/// `out` cannot be written.
pub(super) fn write(out: impl Write + Seek, arrays: &[Array<'_>]) -> io::Result<()> {
    let mut archive = ZipWriter::new(out);
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(true);
    for array in arrays {
        archive.start_file(format!("{}.npy", array.name), options)?;
        let kind = match array.values {
            Values::I32(_) => "<i4",
            Values::Bool(_) => "|b1",
        };
        archive.write_all(&header(kind, &array.shape))?;
        match array.values {
            Values::I32(values) => values.chunks(1 << 14).try_for_each(|values| {
                let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
                archive.write_all(&bytes)
            })?,
            Values::Bool(values) => archive.write_all(&values.iter().map(|&value| u8::from(value)).collect::<Vec<u8>>())?,
        }
    }
    archive.finish()?;
    Ok(())
}

/// The header of an `.npy` file of version 1, in a multiple of 64 bytes.
fn header(kind: &str, shape: &[usize]) -> Vec<u8> {
    let shape: String = shape.iter().map(|size| format!("{size}, ")).collect();
    let text = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({}), }}", shape.trim_end());
    let size = (10 + text.len() + 1).next_multiple_of(64) - 10;
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((size as u16).to_le_bytes());
    bytes.extend(format!("{text:<width$}\n", width = size - 1).into_bytes());
    bytes
}
