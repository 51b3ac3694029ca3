//! The closed list of findings: the name of each says the fault, never the remedy.

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Figures cannot be trusted: nothing is scored, or the service is held out.
    Error,
    /// Figures stand, but someone should look.
    Warning,
}

impl Severity {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

macro_rules! codes {
    ($($variant:ident $severity:ident $name:literal $summary:literal)*) => {
        /// A kind of finding.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $summary] $variant,)*
        }

        impl Code {
            /// Every code, in the order of this list.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its name, as users meet it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// How much it weighs unless someone says otherwise.
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// What it means, in a sentence.
            pub fn summary(self) -> &'static str {
                match self { $(Self::$variant => $summary,)* }
            }

            /// The code of that name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.name() == name)
            }
        }
    };
}

codes! {
    // Files.
    UnreadableText Error "unreadable-text" "The bytes of a file are not text in the expected encoding."
    LimitExceeded Error "limit-exceeded" "A file goes beyond a limit that no honest one reaches."
    LinkOutside Error "link-outside" "A link leads out of the round's folder."
    YamlSyntax Error "yaml-syntax" "A YAML file does not parse."
    WrongType Error "wrong-type" "A value is of another kind than the key takes."
    UnknownKey Error "unknown-key" "A YAML file has a key that the format does not know."
    DuplicateKey Error "duplicate-key" "A YAML map has the same key twice."
    MissingKey Error "missing-key" "A key that the format requires is not there."
    UnknownValue Error "unknown-value" "A value is none of those that the key takes."
    // Framework.
    IncludeOutside Error "include-outside" "An included file lies outside the framework's folder."
    IncludeMissing Error "include-missing" "An included file cannot be read."
    IncludeCycle Error "include-cycle" "A file includes itself, directly or through others."
    IllFormedId Error "ill-formed-id" "An id is not a letter followed by letters, digits, `.`, `_` or `-`."
    LookAlikeLetter Error "look-alike-letter" "An id holds a letter that only looks like one of the Latin alphabet."
    FragileId Warning "fragile-id" "A spreadsheet would turn an id into a date or a number."
    DuplicateId Error "duplicate-id" "Two things have the same id."
    TooDeep Error "too-deep" "Groups nest deeper than `levels` names."
    GroupWithoutChildren Error "group-without-children" "A group has neither groups nor parameters."
    GroupWithBoth Error "group-with-both" "A group has groups and parameters at once."
    WeightNotANumber Error "weight-not-a-number" "A weight is not a decimal of 0 or more, below 10^9, of at most 9 places."
    WeightSum Error "weight-sum" "The weights in a group do not add up to the declared sum."
    WeightlessGroup Warning "weightless-group" "All children of a group weigh nothing."
    NumberMalformed Error "number-malformed" "A number is not written as a plain decimal."
    NumberOutOfRange Error "number-out-of-range" "A number lies outside what its key allows."
    ScoreOutOfRange Error "score-out-of-range" "A score is not a decimal from 0 to 1 of at most 9 places."
    PointsOutOfOrder Error "points-out-of-order" "The points of a number scale do not increase."
    UnknownScale Error "unknown-scale" "A parameter names a scale that is not declared."
    UnusedScale Warning "unused-scale" "A declared scale is used by no parameter."
    ScaleKind Error "scale-kind" "A scale is not exactly one of choices, number and multiple."
    EmptyScale Error "empty-scale" "A scale has no options or points."
    DuplicateOption Error "duplicate-option" "Two options of a scale have the same spelling."
    UnreachableOption Error "unreachable-option" "No answer can ever be read as an option."
    ReservedWord Error "reserved-word" "An option is spelt like a word that every scale takes."
    UnknownSolution Error "unknown-solution" "Advice names a solution that is not declared."
    UnusedSolution Warning "unused-solution" "A declared solution closes no gap."
    UnknownAttribute Error "unknown-attribute" "`applies_when` uses an attribute that is not declared."
    UnknownAttributeValue Error "unknown-attribute-value" "An attribute has no such value."
    UnknownRequirement Error "unknown-requirement" "`requires` names something that is no parameter, or not one with choices."
    UnknownRequiredAnswer Error "unknown-required-answer" "`requires` names an answer that the scale does not take."
    RequirementCycle Error "requirement-cycle" "Parameters require each other in a circle."
    TitleMissingLanguage Error "title-missing-language" "A text lacks one of the framework's languages."
    SameText Warning "same-text" "A text is the same in two languages."
    SurroundingSpace Warning "surrounding-space" "A text begins or ends with a space."
    ControlCharacter Error "control-character" "A text holds a character that cannot be seen."
    CountMismatch Error "count-mismatch" "The framework has another number of nodes than it declares."
    DuplicateBand Error "duplicate-band" "Two bands begin at the same figure."
    UnknownBandGroup Error "unknown-band-group" "A band requires a figure of something that is no group."
    UnmeetableBand Warning "unmeetable-band" "A band requires a figure that its group cannot reach."
    NoLowestBand Warning "no-lowest-band" "No band begins at 0, so an index can have no band."
    GeometricZero Warning "geometric-zero" "A geometric mean is taken over scores that can be 0, which makes the whole group 0."
    FileNotIncluded Warning "file-not-included" "A YAML file in the framework's folder is not part of it."
    // Registries.
    MissingColumn Error "missing-column" "A file lacks a column that it must have."
    UnknownColumn Warning "unknown-column" "A file has a column that the program does not read."
    DuplicateColumn Error "duplicate-column" "A file has the same column twice."
    EmptyFile Error "empty-file" "A file has no header."
    ShortRow Warning "short-row" "A row ends before the column that it must fill."
    LongRow Error "long-row" "A row has more fields than the header."
    UnclosedQuote Error "unclosed-quote" "A quoted field is never closed."
    BlankId Error "blank-id" "A row does not say which service or entity it is about."
    BlankParameter Error "blank-parameter" "A row of answers does not say which parameter it is about."
    UnknownParameterColumn Error "unknown-parameter-column" "A column of a wide file is no parameter."
    DuplicateService Error "duplicate-service" "A service is registered twice."
    DuplicateEntity Error "duplicate-entity" "An entity is registered twice."
    UnknownEntity Error "unknown-entity" "An entity is not in the registry."
    UnknownCategory Warning "unknown-category" "A category is not among those that the framework titles."
    CategoryConflict Error "category-conflict" "One entity has two categories."
    UnknownParent Warning "unknown-parent" "The parent of an entity is not registered, or is the entity itself."
    DuplicatePrevious Warning "duplicate-previous" "Two services name the same service of the last round."
    UnknownPrevious Warning "unknown-previous" "A service names one of the last round that was not there."
    UnknownScope Error "unknown-scope" "A scope is neither `assessed` nor `excluded`."
    AttributeColumnMissing Error "attribute-column-missing" "The registry lacks an attribute that decides what applies."
    AttributeBlank Error "attribute-blank" "An assessed service does not state an attribute that decides what applies."
    // Rounds and answers.
    DateMalformed Error "date-malformed" "A date is not written as year-month-day, or a period ends before it begins."
    AllowedError Warning "allowed-error" "`allow` names an error, which is reported all the same."
    UnknownLayout Error "unknown-layout" "A header fits none of the layouts."
    UnknownStage Error "unknown-stage" "Answers lie in a stage that the round does not have."
    UnknownService Error "unknown-service" "A service is not in the registry."
    UnknownParameter Error "unknown-parameter" "A parameter is not in the framework."
    NotAskedOfEntity Error "not-asked-of-entity" "An entity answers a parameter that is asked of each service."
    AnswerUnknown Error "answer-unknown" "An answer is none that the scale takes."
    DashForNothing Error "dash-for-nothing" "A dash or the like stands where nothing is answered."
    AnswerNotANumber Error "answer-not-a-number" "An answer to a number scale is not a number."
    AnswerIsADate Error "answer-is-a-date" "A spreadsheet turned an answer into a date."
    AnswerOutOfRange Error "answer-out-of-range" "A number lies outside the scale's limits."
    RatioOutOfRange Error "ratio-out-of-range" "A share `a/b` is not one of whole numbers with 0 <= a <= b."
    NotApplicableNotAllowed Error "not-applicable-not-allowed" "A parameter that is not optional is answered as not applicable."
    AnswerNotApplicable Warning "answer-not-applicable" "A parameter is answered that does not apply to the service."
    NoneWithOthers Error "none-with-others" "A word for nothing chosen stands among chosen options."
    DuplicateAnswer Error "duplicate-answer" "The same service and parameter are answered twice in one stage."
    EvaluatorsDisagree Error "evaluators-disagree" "Evaluators gave one parameter different scores."
    ConfirmationOfNothing Warning "confirmation-of-nothing" "A word that confirms or withdraws stands where nothing was answered before."
    ChangeWithoutReason Warning "change-without-reason" "A later stage changes an answer and does not say why."
    ObjectionUnanswered Warning "objection-unanswered" "No stage after an objection answers it."
    MissingAnswer Error "missing-answer" "A parameter is not answered, and the policy rejects gaps."
    EvidenceMissing Warning "evidence-missing" "An answer that needs evidence has none."
    EvidenceFileMissing Error "evidence-file-missing" "Evidence names a file that is not there."
    ServiceWithoutAnswers Warning "service-without-answers" "A registered service has no answer at all."
    ClosedRoundChanged Warning "closed-round-changed" "A frozen or announced round differs from what its manifest says was scored."
    ForeignSheet Warning "foreign-sheet" "A sheet's stamp says that it was made for another round or stage."
    StaleSheet Warning "stale-sheet" "A sheet's stamp says that it was made from another text of the framework."
    UnfitReturn Error "unfit-return" "A returned sheet does not fit what the round holds, and is not filed."
    ExcludedService Warning "excluded-service" "Answers are given for a service that is out of scope."
    UniformAnswers Warning "uniform-answers" "All answers of a service or entity are the same."
    RepeatedEvidence Warning "repeated-evidence" "One text is the evidence of an implausible number of parameters."
}

