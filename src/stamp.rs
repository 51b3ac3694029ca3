//! The stamp of an answer sheet: which round, framework and stage it was made for, and for whom, so
//! that a stale or foreign one is told when it comes back.

use serde_json::{Value, json};

/// What the first cell of a stamped sheet begins with.
const MARK: &str = "asan-index/sheet/1 ";

/// Where an answer sheet belongs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// The round's id.
    pub round: String,
    /// The framework's id and version.
    pub framework: String,
    /// The framework's content hash.
    pub hash: String,
    /// The stage that it is to be filed under; empty where the round has none.
    pub stage: String,
    /// The service or entity that it was made for.
    pub recipient: String,
}

impl Stamp {
    /// The stamp as the text of a cell.
    pub fn text(&self) -> String {
        let fields = json!({
            "round": self.round, "framework": self.framework, "sha256": self.hash,
            "stage": self.stage, "recipient": self.recipient,
        });
        format!("{MARK}{fields}")
    }

    /// The stamp that a cell's text is; none when it is another text.
    pub fn parse(text: &str) -> Option<Self> {
        let fields: Value = serde_json::from_str(text.strip_prefix(MARK)?).ok()?;
        let field = |key: &str| fields[key].as_str().map(str::to_owned);
        Some(Self {
            round: field("round")?,
            framework: field("framework")?,
            hash: field("sha256")?,
            stage: field("stage")?,
            recipient: field("recipient")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_survives_the_cell_it_is_written_in() {
        let stamp =
            Stamp { round: "r \"1\"\n".to_owned(), recipient: "=x; y".to_owned(), ..Stamp::default() };
        assert_eq!(Stamp::parse(&stamp.text()), Some(stamp));
        assert_eq!(Stamp::parse("parameter"), None);
    }
}
