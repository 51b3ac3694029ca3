//! Files into the model: whatever is wrong becomes a finding with its place; only valid values leave.

pub mod actions;
pub mod answers;
pub mod declared;
pub mod filing;
pub mod framework;
pub mod habits;
pub mod pairs;
pub mod registry;
pub mod returned;
pub mod returns;
pub mod round;
pub mod schema;
pub mod shape;
pub mod sheet;
pub mod table;
pub mod trail;
pub mod xlsx;
pub mod yaml;
