//! Work on consecutive chunks, on all threads where the build has threads (feature `threads`).

/// Applies `f` to consecutive chunks of `size` values, on all threads; results in order.
pub fn map_chunks<T: Sync, R: Send>(values: &[T], size: usize, f: impl Fn(&[T]) -> R + Sync + Send) -> Vec<R> {
    map_chunks_with(values, size, || (), |(), chunk| f(chunk))
}

/// As [`map_chunks`], with a state that `init` makes for each thread and that its chunks use one after the other.
pub fn map_chunks_with<T: Sync, S, R: Send>(
    values: &[T],
    size: usize,
    init: impl Fn() -> S + Sync + Send,
    f: impl Fn(&mut S, &[T]) -> R + Sync + Send,
) -> Vec<R> {
    #[cfg(feature = "threads")]
    {
        use rayon::prelude::*;
        values.par_chunks(size).map_init(&init, &f).collect()
    }
    #[cfg(not(feature = "threads"))]
    {
        let mut state = init();
        values.chunks(size).map(|chunk| f(&mut state, chunk)).collect()
    }
}

/// Applies `f` to each chunk of `values`, of `size` values, and the chunk of `into`, of `part` values, that it fills: on all
/// threads, each with a state that `init` makes.
pub fn fill_chunks<T: Sync, S, R: Send>(
    (values, size): (&[T], usize),
    (into, part): (&mut [R], usize),
    init: impl Fn() -> S + Sync + Send,
    f: impl Fn(&mut S, &[T], &mut [R]) + Sync + Send,
) {
    #[cfg(feature = "threads")]
    {
        use rayon::prelude::*;
        let chunks = values.par_chunks(size).zip(into.par_chunks_mut(part));
        chunks.for_each_init(&init, |state, (chunk, into)| f(state, chunk, into));
    }
    #[cfg(not(feature = "threads"))]
    {
        let mut state = init();
        values.chunks(size).zip(into.chunks_mut(part)).for_each(|(chunk, into)| f(&mut state, chunk, into));
    }
}

/// Applies `f` to the number and the values of each chunk of `values`, on all threads or on this one alone.
#[cfg_attr(not(feature = "threads"), expect(unused_variables, reason = "there is one thread"))]
pub fn each_chunk<T: Send>(values: &mut [T], size: usize, alone: bool, f: impl Fn(usize, &mut [T]) + Sync + Send) {
    #[cfg(feature = "threads")]
    if !alone {
        use rayon::prelude::*;
        return values.par_chunks_mut(size).enumerate().for_each(|(i, chunk)| f(i, chunk));
    }
    values.chunks_mut(size).enumerate().for_each(|(i, chunk)| f(i, chunk));
}

/// Applies `f` to the number and the values of each chunk of `values`, on all threads; the error of the first that fails.
pub fn try_chunks<T: Sync, E: Send>(
    values: &[T],
    size: usize,
    f: impl Fn(usize, &[T]) -> Result<(), E> + MaybeSync + MaybeSend,
) -> Result<(), E> {
    #[cfg(feature = "threads")]
    {
        use rayon::prelude::*;
        let ends: Vec<Result<(), E>> = values.par_chunks(size).enumerate().map(|(i, chunk)| f(i, chunk)).collect();
        ends.into_iter().collect()
    }
    #[cfg(not(feature = "threads"))]
    values.chunks(size).enumerate().try_for_each(|(i, chunk)| f(i, chunk))
}

/// Applies `f` to every item, on all threads; results in order.
pub fn map_items<T: Send, R: Send>(items: Vec<T>, f: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    #[cfg(feature = "threads")]
    {
        use rayon::prelude::*;
        items.into_par_iter().map(f).collect()
    }
    #[cfg(not(feature = "threads"))]
    items.into_iter().map(f).collect()
}

/// What `a` and `b` make, side by side.
#[cfg(feature = "parquet")]
pub(crate) fn both<A: Send, B: Send>(a: impl FnOnce() -> A + Send, b: impl FnOnce() -> B + Send) -> (A, B) {
    #[cfg(feature = "threads")]
    return rayon::join(a, b);
    #[cfg(not(feature = "threads"))]
    (a(), b())
}

/// Sorts words of 64 or 128 bits.
#[cfg(feature = "files")]
pub(crate) fn sort_words<W: Ord + Send>(words: &mut [W]) {
    #[cfg(feature = "threads")]
    rayon::slice::ParallelSliceMut::par_sort_unstable(words);
    #[cfg(not(feature = "threads"))]
    words.sort_unstable();
}

/// Runs `f` on one of the threads. Many short pieces of parallel work in a row are faster from there: from outside, each
/// would wait for a thread to notice it.
pub fn on_worker<R: Send>(f: impl FnOnce() -> R + Send) -> R {
    #[cfg(feature = "threads")]
    return rayon::scope(|_| f());
    #[cfg(not(feature = "threads"))]
    f()
}

/// Number of threads that [`map_chunks`] uses.
pub fn threads() -> usize {
    #[cfg(feature = "threads")]
    return rayon::current_num_threads();
    #[cfg(not(feature = "threads"))]
    1
}

/// `Send`. In WebAssembly every type, because a browser's file cannot leave its thread.
#[cfg(not(target_arch = "wasm32"))]
pub trait MaybeSend: Send {}
#[cfg(not(target_arch = "wasm32"))]
impl<T: Send + ?Sized> MaybeSend for T {}

/// Every type, because a browser's file cannot leave its thread. Elsewhere `Send`.
#[cfg(target_arch = "wasm32")]
pub trait MaybeSend {}
#[cfg(target_arch = "wasm32")]
impl<T: ?Sized> MaybeSend for T {}

/// `Sync`. In WebAssembly every type, because a browser's GPU cannot leave its thread.
#[cfg(not(target_arch = "wasm32"))]
pub trait MaybeSync: Sync {}
#[cfg(not(target_arch = "wasm32"))]
impl<T: Sync + ?Sized> MaybeSync for T {}

/// Every type, because a browser's GPU cannot leave its thread. Elsewhere `Sync`.
#[cfg(target_arch = "wasm32")]
pub trait MaybeSync {}
#[cfg(target_arch = "wasm32")]
impl<T: ?Sized> MaybeSync for T {}
