//! Makes the site's scripts and styles small: without comments and white space, and with short names inside of each.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::npm;
use crate::process::run;

const ESBUILD: &str = "0.28.2";
/// Nothing is bundled or translated to older syntax, so every file keeps its path, its imports and what it exports.
const OPTIONS: [&str; 5] = ["--minify", "--legal-comments=none", "--charset=utf8", "--target=esnext", "--log-level=warning"];

/// Minifies every `.js` and `.css` file under `site` in place. Returns false where node or npm is missing.
pub fn minify(site: &Path) -> Result<bool> {
    let Some(tool) = npm::program("esbuild", ESBUILD, "esbuild")? else {
        eprintln!("notice: npm is not installed, so scripts keep their comments and the page is larger than it could be");
        return Ok(false);
    };
    let mut command = Command::new("node");
    // esbuild's paths are relative to the working folder.
    command.current_dir(site).arg(tool).args(OPTIONS);
    run(command.args(["--allow-overwrite", "--outdir=.", "--outbase=.", "./**/*.js", "./**/*.css"]))?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::process::in_ci;

    #[test]
    fn comments_go_and_strings_that_look_like_comments_stay() {
        let site = tempfile::tempdir().unwrap();
        let scripts = site.path().join("www");
        fs::create_dir(&scripts).unwrap();
        let source = "/** Doc. */\nimport { h } from '../dom.js'; // why\nexport const words = h(`\n/* x */\n// y\n`);\n";
        fs::write(scripts.join("words.js"), source).unwrap();
        fs::write(scripts.join("look.css"), "/* why */\n.a { margin: 0; }\n").unwrap();
        if !minify(site.path()).unwrap() {
            assert!(!in_ci(), "CI must have node and npm");
            eprintln!("SKIPPED: minifying scripts needs node and npm");
            return;
        }
        let script = fs::read_to_string(scripts.join("words.js")).unwrap();
        assert_eq!(script, "import{h as o}from\"../dom.js\";export const words=o(`\n/* x */\n// y\n`);\n");
        assert_eq!(fs::read_to_string(scripts.join("look.css")).unwrap(), ".a{margin:0}\n");
    }
}
