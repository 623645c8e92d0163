//! The header of a safetensors file. The crate checks it (no overlap, no hole, no overflow) without reading the values.

use safetensors::tensor::{Dtype, Metadata, TensorInfo};

use super::layout::Header;
use super::{Element, EmbeddingError, Layout};
use crate::model::TextConfig;

/// Largest header: ours have a few hundred bytes.
const MAX_HEADER: u64 = 10 << 20;

/// Reads the header from the beginning of a file of `size` bytes.
pub(super) fn read_header(stream: &mut dyn std::io::Read, size: u64, name: &str) -> Result<Header, EmbeddingError> {
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
    let (tensor, element) = find_embeddings(&metadata, name)?;
    let (rows, width) = (tensor.shape[0], tensor.shape[1]);
    if rows == 0 || width == 0 {
        return Err(EmbeddingError::Shape { name: name.into(), found: tensor.shape.clone() });
    }
    let layout = Layout { rows, width, element };
    let values = start + tensor.data_offsets.0 as u64;
    let ids = metadata.info("ids").filter(|t| t.dtype == Dtype::U8);
    let ids = ids.map(|t| (start + t.data_offsets.0 as u64, t.data_offsets.1 - t.data_offsets.0));
    let text = metadata.metadata().as_ref().and_then(|m| serde_json::from_str(m.get("text")?).ok());
    Ok(Header { layout, start: values, ids, text })
}

/// The tensor named `embeddings`, or else the only 2-D float tensor.
fn find_embeddings<'a>(metadata: &'a Metadata, name: &str) -> Result<(&'a TensorInfo, Element), EmbeddingError> {
    let tensors = metadata.tensors();
    let matrix = |t: &TensorInfo| t.shape.len() == 2 && element(t.dtype).is_some();
    let only = || {
        let mut matrices = metadata.offset_keys().into_iter().filter(|n| matrix(tensors[n]));
        matrices.next().filter(|_| matrices.next().is_none())
    };
    let key = tensors.contains_key("embeddings").then(|| "embeddings".to_owned()).or_else(only);
    let tensor = key.and_then(|key| metadata.info(&key)).filter(|t| matrix(t)).ok_or_else(|| {
        let describe = |n: &String| format!("{n} {:?} {:?}", tensors[n].dtype, tensors[n].shape);
        let found = metadata.offset_keys().iter().take(8).map(describe).collect::<Vec<_>>().join(", ");
        EmbeddingError::NoTensor { name: name.into(), found: if found.is_empty() { "none".into() } else { found } }
    })?;
    Ok((tensor, element(tensor.dtype).expect("a float tensor was chosen")))
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
