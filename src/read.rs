//! Files into the model: whatever is wrong becomes a finding with its place; only valid values leave.

pub mod actions;
pub mod answers;
mod blocks;
pub mod bounded;
pub mod declared;
pub mod filing;
pub mod framework;
pub mod habits;
pub mod manifest;
pub mod pairs;
pub mod registry;
pub mod returned;
pub mod returns;
pub mod round;
mod scan;
pub mod schema;
pub mod shape;
pub mod sheet;
mod sheets;
pub mod table;
pub mod trail;
mod words;
pub mod xlsx;
pub mod yaml;
