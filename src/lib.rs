//! The toolkit behind `asan-index`: assess public services with a weighted index.
//!
//! The crate is built in floors; each knows only those below it.
//!
//! - *Values*: [`number`], [`id`], [`text`], [`source`], [`random`], [`parallel`], [`diagnostic`] and [`limit`] know
//!   nothing of indices.
//! - *Model*: [`scale`], [`framework`], [`round`], [`stamp`] and [`trail`] are valid by construction and do no
//!   input or output.
//! - *Read* and *engine*: [`read`] turns files into the model and diagnostics; [`engine`] turns the
//!   model into results and never fails. Neither sees the other. [`demo`] makes up rounds.
//! - *Present*: [`view`] turns results into a [`document`], [`mod@format`] a document into bytes.
//! - *Commands*: [`commands`] load, compute, view and write.
//!
//! The library prints nothing and ends no process: commands write to the writers they are given.

pub mod cli;
pub mod commands;
pub mod demo;
pub mod diagnostic;
pub mod document;
pub mod engine;
pub mod format;
pub mod framework;
pub mod id;
pub mod limit;
pub mod messages;
pub mod number;
pub mod output;
pub mod parallel;
pub mod random;
pub mod read;
pub mod round;
pub mod scale;
pub mod source;
pub mod stamp;
pub mod text;
pub mod trail;
pub mod view;
