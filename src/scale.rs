//! Scales: which answers a parameter takes, and what each is worth.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use hashbrown::DefaultHashBuilder;
use rust_decimal::Decimal;

use crate::number::{Quantity, Ratio, Score};
use crate::text::{Text, fold};

/// What answers a parameter takes, and what each is worth.
#[derive(Clone, Debug)]
pub struct Scale {
    /// Its name in the framework; none when it is written in place.
    pub name: Option<String>,
    /// The answers.
    pub kind: ScaleKind,
    spellings: HashMap<String, usize, DefaultHashBuilder>,
}

/// The kinds of scales.
#[derive(Clone, Debug)]
pub enum ScaleKind {
    /// One of these options.
    Choices(Vec<Choice>),
    /// A number, worth what the declared points say.
    Number(NumberScale),
    /// Any of these options; their scores add up, to at most 1.
    Multiple(Vec<Choice>),
}

/// An option of a scale.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Its first spelling, which is written out.
    pub answer: String,
    /// What it is worth.
    pub score: Score,
    /// Its name for people; each is a spelling too.
    pub title: Option<Text>,
    /// Further spellings.
    pub also: Vec<String>,
    /// Person-days to rise to it, when that is not the parameter's share of its gap.
    pub effort: Option<Decimal>,
}

impl Choice {
    /// Every spelling that is read as this option, not folded.
    pub fn spellings(&self) -> impl Iterator<Item = &str> {
        let titles = self.title.iter().flat_map(|title| title.variants().map(|(_, words)| words));
        std::iter::once(self.answer.as_str()).chain(self.also.iter().map(String::as_str)).chain(titles)
    }
}

/// A scale of numbers: piecewise linear through its points, flat outside them.
#[derive(Clone, Debug)]
pub struct NumberScale {
    /// What is counted.
    pub unit: Option<Text>,
    /// The least number that can be answered.
    pub min: Option<Decimal>,
    /// The greatest number that can be answered.
    pub max: Option<Decimal>,
    /// `(number, score)`, the numbers increasing; at least one.
    pub points: Vec<(Decimal, Score)>,
    /// Whether `a/b` is read as `100 a / b`.
    pub ratio: bool,
}

impl NumberScale {
    /// What a number is worth, rounded half up to 9 places:
    /// `y0 + (y1 - y0) (x - x0) / (x1 - x0)` between two points, the nearest point's score outside.
    pub fn score(&self, quantity: &Quantity) -> Score {
        let (low, high) = match self.point_above(quantity) {
            Some(0) => return self.points[0].1,
            None => return self.points.last().map_or(Score::ZERO, |(_, score)| *score),
            Some(next) => (self.points[next - 1], self.points[next]),
        };
        small_between(quantity, low, high).unwrap_or_else(|| between(quantity, low, high))
    }

    /// The position of the first point above a number; none when it is not below any.
    pub fn point_above(&self, quantity: &Quantity) -> Option<usize> {
        self.points.iter().position(|(at, _)| *quantity < Quantity::from(*at))
    }

    /// The scores at its limits and points: no answer has a lower or higher one than all of them.
    fn corners(&self) -> impl Iterator<Item = Score> + '_ {
        let ends = [self.min, self.max].into_iter().flatten();
        let inside =
            |at: &Decimal| self.min.is_none_or(|min| *at >= min) && self.max.is_none_or(|max| *at <= max);
        let points = self.points.iter().filter(move |(at, _)| inside(at)).map(|(_, score)| *score);
        ends.map(|end| self.score(&Quantity::from(end))).chain(points)
    }

    /// The numbers at which points or limits lie and that can be answered.
    fn corner_numbers(&self) -> impl Iterator<Item = Decimal> + '_ {
        let within =
            |at: &Decimal| self.min.is_none_or(|min| *at >= min) && self.max.is_none_or(|max| *at <= max);
        let points = self.points.iter().map(|(at, _)| *at);
        points.chain([self.min, self.max].into_iter().flatten()).filter(within)
    }

    /// Whether its numbers are percentages.
    pub fn is_percent(&self) -> bool {
        self.unit.as_ref().is_some_and(|unit| unit.get("") == "%")
    }
}

