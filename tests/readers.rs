//! Rows that look regular are read on a fast way, all others by the general reader. Here the general
//! reader takes every row of the same files: the answers and the findings must be the same, on random
//! rounds full of what people and hostile programs write, and on files of several parts.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use asan_index::commands::inputs::EMBEDDED;
use asan_index::diagnostic::Findings;
use asan_index::framework::{Asked, Framework, Parameter};
use asan_index::id::ParameterIndex;
use asan_index::limit::Limits;
use asan_index::parallel::use_threads;
use asan_index::random::Draws;
use asan_index::read;
use asan_index::read::framework::Origin;
use asan_index::read::round::{Input, Options};

fn framework() -> Framework {
    let mut findings = Findings::default();
    let (framework, _) =
        read::framework::read(&Origin::Embedded(EMBEDDED), &Limits::default(), &mut findings)
            .expect("the framework is read");
    framework.expect("a sound framework")
}

/// Everything that a reader says of a round: services, cells, and findings with their places.
fn told(folder: &Path, framework: &Framework, general: bool, places: bool) -> String {
    let mut findings = Findings::default();
    let head = read::round::head(folder, &Limits::default(), &mut findings).expect("the head is read");
    let options = Options { general, places, ..Options::default() };
    let input = Input::Folder(folder.to_path_buf());
    let mut inputs: Vec<PathBuf> = Vec::new();
    let (round, stops) = read::round::read(&input, &head, framework, &options, &mut inputs, &mut findings)
        .expect("it is read");
    let mut text = format!("{inputs:?} {stops}\n");
    for service in round.service_indices() {
        let _ = write!(text, "{:?}", round.service(service));
        for parameter in (0..framework.parameters.len()).map(ParameterIndex::new) {
            let cell = round.answers.get(service, parameter);
            if cell.response.is_some() || cell.evidence || cell.void {
                let _ = write!(text, " {}: {cell:?}", parameter.get());
            }
        }
        text.push('\n');
    }
    let _ = writeln!(text, "{:?} {:?}", round.entities, findings.warnings());
    for finding in findings.sorted() {
        let _ = writeln!(text, "{finding:?}");
    }
    text
}

/// Writes random files; most of what they say is sound, so that much of it is taken on the fast way.
struct Author<'a> {
    draws: Draws,
    framework: &'a Framework,
}

