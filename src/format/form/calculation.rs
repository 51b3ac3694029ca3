//! The hidden sheet that works out scores and indexes by formulas, in the steps of the engine: what is
//! answered, the state of every parameter, the mean of every group, and the index.
//!
//! A spreadsheet counts in floats of some 15 digits. Figures are therefore rounded to 11 places first,
//! so that a value that is a half on paper is one here, and then to the framework's places.

use std::collections::HashMap;

use rust_decimal::Decimal;
use rust_xlsxwriter::{Formula, Workbook, Worksheet, XlsxError};

use super::lists::Lists;
use crate::framework::{
    Aggregation, Children, EvidencePolicy, EvidenceRule, Framework, Missing, NotApplicable, Requirement,
    Rounding,
};
use crate::id::{GroupIndex, ParameterIndex};
use crate::number::Half;
use crate::scale::{NumberScale, ScaleKind};
use crate::view::template::Sheets;

/// The sheet's name.
pub const NAME: &str = "calculation";

// The columns. States are those of the engine: s(cored), m(issing), v(oid), i(mplied), n (does not
// apply), a (answered "not applicable"), and f for an answer that cannot be read.
const RECIPIENT: u16 = 0;
const NODE: u16 = 1;
/// The answer in the form in which words are compared.
const FOLDED: char = 'C';
/// The number's text without its percent sign, or the parts of several choices, each between `;`.
const PLAIN: char = 'D';
/// What is no digit of the number.
const REST: char = 'E';
/// The number of the option chosen, or the number answered.
const GIVEN: char = 'F';
/// What the answer is worth.
const WORTH: char = 'G';
const STATE: char = 'H';
/// What goes up to the group; 0 where nothing does.
const VALUE: char = 'I';
/// What it weighs there; 0 where it does not count.
const WEIGHT: char = 'J';
/// The published figure.
const FIGURE: char = 'K';

/// The options of a scale of several choices that a formula has room for.
pub const MOST_OPTIONS: usize = 60;

/// Where an answer stands, as formulas of another sheet name it.
#[derive(Clone, Debug)]
pub struct Source {
    /// The cell of the answer.
    pub answer: String,
    /// The cell of the evidence.
    pub evidence: String,
}

/// Works out one recipient's scores.
pub struct Block {
    first: u32,
    parameters: Vec<ParameterIndex>,
    /// The row of each group; none where there is no index to work out.
    groups: HashMap<GroupIndex, u32>,
}

impl Block {
    /// A block from a row on: of these parameters, with the groups of the framework or without.
    pub fn new(first: u32, parameters: Vec<ParameterIndex>, framework: Option<&Framework>) -> Self {
        let after = first + rows(parameters.len());
        let mut order: Vec<GroupIndex> =
            (0..framework.map_or(0, |framework| framework.groups.len())).map(GroupIndex::new).collect();
        // By depth, so that the children of a group stand in rows next to each other.
        if let Some(framework) = framework {
            order.sort_by_key(|at| (framework.group(*at).depth, *at));
        }
        Self { first, parameters, groups: order.into_iter().zip(after..).collect() }
    }

    /// The row after the block: the groups are followed by one of sums.
    pub fn end(&self) -> u32 {
        let groups = rows(self.groups.len());
        self.first + rows(self.parameters.len()) + groups + u32::from(groups > 0)
    }

    fn row(&self, at: ParameterIndex) -> Option<u32> {
        self.parameters.iter().position(|own| *own == at).map(|position| self.first + rows(position))
    }

    /// What a parameter's score shows: the figure, a question mark for what cannot be read, and nothing
    /// for a gap.
    pub fn score(&self, at: ParameterIndex) -> Option<String> {
        let row = self.row(at)?;
        let (state, figure) = (abroad(STATE, row), abroad(FIGURE, row));
        Some(format!("=IF({state}=\"f\",\"?\",IF({state}=\"m\",\"\",{figure}))"))
    }

    /// A group's published score.
    pub fn group(&self, at: GroupIndex) -> Option<String> {
        self.groups.get(&at).map(|row| format!("={}", abroad(FIGURE, *row)))
    }

