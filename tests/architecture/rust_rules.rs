//! The rules for Rust on small crates: what breaks them is found and named, what keeps them passes.

use std::collections::BTreeMap;

use crate::fault::Fault;
use crate::order::Order;
use crate::rust::Checked;

const ORDER: &str = "base ← {left, right} ← top";

/// A crate with the modules of [`ORDER`]; `files` replace its own or come on top.
fn texts(files: &[(&str, &str)]) -> BTreeMap<String, String> {
    let empty = [
        ("src/lib.rs", "pub mod base;\npub mod left;\npub mod right;\npub mod top;\n"),
        ("src/base.rs", "pub struct Base;\npub fn base() {}\n"),
        ("src/left/mod.rs", "pub struct Left;\n"),
        ("src/right.rs", "pub struct Right;\n"),
        ("src/top.rs", ""),
    ];
    empty.iter().chain(files).map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect()
}

fn lines(faults: Vec<Fault>) -> Vec<String> {
    faults.iter().map(Fault::to_string).collect()
}

fn order(files: &[(&str, &str)]) -> Vec<String> {
    lines(Checked::new("src/lib.rs", &texts(files)).order(&Order::parse(ORDER).unwrap(), "PAGE.md"))
}

fn cycles(files: &[(&str, &str)]) -> Vec<String> {
    lines(Checked::new("src/lib.rs", &texts(files)).cycles())
}

#[test]
fn imports_from_the_left_pass() {
    let top = "use crate::{base::{self, Base as B}, left::Left};\nuse super::right;\nfn f(_: B, _: Left, _: right::Right) { base::base() }";
    assert_eq!(order(&[("src/top.rs", top)]), [""; 0]);
}

#[test]
fn an_import_to_the_right_is_named_with_file_and_line() {
    let expected = "imports `crate::top::Top`: `top` is to the right of `base` in the order of modules";
    let top = ("src/top.rs", "pub struct Top;\npub mod deep {}\n");
    for base in [
        "\nuse crate::top::Top;",
        "\nuse crate::{\n    left::Left, top::Top};",
        "fn f() {\n    let _ = crate::top::Top;\n}",
        "fn f() {\n    use crate::top::Top; let _ = Top;\n}",
        "#[cfg(test)] mod tests {\n    use crate::top::Top;\n}",
        "fn f() {\n    println!(\"{:?}\", crate::top::Top);\n}",
        "macro_rules! m { () => {\n    $crate::top::Top }; }",
        "impl\n    From<crate::top::Top> for u8 {}",
        "struct S {\n    #[serde(with = \"crate::top::Top\")] s: u8 }",
    ] {
        let found = order(&[("src/base.rs", base), top]);
        let line = if base.contains("left") { 3 } else { 2 };
        assert!(found.contains(&format!("src/base.rs:{line}: {expected}")), "{base}\n{found:#?}");
    }
}

#[test]
fn siblings_do_not_import_each_other() {
    let files = [("src/left/mod.rs", "mod inner;\n"), ("src/left/inner.rs", "use super::super::right::Right;\n")];
    let expected = "src/left/inner.rs:1: imports `super::super::right::Right`: `left` and `right` are siblings in the order of \
                    modules and do not import each other";
    assert_eq!(order(&files), [expected]);
    let left = "use crate::right::{Right, more};\n";
    let found = order(&[("src/left/mod.rs", left), ("src/right.rs", "pub struct Right;\npub fn more() {}")]);
    assert!(found.len() == 1 && found[0].contains("imports `crate::right::Right`, `crate::right::more`:"), "{found:#?}");
}

#[test]
fn the_root_hides_nobody() {
    let lib = "mod base;\nmod left;\nmod right;\nmod top;\npub use top::Top;\npub struct Own;\n";
    let found =
        order(&[("src/lib.rs", lib), ("src/top.rs", "pub struct Top;"), ("src/base.rs", "use crate::Top;\nuse crate::Own;")]);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].contains("base.rs:1: imports `crate::Top`: `top` is to the right"), "{found:#?}");
    assert!(found[1].contains("base.rs:2: imports `crate::Own`: the crate's root"), "{found:#?}");
}

#[test]
fn modules_and_the_order_must_match() {
    let found = order(&[("src/lib.rs", "mod base;\nmod left;\nmod right;\nmod other;\n"), ("src/other.rs", "")]);
    let expected = [
        "PAGE.md:1: the order of modules names `top`, which is no module",
        "src/other.rs:1: the order of modules in PAGE.md does not name the module `other`",
    ];
    assert_eq!(found, expected);
}

