//! The size of a first visit before models and catalogues: the page, its styles, scripts and WebAssembly.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};

const PAGE: &str = "index.html";
/// The worker's script, and the modules that it loads at once with `import()`. A static import would delay the downloads that
/// the script starts first.
const WORKER: [&str; 3] = ["www/worker/worker.js", "www/worker/workbench.js", "www/worker/explain.js"];
/// The WebAssembly without and with relaxed SIMD. A browser loads one of them.
const WASM: [&str; 2] = ["pkg/unitok_bg.wasm", "pkg/unitok_relaxed_bg.wasm"];

/// The page, its styles and the scripts that it needs at once, relative to `site`. Modules that only `import()` names are loaded
/// later and left out.
pub fn list(site: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut files = BTreeSet::from([PathBuf::from(PAGE)]);
    for name in linked(&read(&site.join(PAGE))?).into_iter().chain(WORKER.map(PathBuf::from)) {
        follow(site, name, &mut files)?;
    }
    Ok(files)
}

/// Prints the gzip sizes of `files` and of the larger WebAssembly module, in bytes; returns their sum.
pub fn report(site: &Path, files: &BTreeSet<PathBuf>) -> Result<usize> {
    let measured = |file: &Path| Ok((gzip_size(&site.join(file))?, file.to_owned()));
    let mut sizes = files.iter().map(|file| measured(file)).collect::<Result<Vec<_>>>()?;
    let modules = WASM.iter().map(|file| measured(Path::new(file))).collect::<Result<Vec<_>>>()?;
    sizes.extend(modules.into_iter().max());
    eprintln!("\nfirst load, gzip bytes:");
    for (size, file) in &sizes {
        eprintln!("{size:>9}  {}", file.display());
    }
    Ok(sizes.iter().map(|(size, _)| size).sum())
}

/// Adds a file and, if it is a script, everything that it imports statically.
fn follow(site: &Path, name: PathBuf, files: &mut BTreeSet<PathBuf>) -> Result<()> {
    if !files.insert(name.clone()) || name.extension().is_none_or(|kind| kind != "js") {
        return Ok(());
    }
    let folder = name.parent().unwrap_or(Path::new(""));
    for import in static_imports(&read(&site.join(&name))?) {
        follow(site, normal(&folder.join(import)), files)?;
    }
    Ok(())
}

/// Paths of the scripts and styles that a page names.
fn linked(page: &str) -> Vec<PathBuf> {
    let values = quoted_after(page, &["src=", "href="]);
    values.filter(|value| value.ends_with(".js") || value.ends_with(".css")).map(PathBuf::from).collect()
}

/// `import … from '…'`, `export … from '…'` and `import '…'`, but not `import('…')`.
fn static_imports(script: &str) -> Vec<&str> {
    quoted_after(script, &["from", "import"]).filter(|value| value.starts_with('.')).collect()
}

/// Quoted texts that follow one of `words`.
fn quoted_after<'a>(text: &'a str, words: &'static [&'static str]) -> impl Iterator<Item = &'a str> {
    let parts: Vec<&str> = text.split(['"', '\'']).collect();
    let pairs: Vec<_> = parts.windows(2).map(|pair| (pair[0].trim_end(), pair[1])).collect();
    pairs.into_iter().filter(|(before, _)| words.iter().any(|word| before.ends_with(word))).map(|(_, value)| value)
}

/// The path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                normal.pop();
            }
            Component::CurDir => {}
            part => normal.push(part),
        }
    }
    normal
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

fn gzip_size(file: &Path) -> Result<usize> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&bytes)?;
    Ok(encoder.finish()?.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::root;

    #[test]
    fn static_imports_are_followed_and_others_are_not() {
        let site = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let file = site.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        write("index.html", "<link href=\"icon.svg\"><link href=\"look.css\"><script src=\"www/page/app.js\"></script>");
        write("www/page/app.js", "import { a } from './a.js';\nimport '../shared/b.js';\nimport('./later.js');\n");
        write("www/page/a.js", "/** @type {import('./types.js').T} */\nexport {\n  b\n} from \"../shared/b.js\";\n");
        write("www/shared/b.js", "import * as app from '../page/app.js';\n");
        write("www/worker/worker.js", "import('./workbench.js');\n");
        write("www/worker/workbench.js", "");
        write("www/worker/explain.js", "");
        let found: Vec<_> = list(site.path()).unwrap().into_iter().map(|file| file.display().to_string()).collect();
        let page = ["index.html", "look.css", "www/page/a.js", "www/page/app.js", "www/shared/b.js"];
        let worker = ["www/worker/explain.js", "www/worker/workbench.js", "www/worker/worker.js"];
        assert_eq!(found, [&page[..], &worker].concat());
    }

    #[test]
    fn the_page_preloads_what_its_scripts_and_the_worker_import_and_nothing_else() {
        let page = read(&root().join(PAGE)).unwrap();
        let preloads = page.lines().filter(|line| line.contains("rel=\"modulepreload\"")).flat_map(linked).collect();
        let mut needed = BTreeSet::new();
        for entry in ["www/page/app.js", WORKER[0]].map(PathBuf::from) {
            follow(&root(), entry.clone(), &mut needed).unwrap();
            needed.remove(&entry);
        }
        assert_eq!(needed, preloads);
    }
}
