//! From rows to sequences: users and items by number, grouped by user, in time order.

use std::borrow::Cow;
use std::collections::HashMap;

use super::cell::Cell;
use super::history;
use super::part::Columns;
use super::rows::Known;
use super::sequences::Sequences;
use super::time;
use crate::base::ids::IdList;

const NEITHER: &str = "neither a text nor a number";

/// Rows as they come.
pub(super) struct Builder<'a> {
    known: &'a Known<'a>,
    columns: Columns,
    users: HashMap<String, u32>,
    user_ids: IdList,
    /// Items that are not known, numbered after those that are.
    strangers: HashMap<String, u32>,
    /// The first of them.
    pub first_stranger: Option<String>,
    interactions: Vec<Interaction>,
    /// `[users]` sequences, where rows are samples of them.
    histories: Vec<Vec<u32>>,
}

#[derive(Clone, Copy)]
struct Interaction {
    user: u32,
    item: u32,
    time: f64,
}

impl<'a> Builder<'a> {
    pub(super) fn new(known: &'a Known<'a>, columns: Columns) -> Self {
        Self {
            known,
            columns,
            users: HashMap::new(),
            user_ids: IdList::default(),
            strangers: HashMap::new(),
            first_stranger: None,
            interactions: Vec::new(),
            histories: Vec::new(),
        }
    }

    /// Different items that are not known.
    pub(super) fn strangers(&self) -> usize {
        self.strangers.len()
    }

    /// Adds a row.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn push<'c>(&mut self, cell: impl Fn(usize) -> Cell<'c>) -> Result<(), String> {
        let user = match cell(self.columns.user) {
            Cell::Text(user) => user,
            Cell::Missing => return Err("no user".into()),
            Cell::List(_) | Cell::Other => return Err(format!("the user is {NEITHER}")),
        };
        let time = self.columns.time.map_or(Ok(0.0), |column| time_of(&cell(column)))?;
        let item = self.columns.item.map(|column| item_of(cell(column))).transpose()?;
        let Some(list) = self.columns.list else {
            let item = self.item(&item.unwrap_or_default());
            let user = self.user(&user);
            self.interactions.push(Interaction { user, item, time });
            return Ok(());
        };
        let list = cell(list);
        if list == Cell::Other {
            return Err("expected a list of item ids (texts or numbers)".into());
        }
        let items: Vec<u32> = list.entries().iter().map(|id| self.item(id)).collect();
        let user = self.user(&user);
        match item {
            None => self.interactions.extend(items.into_iter().map(|item| Interaction { user, item, time })),
            Some(last) => {
                let last = self.item(&last);
                history::join(&mut self.histories[user as usize], &[items, vec![last]].concat());
            }
        }
        Ok(())
    }

    fn user(&mut self, id: &str) -> u32 {
        if let Some(&user) = self.users.get(id) {
            return user;
        }
        let user = self.users.len() as u32;
        self.users.insert(id.into(), user);
        self.user_ids.push(id);
        self.histories.push(Vec::new());
        user
    }

    /// The row of a known item, or a number above them all.
    fn item(&mut self, id: &str) -> u32 {
        if let Some(row) = self.known.row(id).or_else(|| self.strangers.get(id).copied()) {
            return row;
        }
        let number = (self.known.len() + self.strangers.len()) as u32;
        self.first_stranger.get_or_insert_with(|| id.into());
        self.strangers.insert(id.into(), number);
        number
    }

    /// The sequences: of equal times, the file's order holds.
    pub(super) fn finish(mut self) -> Sequences {
        for (user, history) in self.histories.iter().enumerate() {
            let user = user as u32;
            self.interactions.extend(history.iter().map(|&item| Interaction { user, item, time: 0.0 }));
        }
        self.interactions.sort_by(|a, b| a.user.cmp(&b.user).then(a.time.total_cmp(&b.time)));
        let mut sequences = Sequences::default();
        let mut rest = self.interactions.as_slice();
        for (user, id) in self.user_ids.iter().enumerate() {
            let (own, others) = rest.split_at(rest.iter().take_while(|interaction| interaction.user == user as u32).count());
            rest = others;
            let is_known = |item: u32| Some(item).filter(|&item| (item as usize) < self.known.len());
            let items: Vec<Option<u32>> = own.iter().map(|interaction| is_known(interaction.item)).collect();
            let times: Vec<f64> = own.iter().map(|interaction| interaction.time).collect();
            sequences.push(id, &items, if self.columns.time.is_some() { &times } else { &[] });
        }
        sequences
    }
}

fn time_of(cell: &Cell<'_>) -> Result<f64, String> {
    match cell {
        Cell::Text(text) => time::parse(text).ok_or_else(|| format!("the time «{text}» is neither a number nor a date")),
        Cell::Missing => Err("no time".into()),
        Cell::List(_) | Cell::Other => Err(format!("the time is {NEITHER}")),
    }
}

fn item_of(cell: Cell<'_>) -> Result<Cow<'_, str>, String> {
    match cell {
        Cell::Text(text) => Ok(text),
        Cell::Missing => Err("no item".into()),
        Cell::List(_) | Cell::Other => Err(format!("the item is {NEITHER}")),
    }
}