    /// The index, or in words why there is none.
    pub fn index(&self) -> String {
        format!("={}", abroad(FIGURE, self.end() - 1))
    }
}

fn rows(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// A cell of this sheet, as its own formulas name it.
fn cell(column: char, row: u32) -> String {
    format!("{column}{}", row + 1)
}

/// A cell of this sheet, as other sheets name it.
fn abroad(column: char, row: u32) -> String {
    format!("{NAME}!${column}${}", row + 1)
}

fn span(column: char, first: u32, last: u32) -> String {
    format!("{column}{}:{column}{}", first + 1, last + 1)
}

/// A text in a formula.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// Writes the sheet.
pub struct Calculation<'a> {
    sheets: &'a Sheets<'a>,
    lists: &'a Lists<'a>,
    framework: &'a Framework,
}

impl<'a> Calculation<'a> {
    /// The calculation of sheets.
    pub fn new(sheets: &'a Sheets<'a>, lists: &'a Lists<'a>) -> Self {
        Self { sheets, lists, framework: sheets.framework }
    }

    /// Adds the sheet, still without a block.
    ///
    /// # Errors
    /// The workbook does not take the sheet.
    pub fn add<'b>(&self, workbook: &'b mut Workbook) -> Result<&'b mut Worksheet, XlsxError> {
        let sheet = workbook.add_worksheet();
        sheet.set_name(NAME)?;
        sheet.set_hidden(true);
        sheet.protect();
        // Without a result LibreOffice works every formula out when it opens the file, as Excel does.
        sheet.set_formula_result_default("");
        Ok(sheet)
    }

    /// Fills a block. `source` has where a parameter is answered; none where it does not apply.
    ///
    /// # Errors
    /// A limit of workbooks is passed.
    pub fn fill(
        &self,
        sheet: &mut Worksheet,
        block: &Block,
        recipient: &str,
        source: impl Fn(ParameterIndex) -> Option<Source>,
    ) -> Result<(), XlsxError> {
        for at in &block.parameters {
            let Some(row) = block.row(*at) else { continue };
            sheet.write_string(row, RECIPIENT, super::cut(recipient, super::LONGEST))?;
            sheet.write_string(row, NODE, &self.framework.parameter(*at).id)?;
            match source(*at) {
                Some(source) => self.fill_parameter(sheet, block, *at, row, &source)?,
                None => fill(sheet, row, STATE, "\"n\"")?,
            }
            self.fill_upwards(sheet, row, &self.framework.parameter(*at).weight.to_string())?;
        }
        for (at, row) in &block.groups {
            sheet.write_string(*row, NODE, &self.framework.group(*at).id)?;
            self.fill_group(sheet, block, *at, *row)?;
        }
        if block.groups.is_empty() { Ok(()) } else { self.fill_index(sheet, block) }
    }

    fn fill_parameter(
        &self,
        sheet: &mut Worksheet,
        block: &Block,
        at: ParameterIndex,
        row: u32,
        source: &Source,
    ) -> Result<(), XlsxError> {
        fill(sheet, row, FOLDED, &folded(&source.answer))?;
        let scale = self.framework.parameter(at).scale;
        match &self.framework.scales[scale].kind {
            ScaleKind::Choices(_) => self.fill_choice(sheet, scale, row)?,
            ScaleKind::Multiple(_) => self.fill_several(sheet, scale, row)?,
            ScaleKind::Number(number) => self.fill_number(sheet, scale, number, row, &source.answer)?,
        }
        fill(sheet, row, STATE, &self.required(block, at, &self.state(at, row, &source.evidence)))
    }

    fn fill_choice(&self, sheet: &mut Worksheet, scale: usize, row: u32) -> Result<(), XlsxError> {
        let (spellings, options) = (self.lists.spellings(scale), self.lists.options(scale));
        let (folded, given) = (cell(FOLDED, row), cell(GIVEN, row));
        fill(sheet, row, GIVEN, &format!("SUMPRODUCT(({spellings}={folded})*{options})"))?;
        let scores = self.lists.scores(scale);
        fill(sheet, row, WORTH, &format!("IF({given}>0,INDEX({scores},{given}),\"\")"))
    }

    /// Several choices: all parts must be spellings, and each option counts once.
    fn fill_several(&self, sheet: &mut Worksheet, scale: usize, row: u32) -> Result<(), XlsxError> {
        let plain = cell(PLAIN, row);
        let semicolons = format!("SUBSTITUTE({},\"|\",\";\")", cell(FOLDED, row));
        let tight = format!("SUBSTITUTE(SUBSTITUTE({semicolons},\"; \",\";\"),\" ;\",\";\")");
        fill(sheet, row, PLAIN, &format!("\";\"&SUBSTITUTE({tight},\";\",\";;\")&\";\""))?;
        let chosen = |option: usize| match self.lists.spellings_of(scale, option) {
            Some(range) => format!("(SUMPRODUCT(--ISNUMBER(FIND(\";\"&{range}&\";\",{plain})))>0)"),
            None => "0".to_owned(),
        };
        let options = self.framework.scales[scale].options();
        let terms = (1..).zip(options).map(|(at, option)| format!("{}*{}", option.score, chosen(at)));
        let sum = terms.collect::<Vec<_>>().join("+");
        // The letters of the parts that are spellings, against those of all parts.
        let letters = |range: &str| {
            let cut = format!("LEN({plain})-LEN(SUBSTITUTE({plain},\";\"&{range}&\";\",\"\"))");
            format!("SUMPRODUCT(({cut})*LEN({range})/(LEN({range})+2))")
        };
        let all = format!("LEN(SUBSTITUTE({plain},\";\",\"\"))");
        let (options, nothing) =
            (letters(&self.lists.spellings(scale)), letters(&self.lists.nothing_words()));
        fill(
            sheet,
            row,
            GIVEN,
            &format!("IF({all}=0,\"\",IF({all}={options},1,IF({all}={nothing},0,\"\")))"),
        )?;
        let given = cell(GIVEN, row);
        let worth = format!("IF({given}=\"\",\"\",IF({given}=0,0,ROUND(MIN(1,{sum}),9)))");
        fill(sheet, row, WORTH, &worth)
    }

    /// A number: one that the spreadsheet holds as such, or digits with a comma or point.
    fn fill_number(
        &self,
        sheet: &mut Worksheet,
        scale: usize,
        number: &NumberScale,
        row: u32,
        answer: &str,
    ) -> Result<(), XlsxError> {
        let (folded, plain, rest) = (cell(FOLDED, row), cell(PLAIN, row), cell(REST, row));
        let bare = format!("IF(RIGHT({folded},1)=\"%\",TRIM(LEFT({folded},LEN({folded})-1)),{folded})");
        let bare = if number.is_percent() { bare } else { folded };
        fill(sheet, row, PLAIN, &format!("SUBSTITUTE({bare},\",\",\".\")"))?;
        let digits = ('0'..='9')
            .fold(plain.clone(), |formula, digit| format!("SUBSTITUTE({formula},\"{digit}\",\"\")"));
        fill(sheet, row, REST, &digits)?;
        // A cell that is shown as a percentage holds a hundredth of what it shows.
        let held = format!("{answer}*IF(LEFT(CELL(\"format\",{answer}),1)=\"P\",100,1)");
        let share = if number.ratio { share(&plain, &rest) } else { "\"\"".to_owned() };
        let read = format!("IF(ISNUMBER({answer}),{held},IFERROR({},{share}))", decimal(&plain, &rest));
        fill(sheet, row, GIVEN, &format!("IFERROR({read},\"\")"))?;
        let given = cell(GIVEN, row);
        let worth = self.interpolated(scale, number, &given);
        let within = within(number, &given);
        let worth = format!("IF(ISNUMBER({given}),IF({within},{worth},\"\"),\"\")");
        fill(sheet, row, WORTH, &worth)
    }

    /// `y0 + (y1 - y0) (x - x0) / (x1 - x0)` between two points, rounded to 9 places; the nearest
    /// point's score outside.
    fn interpolated(&self, scale: usize, number: &NumberScale, x: &str) -> String {
        let (xs, ys) = (self.lists.spellings(scale), self.lists.options(scale));
        let count = number.points.len();
        let below = format!("MATCH({x},{xs},1)");
        let (x0, x1) = (format!("INDEX({xs},{below})"), format!("INDEX({xs},{below}+1)"));
        let (y0, y1) = (format!("INDEX({ys},{below})"), format!("INDEX({ys},{below}+1)"));
        let between = format!("ROUND(ROUND({y0}+({y1}-{y0})*({x}-{x0})/({x1}-{x0}),13),9)");
        let first = format!("INDEX({ys},1)");
        let last = format!("INDEX({ys},{count})");
        format!("IF({x}<INDEX({xs},1),{first},IF({x}>=INDEX({xs},{count}),{last},{between}))")
    }

    /// The state by the parameter's own answer.
    fn state(&self, at: ParameterIndex, row: u32, evidence: &str) -> String {
        let parameter = self.framework.parameter(at);
        let (folded, worth) = (cell(FOLDED, row), cell(WORTH, row));
        let proved = parameter.evidence == EvidenceRule::Required
            && self.framework.policy.evidence == EvidencePolicy::Void;
        let scored =
            if proved { format!("IF(TRIM({evidence})=\"\",\"v\",\"s\")") } else { "\"s\"".to_owned() };
        let read = format!("IF({worth}=\"\",\"f\",{scored})");
        let read = if parameter.optional {
            let words = self.lists.not_applicable_words();
            let said = format!("SUMPRODUCT(--({words}={folded}))>0");
            format!("IF(OR({said},{}=\"0/0\"),\"a\",{read})", cell(GIVEN, row))
        } else {
            read
        };
        format!("IF({folded}=\"\",\"m\",{read})")
    }

    /// The state by what the parameter requires, else its own; an answer that cannot be read is to be mended
    /// whether it counts or not.
    fn required(&self, block: &Block, at: ParameterIndex, own: &str) -> String {
        let requires = &self.framework.parameter(at).requires;
        let known: Vec<(&Requirement, u32)> =
            requires.iter().filter_map(|required| Some((required, block.row(required.parameter)?))).collect();
        if known.is_empty() {
            return own.to_owned();
        }
        let any = |states: &[&str]| {
            let one = |row: &u32| states.iter().map(|is| format!("{}=\"{is}\"", cell(STATE, *row))).collect();
            let each: Vec<String> = known.iter().flat_map(|(_, row)| -> Vec<String> { one(row) }).collect();
            format!("OR({})", each.join(","))
        };
        let unmet = known.iter().map(|(required, row)| {
            let given = required.options.iter().map(|at| format!("{}={}", cell(GIVEN, *row), at + 1));
            format!("NOT(OR({}))", given.collect::<Vec<_>>().join(","))
        });
        let unmet = unmet.collect::<Vec<_>>().join(",");
        let (left_out, missing, void) = (any(&["n", "a"]), any(&["m"]), any(&["v", "i"]));
        let by_required =
            format!("IF({left_out},\"n\",IF({missing},\"m\",IF(OR({void},{unmet}),\"i\",{own})))");
        format!("IF({own}=\"f\",\"f\",{by_required})")
    }

    /// What a parameter brings to its group, by its state and the policies.
    fn fill_upwards(&self, sheet: &mut Worksheet, row: u32, weight: &str) -> Result<(), XlsxError> {
        let policy = &self.framework.policy;
        let state = cell(STATE, row);
        let full = u8::from(policy.not_applicable == NotApplicable::Full);
        let value = format!("IF({state}=\"s\",{},IF({state}=\"a\",{full},0))", cell(WORTH, row));
        let mut counted = vec!["s", "v", "i"];
        if policy.missing != Missing::Exclude {
            counted.push("m");
        }
        if policy.not_applicable != NotApplicable::Exclude {
            counted.push("a");
        }
        let counted: Vec<String> = counted.iter().map(|is| format!("{state}=\"{is}\"")).collect();
        let counts = format!("OR({})", counted.join(","));
        let value = if policy.rounding == Rounding::EachLevel {
            format!("({})/100", self.figure(&format!("({value})")))
        } else {
            value
        };
        fill(sheet, row, VALUE, &value)?;
        fill(sheet, row, WEIGHT, &format!("IF({counts},{weight},0)"))?;
        fill(sheet, row, FIGURE, &format!("IF({counts},{},\"\")", self.figure(&cell(VALUE, row))))
    }

    /// A group's mean over the rows of its children.
    fn fill_group(
        &self,
        sheet: &mut Worksheet,
        block: &Block,
        at: GroupIndex,
        row: u32,
    ) -> Result<(), XlsxError> {
        let policy = &self.framework.policy;
        let group = self.framework.group(at);
        let Some((first, last)) = children(block, group) else { return Ok(()) };
        let (values, weights) = (span(VALUE, first, last), span(WEIGHT, first, last));
        let state = cell(STATE, row);
        fill(sheet, row, STATE, &format!("IF(SUM({weights})>0,\"s\",\"n\")"))?;
        let mean = match policy.aggregation_at(group.depth) {
            Aggregation::Arithmetic => format!("SUMPRODUCT({weights},{values})/SUM({weights})"),
            Aggregation::Geometric => {
                // The logarithm of a zero is kept out; one that weighs anything makes the mean zero.
                let zero = format!("SUMPRODUCT(({weights}>0)*({values}=0))>0");
                let logarithms = format!("LN({values}+({values}=0))");
                format!("IF({zero},0,EXP(SUMPRODUCT({weights}*{logarithms})/SUM({weights})))")
            }
        };
        fill(sheet, row, WORTH, &format!("IF({state}=\"s\",{mean},0)"))?;
        let worth = cell(WORTH, row);
        let value = match policy.rounding {
            Rounding::End => worth.clone(),
            Rounding::EachLevel => format!("({})/100", self.figure(&worth)),
        };
        fill(sheet, row, VALUE, &value)?;
        fill(sheet, row, WEIGHT, &format!("IF({state}=\"s\",{},0)", group.weight))?;
        fill(sheet, row, FIGURE, &format!("IF({state}=\"s\",{},\"\")", self.figure(&worth)))
    }

    /// The index, or why there is none, in the last row of a block.
    fn fill_index(&self, sheet: &mut Worksheet, block: &Block) -> Result<(), XlsxError> {
        let policy = &self.framework.policy;
        let row = block.end() - 1;
        let states = span(STATE, block.first, block.first + rows(block.parameters.len()) - 1);
        let count = |state: &str| format!("COUNTIF({states},\"{state}\")");
        let applicable = format!("({}-{}-{})", block.parameters.len(), count("n"), count("a"));
        let answered = format!("({}+{})", count("s"), count("i"));
        let root = block.groups.get(&GroupIndex::ROOT).copied().unwrap_or(row);
        let enough = format!("{answered}*100>={}*{applicable}", policy.minimum_coverage.normalize());
        let enough = format!("AND({applicable}>0,{enough},{}=\"s\")", cell(STATE, root));
        let say = |key| quoted(self.sheets.speech.say(key));
        let index = format!("IF({enough},{},{})", cell(FIGURE, root), say("preview_insufficient"));
        let index = match policy.missing {
            Missing::Reject => format!("IF({}>0,{},{index})", count("m"), say("preview_incomplete")),
            Missing::Zero | Missing::Exclude => index,
        };
        let faults = format!("IF({}>0,{}&\" \"&{},{index})", count("f"), count("f"), say("preview_faults"));
        fill(sheet, row, FIGURE, &faults)
    }

    /// A value as published: times 100, at the framework's places, an exact half up or to the even
    /// neighbour.
    fn figure(&self, value: &str) -> String {
        let decimals = self.framework.policy.decimals;
        let percent = format!("ROUND(100*{value},11)");
        match self.framework.policy.half {
            Half::Up => format!("ROUND({percent},{decimals})"),
            Half::Even => {
                let scaled = format!("({percent}*10^{decimals})");
                // Half the last of the 11 places.
                let near = format!("5*10^({decimals}-12)");
                let is_half = format!("ABS({scaled}-INT({scaled})-0.5)<{near}");
                format!("IF({is_half},2*ROUND({scaled}/2,0),ROUND({scaled},0))/10^{decimals}")
            }
        }
    }
}

