//! The line of Python that turns a NumPy array into one that can be read.

use super::array::Array;
use super::contents::ids_rank;

/// Widths of common text encoders, for arrays that lost their shape.
const WIDTHS: [usize; 7] = [384, 768, 1024, 512, 256, 1536, 3072];

/// After lines that load Python objects.
pub(super) const PICKLE: &str = ". Only if you trust the file: objects may run code when they are loaded";

/// Where Python finds an array, and where it should save the mended one.
#[derive(Clone)]
pub(super) struct Place {
    /// Modules to import, besides NumPy.
    modules: &'static str,
    /// The function that reads the file, with its name, but not the closing parenthesis.
    load: String,
    /// The array's key, if it has one.
    key: Option<String>,
    /// A file name.
    save: String,
}

impl Place {
    /// An `.npy` file, mended in its place, so that ids beside it still belong to it.
    pub(super) fn npy(file: &str) -> Self {
        Self { modules: "", load: format!("numpy.load({}", quoted(file)), key: None, save: file.into() }
    }

    /// An array of an `.npz` file, saved beside it.
    pub(super) fn npz(file: &str, array: &str) -> Self {
        Self { key: Some(array.into()), save: with_extension(file, "npy"), ..Self::npy(file) }
    }

    /// A tensor of a safetensors file, saved beside it.
    pub(super) fn safetensors(file: &str, tensor: &str) -> Self {
        let load = format!("safetensors.numpy.load_file({}", quoted(file));
        Self { modules: ", safetensors.numpy", load, key: Some(tensor.into()), save: with_extension(file, "npy") }
    }

    /// Loads the array as `a` and saves what `expression` makes of it.
    fn line(&self, expression: &str) -> String {
        self.line_with("", expression)
    }

    /// What follows a line to save `ids` beside the vectors.
    fn ids(&self, ids: &str) -> String {
        let file = quoted(&format!("{}.ids.txt", self.save));
        format!("; open({file}, 'w', encoding='utf-8').write('\\n'.join(map(str, {ids})))")
    }

    fn line_with(&self, argument: &str, expression: &str) -> String {
        let Self { modules, load, key, save } = self;
        let key = key.as_ref().map_or(String::new(), |key| format!("[{}]", quoted(key)));
        let save = quoted(save);
        format!("Run in Python: import numpy{modules}; a = {load}{argument}){key}; numpy.save({save}, {expression})")
    }
}

impl Array {
    /// How to mend it, for vectors of `width` if that is known.
    pub(super) fn remedy(&self, place: &Place, width: Option<usize>) -> String {
        if self.shape.contains(&0) {
            return "It holds no vectors: write it again".into();
        }
        if self.descr.starts_with('[') {
            return self.remedy_of_records(place);
        }
        if self.descr.ends_with('O') {
            return self.remedy_of_objects(place);
        }
        let Some(Reshaped { call, copy, condition }) = reshaped(&self.shape, width) else {
            let width = width.map_or("that of the text encoder".into(), |width| width.to_string());
            return format!("Write vectors of one width ({width}) as [items, width]");
        };
        let cast = self.fortran || copy || self.element().is_none();
        let cast = if cast { ".astype('<f4', order='C')" } else { "" };
        place.line(&format!("{}{call}{cast}", number(&self.descr))) + &condition
    }

    /// Records: a field of vectors, or a field for each number. They are saved elsewhere, for they hold more.
    fn remedy_of_records(&self, place: &Place) -> String {
        // A field of vectors has its shape as a third part: ('v', '<f4', (384,)).
        let has_shape = self.descr.split(", (").any(|part| part.starts_with(|c: char| c.is_ascii_digit()));
        let vectors = if has_shape {
            "next(a[n] for n in a.dtype.names if a[n].ndim == 2).astype('<f4')"
        } else {
            "numpy.column_stack([a[n] for n in a.dtype.names if a.dtype[n].kind == 'f']).astype('<f4')"
        };
        let place = Place { save: with_extension(&place.save, "vectors.npy"), ..place.clone() };
        let mut fields = self.descr.split("('").skip(1).filter_map(|field| field.split('\'').next());
        let ids = fields.find(|field| ids_rank(field).is_some());
        place.line(vectors) + &ids.map_or(String::new(), |field| place.ids(&format!("a[{}]", quoted(field))))
    }

    /// Python objects: a vector each, or one dictionary of vectors by id.
    fn remedy_of_objects(&self, place: &Place) -> String {
        let line = if self.shape.is_empty() {
            place.line_with(", allow_pickle=True", "numpy.stack(list(a.item().values())).astype('<f4')") + &place.ids("a.item()")
        } else {
            place.line_with(", allow_pickle=True", "numpy.stack(list(a)).astype('<f4')")
        };
        line + PICKLE
    }
}

/// How an array `a` becomes `[items, width]`.
struct Reshaped {
    call: String,
    /// Whether the result has to be copied into C order.
    copy: bool,
    /// What to know about it, as a further sentence.
    condition: String,
}

