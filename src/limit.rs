//! Bounds on what files may cost: no honest file reaches one, and whoever has such a file may raise it.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Place;

macro_rules! limits {
    ($($(#[$meta:meta])* $variant:ident $name:literal $usual:literal $words:literal)*) => {
        /// Something that is bounded.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Limit {
            $($(#[$meta])* $variant,)*
        }

        impl Limit {
            /// Every bound.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its name on the command line.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it is a number of.
            pub fn words(self) -> &'static str {
                match self { $(Self::$variant => $words,)* }
            }

            /// What it is unless someone says otherwise.
            pub fn usual(self) -> u64 {
                match self { $(Self::$variant => $usual,)* }
            }
        }
    };
}

limits! {
    /// A YAML file.
    YamlSize "yaml-size" 16_000_000 "bytes of a YAML file"
    /// A line of YAML.
    YamlLine "yaml-line" 100_000 "bytes of a line of YAML"
    /// Maps and lists in each other.
    YamlDepth "yaml-depth" 64 "levels of maps and lists in a YAML file"
    /// What aliases stand for counts each time.
    YamlValues "yaml-values" 2_000_000 "values in a YAML file, those behind aliases included"
    /// `*name`.
    YamlAliases "yaml-aliases" 10_000 "aliases in a YAML file"
    /// Files that include files.
    IncludeDepth "include-depth" 16 "files of a framework that include each other"
    /// A CSV file.
    TableSize "table-size" 16_000_000_000 "bytes of a CSV file"
    /// A row of a CSV file that is read in parts; 65,536 bytes are always allowed.
    TableRow "table-row" 16_000_000 "bytes of a row of a CSV file"
    /// A workbook is compressed.
    WorkbookSize "workbook-size" 256_000_000 "bytes of a workbook, decompressed"
    /// Rows of the matrix of answers.
    Services "services" 2_000_000 "services of a round"
}

/// The bounds that hold in a run.
#[derive(Clone, Debug, Default)]
pub struct Limits(Vec<(Limit, u64)>);

impl Limits {
    /// The usual bounds, with these in the place of some.
    pub fn with(raised: &[(Limit, u64)]) -> Self {
        Self(raised.to_vec())
    }

    /// What is raised or lowered, as a flag says it.
    pub fn stated(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(limit, number)| format!("{}={number}", limit.name()))
    }

    /// How much is allowed; the last word counts.
    pub fn of(&self, limit: Limit) -> u64 {
        let stated = self.0.iter().rev().find(|(stated, _)| *stated == limit);
        stated.map_or(limit.usual(), |(_, value)| *value)
    }

    /// The finding that something is beyond a bound, and the way out.
    pub fn exceeded(&self, limit: Limit, place: Place) -> Diagnostic {
        let message = format!("beyond the limit of {} {}", self.of(limit), limit.words());
        let help = format!("if this is what it should be, raise it with `--limit {}=NUMBER`", limit.name());
        Diagnostic::new(Code::LimitExceeded, message, place).help(help)
    }

    /// How much is allowed, as a size in memory.
    pub fn size(&self, limit: Limit) -> usize {
        usize::try_from(self.of(limit)).unwrap_or(usize::MAX)
    }
}