/// What a number between two points is worth.
fn between(quantity: &Quantity, (x0, y0): (Decimal, Score), (x1, y1): (Decimal, Score)) -> Score {
    let rise = y1.ratio().minus(&y0.ratio());
    let run = Ratio::from_decimal(x1 - x0);
    let part = quantity.value().minus(&Ratio::from_decimal(x0)).over(&run).unwrap_or_else(Ratio::zero);
    Score::nearest(&y0.ratio().plus(&rise.times(&part)))
}

/// The same where a machine's integers can hold what that takes.
fn small_between(quantity: &Quantity, low: (Decimal, Score), high: (Decimal, Score)) -> Option<Score> {
    let ((x0, y0), (x1, y1)) = (low, high);
    let (numerator, denominator) = quantity.parts();
    let places = x0.scale().max(x1.scale());
    let units = |at: Decimal| at.mantissa().checked_mul(10i128.pow(places - at.scale()));
    let (x0, x1) = (units(x0)?, units(x1)?);
    // Over the denominator of both the number and the points.
    let part = numerator.checked_mul(10i128.pow(places))?.checked_sub(x0.checked_mul(denominator)?)?;
    y0.between(y1, part, x1.checked_sub(x0)?.checked_mul(denominator)?)
}

/// What was answered to a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It does not apply.
    NotApplicable,
    /// The option at this position.
    Choice(usize),
    /// This number.
    Number(Quantity),
    /// The options at these positions, in the scale's order.
    Multiple(Vec<usize>),
}

/// Words that every scale takes.
#[derive(Clone, Debug)]
pub struct Words {
    /// The parameter does not apply.
    pub not_applicable: Vec<String>,
    /// Nothing of several is chosen.
    pub none: Vec<String>,
    /// In a later stage: as it stands.
    pub confirmed: Vec<String>,
    /// In a later stage: as if never answered.
    pub withdrawn: Vec<String>,
    folded: OnceLock<Folded>,
}

/// Words as they are compared, found once.
#[derive(Clone, Debug)]
struct Folded {
    entries: HashMap<String, Entry, DefaultHashBuilder>,
    none: Vec<String>,
}

impl Default for Words {
    fn default() -> Self {
        let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Self {
            not_applicable: list(&["n/a", "na", "not applicable", "tətbiq olunmur"]),
            none: list(&["none", "heç biri"]),
            confirmed: list(&["ok", "təsdiq"]),
            withdrawn: list(&["withdrawn", "geri götürülüb"]),
            folded: OnceLock::new(),
        }
    }
}

impl Words {
    fn folded(&self) -> &Folded {
        self.folded.get_or_init(|| {
            let mut entries: HashMap<String, Entry, DefaultHashBuilder> = HashMap::default();
            let words = [
                (&self.not_applicable, Entry::Given(Answer::NotApplicable)),
                (&self.confirmed, Entry::Confirmed),
                (&self.withdrawn, Entry::Withdrawn),
            ];
            for (list, entry) in words {
                for word in list {
                    entries.entry(fold(word)).or_insert_with(|| entry.clone());
                }
            }
            Folded { entries, none: self.none.iter().map(|word| fold(word)).collect() }
        })
    }

    /// Each list with its name.
    pub fn lists(&self) -> [(&'static str, &Vec<String>); 4] {
        [
            ("not_applicable", &self.not_applicable),
            ("none", &self.none),
            ("confirmed", &self.confirmed),
            ("withdrawn", &self.withdrawn),
        ]
    }
}

/// What a cell of answers says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// This answer.
    Given(Answer),
    /// What was answered before stands.
    Confirmed,
    /// What was answered before counts as never answered.
    Withdrawn,
}

/// Why a cell is no answer to a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerFault {
    /// It is none of the options; the part that is not.
    UnknownOption(String),
    /// It is a dash, or another sign for nothing.
    Dash,
    /// It is not a number in an allowed form.
    NotANumber,
    /// It looks like a date that a spreadsheet made.
    Date,
    /// The number is outside the scale's limits.
    OutOfRange,
    /// A share is not of whole numbers with `0 <= a <= b`.
    Ratio,
    /// A word for nothing chosen stands among options.
    NoneWithOthers,
}