fn reshaped(shape: &[usize], width: Option<usize>) -> Option<Reshaped> {
    let reshape = |rows: usize, width: usize| Some(Reshaped::plain(format!(".reshape({rows}, {width})")));
    let values = shape.iter().try_fold(1usize, |n, &axis| n.checked_mul(axis))?;
    let axes: Vec<usize> = shape.iter().copied().filter(|&axis| axis > 1).collect();
    match (shape, &axes[..], width) {
        (&[rows, found], _, Some(width)) if found != width && rows == width => Some(Reshaped::copied(".T", String::new())),
        (&[_, _], ..) => Some(Reshaped::plain(String::new())),
        (_, &[rows, found], _) if width.is_none_or(|width| width == found) => reshape(rows, found),
        (&[rows, _, ..], _, Some(width)) if rows.checked_mul(width) == Some(values) => reshape(rows, width),
        (&[rows, tokens, last], ..) if width.is_none_or(|width| width == last) => {
            Some(Reshaped::copied(".mean(axis=1)", format!(". It takes the mean of {tokens} vectors for each of {rows} items")))
        }
        (_, _, Some(width)) if values.is_multiple_of(width) => reshape(values / width, width),
        (_, _, None) => {
            let width = WIDTHS.into_iter().find(|&width| values.is_multiple_of(width))?;
            let condition = format!(". This is for vectors of width {width}: put in the width of yours");
            reshape(values / width, width).map(|reshaped| Reshaped { condition, ..reshaped })
        }
        _ => None,
    }
}

impl Reshaped {
    fn plain(call: String) -> Self {
        Self { call, copy: false, condition: String::new() }
    }

    fn copied(call: &str, condition: String) -> Self {
        Self { call: call.into(), copy: true, condition }
    }
}

/// The array `a` as numbers that NumPy can cast to floats.
fn number(descr: &str) -> &'static str {
    match descr {
        // bfloat16, as `ml_dtypes` leaves it.
        "|V2" | "<V2" => "(a.view('<u2').astype('<u4') << 16).view('<f4')",
        _ if descr.contains('c') => "a.real",
        _ => "a",
    }
}

/// A line with its file names filled in.
pub(super) fn line(line: &str, name: &str) -> String {
    let npy = with_extension(name, "npy");
    let line = line.replace("{npy}", &quoted(&npy)).replace("{ids}", &quoted(&format!("{npy}.ids.txt")));
    format!("Run in Python: {}", line.replace("{file}", &quoted(name)))
}

/// The line that turns an array of an `.npz` into strings.
pub(super) fn as_strings(file: &str, array: &str) -> String {
    let (file, array) = (quoted(file), quoted(array));
    format!(
        "Run in Python: import numpy; z = dict(numpy.load({file}, allow_pickle=True)); z[{array}] = z[{array}].astype(str); numpy.savez({file}, **z){PICKLE}"
    )
}

/// A Python string.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("'");
    for c in text.chars() {
        match c {
            '\'' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push_str(&format!("\\x{:02x}", c as u32)),
            c => quoted.push(c),
        }
    }
    quoted + "'"
}

/// The file name with another extension.
pub(super) fn with_extension(file: &str, extension: &str) -> String {
    std::path::Path::new(file).with_extension(extension).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remedy(descr: &str, shape: &[usize], width: Option<usize>) -> String {
        let array = Array { descr: descr.into(), fortran: false, shape: shape.into(), start: 0 };
        let line = array.remedy(&Place::npy("e.npy"), width);
        line.replace("Run in Python: import numpy; a = numpy.load('e.npy'); numpy.save('e.npy', ", "… ")
    }

    #[test]
    fn shapes_become_items_by_width() {
        assert_eq!(remedy("<f4", &[23_040], Some(384)), "… a.reshape(60, 384))");
        assert_eq!(remedy("<f8", &[60, 1, 384], Some(384)), "… a.reshape(60, 384))");
        assert_eq!(remedy("<f4", &[1, 60, 384], None), "… a.reshape(60, 384))");
        assert_eq!(remedy("<f4", &[60, 4, 96], Some(384)), "… a.reshape(60, 384))");
        assert!(remedy("<f4", &[60, 7, 384], Some(384)).starts_with("… a.mean(axis=1).astype('<f4', order='C')). It takes"));
        assert_eq!(remedy("<f4", &[384, 60], Some(384)), "… a.T.astype('<f4', order='C'))");
        assert!(remedy("<f4", &[768 * 3], None).contains("reshape(6, 384)). This is for vectors of width 384"));
        assert!(remedy("<f4", &[100], Some(384)).contains("Write vectors of one width (384)"));
        assert!(remedy("<f4", &[usize::MAX, usize::MAX, 3], Some(384)).contains("Write vectors"));
    }

    #[test]
    fn types_are_cast() {
        assert_eq!(remedy(">f4", &[60, 384], None), "… a.astype('<f4', order='C'))");
        assert_eq!(remedy("<i8", &[120], Some(2)), "… a.reshape(60, 2).astype('<f4', order='C'))");
        assert!(remedy("|O", &[60], None).contains("allow_pickle=True"));
        assert!(remedy("[('id', '<i8'), ('v', '<f4', (384,))]", &[60], None).contains("ndim == 2"));
        assert!(remedy("[('id', '<i8'), ('v', '<f4')]", &[60], None).ends_with("a['id'])))"));
        assert_eq!(quoted("it's\n"), "'it\\'s\\x0a'");
    }
}