impl Author<'_> {
    fn of<'w>(&mut self, words: &[&'w str]) -> &'w str {
        words[self.draws.below(words.len() as u64) as usize]
    }

    fn once_in(&mut self, times: u64) -> bool {
        self.draws.below(times) == 0
    }

    fn service(&mut self) -> String {
        let odd = [
            " s1 ",
            "\"s2\"",
            "'s3",
            "",
            "unknown",
            "s\u{e9}",
            "se\u{301}",
            "out",
            "\u{a0}s4",
            "'=s5",
            "s1\t",
        ];
        match self.once_in(25) {
            true => self.of(&odd).to_owned(),
            false => format!("s{}", self.draws.below(9)),
        }
    }

    fn parameter(&mut self) -> usize {
        // A few parameters are met again and again, so that answers meet too.
        match self.once_in(3) {
            true => self.draws.below(12) as usize,
            false => self.draws.below(self.framework.parameters.len() as u64) as usize,
        }
    }

    fn parameter_id(&mut self, at: usize) -> String {
        let id = &self.framework.parameters[at].id;
        match self.draws.below(80) {
            0 => format!(" {id}"),
            1 => format!("\"{id}\""),
            2 => id.to_lowercase(),
            3 => String::new(),
            4 => format!("{id}x"),
            _ => id.clone(),
        }
    }

    fn answer(&mut self, at: usize) -> String {
        let odd = [
            "",
            " ",
            "ok",
            "withdrawn",
            "n/a",
            "N/A ",
            "-",
            "0/0",
            "48/50",
            "50/48",
            "96,5",
            "96%",
            "1e5",
            "05.12.2025",
            "'=1",
            "\"yes\"",
            "\"a\"\"b\"",
            "\"two\nlines\"",
            "a \"quote",
            "none; web",
            "YES",
            "a\u{301}",
            "x\r",
            "\u{feff}",
        ];
        if self.once_in(8) {
            return self.of(&odd).to_owned();
        }
        let options = self.framework.scale(ParameterIndex::new(at)).options();
        match options.len() as u64 {
            0 => format!("{}.{}", self.draws.below(100), self.draws.below(10)),
            several => options[self.draws.below(several) as usize].answer.clone(),
        }
    }

    fn evidence(&mut self) -> &'static str {
        self.of(&[
            "",
            "",
            "",
            "",
            "page 7",
            "evidence/here.pdf",
            "evidence/gone.pdf",
            "a; evidence/gone.pdf",
            "\"a, b\"",
            " ",
            "'=x",
        ])
    }

    fn end(&mut self) -> &'static str {
        match self.draws.below(60) {
            0 => "\r\n",
            1 => "\n\n",
            2 => "\n   \n",
            3 => ",too,long\n",
            4 => "\r",
            _ => "\n",
        }
    }

    fn long(&mut self, rows: usize) -> String {
        let mut text = self
            .of(&["service,parameter,answer,evidence", "\u{feff}SERVICE_ID,parameter,value,evidence,note"])
            .to_owned();
        let evaluator = self.once_in(3);
        let reason = self.once_in(3);
        text.push_str(if evaluator { ",evaluator" } else { "" });
        text.push_str(if reason { ",reason\n" } else { "\n" });
        let noted = text.contains("note");
        for _ in 0..rows {
            let at = self.parameter();
            let _ = write!(text, "{},{},{}", self.service(), self.parameter_id(at), self.answer(at));
            if self.once_in(40) {
                text.push('\n');
                continue;
            }
            let _ = write!(text, ",{}", self.evidence());
            text.push_str(if noted { ",said" } else { "" });
            if evaluator {
                let _ = write!(text, ",{}", self.of(&["", "", "ann", "bob"]));
            }
            if reason {
                let _ = write!(text, ",{}", self.of(&["", "so it is"]));
            }
            text.push_str(self.end());
        }
        text
    }

    fn per_service(&mut self, rows: usize) -> String {
        let mut text = "parameter;answer;evidence\r\n".to_owned();
        for _ in 0..rows {
            let at = self.parameter();
            let _ = write!(text, "{};{};{}\r\n", self.parameter_id(at), self.answer(at), self.evidence());
        }
        text
    }

    fn wide(&mut self, rows: usize) -> String {
        let mut columns: Vec<usize> = (0..30).map(|_| self.parameter()).collect();
        columns.sort_unstable();
        columns.dedup();
        let mut text = "service".to_owned();
        columns.iter().for_each(|at| text.push_str(&format!(",{}", self.framework.parameters[*at].id)));
        text.push('\n');
        for _ in 0..rows {
            text.push_str(&self.service());
            for at in &columns {
                let _ = write!(text, ",{}", if self.once_in(3) { String::new() } else { self.answer(*at) });
            }
            text.push_str(self.end());
        }
        text
    }

    fn entity(&mut self, rows: usize) -> String {
        let mut text = "entity,parameter,answer,evidence\n".to_owned();
        for _ in 0..rows {
            let at = self.parameter();
            let entity = self.of(&["e1", "e2", "e3", "nobody"]);
            let _ =
                writeln!(text, "{entity},{},{},{}", self.parameter_id(at), self.answer(at), self.evidence());
        }
        text
    }

    fn evidence_file(&mut self, rows: usize) -> String {
        let mut text = "service,parameter,evidence\n".to_owned();
        for _ in 0..rows {
            let at = self.parameter();
            let _ = writeln!(text, "{},{},{}", self.service(), self.parameter_id(at), self.evidence());
        }
        text
    }

    fn answers(&mut self, folder: &Path, registered: bool) {
        std::fs::create_dir_all(folder).expect("a folder");
        let put = |name: &str, text: String| std::fs::write(folder.join(name), text).expect("a file");
        put("a-long.csv", self.long(120));
        put("s7.csv", self.per_service(20));
        put("wide.csv", self.wide(12));
        put("shown.csv", self.evidence_file(20));
        if registered && self.once_in(2) {
            put("of-bodies.csv", self.entity(60));
        }
    }

    fn round(&mut self, folder: &Path) {
        let registered = !self.once_in(3);
        let stages = self.once_in(3);
        let head = match stages {
            true => {
                "id: r\nstages:\n  - { id: first, by: entity }\n  - { id: talk, by: entity, scored: false }\n  - { id: last, by: evaluator, unconfirmed: void }\n"
            }
            false => "id: r\n",
        };
        std::fs::create_dir_all(folder.join("evidence")).expect("a folder");
        std::fs::write(folder.join("evidence/here.pdf"), "").expect("a file");
        std::fs::write(folder.join("round.yaml"), head).expect("a file");
        if registered {
            let attributes: Vec<_> = self.framework.used_attributes().collect();
            let mut text = "service,title,entity,scope".to_owned();
            attributes.iter().for_each(|(_, attribute)| text.push_str(&format!(",{}", attribute.name)));
            for at in 0..9 {
                let _ = write!(text, "\ns{at},Service {at},e{},", at % 3 + 1);
                for (_, attribute) in &attributes {
                    let value = self.draws.below(attribute.values.len() as u64) as usize;
                    let _ = write!(text, ",{}", attribute.values[value].0);
                }
            }
            text.push_str("\nout,Out of scope,e1,excluded\n");
            std::fs::write(folder.join("services.csv"), text).expect("a file");
        }
        let answers = folder.join("answers");
        match stages {
            true => ["first", "talk", "last"]
                .iter()
                .for_each(|stage| self.answers(&answers.join(stage), registered)),
            false => self.answers(&answers, registered),
        }
    }
}

