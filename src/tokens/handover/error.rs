//! Why an index cannot be handed over.

use std::io;
use std::path::PathBuf;

use crate::base::files;
use crate::base::words::counted;
use crate::tokens::lock::LockError;

/// An index, or what it is to be joined with, that a target cannot take.
#[derive(Debug, thiserror::Error)]
pub enum HandoverError {
    /// The base tokenizer cannot be read.
    #[error("cannot read the base tokenizer {}", .path.display())]
    Read {
        /// Its file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The base tokenizer has another form.
    #[error("{}: not a tokenizer.json of Hugging Face's tokenizers: {what}", .path.display())]
    Base {
        /// Its file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The base tokenizer has item tokens already.
    #[error("{}: it has the token {token} already: to go on with the export that added it, give that with --after; otherwise take the \
         tokenizer as it was before item tokens were added", .path.display()
    )]
    Known {
        /// Its file.
        path: PathBuf,
        /// The token.
        token: String,
    },
    /// Tokens that a text tokenizer would confuse.
    #[error(
        "the token «{long}» begins with «{short}», which is a token too, so they cannot be told apart where tokens follow each other \
         without a space: give tokens an end of their own, as <a_1> and <a_12> have"
    )]
    Begins {
        /// The shorter one.
        short: String,
        /// The longer one.
        long: String,
    },
    /// The base tokenizer is missing.
    #[error("the target hf needs the language model's tokenizer.json, or its folder, as the base")]
    NoBase,
    /// A target that is no language model has no base tokenizer and no embeddings.
    #[error("a base tokenizer and first embeddings belong to the target hf: leave them out for {target}")]
    OfLanguageModel {
        /// Its name.
        target: String,
    },
    /// The numbers of an earlier hand-over cannot be read.
    #[error("{}: not the file of an earlier export: {what}", .path.display())]
    Earlier {
        /// Its file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A token would get another number than a decoder may have learned.
    #[error(
        "{}: {token} has the number {before} there and would get {after}. A decoder that learned it would take it for another. \
         Numbers stay with --after and that file, on the base tokenizer of then; for a decoder that learns anew, give an empty \
         folder (--out)", .path.display()
    )]
    Moved {
        /// The file of the earlier numbers.
        path: PathBuf,
        /// The token.
        token: String,
        /// Its number in the file.
        before: u64,
        /// The one that it would get, or `none`.
        after: String,
    },
    /// An item would get another number than sequences were written with.
    #[error(
        "{}: item «{id}» has the number {number} there and would lose it. Sequences that were written with these numbers would \
         mean other items: give an empty folder (--out), and write the sequences anew", .path.display()
    )]
    Item {
        /// The file of the earlier numbers.
        path: PathBuf,
        /// The item.
        id: String,
        /// Its number in the file.
        number: usize,
    },
    /// The folder has the files of another target.
    #[error("{} lies there, for another decoder, and would no longer fit: give a folder for each (--out)", .path.display())]
    Occupied {
        /// The other target's file.
        path: PathBuf,
    },
    /// The tokenizer that initial rows are to come from is not that of the index.
    #[error(
        "initial rows come from the tokenizer that made the index: {what}. Give that one (--model), with its --layout and \
         --code-vocabulary"
    )]
    Model {
        /// What does not fit.
        what: String,
    },
    /// A token without a number, where the target knows only numbers.
    #[error("the token {token} has no number of its own at position {position}, and {target} knows codes by numbers alone")]
    Number {
        /// The token.
        token: String,
        /// Its position, from 1.
        position: usize,
        /// The target.
        target: &'static str,
    },
    /// Not one vocabulary size for each position.
    #[error("{} for codewords of {}: give one size for all positions, or one for each", counted(*.given, "vocabulary size"), counted(*.width, "token"))]
    Sizes {
        /// Sizes that were given.
        given: usize,
        /// Tokens in a codeword.
        width: usize,
    },
    /// The lockfile says something else than the caller.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// Codewords of one token.
    #[error("codewords of one token need no trie: STATIC reads those of two and more")]
    Short,
    /// Beyond what the target's numbers hold.
    #[error("{what}: split the index")]
    TooLarge {
        /// What is too many.
        what: String,
    },
    /// A file cannot be written.
    #[error(transparent)]
    Write(#[from] io::Error),
    /// The folder cannot be claimed.
    #[error(transparent)]
    Claim(#[from] files::LockError),
    /// Files of two exports lie in the folder, because putting them in their places failed, and so did taking that back.
    #[error("the export stopped half-way, and {} is not there: run it again, which completes it", .path.display())]
    Torn {
        /// The target's own file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}
