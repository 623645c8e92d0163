//! The items that NVIDIA's `sid_gr` (recsys-examples) reads: a tensor `[positions][items]` of 64-bit codes that `torch.load` opens,
//! and the settings that go with it. Written after reading its source.
//!
//! A file of PyTorch is a zip of a pickle, which says what the tensor is like, and of its values.

use std::io::{self, Seek, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::numbers::Numbers;
use crate::tokens::Columns;

/// The file of the tensor.
pub(super) const FILE: &str = "items.pt";
/// The file of the settings.
pub(super) const SETTINGS: &str = "items.gin";

/// Bytes at whose multiples PyTorch maps values into memory.
const ALIGNMENT: u16 = 64;

/// Writes the tensor; `codes` is the number in each token of the vocabulary.
pub(super) fn write_tensor(out: impl Write + Seek, index: &Columns, codes: &[usize]) -> io::Result<()> {
    let mut archive = ZipWriter::new(out);
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(true);
    let options = options.with_alignment(ALIGNMENT);
    for (name, content) in [("data.pkl", &*pickle(index.width(), index.items())), ("byteorder", b"little")] {
        archive.start_file(format!("items/{name}"), options)?;
        archive.write_all(content)?;
    }
    archive.start_file("items/data/0", options)?;
    let mut numbers = Numbers::new(&mut archive);
    for column in &index.columns {
        column.iter().for_each(|token| numbers.bytes((codes[token as usize] as i64).to_le_bytes()));
    }
    numbers.finish()?;
    archive.start_file("items/version", options)?;
    archive.write_all(b"3\n")?;
    archive.finish()?;
    Ok(())
}

/// The pickle of a contiguous tensor `[rows][columns]` of 64-bit numbers, in protocol 2 as `torch.save` writes it.
fn pickle(rows: usize, columns: usize) -> Vec<u8> {
    let mut code = b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((".to_vec();
    // The storage: its type, its key in the archive, its device and its length.
    text(&mut code, "storage");
    code.extend(b"ctorch\nLongStorage\n");
    text(&mut code, "0");
    text(&mut code, "cpu");
    number(&mut code, rows * columns);
    // It is named by that tuple; then offset, shape, strides, no gradient, no hooks.
    code.extend(b"tQ");
    number(&mut code, 0);
    for (first, second) in [(rows, columns), (columns, 1)] {
        number(&mut code, first);
        number(&mut code, second);
        code.push(b'\x86');
    }
    code.extend(b"\x89ccollections\nOrderedDict\n)RtR.");
    code
}

fn text(code: &mut Vec<u8>, text: &str) {
    code.push(b'X');
    code.extend((text.len() as u32).to_le_bytes());
    code.extend(text.as_bytes());
}

/// A number of eight bytes, the last of which holds its sign.
fn number(code: &mut Vec<u8>, number: usize) {
    code.extend(b"\x8a\x08");
    code.extend((number as i64).to_le_bytes());
}

/// What the training's gin file says of the items.
pub(super) fn settings(sizes: &[usize]) -> String {
    format!(
        "DatasetArgs.item_to_sid_mapping_path = \"{FILE}\"\nDatasetArgs.num_hierarchies = {}\n\
         DatasetArgs.codebook_sizes = {sizes:?}\n",
        sizes.len()
    )
}
