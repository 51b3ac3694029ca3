//! The model into results: pure functions that never fail. The arithmetic is in `docs/methodology.md`.

pub mod aggregate;
pub mod agreement;
pub mod compare;
pub mod elementary;
pub mod explain;
pub mod fraction;
pub mod optimum;
pub mod plan;
pub mod policies;
pub mod random;
pub mod range;
pub mod rank;
pub mod robustness;
pub mod sample;
pub mod score;
pub mod sobol;
pub mod statistics;
pub mod status;