fn fill(sheet: &mut Worksheet, row: u32, column: char, formula: &str) -> Result<(), XlsxError> {
    let at = u16::try_from(u32::from(column) - u32::from('A')).unwrap_or(u16::MAX);
    sheet.write_formula(row, at, Formula::new(format!("={formula}"))).map(|_| ())
}

/// The rows of what is right below a group.
fn children(block: &Block, group: &crate::framework::Group) -> Option<(u32, u32)> {
    let (first, last) = match &group.children {
        Children::Parameters => {
            let ends = (group.parameters.start, group.parameters.end.checked_sub(1)?);
            (block.row(ParameterIndex::new(ends.0))?, block.row(ParameterIndex::new(ends.1))?)
        }
        Children::Groups(groups) => (*block.groups.get(groups.first()?)?, *block.groups.get(groups.last()?)?),
    };
    Some((first, last))
}

/// The form in which words are compared, as far as a formula can make it.
fn folded(answer: &str) -> String {
    let spaces = format!("SUBSTITUTE(SUBSTITUTE({answer},\"\u{a0}\",\" \"),CHAR(10),\" \")");
    let dotted = ['İ', 'I', 'ı'].iter().fold(format!("TRIM({spaces})"), |formula, letter| {
        format!("SUBSTITUTE({formula},\"{letter}\",\"i\")")
    });
    format!("LOWER({dotted})")
}