impl Scale {
    /// A scale, and the spellings that two of its options share (of which the first option keeps it).
    pub fn new(name: Option<String>, kind: ScaleKind) -> (Self, Vec<(String, usize, usize)>) {
        let mut spellings: HashMap<String, usize, DefaultHashBuilder> = HashMap::default();
        let mut shared = Vec::new();
        for (position, choice) in options_of(&kind).iter().enumerate() {
            for spelling in choice.spellings() {
                let first = *spellings.entry(fold(spelling)).or_insert(position);
                if first != position {
                    shared.push((spelling.to_owned(), first, position));
                }
            }
        }
        (Self { name, kind, spellings }, shared)
    }

    /// The options, of a scale that has some.
    pub fn options(&self) -> &[Choice] {
        options_of(&self.kind)
    }

    /// Whether an option has this spelling, which is folded.
    pub fn has_spelling(&self, folded: &str) -> bool {
        self.spellings.contains_key(folded)
    }

    /// The option with this spelling.
    pub fn option(&self, words: &str) -> Option<usize> {
        self.spellings.get(&fold(words)).copied()
    }

    /// Reads a cell that is not blank. Whether "not applicable" may be said of the parameter is for
    /// the caller to know.
    pub fn read(&self, cell: &str, words: &Words) -> Result<Entry, AnswerFault> {
        let folded = fold(cell);
        if let Some(entry) = words.folded().entries.get(&folded) {
            return Ok(entry.clone());
        }
        if is_dash(&folded) && !self.has_spelling(&folded) {
            return Err(AnswerFault::Dash);
        }
        match &self.kind {
            ScaleKind::Choices(_) => self
                .spellings
                .get(&folded)
                .map(|position| Entry::Given(Answer::Choice(*position)))
                .ok_or_else(|| unknown_option(cell.trim())),
            ScaleKind::Multiple(_) => self.read_multiple(cell, &words.folded().none).map(Entry::Given),
            ScaleKind::Number(scale) => {
                let quantity = scale.read(&folded)?;
                Ok(Entry::Given(quantity.map_or(Answer::NotApplicable, Answer::Number)))
            }
        }
    }

    fn read_multiple(&self, cell: &str, none: &[String]) -> Result<Answer, AnswerFault> {
        let mut chosen = Vec::new();
        let mut nothing = false;
        for part in cell.split([';', '|']).map(fold).filter(|part| !part.is_empty()) {
            if none.contains(&part) {
                nothing = true;
            } else {
                chosen.push(*self.spellings.get(&part).ok_or(AnswerFault::UnknownOption(part))?);
            }
        }
        chosen.sort_unstable();
        chosen.dedup();
        match (nothing, chosen.is_empty()) {
            (true, false) => Err(AnswerFault::NoneWithOthers),
            (false, true) => Err(AnswerFault::UnknownOption(cell.trim().to_owned())),
            (true, true) | (false, false) => Ok(Answer::Multiple(chosen)),
        }
    }

    /// What an answer is worth; none for "not applicable".
    pub fn score(&self, answer: &Answer) -> Option<Score> {
        let worth = |position: &usize| self.options().get(*position).map(|choice| choice.score);
        match answer {
            Answer::NotApplicable => None,
            Answer::Choice(position) => worth(position),
            Answer::Multiple(chosen) => Some(Score::capped_sum(chosen.iter().filter_map(worth))),
            Answer::Number(quantity) => match &self.kind {
                ScaleKind::Number(scale) => Some(scale.score(quantity)),
                ScaleKind::Choices(_) | ScaleKind::Multiple(_) => None,
            },
        }
    }

    /// The highest score that an answer can have.
    pub fn best(&self) -> Score {
        match &self.kind {
            ScaleKind::Choices(choices) => choices.iter().map(|choice| choice.score).max(),
            ScaleKind::Multiple(choices) => {
                Some(Score::capped_sum(choices.iter().map(|choice| choice.score)))
            }
            ScaleKind::Number(scale) => scale.corners().max(),
        }
        .unwrap_or(Score::ZERO)
    }

