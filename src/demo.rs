//! Rounds made up for training, trials and benchmarks: realistic, and of any size.
//!
//! Every choice is drawn from a hash of the seed and of what it is about, in whole numbers only. So the
//! same seed gives the same bytes on every platform, and the same answers in every layout.

use std::borrow::Cow;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::framework::{Asked, EvidenceRule, Framework, Parameter};
use crate::id::{GroupIndex, ParameterIndex};
use crate::number::Score;
use crate::random::Draws;
use crate::scale::{Choice, NumberScale, ScaleKind};

/// What bodies are about, in English and Azerbaijani.
const THEMES: [(&str, &str); 16] = [
    ("Land Registry", "Torpaq reyestri"),
    ("Civil Status", "Vətəndaşlıq vəziyyəti"),
    ("Road Transport", "Avtomobil nəqliyyatı"),
    ("Social Protection", "Sosial müdafiə"),
    ("Public Health", "İctimai səhiyyə"),
    ("Education", "Təhsil"),
    ("Customs", "Gömrük"),
    ("Migration", "Miqrasiya"),
    ("Employment", "Məşğulluq"),
    ("Construction", "Tikinti"),
    ("Food Safety", "Qida təhlükəsizliyi"),
    ("Energy", "Energetika"),
    ("Water Supply", "Su təchizatı"),
    ("Culture", "Mədəniyyət"),
    ("Environment", "Ətraf mühit"),
    ("Youth and Sport", "Gənclər və idman"),
];

/// What services do, in English and Azerbaijani, and the name of those that are the same in several bodies.
const KINDS: [(&str, &str, &str); 12] = [
    ("Issue of a certificate", "Arayışın verilməsi", "certificate"),
    ("Registration", "Qeydiyyata alma", "registration"),
    ("Licence", "Lisenziyanın verilməsi", "licence"),
    ("Extract from the register", "Reyestrdən çıxarış", "extract"),
    ("Allowance", "Müavinətin təyin edilməsi", "allowance"),
    ("Permit", "İcazənin verilməsi", "permit"),
    ("Duplicate of a document", "Sənədin dublikatı", "duplicate"),
    ("Change of particulars", "Məlumatların dəyişdirilməsi", "change"),
    ("Inspection on request", "Müraciət əsasında yoxlama", "inspection"),
    ("Compensation", "Kompensasiyanın ödənilməsi", "compensation"),
    ("Accreditation", "Akkreditasiya", "accreditation"),
    ("Consultation", "Məsləhət", "consultation"),
];

/// A round to make up.
#[derive(Clone, Debug)]
pub struct Demo<'a> {
    /// The framework that is answered.
    pub framework: &'a Framework,
    /// How many services.
    pub services: usize,
    /// What everything is drawn from.
    pub seed: u64,
    /// Whether it is an export: answers alone, each service with those of its body.
    pub export: bool,
}

/// What is answered to a parameter, and whether there is evidence.
#[derive(Clone, Debug)]
pub struct Reply<'a> {
    /// The parameter.
    pub parameter: ParameterIndex,
    /// The cell.
    pub answer: Cow<'a, str>,
    /// What shows it, blank where nothing does.
    pub evidence: String,
}

/// A service of a demo.
#[derive(Clone, Copy, Debug)]
struct Subject {
    body: usize,
    /// Its place among the body's; none for the body itself.
    service: Option<usize>,
}

/// Services of one body.
const OF_A_BODY: usize = 12;

impl<'a> Demo<'a> {
    /// How many bodies there are.
    pub fn bodies(&self) -> usize {
        self.services.div_ceil(OF_A_BODY)
    }

    /// A body's id; ids are in the order of bodies.
    pub fn body_id(&self, body: usize) -> String {
        let width = self.bodies().to_string().len().max(2);
        format!("body-{:0width$}", body + 1)
    }

