//! NumPy's `.npz`: a zip of arrays, stored as they are so that they can be mapped into memory.

use std::io::{self, Seek, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::numbers::Array;

/// Writes arrays.
///
/// # Errors
/// `out` cannot be written.
pub(super) fn write(out: impl Write + Seek, arrays: &[Array<'_>]) -> io::Result<()> {
    let mut archive = ZipWriter::new(out);
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(true);
    let written = arrays.iter().try_for_each(|array| {
        archive.start_file(format!("{}.npy", array.name), options)?;
        archive.write_all(&header(array.kind, &array.shape))?;
        array.write(&mut archive)
    });
    // A full disk shows here, where its error can be returned; `finish`, which takes the archive, would print it as well.
    let written = written.and_then(|()| archive.flush());
    if written.is_err() {
        // Dropped, it would try to end the archive, and print that it cannot.
        std::mem::forget(archive);
        return written;
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
