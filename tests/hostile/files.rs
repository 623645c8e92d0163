//! Hostile files, made from scratch: each with what its error must say.

/// A file that must be refused.
pub struct Hostile {
    /// File name.
    pub name: &'static str,
    /// Content.
    pub bytes: Vec<u8>,
    /// Words that the error must hold.
    pub says: &'static str,
}

fn hostile(name: &'static str, bytes: impl Into<Vec<u8>>, says: &'static str) -> Hostile {
    Hostile { name, bytes: bytes.into(), says }
}

/// An error page, as a download leaves it.
pub const ERROR_PAGE: &[u8] = b"<!DOCTYPE html><html><body>404: Not Found</body></html>";

/// An `.npy` with a header of one's own.
pub fn npy(header: &str, values: &[f32]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(values.iter().flat_map(|v| v.to_le_bytes()));
    bytes
}

/// A good header for `rows` vectors of width 2.
pub fn npy_of(rows: usize, values: &[f32]) -> Vec<u8> {
    npy(&format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, 2), }}\n"), values)
}

/// A safetensors file with a header of one's own.
pub fn safetensors(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

fn tensor(name: &str, dtype: &str, shape: &str, offsets: &str) -> String {
    format!(r#"{{"{name}":{{"dtype":"{dtype}","shape":{shape},"data_offsets":{offsets}}}}}"#)
}

/// Embedding files.
pub fn embeddings() -> Vec<Hostile> {
    let two = r#""a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}"#;
    let second = |offsets: &str| format!(r#"{{{two},"b":{{"dtype":"F32","shape":[1,2],"data_offsets":{offsets}}}}}"#);
    let ids = r#"{"embeddings":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"ids":{"dtype":"U8","shape":[9],"data_offsets":[8,17]}}"#;
    let with_ids =
        |ids: &[u8]| [1f32.to_le_bytes(), 2f32.to_le_bytes()].concat().into_iter().chain(ids.iter().copied()).collect::<Vec<_>>();
    vec![
        hostile("empty.npy", b"", "neither .npy nor safetensors"),
        hostile("page.npy", ERROR_PAGE, "an HTML page"),
        hostile("magic-only.npy", b"\x93NUMPY", "the file ends inside it"),
        hostile("version.npy", b"\x93NUMPY\x09\x00\x10\x00", "format version 9"),
        hostile("long-header.npy", b"\x93NUMPY\x02\x00\xff\xff\xff\xff", "claims 4294967295 bytes"),
        hostile("garbage-header.npy", npy("{'shape': 3}", &[]), "no usable descr"),
        hostile("big-endian.npy", npy("{'descr': '>f4', 'fortran_order': False, 'shape': (1, 2)}", &[1.0, 2.0]), "type '>f4'"),
        hostile("pickle.npy", npy("{'descr': '|O', 'fortran_order': False, 'shape': (1, 2)}", &[1.0, 2.0]), "type '|O'"),
        hostile("fortran.npy", npy("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2)}", &[1.0, 2.0]), "Fortran order"),
        hostile("one-axis.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", &[1.0, 2.0]), "shape [2]"),
        hostile("no-rows.npy", npy_of(0, &[]), "shape [0, 2]"),
        hostile("negative.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 2)}", &[]), "no usable shape"),
        hostile("huge.npy", npy_of(1 << 60, &[1.0]), "describes"),
        hostile("overflow.npy", npy_of(usize::MAX, &[1.0]), "describes 18446744073709551615 bytes"),
        hostile("cut.npy", npy_of(2, &[1.0, 2.0, 3.0]), "cut short"),
        hostile("longer.npy", npy_of(1, &[1.0, 2.0, 3.0]), "cut short or damaged"),
        hostile("nan.npy", npy_of(2, &[1.0, 2.0, 3.0, f32::NAN]), "row 1, column 1"),
        hostile("inf.npy", npy_of(2, &[1.0, 2.0, f32::INFINITY, 1.0]), "row 1, column 0"),
        hostile("zero.npy", npy_of(2, &[1.0, 2.0, 0.0, -0.0]), "the whole row is zero"),
        hostile("page.safetensors", ERROR_PAGE, "neither .npy nor safetensors"),
        hostile("huge-header.safetensors", b"\xff\xff\xff\xff\xff\xff\xff\x7f{}", "bad header at byte 0"),
        hostile("beyond-header.safetensors", b"\x00\x01\x00\x00\x00\x00\x00\x00{}", "it claims 256 bytes"),
        hostile("no-json.safetensors", safetensors("{\"a\":", b""), "bad header at byte 8"),
        hostile(
            "overflow.safetensors",
            safetensors(&tensor("a", "F32", "[4611686018427387904,8]", "[0,8]"), b"12345678"),
            "overflow",
        ),
        hostile("negative.safetensors", safetensors(&tensor("a", "F32", "[-1,2]", "[0,8]"), b"12345678"), "bad header"),
        hostile("backwards.safetensors", safetensors(&tensor("a", "F32", "[1,2]", "[8,0]"), b"12345678"), "invalid offset"),
        hostile("wrong-size.safetensors", safetensors(&tensor("a", "F32", "[2,2]", "[0,8]"), b"12345678"), "invalid shape"),
        hostile("cut.safetensors", safetensors(&tensor("a", "F32", "[1,2]", "[0,8]"), b"1234"), "cut short"),
        hostile("longer.safetensors", safetensors(&tensor("a", "F32", "[1,2]", "[0,8]"), b"123456789"), "cut short or damaged"),
        hostile("overlap.safetensors", safetensors(&second("[4,12]"), b"123456789012"), "invalid offset"),
        hostile("hole.safetensors", safetensors(&second("[12,20]"), &[1; 20]), "invalid offset"),
        hostile("two.safetensors", safetensors(&second("[8,16]"), &[1; 16]), "a F32 [1, 2], b F32 [1, 2]"),
        hostile("integers.safetensors", safetensors(&tensor("a", "I32", "[1,2]", "[0,8]"), &[1; 8]), "a I32 [1, 2]"),
        hostile("no-tensor.safetensors", safetensors("{}", b""), "among: none"),
        hostile("ids-no-json.safetensors", safetensors(ids, &with_ids(b"not json!")), "no JSON array of strings"),
        hostile("ids-count.safetensors", safetensors(ids, &with_ids(b"[\"a\",\"b\"]")), "2 ids for 1 row"),
    ]
}

/// Catalogues; titles that are merely nasty are in [`nasty_titles`].
pub fn catalogues() -> Vec<Hostile> {
    let utf16: Vec<u8> = "\u{feff}id,title\n1,a\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let deep = format!("{{\"id\":1,\"categories\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    vec![
        hostile("empty.jsonl", b"", "the file is empty"),
        hostile("header-only.csv", b"id,title\n", "a header and no rows"),
        hostile("blank.jsonl", b"\n\n \n", "no items"),
        hostile("page.jsonl", ERROR_PAGE, "HTML"),
        hostile("bad-json.jsonl", b"{\"id\":1}\n{\"id\":2,\"title\":}\n", "line 2 (byte 25)"),
        hostile("not-objects.jsonl", b"1\n2\n3\n4\n", "expected an object"),
        hostile("deep.jsonl", deep, "recursion limit"),
        hostile("surrogate.jsonl", br#"{"id":1,"title":"cut \ud83d"}"#, "line 1 (byte 0): bad JSON"),
        hostile("cut.jsonl", b"{\"id\":1}\n{\"id\":2,\"tit", "line 2"),
        hostile("cut.json", b"[{\"id\":1}, {\"id\":2,\"tit", "cut short"),
        hostile("quote.csv", b"id,title\n1,\"a\n2,b\n", "line 2 (byte 9): the quote opened here is never closed"),
        hostile("ragged.csv", b"id,title\n1,a\n2,b,c\n", "line 3 (byte 13): 3 fields, the header has 2"),
        hostile("no-id.csv", b"title,brand\na,b\n", "no id column"),
        hostile("latin1.csv", b"id,title\n1,caf\xe9\n", "byte 14): byte 0xe9 is not UTF-8"),
        hostile("utf16.csv", utf16, "UTF-16LE"),
        hostile("long.jsonl", vec![b'a'; (16 << 20) + 10], "longer than 16777216 bytes"),
    ]
}

/// One item a title that a page or a spreadsheet may stumble over; all must be read.
pub fn nasty_titles() -> Vec<String> {
    let mut titles: Vec<String> =
        ["<script>alert(1)</script>", "\u{202e}reversed", "zero\u{200b}width", "=1+1", "+1", "-1", "@x", "\"", "\u{7f}\u{1}x"]
            .map(Into::into)
            .into();
    titles.push("long ".repeat(20_000));
    titles
}