impl Code {
    /// What it means at more length, why it matters, and a wrong and a right example, in Markdown.
    pub fn explanation(self) -> &'static str {
        let heading = format!("\n## {}\n", self.name());
        let pages = include_str!("explanations.md");
        let Some(start) = pages.find(&heading) else { return "" };
        let page = &pages[start + heading.len()..];
        page.split("\n## ").next().unwrap_or("").trim()
    }

    /// Whether a finding of this kind in a group says nothing where the framework's head is not known.
    pub fn needs_head(self) -> bool {
        matches!(
            self,
            Self::UnknownScale
                | Self::UnknownAttribute
                | Self::UnknownAttributeValue
                | Self::UnknownSolution
                | Self::ReservedWord
        )
    }

    /// Whether a finding of this kind in a round says nothing where the framework is not known.
    pub fn needs_framework(self) -> bool {
        matches!(
            self,
            Self::UnknownColumn
                | Self::UnknownParameter
                | Self::UnknownParameterColumn
                | Self::ServiceWithoutAnswers
                | Self::DuplicateAnswer
                | Self::UnknownStage
        )
    }

    /// Whether a fault of this kind lies in the answers of a single service (or of its entity), which
    /// is then held out; any other fault stops everything.
    pub fn is_of_a_service(self) -> bool {
        matches!(
            self,
            Self::LongRow
                | Self::BlankParameter
                | Self::UnknownParameter
                | Self::NotAskedOfEntity
                | Self::AnswerUnknown
                | Self::DashForNothing
                | Self::AnswerNotANumber
                | Self::AnswerIsADate
                | Self::AnswerOutOfRange
                | Self::RatioOutOfRange
                | Self::NotApplicableNotAllowed
                | Self::NoneWithOthers
                | Self::DuplicateAnswer
                | Self::EvaluatorsDisagree
                | Self::MissingAnswer
                | Self::EvidenceFileMissing
        )
    }
}