    /// The lowest score that an answer can have.
    pub fn worst(&self) -> Score {
        match &self.kind {
            ScaleKind::Choices(choices) => choices.iter().map(|choice| choice.score).min(),
            // Nothing is chosen.
            ScaleKind::Multiple(_) => None,
            ScaleKind::Number(scale) => scale.corners().min(),
        }
        .unwrap_or(Score::ZERO)
    }

    /// The first of the answers that score the most.
    pub fn best_answer(&self) -> Answer {
        let best = self.best();
        match &self.kind {
            ScaleKind::Choices(choices) => {
                Answer::Choice(choices.iter().position(|choice| choice.score == best).unwrap_or(0))
            }
            ScaleKind::Multiple(choices) => {
                let worth = |at: &usize| choices[*at].score > Score::ZERO;
                Answer::Multiple((0..choices.len()).filter(worth).collect())
            }
            ScaleKind::Number(scale) => {
                let found = scale.corner_numbers().find(|at| scale.score(&Quantity::from(*at)) == best);
                Answer::Number(Quantity::from(found.unwrap_or(Decimal::ZERO)))
            }
        }
    }

    /// The answers that are worth more than a score, or all without one: each option; of numbers, those at
    /// which points or limits lie; of several choices, what can be added to those in `from`. Of numbers and
    /// of several choices one for each score, the lowest score first. Of more than 40 those that are worth most.
    pub fn answers_above(&self, floor: Option<Score>, from: Option<&Answer>) -> Vec<Answer> {
        let is_above = |score: Score| floor.is_none_or(|floor| score > floor);
        match &self.kind {
            ScaleKind::Choices(choices) => {
                let mut above: Vec<usize> =
                    (0..choices.len()).filter(|at| is_above(choices[*at].score)).collect();
                above.sort_by_key(|at| std::cmp::Reverse(choices[*at].score));
                above.truncate(MOST_STEPS);
                above.sort_unstable();
                above.into_iter().map(Answer::Choice).collect()
            }
            ScaleKind::Number(scale) => {
                let mut steps: BTreeMap<Score, Answer> = BTreeMap::new();
                for at in scale.corner_numbers() {
                    let quantity = Quantity::from(at);
                    steps.entry(scale.score(&quantity)).or_insert(Answer::Number(quantity));
                }
                let above = steps.into_iter().filter(|(score, _)| is_above(*score)).map(|(_, answer)| answer);
                let mut above: Vec<Answer> = above.collect();
                above.split_off(above.len().saturating_sub(MOST_STEPS))
            }
            ScaleKind::Multiple(choices) => {
                let chosen = match from {
                    Some(Answer::Multiple(chosen)) => chosen.clone(),
                    Some(_) | None => Vec::new(),
                };
                let sets = supersets(choices, chosen).into_iter();
                sets.filter(|(score, _)| is_above(*score)).map(|(_, set)| Answer::Multiple(set)).collect()
            }
        }
    }

    /// An answer as it is written out: its first spelling.
    pub fn write(&self, answer: &Answer, words: &Words) -> String {
        let spelling = |at: &usize| self.options().get(*at).map_or("", |choice| choice.answer.as_str());
        let first = |list: &[String]| list.first().cloned().unwrap_or_default();
        match answer {
            Answer::NotApplicable => first(&words.not_applicable),
            Answer::Choice(at) => spelling(at).to_owned(),
            Answer::Multiple(chosen) if chosen.is_empty() => first(&words.none),
            Answer::Multiple(chosen) => chosen.iter().map(spelling).collect::<Vec<_>>().join(";"),
            Answer::Number(quantity) => quantity.to_string(),
        }
    }

    /// The kind's name, as in a framework's YAML.
    pub fn kind_name(&self) -> &'static str {
        match &self.kind {
            ScaleKind::Choices(_) => "choices",
            ScaleKind::Number(_) => "number",
            ScaleKind::Multiple(_) => "multiple",
        }
    }
}

/// At most so many steps of one scale are told apart.
const MOST_STEPS: usize = 40;