    /// A service's id; ids are in the order of services.
    pub fn service_id(&self, service: usize) -> String {
        format!("{}-{:02}", self.body_id(service / OF_A_BODY), service % OF_A_BODY + 1)
    }

    /// The registry of bodies, its header first.
    pub fn body_rows(&self) -> impl Iterator<Item = Vec<String>> {
        let header = self.titled_header("entity", &["category"]);
        std::iter::once(header).chain((0..self.bodies()).map(|body| {
            let (english, azerbaijani) = THEMES[body % THEMES.len()];
            let mut row = vec![self.body_id(body)];
            let number = body / THEMES.len() + 1;
            row.extend(self.titles(&format!("{english} {number}"), &format!("{azerbaijani} {number}")));
            row.push(self.category(body).map(|(name, _)| name).unwrap_or_default());
            row
        }))
    }

    /// The registry of services, its header first.
    pub fn service_rows(&self) -> impl Iterator<Item = Vec<String>> {
        let attributes = self.framework.attributes.iter().map(|attribute| attribute.name.as_str());
        let columns: Vec<&str> = ["entity", "peer_group"].into_iter().chain(attributes).collect();
        let header = self.titled_header("service", &columns);
        std::iter::once(header).chain((0..self.services).map(|service| {
            let body = service / OF_A_BODY;
            let (english, azerbaijani, name) = KINDS[service % KINDS.len()];
            let (theme, azerbaijani_theme) = THEMES[body % THEMES.len()];
            let mut row = vec![self.service_id(service)];
            row.extend(
                self.titles(&format!("{english}: {theme}"), &format!("{azerbaijani}: {azerbaijani_theme}")),
            );
            row.push(self.body_id(body));
            // Bodies of the second category (in the reference framework: local ones) give the same services.
            let is_shared = self.category(body).is_some_and(|(_, at)| at == 1);
            row.push(if is_shared { name.to_owned() } else { String::new() });
            row.extend((0..self.framework.attributes.len()).map(|at| self.attribute_cell(service, at)));
            row
        }))
    }

    fn titled_header(&self, first: &str, rest: &[&str]) -> Vec<String> {
        let mut header = vec![first.to_owned(), "title".to_owned()];
        header.extend(self.framework.languages.iter().skip(1).map(|language| format!("title:{language}")));
        header.extend(rest.iter().map(|column| (*column).to_owned()));
        header
    }

    fn titles(&self, english: &str, azerbaijani: &str) -> Vec<String> {
        let words = |language: &String| if language == "az" { azerbaijani } else { english };
        self.framework.languages.iter().map(|language| words(language).to_owned()).collect()
    }

    fn category(&self, body: usize) -> Option<(String, usize)> {
        let categories = &self.framework.categories;
        let at = body % categories.len().max(1);
        categories.get(at).map(|(name, _)| (name.clone(), at))
    }

    /// The positions of an attribute's values; one with many values may have several at once.
    fn attribute(&self, service: usize, attribute: usize) -> Vec<usize> {
        let count = self.framework.attributes[attribute].values.len();
        let mut draw = self.draws("attribute", service, attribute);
        let main = draw.below(count.max(1) as u64) as usize;
        (0..count).filter(|at| *at == main || (count > 2 && draw.below(1000) < 600)).collect()
    }

    fn attribute_cell(&self, service: usize, attribute: usize) -> String {
        let values = &self.framework.attributes[attribute].values;
        let chosen = self.attribute(service, attribute);
        chosen.iter().map(|at| values[*at].0.as_str()).collect::<Vec<_>>().join(";")
    }