/// The first line in which two tales differ.
fn assert_same(fast: &str, general: &str, of: &str) {
    let differs = fast.lines().zip(general.lines()).find(|(a, b)| a != b);
    assert_eq!(differs, None, "{of}");
    assert_eq!(fast.len(), general.len(), "{of}");
}

#[test]
fn both_readers_tell_the_same_of_random_rounds() {
    let framework = framework();
    for seed in 0..25 {
        let folder = tempfile::tempdir().expect("a folder");
        Author { draws: Draws::new(seed), framework: &framework }.round(folder.path());
        for places in [false, true] {
            let tell = |general| told(folder.path(), &framework, general, places);
            assert_same(&tell(false), &tell(true), &format!("seed {seed}, places {places}"));
        }
    }
}

/// Rows of many subjects, each with its line end: most of them plain, some with whatever an author thinks of. Of
/// parameters that do not pass few are answered.
fn export(
    author: &mut Author<'_>,
    noun: &str,
    subjects: usize,
    passes: impl Fn(&Parameter) -> bool,
) -> Vec<String> {
    let mut rows = Vec::new();
    for subject in 0..subjects {
        for (at, parameter) in author.framework.parameters.iter().enumerate() {
            if !passes(parameter) && !author.once_in(1000) {
                continue;
            }
            let answer = if author.once_in(500) { author.answer(at) } else { plain_answer(author, at) };
            // In the first half rows for the general reader are so rare that those around them are taken in one go.
            let evidence = match author.once_in(if subject < subjects / 2 { 200 } else { 3 }) {
                true => "see evidence/here.pdf or a/b",
                false => author.of(&["", "page 12 of the report"]),
            };
            let end = if author.once_in(2000) { author.end() } else { "\n" };
            rows.push(format!("{noun}-{subject:05},{},{answer},{evidence}{end}", parameter.id));
        }
    }
    rows
}

fn assert_same_on_any_number_of_threads(text: &str, of: &str) {
    assert_same_of_files(&[("answers/all.csv", text)], of);
}

fn assert_same_of_files(files: &[(&str, &str)], of: &str) {
    let framework = framework();
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir_all(folder.path().join("answers")).expect("a folder");
    files.iter().for_each(|(name, text)| std::fs::write(folder.path().join(name), text).expect("a file"));
    for places in [false, true] {
        let general = told(folder.path(), &framework, true, places);
        for threads in [1, 2, 5] {
            use_threads(threads);
            let fast = told(folder.path(), &framework, false, places);
            assert_same(&fast, &general, &format!("{of}, {threads} threads, places {places}"));
        }
    }
}

