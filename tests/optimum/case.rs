//! Random small rounds: their files, and everything that can be done in them.

use std::cmp::Ordering;
use std::fmt::Write;

use asan_index::cli::Cli;
use asan_index::commands::inputs::{Loaded, Loading};
use clap::Parser;
use rust_decimal::Decimal;

use super::support::Folder;
use super::support::random::Random;

/// An option: its answer, its score in hundredths, and the effort that it states, in person-days.
pub type Choice = (&'static str, i64, Option<i64>);
const YES_NO: &[Choice] = &[("yes", 100, None), ("no", 0, None)];
const STEPS: &[Choice] = &[("full", 100, None), ("most", 70, Some(5)), ("some", 30, None), ("nil", 0, None)];

/// A parameter as the brute force sees it.
pub struct Question {
    pub options: &'static [Choice],
    pub of_entity: bool,
    pub needs_evidence: bool,
    pub optional: bool,
    pub effort: Option<i64>,
    pub solutions: Vec<usize>,
    /// Whether it may be planned: it is not excluded.
    pub wanted: bool,
}

/// What a service answers: the position of an option, and whether there is evidence.
pub type Given = Option<(usize, bool)>;

pub struct Case {
    pub questions: Vec<Question>,
    pub solutions: Vec<i64>,
    /// For each solution whether it may be introduced.
    pub allowed: Vec<bool>,
    pub services: usize,
    /// By question, then by service.
    pub given: Vec<Vec<Given>>,
    /// The same: whether "not applicable" is answered in place of that.
    pub not_applicable: Vec<Vec<bool>>,
    pub files: [(&'static str, String); 3],
}

impl Case {
    pub fn new(seed: u64) -> Self {
        Self::under("", seed)
    }

    /// A case under a policy, as it is written in a framework.
    pub fn under(policy: &str, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let mut extra = Random::new(seed + 2_000_000);
        let is_limited = extra.below(3) == 0;
        let services = 1 + random.below(2);
        let count = 3 + random.below(2);
        let solutions: Vec<i64> = (0..random.below(3)).map(|_| 2 + random.below(9) as i64).collect();
        let questions: Vec<Question> = (0..count)
            .map(|at| Question {
                options: if random.below(3) > 0 { YES_NO } else { STEPS },
                of_entity: random.below(4) == 0,
                needs_evidence: random.below(3) == 0,
                // One question applies in any case.
                optional: extra.below(3) == 0 && at > 0,
                wanted: !is_limited || extra.below(6) > 0,
                effort: (random.below(8) > 0).then(|| 1 + random.below(9) as i64),
                solutions: (0..solutions.len()).filter(|_| random.below(2) == 0).collect(),
            })
            .collect();
        let mut framework = format!("policy: {{ {policy} }}\n{}", head(&solutions));
        let mut first_group = 1 + random.below(count - 1);
        for (at, question) in questions.iter().enumerate() {
            if at == 0 || at == first_group {
                let _ = write!(
                    framework,
                    "  - id: G{at}\n    title: G\n    weight: {}\n    parameters:\n",
                    1 + random.below(4)
                );
                first_group = if at == 0 { first_group } else { usize::MAX };
            }
            framework += &parameter(at, question, &questions, &mut random);
        }
        let given: Vec<Vec<Given>> = questions
            .iter()
            .map(|question| {
                let mut draw = || {
                    let option = random.below(question.options.len() + 1);
                    (option < question.options.len()).then(|| (option, random.below(2) == 0))
                };
                let first = draw();
                // What an entity is asked has one answer for all its services.
                (0..services).map(|at| if at == 0 || question.of_entity { first } else { draw() }).collect()
            })
            .collect();
        let not_applicable: Vec<Vec<bool>> = questions
            .iter()
            .map(|question| {
                let mut draw = || question.optional && extra.below(2) == 0;
                let first = draw();
                (0..services).map(|at| if at == 0 || question.of_entity { first } else { draw() }).collect()
            })
            .collect();
        let allowed = solutions.iter().map(|_| !is_limited || extra.below(4) > 0).collect();
        let mut answers = "service,parameter,answer,evidence\n".to_owned();
        let mut registry = "service,title,entity\n".to_owned();
        for service in 0..services {
            let _ = writeln!(registry, "s{service},Service,e");
            for (at, of_question) in given.iter().enumerate() {
                if not_applicable[at][service] {
                    let _ = writeln!(answers, "s{service},P{at},n/a,");
                } else if let Some((option, evidence)) = of_question[service] {
                    let answer = questions[at].options[option].0;
                    let _ = writeln!(
                        answers,
                        "s{service},P{at},{answer},{}",
                        if evidence { "photo" } else { "" }
                    );
                }
            }
        }
        let files = [("framework.yaml", framework), ("services.csv", registry), ("answers/all.csv", answers)];
        Self { questions, solutions, allowed, services, given, not_applicable, files }
    }

    /// How many choices there are, at most.
    pub fn size(&self) -> usize {
        let options = self.units().into_iter().map(|(at, services)| 1 + self.ways(at, &services).len());
        options.product::<usize>() << self.solutions.len()
    }

    pub fn folder(&self) -> Folder {
        let folder = Folder::with(&[("round.yaml", "framework: framework.yaml\n")]);
        self.files.iter().for_each(|(name, text)| folder.write(name, text.as_bytes()));
        folder
    }

    pub fn load(&self) -> Box<Loaded> {
        let folder = self.folder();
        let path = folder.path().to_path_buf();
        let cli = Cli::try_parse_from(["asan-index", "status"]).expect("arguments");
        match cli.global.load(&[path]).expect("a round") {
            Loading::Sound(loaded) => loaded,
            Loading::Faulty(findings) => panic!("{findings:?}"),
        }
    }
}

fn head(solutions: &[i64]) -> String {
    let mut text = "framework: small\nversion: \"1\"\ntitle: Small\nlevels: [part, parameter]\nlanguages: [en]\nscales:\n".to_owned();
    for (name, options) in [("yes-no", YES_NO), ("steps", STEPS)] {
        let option = |(answer, score, effort): &Choice| {
            let effort = effort.map(|effort| format!(", effort: {effort}")).unwrap_or_default();
            format!("{{ answer: \"{answer}\", score: {}{effort} }}", Decimal::new(*score, 2))
        };
        let options: Vec<String> = options.iter().map(option).collect();
        let _ = writeln!(text, "  {name}: {{ choices: [{}] }}", options.join(", "));
    }
    if !solutions.is_empty() {
        text += "solutions:\n";
    }
    for (at, effort) in solutions.iter().enumerate() {
        let _ = writeln!(text, "  - {{ id: sol{at}, title: Solution, effort: {effort} }}");
    }
    text + "bands: [{ id: A, from: 70 }, { id: B, from: 0 }]\ngroups:\n"
}

fn parameter(at: usize, question: &Question, questions: &[Question], random: &mut Random) -> String {
    let mut text = format!("      - id: P{at}\n        title: P\n        question: Q?\n");
    let scale = if question.options.len() == 2 { "yes-no" } else { "steps" };
    let _ = writeln!(text, "        scale: {scale}\n        weight: {}", 1 + random.below(7));
    if question.of_entity {
        text += "        asked: entity\n";
    }
    if question.optional {
        text += "        optional: true\n";
    }
    if question.needs_evidence {
        text += "        evidence: required\n";
    }
    if at > 0 && random.below(3) == 0 {
        let needed = random.below(at);
        let wanted = if questions[needed].options.len() == 2 { "\"yes\"" } else { "full, some" };
        let _ = writeln!(text, "        requires: {{ P{needed}: [{wanted}] }}");
    }
    let effort = question.effort.map(|effort| format!("effort: {effort}, ")).unwrap_or_default();
    let solutions: Vec<String> = question.solutions.iter().map(|at| format!("sol{at}")).collect();
    let _ = writeln!(text, "        advice: {{ {effort}solutions: [{}] }}", solutions.join(", "));
    text
}

/// One way to treat one question in some services: what it takes, in hundredths of a person-day, and the answer.
pub struct Way {
    pub cost: i64,
    pub services: Vec<usize>,
    pub option: usize,
}

impl Case {
    /// Every single thing that can be done about a question in one of its units.
    pub fn ways(&self, at: usize, services: &[usize]) -> Vec<Way> {
        let question = &self.questions[at];
        let score = |option: usize| question.options[option].1;
        let given = self.given[at][services[0]];
        let is_void = question.needs_evidence && given.is_some_and(|(_, evidence)| !evidence);
        let mut ways = Vec::new();
        if self.not_applicable[at][services[0]] || !question.wanted {
            return ways;
        }
        for option in 0..question.options.len() {
            let old = given.map_or(0, |(option, _)| score(option));
            let is_same = given.is_some_and(|(known, _)| known == option);
            let day = if is_void { 100 } else { 0 };
            let cost = match (given, question.options[option].2, question.effort) {
                (Some(_), _, _) if is_same && is_void => day,
                (Some(_), _, _) if score(option) <= old => continue,
                (_, Some(stated), _) => stated * 100 + day,
                (None, None, _) if score(option) == 0 => match question.effort {
                    Some(_) => 0,
                    None => continue,
                },
                (_, None, Some(effort)) => rounded(effort * 100 * (score(option) - old), 100 - old) + day,
                (_, None, None) => continue,
            };
            ways.push(Way { cost, services: services.to_vec(), option });
        }
        ways
    }

    pub fn units(&self) -> Vec<(usize, Vec<usize>)> {
        let mut units = Vec::new();
        for (at, question) in self.questions.iter().enumerate() {
            match question.of_entity {
                true => units.push((at, (0..self.services).collect())),
                false => units.extend((0..self.services).map(|service| (at, vec![service]))),
            }
        }
        units
    }

    /// Whether a solution has something to close: the question's own answer counts for less than the best.
    pub fn has_gap(&self, at: usize, service: usize) -> bool {
        let question = &self.questions[at];
        if self.not_applicable[at][service] || !question.wanted {
            return false;
        }
        match self.given[at][service] {
            None => true,
            Some((option, evidence)) => {
                question.options[option].1 < 100 || (question.needs_evidence && !evidence)
            }
        }
    }
}

/// A half is rounded to the even neighbour: two places of a person-day, as decimals are rounded.
fn rounded(numerator: i64, denominator: i64) -> i64 {
    let (whole, rest) = (numerator / denominator, numerator % denominator);
    match (2 * rest).cmp(&denominator) {
        Ordering::Less => whole,
        Ordering::Greater => whole + 1,
        Ordering::Equal => whole + whole % 2,
    }
}