    /// What a service answers, in the framework's order.
    pub fn of_service(&self, service: usize) -> Vec<Reply<'a>> {
        let attributes: Vec<Vec<usize>> =
            (0..self.framework.attributes.len()).map(|at| self.attribute(service, at)).collect();
        let applies = |parameter: &Parameter| {
            let met = |condition: &crate::framework::Condition| {
                attributes[condition.attribute].iter().any(|value| condition.values.contains(value))
            };
            self.export || parameter.applies_when.iter().all(met)
        };
        let subject = Subject { body: service / OF_A_BODY, service: Some(service) };
        let mut replies = self.replies(subject, applies);
        replies
            .retain(|reply| self.export || self.framework.parameter(reply.parameter).asked == Asked::Service);
        replies
    }

    /// What a body answers for all its services; nothing in an export.
    pub fn of_body(&self, body: usize) -> Vec<Reply<'a>> {
        if self.export {
            return Vec::new();
        }
        self.replies(Subject { body, service: None }, |parameter| parameter.asked == Asked::Entity)
    }

    fn replies(&self, subject: Subject, applies: impl Fn(&Parameter) -> bool) -> Vec<Reply<'a>> {
        let mut given: Vec<Option<Cow<'a, str>>> = vec![None; self.framework.parameters.len()];
        for parameter in self.framework.by_requirement() {
            let definition = self.framework.parameter(*parameter);
            if applies(definition) {
                given[parameter.get()] = self.cell(subject, *parameter, &given);
            }
        }
        let replies = given.into_iter().enumerate().filter_map(|(at, answer)| {
            let parameter = ParameterIndex::new(at);
            Some(Reply { parameter, answer: answer?, evidence: self.evidence(subject, parameter) })
        });
        replies.collect()
    }

    /// The cell of a parameter; none for a gap, and for what need not be asked.
    fn cell(
        &self,
        subject: Subject,
        parameter: ParameterIndex,
        given: &[Option<Cow<'a, str>>],
    ) -> Option<Cow<'a, str>> {
        let definition = self.framework.parameter(parameter);
        let mut quality = self.quality(subject, parameter);
        for requirement in &definition.requires {
            let answer = given[requirement.parameter.get()].as_deref()?;
            let option = self.framework.scale(requirement.parameter).option(answer)?;
            if !requirement.options.contains(&option) {
                if !self.export {
                    return None;
                }
                quality = 0;
            }
        }
        let mut draw = self.of(subject, parameter, "cell");
        if draw.below(1000) < 8 + (1000 - quality) / 25 && quality > 0 {
            return None;
        }
        let not_applicable = self.framework.words.not_applicable.first();
        if let (true, true, Some(word)) = (definition.optional, draw.below(1000) < 110, not_applicable) {
            return (quality > 0).then_some(Cow::Borrowed(word.as_str()));
        }
        match &self.framework.scale(parameter).kind {
            ScaleKind::Choices(choices) => Some(choice(choices, quality).into()),
            ScaleKind::Number(scale) => Some(number(scale, quality, &mut draw).into()),
            ScaleKind::Multiple(choices) => Some(self.several(choices, quality, &mut draw).into()),
        }
    }

    fn several(&self, choices: &[Choice], quality: u64, draw: &mut Draws) -> String {
        let chosen = choices.iter().filter(|_| draw.below(1000) < quality);
        let chosen: Vec<&str> = chosen.map(|choice| choice.answer.as_str()).collect();
        match (chosen.is_empty(), self.framework.words.none.first(), choices.first()) {
            (false, _, _) => chosen.join("; "),
            (true, Some(none), _) => none.clone(),
            (true, None, first) => first.map(|choice| choice.answer.clone()).unwrap_or_default(),
        }
    }

    /// How good an answer is to be, from 0 to 1000: good bodies are good at most things, each is better
    /// at some, its services differ, and so do single answers.
    fn quality(&self, subject: Subject, parameter: ParameterIndex) -> u64 {
        let mut group = self.framework.parameter(parameter).group;
        while let Some(parent) = self.framework.group(group).parent.filter(|at| *at != GroupIndex::ROOT) {
            group = parent;
        }
        let body = 350 + spread(&mut self.draws("body", subject.body, 0), 600);
        let strength = spread(&mut self.draws("strength", subject.body, group.get()), 300);
        let of_service = subject.service.filter(|_| self.is_own(parameter));
        let service = of_service.map_or(100, |service| spread(&mut self.draws("service", service, 0), 200));
        let single = spread(&mut self.of(subject, parameter, "quality"), 500);
        (body + strength + service + single).saturating_sub(500).min(1000)
    }

    fn is_own(&self, parameter: ParameterIndex) -> bool {
        self.framework.parameter(parameter).asked == Asked::Service
    }

    fn evidence(&self, subject: Subject, parameter: ParameterIndex) -> String {
        const KINDS: [&str; 5] = ["order", "photo", "register", "report", "page"];
        let per_mille = match (self.framework.parameter(parameter).evidence, self.export) {
            (EvidenceRule::Required, false) => 930,
            (EvidenceRule::Recommended, false) => 500,
            (EvidenceRule::Unasked, false) => 0,
            // An export carries a reference where the database happens to have one.
            (_, true) => 200,
        };
        let mut draw = self.of(subject, parameter, "evidence");
        if draw.below(1000) >= per_mille {
            return String::new();
        }
        let kind = KINDS[draw.below(KINDS.len() as u64) as usize];
        format!("{kind} {}", draw.below(900) + 100)
    }

    /// Draws about an answer; all services of a body have what is asked of the body in common.
    fn of(&self, subject: Subject, parameter: ParameterIndex, topic: &str) -> Draws {
        let own = subject.service.filter(|_| self.is_own(parameter));
        self.draws(topic, own.map_or(subject.body, |service| service + self.bodies()), parameter.get())
    }

    fn draws(&self, topic: &str, first: usize, second: usize) -> Draws {
        let mut state = Draws::new(self.seed);
        for word in topic.bytes().map(u64::from).chain([first as u64, second as u64]) {
            state = Draws::new(state.draw() ^ word);
        }
        state
    }
}

