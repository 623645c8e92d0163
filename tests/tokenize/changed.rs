//! Files that somebody changes between runs.

use serde_json::Value;
use unitok::tokens::lock::sealed;

use crate::workspace::Workspace;

/// Changes a JSON file; a lockfile gets the seal of what it says then.
pub fn edit(workspace: &Workspace, name: &str, change: impl FnOnce(&mut Value)) {
    let mut value = workspace.json(name);
    change(&mut value);
    workspace.write(name, if name.ends_with(".lock") { sealed(value) } else { value.to_string() });
}
