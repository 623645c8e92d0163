//! The header of a safetensors file. The crate checks it (no overlap, no hole, no overflow) without reading the values.

use safetensors::tensor::{Dtype, Metadata, TensorInfo};

use super::array::Array;
use super::contents::{Chosen, Entry, choose, ids_rank};
use super::layout::{Header, StoredIds};
use super::python::Place;
use super::stored_ids::IdKind;
use super::{Element, EmbeddingError, Layout, ReadOptions};
use crate::model::TextConfig;

/// Largest header: ours have a few hundred bytes.
const MAX_HEADER: u64 = 10 << 20;

/// Reads the header from the beginning of a file of `size` bytes.
pub(super) fn read_header(
    stream: &mut dyn std::io::Read,
    size: u64,
    options: &ReadOptions,
    name: &str,
) -> Result<Header, EmbeddingError> {
    let bad = |byte, what: String| EmbeddingError::Header { name: name.into(), byte, what };
    let mut length = [0; 8];
    stream.read_exact(&mut length).map_err(|_| bad(0, "the file ends inside it".into()))?;
    let length = u64::from_le_bytes(length);
    if length > MAX_HEADER.min(size.saturating_sub(8)) {
        return Err(bad(0, format!("it claims {length} bytes, the file has {size} and {MAX_HEADER} are the most")));
    }
    let mut header = vec![0; length as usize];
    stream.read_exact(&mut header).map_err(|source| EmbeddingError::Io { name: name.into(), source })?;
    let header = std::str::from_utf8(&header).map_err(|e| bad(8 + e.valid_up_to() as u64, "the header is not UTF-8".into()))?;
    let metadata: Metadata = serde_json::from_str(header).map_err(|e| bad(8, e.to_string()))?;
    let start = 8 + length;
    let claimed = start.saturating_add(metadata.data_len() as u64);
    if claimed != size {
        return Err(EmbeddingError::Size { name: name.into(), claimed, found: size });
    }
    chosen(&metadata, start, options, name)
}

/// The tensors of vectors and of ids, whose data begin at byte `start` of the file.
fn chosen(metadata: &Metadata, start: u64, options: &ReadOptions, name: &str) -> Result<Header, EmbeddingError> {
    let names = metadata.offset_keys();
    let tensors: Vec<&TensorInfo> = names.iter().filter_map(|key| metadata.info(key)).collect();
    let entries: Vec<Entry> = names.iter().zip(&tensors).map(|(key, tensor)| entry(key, tensor)).collect();
    // The metadata may hold the ids too, under one of their names; a tensor goes first.
    let text = |key: &str| metadata.metadata().as_ref()?.get(key).cloned();
    let keys = metadata.metadata().iter().flat_map(|m| m.keys()).filter(|key| ids_rank(key).is_some());
    let in_metadata = options.ids.as_deref().map_or_else(|| keys.min().cloned(), |wanted| Some(wanted.to_owned()));
    let in_metadata = in_metadata.filter(|key| !names.contains(key)).and_then(|key| Some((text(&key)?, key)));
    let named = options.ids.as_deref().filter(|_| in_metadata.is_none());
    let Chosen { vectors, ids, mut contents } = choose(&entries, options.array.as_deref(), named, name)?;
    let tensor = tensors[vectors];
    let place = Place::safetensors(name, &names[vectors]);
    let layout = layout(tensor, &names[vectors], &place, options.width, name)?;
    layout.check_width(options.width, name, Some(place))?;
    let ids = match (ids, in_metadata) {
        (Some(at), _) => Some(stored_ids(&names[at], tensors[at], start, name)?),
        (None, Some((text, key))) => {
            contents.ids = Some(key);
            Some(StoredIds::Text(text))
        }
        _ => None,
    };
    let text = text("text").and_then(|text| serde_json::from_str(&text).ok());
    Ok(Header { layout, start: start + tensor.data_offsets.0 as u64, ids, text, contents })
}

fn entry(name: &str, tensor: &TensorInfo) -> Entry {
    let is_matrix = tensor.shape.len() == 2 && element(tensor.dtype).is_some();
    Entry { name: name.into(), kind: format!("{:?} {:?}", tensor.dtype, tensor.shape), is_matrix }
}

fn layout(tensor: &TensorInfo, key: &str, place: &Place, width: Option<usize>, name: &str) -> Result<Layout, EmbeddingError> {
    if let (Some(element), &[rows @ (1..), width @ (1..)]) = (element(tensor.dtype), &tensor.shape[..]) {
        return Ok(Layout { rows, width, element });
    }
    let descr = if element(tensor.dtype).is_some() { "<f4".into() } else { format!("{:?}", tensor.dtype) };
    let array = Array { descr, fortran: false, shape: tensor.shape.clone(), start: 0 };
    let what = format!("tensor {key} {:?} {:?}", tensor.dtype, tensor.shape);
    let (remedy, is_empty) = (array.remedy(place, width), array.is_empty());
    Err(EmbeddingError::Array { name: name.into(), what, remedy, is_empty })
}

fn stored_ids(key: &str, tensor: &TensorInfo, start: u64, name: &str) -> Result<StoredIds, EmbeddingError> {
    let kind = match tensor.dtype {
        Dtype::U8 => IdKind::Json,
        Dtype::I16 => IdKind::Signed(2),
        Dtype::I32 => IdKind::Signed(4),
        Dtype::I64 => IdKind::Signed(8),
        Dtype::U16 => IdKind::Unsigned(2),
        Dtype::U32 => IdKind::Unsigned(4),
        Dtype::U64 => IdKind::Unsigned(8),
        other => {
            let what = format!(
                "tensor {key} of type {other:?} cannot be the ids, which are whole numbers or the bytes of a JSON array. Write them so, or leave them out"
            );
            return Err(EmbeddingError::Ids { name: name.into(), what });
        }
    };
    let (first, end) = tensor.data_offsets;
    Ok(StoredIds::Bytes(start + first as u64, end - first, kind))
}

fn element(dtype: Dtype) -> Option<Element> {
    match dtype {
        Dtype::F16 => Some(Element::F16),
        Dtype::BF16 => Some(Element::Bf16),
        Dtype::F32 => Some(Element::F32),
        Dtype::F64 => Some(Element::F64),
        _ => None,
    }
}

/// The header of `rows` vectors and `id_bytes` of ids, padded with spaces to `length` bytes or as the format wants.
pub(super) fn header(
    (rows, width, element): (usize, usize, Element),
    id_bytes: usize,
    text: Option<&TextConfig>,
    length: Option<usize>,
) -> Vec<u8> {
    let dtype = match element {
        Element::F16 => "F16",
        Element::Bf16 => "BF16",
        Element::F32 => "F32",
        Element::F64 => "F64",
    };
    let end = rows as u128 * width as u128 * element.size() as u128;
    let ids = end + id_bytes as u128;
    let text = text.map(|t| serde_json::to_string(t).expect("plain fields"));
    let metadata = serde_json::json!({ "format": "unitok-embeddings", "text": text.unwrap_or_default() });
    let json = format!(
        r#"{{"__metadata__":{metadata},"embeddings":{{"dtype":"{dtype}","shape":[{rows},{width}],"data_offsets":[0,{end}]}},"ids":{{"dtype":"U8","shape":[{id_bytes}],"data_offsets":[{end},{ids}]}}}}"#
    );
    let length = length.unwrap_or(json.len().next_multiple_of(8));
    let mut bytes = (length as u64).to_le_bytes().to_vec();
    bytes.extend(format!("{json:<length$}").into_bytes());
    bytes
}