#[test]
fn both_readers_tell_the_same_of_files_in_many_parts_on_any_number_of_threads() {
    let framework = framework();
    let mut author = Author { draws: Draws::new(7), framework: &framework };
    let head = "service,parameter,answer,evidence\n";
    let mut rows = export(&mut author, "service", 300, |_| true);
    assert_same_on_any_number_of_threads(&format!("{head}{}", rows.concat()), "sorted");
    for at in (1..rows.len()).rev() {
        rows.swap(at, author.draws.below(at as u64 + 1) as usize);
    }
    assert_same_on_any_number_of_threads(&format!("{head}{}", rows.concat()), "shuffled");
    rows.sort_by_key(|row| row[..14].to_owned());
    assert_same_on_any_number_of_threads(&format!("{head}{}", rows.concat()), "shuffled within services");
}

#[test]
fn both_readers_tell_the_same_of_files_of_entities_in_many_parts_on_any_number_of_threads() {
    let framework = framework();
    let mut author = Author { draws: Draws::new(9), framework: &framework };
    let attributes: Vec<_> = framework.used_attributes().map(|(_, attribute)| attribute).collect();
    let names: String = attributes.iter().map(|attribute| format!(",{}", attribute.name)).collect();
    let mut services = format!("service,title,entity,scope{names}\n");
    for at in 0..1000 {
        let scope = author.of(&["", "", "", "excluded"]);
        let _ = write!(services, "s-{at:05},Service {at},body-{:05},{scope}", at * 7 % 500);
        for attribute in &attributes {
            let value = author.draws.below(attribute.values.len() as u64) as usize;
            let _ = write!(services, ",{}", attribute.values[value].0);
        }
        services.push('\n');
    }
    // Of the last ones no service is registered, and of some no service that is in scope.
    let mut rows = export(&mut author, "body", 510, |parameter| parameter.asked == Asked::Entity);
    let mut own = export(&mut author, "s", 300, |_| true);
    let mut compare = |of: &str| {
        let file =
            |head: &str, rows: &[String]| format!("{head},parameter,answer,evidence\n{}", rows.concat());
        let (bodies, others) = (file("entity", &rows), file("service", &own));
        let answers = [("answers/of-bodies.csv", bodies.as_str()), ("answers/own.csv", &others)];
        assert_same_of_files(&[("services.csv", &services), answers[0], answers[1]], of);
        for rows in [&mut rows, &mut own] {
            for at in (1..rows.len()).rev() {
                rows.swap(at, author.draws.below(at as u64 + 1) as usize);
            }
        }
    };
    compare("sorted");
    compare("shuffled");
}

#[test]
fn both_readers_tell_the_same_of_wide_files_in_many_parts_on_any_number_of_threads() {
    let framework = framework();
    let mut author = Author { draws: Draws::new(8), framework: &framework };
    let mut text = "service".to_owned();
    framework.parameters.iter().for_each(|parameter| text.push_str(&format!(",{}", parameter.id)));
    text.push('\n');
    for service in 0..600 {
        let _ = write!(text, "service-{:05}", if author.once_in(100) { 3 } else { service });
        for at in 0..framework.parameters.len() {
            let answer = match author.draws.below(1000) {
                0 => author.answer(at),
                1..50 => String::new(),
                _ => plain_answer(&mut author, at),
            };
            let _ = write!(text, ",{answer}");
        }
        text.push_str(if author.once_in(50) { author.end() } else { "\n" });
    }
    assert_same_on_any_number_of_threads(&text, "wide");
}

/// An answer that any reader takes for one.
fn plain_answer(author: &mut Author<'_>, at: usize) -> String {
    let options = author.framework.scale(ParameterIndex::new(at)).options();
    match options.len() as u64 {
        0 => author.draws.below(100).to_string(),
        several => options[author.draws.below(several) as usize].answer.clone(),
    }
}
