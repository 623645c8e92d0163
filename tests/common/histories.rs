//! What made-up users did.

/// What users did with forty items, as JSON: each goes through one of four groups of ten items. The items at place `changed`
/// are others.
pub fn histories(users: usize, changed: Option<usize>) -> String {
    let item = |user: usize, at: usize| {
        let item = (user % 4) * 10 + (user * 7 + at * at * 3) % 10;
        format!("\"item {}\"", if changed == Some(at) { (item + 17) % 40 } else { item })
    };
    let user = |user: usize| {
        let items: Vec<String> = (0..8).map(|at| item(user, at)).collect();
        format!("\"u{user}\": [{}]", items.join(", "))
    };
    format!("{{{}}}", (0..users).map(user).collect::<Vec<_>>().join(", "))
}