#[test]
fn files_that_no_module_declares_and_missing_ones_are_named() {
    let texts = texts(&[("src/lib.rs", "mod base;\nmod absent;"), ("src/base.rs", "fn f( {")]);
    let found = lines(Checked::new("src/lib.rs", &texts).unread(&texts, &["src/right.rs"]));
    assert_eq!(found.len(), 4, "{found:#?}");
    for expected in ["absent.rs:1: a `mod`", "base.rs:1: does not parse", "left/mod.rs:1: no module", "top.rs:1: no module"] {
        assert!(found.iter().any(|fault| fault.contains(expected)), "{expected}: {found:#?}");
    }
}

#[test]
fn a_cycle_through_a_reexport_is_shown_with_its_lines() {
    let files = [
        ("src/left/mod.rs", "mod a;\nmod b;\npub use a::A;\npub use b::*;\n"),
        ("src/left/a.rs", "\nuse crate::left::B;\npub struct A;\n"),
        ("src/left/b.rs", "pub struct B;\n\n\nfn f(_: super::A) {}\n"),
    ];
    let expected = "src/left/a.rs:2: 2 files import each other in a cycle: src/left/a.rs, src/left/b.rs\n  \
                    src/left/a.rs → src/left/b.rs → src/left/a.rs\n    \
                    src/left/a.rs:2: crate::left::B → src/left/b.rs\n    \
                    src/left/b.rs:4: super::A → src/left/a.rs";
    assert_eq!(cycles(&files), [expected]);
}

#[test]
fn a_module_that_needs_its_submodule_is_not_imported_by_it() {
    let parent = "mod a;\npub use a::A;\npub struct Own;\n";
    let child = ("src/left/a.rs", "use super::Own;\npub struct A;\nimpl A { pub fn new(_: Own) {} }\n");
    assert_eq!(cycles(&[("src/left/mod.rs", parent), child]), [""; 0], "a re-export is no import");
    let uses = [
        "fn f() -> A { A }",
        "fn f() { a::A::new() }",
        "fn f(own: Own) { drop(vec![A::new(own)]) }",
        "use a::A as B;",
        "#[derive(Clone)]\nstruct S(A);",
    ];
    for code in uses {
        let found = cycles(&[("src/left/mod.rs", &format!("{parent}{code}")), child]);
        assert!(found.len() == 1 && found[0].contains("src/left/a.rs → src/left/mod.rs → src/left/a.rs"), "{code}\n{found:#?}");
    }
}

#[test]
fn tests_may_import_what_imports_them_and_variables_are_no_imports() {
    let files = [
        (
            "src/left/mod.rs",
            "mod a;\npub use a::*;\npub fn own(a: u8, length: u8) -> u8 { let own = length; own + a }\n#[cfg(test)]\nmod tests { use super::a::A; }\n",
        ),
        ("src/left/a.rs", "use super::own;\npub struct A;\npub fn length() {}\n#[cfg(test)]\nmod tests;\n"),
        ("src/left/a/tests.rs", "use super::*;\nuse crate::left::A;\n"),
    ];
    assert_eq!(cycles(&files), [""; 0]);
}

#[test]
fn macros_count_where_they_are_used() {
    let files = [
        ("src/left/mod.rs", "mod a;\nmod b;\nmod c;\n"),
        ("src/left/a.rs", "use super::c::m;\nuse super::b;\npub struct A;\nm! {}\n"),
        ("src/left/b.rs", "pub fn b(_: super::a::A) {}\n"),
        ("src/left/c.rs", "macro_rules! m { () => { fn f() { b::b(A) } }; }\npub(super) use m;\n"),
    ];
    let found = cycles(&files);
    assert!(found.len() == 1 && found[0].contains("src/left/a.rs:4: b::b → src/left/b.rs"), "{found:#?}");
}

#[test]
fn files_that_conditions_choose_are_all_read() {
    let left = "#[cfg(unix)]\n#[path = \"unix.rs\"]\nmod native;\n#[cfg(not(unix))]\n#[path = \"other.rs\"]\nmod native;\npub fn f() { native::f() }\n";
    let (unix, other) = (("src/left/unix.rs", "pub fn f() {}"), ("src/left/other.rs", "pub fn f() { super::f() }"));
    let found = cycles(&[("src/left/mod.rs", left), unix, other]);
    assert!(found.len() == 1 && found[0].contains("2 files") && found[0].contains("src/left/other.rs"), "{found:#?}");
}

#[test]
fn the_order_is_read_from_its_own_block_of_the_page() {
    let page = "# Page\n```rust\nlet a = b;\n```\n\n```text\nbase ← {left,\n  right} <- top\n```\n";
    let order = Order::from_markdown(page).unwrap();
    assert_eq!((order.line, order.names().collect::<Vec<_>>()), (7, vec!["base", "left", "right", "top"]));
    assert!(Order::from_markdown("# Page\n").is_err());
    assert!(Order::parse("a ← {b, a}").is_err());
    assert!(Order::parse("a ← b c").is_err());
}