/// The option whose score is nearest to a quality.
fn choice(choices: &[Choice], quality: u64) -> &str {
    let distance = |choice: &&Choice| per_mille(choice.score).abs_diff(quality);
    choices.iter().min_by_key(distance).map_or("", |choice| choice.answer.as_str())
}

fn per_mille(score: Score) -> u64 {
    u64::from(score.units()) / 1_000_000
}

/// A number whose score is about a quality; percentages have a decimal at times.
fn number(scale: &NumberScale, quality: u64, draw: &mut Draws) -> String {
    let wanted = quality as i64;
    let thousandths = |x: Decimal| (x * Decimal::from(1000)).to_i64().unwrap_or(0);
    let points: Vec<(i64, i64)> =
        scale.points.iter().map(|(x, score)| (thousandths(*x), per_mille(*score) as i64)).collect();
    let between = points.windows(2).find(|pair| {
        let (low, high) = (pair[0].1.min(pair[1].1), pair[0].1.max(pair[1].1));
        (low..=high).contains(&wanted) && low < high
    });
    let x = match between {
        Some([(x0, y0), (x1, y1)]) => x0 + (x1 - x0) * (wanted - y0) / (y1 - y0),
        _ => points.iter().min_by_key(|(_, y)| y.abs_diff(wanted)).map_or(0, |(x, _)| *x),
    };
    let least = scale.min.map_or(i64::MIN, thousandths);
    let most = scale.max.map_or(i64::MAX, thousandths);
    let fine = scale.is_percent() && draw.below(3) == 0;
    let step = if fine { 100 } else { 1000 };
    let rounded = x.div_euclid(step) * step;
    let x = if rounded < least || rounded > most { x.clamp(least, most) } else { rounded };
    Decimal::new(x, 3).normalize().to_string()
}

/// A number below `limit`, those in the middle more likely.
fn spread(draws: &mut Draws, limit: u64) -> u64 {
    (draws.below(limit) + draws.below(limit)).div_ceil(2)
}
