//! The rules for the page on small scripts: what breaks them is found and named, what keeps them passes.

use crate::fault::Fault;
use crate::page::faults;

fn check(files: &[(&str, &str)]) -> Vec<String> {
    let texts = files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect();
    faults(&texts).iter().map(Fault::to_string).collect()
}

#[test]
fn scripts_that_keep_to_their_threads_pass() {
    let files = [
        (
            "www/page/app.js",
            "import { h } from './dom.js';\nimport '../shared/format.js';\n/** @type {import('../shared/types.d.ts').A} */\n",
        ),
        ("www/page/dom.js", "const worker = new Worker(new URL('../worker/worker.js', import.meta.url));\nexport const h = 1;\n"),
        ("www/worker/worker.js", "import init, * as unitok from '../../pkg/unitok.js';\nawait import('../shared/format.js');\n"),
        ("www/shared/format.js", "export const text = 'import x from \\'../page/dom.js\\'';\n"),
        ("www/shared/types.d.ts", "import type { A } from './more.d.ts';\n"),
        ("www/shared/more.d.ts", "export type { B } from './types.d.ts';\n"),
        ("www/sw.js", "import './page/app.js';\n"),
    ];
    assert_eq!(check(&files), [""; 0]);
}

#[test]
fn every_kind_of_import_across_threads_is_named() {
    let expected = "imports `../worker/a.js` (www/worker/a.js): www/page imports only from www/page, www/shared, pkg";
    for script in [
        "\nimport { a } from '../worker/a.js';",
        "\nimport a, * as b from \"../worker/a.js\";",
        "\nimport '../worker/a.js';",
        "const a = 1 / 2, b = /['\"`]/;\nexport { a as default } from '../worker/a.js';",
        "// don't\nexport * from '../worker/a.js';",
        "const text = `it's ${\nawait import('../worker/a.js')}`;",
        "const text = `it's`;\nimport(`../worker/a.js`).then(f);",
        "/** It's a type.\n * @param {import('../worker/a.js').A} a */",
        "\nexport type { A } from '../worker/a.js';",
        "\nexport type A = { a: import('../worker/a.js').A };",
        "/** It's a type.\n * @import { A, B } from '../worker/a.js' */",
    ] {
        assert_eq!(check(&[("www/page/b.js", script)]), [format!("www/page/b.js:2: {expected}")], "{script}");
    }
}

#[test]
fn each_folder_has_its_own_rule() {
    let files = [
        ("www/page/panels/a.js", "import '../../embed/tokenizer.js';\n"),
        ("www/shared/b.js", "\n/** @typedef {import('../page/store.js').Store} Store */\n"),
        ("www/worker/c.js", "import '../page/d.js';\nimport(name);\nimport 'react';\n"),
    ];
    let expected = [
        "www/page/panels/a.js:1: imports `../../embed/tokenizer.js` (www/embed/tokenizer.js): www/page imports only from www/page, www/shared, pkg",
        "www/shared/b.js:2: imports `../page/store.js` (www/page/store.js): www/shared imports only from www/shared, pkg",
        "www/worker/c.js:1: imports `../page/d.js` (www/page/d.js): www/worker imports only from www/worker, www/shared, pkg",
        "www/worker/c.js:2: imports what is known only when it runs, which no rule can be checked for",
        "www/worker/c.js:3: imports `react`, which is no relative path",
    ];
    assert_eq!(check(&files), expected);
}

#[test]
fn a_cycle_is_one_of_imports_that_run() {
    let a = ("www/page/a.js", "import { b } from './panels/b.js';\n");
    let type_only = ("www/page/panels/b.js", "/** @typedef {import('../a.js').A} A */\n");
    assert_eq!(check(&[a, type_only]), [""; 0]);
    let later = ("www/page/panels/b.js", "\nconst a = () => import('../a.js');\n");
    let expected = "www/page/a.js:1: 2 files import each other in a cycle: www/page/a.js, www/page/panels/b.js\n  \
                    www/page/a.js → www/page/panels/b.js → www/page/a.js\n    \
                    www/page/a.js:1: ./panels/b.js → www/page/panels/b.js\n    \
                    www/page/panels/b.js:2: ../a.js → www/page/a.js";
    assert_eq!(check(&[a, later]), [expected]);
}