/// The sets of options that contain some, one for each score that they come to.
fn supersets(choices: &[Choice], chosen: Vec<usize>) -> BTreeMap<Score, Vec<usize>> {
    let worth = |set: &[usize]| Score::capped_sum(set.iter().map(|at| choices[*at].score));
    let mut sets = BTreeMap::from([(worth(&chosen), chosen)]);
    for at in 0..choices.len() {
        for mut set in sets.values().cloned().collect::<Vec<_>>() {
            if !set.contains(&at) {
                set.push(at);
                set.sort_unstable();
                // The largest sums stay known: the whole is always among them.
                if sets.len() >= MOST_STEPS {
                    sets.pop_first();
                }
                sets.entry(worth(&set)).or_insert(set);
            }
        }
    }
    sets
}

impl NumberScale {
    /// Reads a folded cell: a number, or a share where those are taken; none for `0/0`.
    fn read(&self, folded: &str) -> Result<Option<Quantity>, AnswerFault> {
        if self.ratio
            && let Some((part, whole)) = folded.split_once('/')
        {
            return read_share(part.trim(), whole.trim());
        }
        let number = match folded.strip_suffix('%') {
            Some(number) if self.is_percent() => number.trim_end(),
            _ => folded,
        };
        let Some(quantity) = Quantity::parse(number) else {
            return Err(if looks_like_a_date(folded) { AnswerFault::Date } else { AnswerFault::NotANumber });
        };
        let below = self.min.is_some_and(|min| quantity < Quantity::from(min));
        let above = self.max.is_some_and(|max| quantity > Quantity::from(max));
        if below || above { Err(AnswerFault::OutOfRange) } else { Ok(Some(quantity)) }
    }
}

/// `a/b` as a share in percent; none for `0/0`.
fn read_share(part: &str, whole: &str) -> Result<Option<Quantity>, AnswerFault> {
    let number = |text: &str| -> Option<u64> {
        let plain = (1..=15).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| text.parse().ok()).flatten()
    };
    match (number(part), number(whole)) {
        (Some(0), Some(0)) => Ok(None),
        (Some(part), Some(whole)) if part <= whole => Ok(Some(Quantity::share(part, whole))),
        (Some(_), Some(_)) => Err(AnswerFault::Ratio),
        _ if looks_like_a_date(&format!("{part}/{whole}")) => Err(AnswerFault::Date),
        _ => Err(AnswerFault::Ratio),
    }
}

/// Whether a cell holds only signs that people type where they have nothing to say.
fn is_dash(folded: &str) -> bool {
    !folded.is_empty()
        && folded
            .chars()
            .all(|sign| matches!(sign, '-' | '\u{2010}'..='\u{2015}' | '?' | '.' | '_' | '…' | '*'))
}

fn unknown_option(part: &str) -> AnswerFault {
    AnswerFault::UnknownOption(part.to_owned())
}

fn options_of(kind: &ScaleKind) -> &[Choice] {
    match kind {
        ScaleKind::Choices(choices) | ScaleKind::Multiple(choices) => choices,
        ScaleKind::Number(_) => &[],
    }
}