/// Digits with a point or without and a sign or none; an error for anything else.
fn decimal(plain: &str, rest: &str) -> String {
    let signed = format!("IF(OR(LEFT({plain},1)=\"-\",LEFT({plain},1)=\"+\"),2,1)");
    let digit = |character: String| format!("ISNUMBER(FIND({character},\"0123456789\"))");
    let ends =
        format!("{}*{}", digit(format!("MID({plain},{signed},1)")), digit(format!("RIGHT({plain},1)")),);
    // What is left without the digits is the sign, and the point.
    let left = format!("SUBSTITUTE({rest},\".\",\"\",1)=LEFT({plain},{signed}-1)");
    let places = format!("IF(ISNUMBER(FIND(\".\",{plain})),LEN({plain})-FIND(\".\",{plain}),0)");
    let value = format!("VALUE(SUBSTITUTE({plain},\".\",\"\"))/10^{places}");
    format!("IF((LEN({plain})<17)*({left})*{ends},{value},NA())")
}

/// `a/b` as `100 a / b`, `0/0` as that text; an error for anything else.
fn share(plain: &str, rest: &str) -> String {
    let part = format!("TRIM(LEFT({plain},FIND(\"/\",{plain})-1))");
    let whole = format!("TRIM(MID({plain},FIND(\"/\",{plain})+1,99))");
    let digits =
        format!("AND(TRIM({rest})=\"/\",LEN({part})*LEN({whole})>0,ISERROR(FIND(\" \",{part}&{whole})))");
    let (a, b) = (format!("VALUE({part})"), format!("VALUE({whole})"));
    let value = format!("IF(AND({a}=0,{b}=0),\"0/0\",IF({a}<={b},100*{a}/{b},\"\"))");
    format!("IF({digits},{value},\"\")")
}

/// Whether a number is within a scale's limits.
fn within(number: &NumberScale, x: &str) -> String {
    let limit = |sign: &str, limit: Decimal| format!("{x}{sign}{}", limit.normalize());
    let limits = [number.min.map(|min| limit(">=", min)), number.max.map(|max| limit("<=", max))];
    // More than 15 digits are no number that answers take.
    let all: Vec<String> = limits.into_iter().flatten().chain([format!("ABS({x})<1E+15")]).collect();
    format!("AND({})", all.join(","))
}
