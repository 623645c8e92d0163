//! Reading, embedding and encoding run side by side. Bounded channels connect the stages, so each is at most a few batches
//! ahead of the next. The first error, or Ctrl-C, ends them all.

use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, Scope};

use super::batch::{Batch, Unembedded};
use super::source::Source;
use crate::cli::cached_encoder::CachedEncoder;

/// Batches that may wait between two stages, so that one slow batch does not hold up the other stage.
const AHEAD: usize = 2;

/// Passes all batches of `source`, with what `select` leaves of them, to `encode`, in order, while the next ones are read and
/// embedded.
///
/// # Errors
/// The first error of any stage, which ends the others.
pub fn run(
    source: &mut Source<'_>,
    encoder: Option<&mut CachedEncoder>,
    mut select: impl FnMut(&mut Unembedded) + Send,
    mut encode: impl FnMut(Batch) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    thread::scope(|scope| {
        let selected = std::iter::from_fn(move || source.next_batch().transpose()).map(move |read| {
            read.map(|mut batch| {
                select(&mut batch);
                batch
            })
        });
        let read = ahead(scope, selected.filter(|read| !read.as_ref().is_ok_and(Unembedded::is_empty)));
        match encoder {
            None => read.into_iter().try_for_each(|read| encode(read?.embedded(None)?)),
            Some(encoder) => {
                let embedded = ahead(scope, read.into_iter().map(|read| read.and_then(|read| read.embedded(Some(encoder)))));
                embedded.into_iter().try_for_each(|batch| encode(batch?))
            }
        }
    })
}

/// Runs `items` in a thread of its own, until the first error or until the receiver is dropped.
fn ahead<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    items: impl Iterator<Item = anyhow::Result<T>> + Send + 'scope,
) -> Receiver<anyhow::Result<T>> {
    let (sender, receiver) = sync_channel(AHEAD);
    scope.spawn(move || {
        for item in items {
            let last = item.is_err();
            if sender.send(item).is_err() || last {
                break;
            }
        }
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn a_stage_is_a_bounded_number_of_items_ahead_and_ends_with_its_reader() {
        let made = AtomicUsize::new(0);
        thread::scope(|scope| {
            let endless = ahead(scope, std::iter::repeat_with(|| Ok(made.fetch_add(1, Ordering::SeqCst))));
            assert_eq!(endless.into_iter().take(10).map(Result::unwrap).collect::<Vec<_>>(), (0..10).collect::<Vec<_>>());
        });
        // Items that were taken, items in the channel, and one that each side is holding.
        assert!(made.load(Ordering::SeqCst) <= 10 + AHEAD + 2);
    }

    #[test]
    fn an_error_is_the_last_item() {
        let items = [Ok(1), Err(anyhow::anyhow!("broken")), Ok(2)];
        thread::scope(|scope| {
            let found: Vec<_> = ahead(scope, items.into_iter()).into_iter().map(|item| item.ok()).collect();
            assert_eq!(found, [Some(1), None]);
        });
    }
}