/// Whether a folded cell looks like what spreadsheets make of `5/12`: `05.12.2025`, `12.may`,
/// `2025-12-05 00:00:00`.
fn looks_like_a_date(folded: &str) -> bool {
    const MONTHS: [&str; 24] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "yan", "fev",
        "mart", "aprel", "iyun", "iyul", "avq", "sen", "okt", "noy", "dek", "мая",
    ];
    let day = folded.split([' ', 't']).next().unwrap_or(folded);
    let parts: Vec<&str> = folded.split(['.', '-', '/', ' ']).filter(|part| !part.is_empty()).collect();
    let digits = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    let month = |part: &&str| MONTHS.iter().any(|name| part.starts_with(name));
    let numeric = day.split(['.', '-', '/']).collect::<Vec<_>>();
    let whole = numeric.len() == 3 && numeric.iter().all(|part| !part.is_empty() && digits(part));
    whole || (parts.len() >= 2 && parts.iter().any(month) && parts.iter().any(digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting() -> NumberScale {
        let point = |x: u32, score: &str| (Decimal::from(x), Score::parse(score).unwrap_or(Score::ZERO));
        NumberScale {
            unit: None,
            min: Some(Decimal::ZERO),
            max: None,
            points: vec![point(5, "1"), point(15, "0.5"), point(60, "0")],
            ratio: false,
        }
    }

    #[test]
    fn a_number_is_worth_what_lies_between_its_points() {
        let scale = waiting();
        let score = |text: &str| Quantity::parse(text).map(|quantity| scale.score(&quantity).to_string());
        // 1 - 0.5 * 5 / 10; 0.5 - 0.5 * 15 / 45 = 1/3, rounded half up to 9 places.
        assert_eq!(score("10"), Some("0.75".to_owned()));
        assert_eq!(score("30"), Some("0.333333333".to_owned()));
        assert_eq!(score("0"), Some("1".to_owned()));
        assert_eq!(score("600"), Some("0".to_owned()));
    }

    #[test]
    fn small_numbers_are_worth_what_ratios_say() {
        let point = |x: i64, places: u32, score: &str| {
            (Decimal::new(x, places), Score::parse(score).unwrap_or(Score::ZERO))
        };
        let pairs = [
            (point(-25, 1, "0.2"), point(0, 0, "0")),
            (point(0, 0, "0"), point(7, 9, "1")),
            (point(3, 1, "0.333333333"), point(7, 0, "0.9")),
            (point(7, 0, "0.9"), point(100, 0, "0.000000001")),
        ];
        let mut looked_at = 0;
        for (low, high) in pairs {
            let within =
                |quantity: &Quantity| (Quantity::from(low.0)..Quantity::from(high.0)).contains(quantity);
            let written = (-3000..110_000).map(|at| Quantity::from(Decimal::new(at, 3)));
            let tiny = (0..7).map(|at| Quantity::from(Decimal::new(at, 9)));
            let shares =
                (1..60).flat_map(|whole| (0..whole).map(move |part| Quantity::share(part, 9 * whole)));
            for quantity in written.chain(tiny).chain(shares).filter(within) {
                looked_at += 1;
                assert_eq!(
                    small_between(&quantity, low, high),
                    Some(between(&quantity, low, high)),
                    "{quantity}"
                );
            }
        }
        assert!(looked_at > 100_000);
        // What does not fit is left to ratios: a third of the way from 0 to 3 * 10^14, less a little.
        let far = (point(0, 0, "0"), point(300_000_000_000_000, 0, "1"));
        let long = Quantity::parse("99999999999999.999999999999999").expect("a number");
        assert_eq!(small_between(&long, far.0, far.1), None);
        assert_eq!(between(&long, far.0, far.1).to_string(), "0.333333333");
    }

    #[test]
    fn shares_and_percentages_are_read_as_evaluators_write_them() {
        let scale = NumberScale {
            unit: Some(Text::new(vec![("en".to_owned(), "%".to_owned())])),
            max: Some(Decimal::ONE_HUNDRED),
            ratio: true,
            points: vec![(Decimal::ZERO, Score::ZERO), (Decimal::ONE_HUNDRED, Score::ONE)],
            ..waiting()
        };
        let (scale, _) = Scale::new(None, ScaleKind::Number(scale));
        let read = |cell: &str| match scale.read(cell, &Words::default()) {
            Ok(Entry::Given(answer)) => Ok(scale.score(&answer).map(|score| score.to_string())),
            Ok(entry) => panic!("{entry:?}"),
            Err(fault) => Err(fault),
        };
        for cell in ["96", "96.0", "96,0", "96%", "96 %", "48/50", " 48 / 50 "] {
            assert_eq!(read(cell), Ok(Some("0.96".to_owned())), "{cell}");
        }
        assert_eq!(read("2/3"), Ok(Some("0.666666667".to_owned())));
        assert_eq!(read("51/50"), Err(AnswerFault::Ratio));
        assert_eq!(read("0/0"), Ok(None));
        assert_eq!(read("101"), Err(AnswerFault::OutOfRange));
        assert_eq!(read("1 234"), Err(AnswerFault::NotANumber));
        for cell in ["05.12.2025", "12.May", "2025-12-05 00:00:00", "5-Dek"] {
            assert_eq!(read(cell), Err(AnswerFault::Date), "{cell}");
        }
    }
}
