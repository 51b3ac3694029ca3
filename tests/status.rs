//! How a round stands: counts by hand, and ranges against every completion.

mod support;

use serde_json::Value;
use support::random::Random;
use support::{Folder, inside};

/// A parameter that is made up, with the cells that it takes: the worst, the best, and others.
struct Question {
    id: String,
    optional: bool,
    evidence: bool,
    /// Whether the entity is asked, and whether only those are who take a fee.
    of_entity: bool,
    of_fee: bool,
    cells: Vec<&'static str>,
}

/// What a framework that is made up has beside the plainest.
#[derive(Clone, Copy, Default)]
struct Shape {
    requires: bool,
    coverage: bool,
    registry: bool,
}

/// A framework with two groups and what stands in for its texts, and its questions.
fn framework(random: &mut Random, shape: Shape) -> (String, Vec<Question>) {
    let mut one_of = |words: &[&'static str]| words[random.below(words.len())];
    let mut text = format!(
        "framework: made-up\nversion: \"1\"\ntitle: Made up\nlevels: [group, question]\n\
         policy: {{ missing: {}, not_applicable: {}, evidence: {}, aggregation: [{}, {}], rounding: {}, \
         minimum_coverage: {}, unrated: {}, entity_from: {} }}\nattributes: {{ fee: {{ values: [paid, free] }} }}\n\
         scales:\n  yn: {{ choices: [ {{ answer: \"yes\", score: 1 }}, {{ answer: partly, score: 0.35 }}, \
         {{ answer: \"no\", score: {} }} ] }}\n  wait: {{ number: {{ min: 0, max: 90, points: [[5, 1], [15, 0.5], [60, 0.1]] }} }}\n\
         groups:\n",
        one_of(if shape.registry { &["zero", "exclude", "reject"] } else { &["zero", "exclude"] }),
        one_of(&["exclude", "full", "zero"]),
        one_of(&["void", "warn"]),
        one_of(&["arithmetic", "geometric"]),
        one_of(&["arithmetic", "geometric"]),
        one_of(&["end", "each-level"]),
        one_of(if shape.coverage { &["40", "70", "100"] } else { &["0"] }),
        one_of(&["exclude", "zero"]),
        one_of(&["published", "exact"]),
        one_of(&["0", "0.2"]),
    );
    let mut questions = Vec::new();
    for group in 1..=2 {
        text += &format!(
            "  - id: G{group}\n    title: g\n    weight: {}\n    parameters:\n",
            1 + random.below(3)
        );
        for at in 1..=2 + random.below(2) {
            let (optional, evidence) = (random.below(3) == 0, random.below(4) == 0);
            let is_choice = random.below(2) == 0;
            let id = format!("Q{group}{at}");
            let mut asks = match shape.requires && is_choice && group == 2 && at == 1 {
                true => ", requires: { Q11: [\"yes\"] }".to_owned(),
                false => String::new(),
            };
            let of_entity = shape.registry && random.below(3) == 0;
            let of_fee = shape.registry && random.below(3) == 0;
            if of_entity {
                asks += ", asked: entity";
            }
            if of_fee {
                asks += ", applies_when: { fee: paid }";
            }
            let first = group == 1 && at == 1;
            let scale = if is_choice || first { "yn" } else { "wait" };
            let weight = ["1", "0", "2.5", "0.3"][random.below(4)];
            text += &format!(
                "      - {{ id: {id}, title: q, question: q, scale: {scale}, weight: {weight}, optional: {optional}, \
                 evidence: {}{asks} }}\n",
                if evidence { "required" } else { "none" }
            );
            let cells = if scale == "yn" { vec!["no", "yes", "partly"] } else { vec!["90", "0", "33"] };
            questions.push(Question { id, optional, evidence, of_entity, of_fee, cells });
        }
    }
    (text, questions)
}

fn round(framework: &str, answers: &str) -> Folder {
    Folder::with(&[
        ("framework.yaml", framework),
        ("round.yaml", "framework: framework.yaml\n"),
        ("answers/all.csv", answers),
    ])
}

fn table(folder: &Folder, command: &str, name: &str) -> Vec<Value> {
    let path = folder.path().to_string_lossy().into_owned();
    let (status, out, err) = inside(&[command, &path, "--format", "json"]);
    assert_eq!(status, 0, "{err}");
    let document: Value = serde_json::from_str(&out).expect("JSON");
    document[name].as_array().expect("a table").clone()
}

/// A figure in hundredths.
fn figure(value: &Value) -> Option<i64> {
    value.as_str().map(|text| text.replace('.', "").parse().expect("digits"))
}

#[test]
fn the_range_holds_every_completion_and_both_ends_are_reached() {
    let (mut ranges, mut open_seen) = (0, 0);
    for seed in 0..500 {
        let mut random = Random::new(77_000 + seed);
        let requires = seed % 3 == 0;
        let shape = Shape { requires, ..Shape::default() };
        let (framework, questions) = framework(&mut random, shape);
        // What every question can come to: its answer, or each completion of an open one.
        let mut now = "service,parameter,answer,evidence\nnow,Q11,,\n".to_owned();
        let mut ways: Vec<Vec<(&str, &str)>> = Vec::new();
        for question in &questions {
            let proofs: &[&str] = if question.evidence { &["seen", ""] } else { &["seen"] };
            let open = random.below(2) == 0;
            let cell = question.cells[random.below(3)];
            let evidence = if random.below(2) == 0 || !question.evidence { "seen" } else { "" };
            let mut cells = question.cells[..2].to_vec();
            cells.extend(question.optional.then_some("n/a"));
            cells.extend((random.below(4) == 0).then_some(question.cells[2]));
            open_seen += usize::from(open);
            if !open {
                now += &format!("now,{},{cell},{evidence}\n", question.id);
            }
            ways.push(match (open, evidence.is_empty()) {
                (false, false) => vec![(cell, "seen")],
                (false, true) => vec![(cell, ""), (cell, "seen")],
                (true, _) => {
                    cells.iter().flat_map(|cell| proofs.iter().map(move |proof| (*cell, *proof))).collect()
                }
            });
        }
        // Every completion is a service of one other round.
        let total: usize = ways.iter().map(Vec::len).product();
        let mut completed = "service,parameter,answer,evidence\n".to_owned();
        for number in 0..total.min(600) {
            let mut rest = if total > 600 { random.below(total) } else { number };
            for (question, ways) in questions.iter().zip(&ways) {
                let (cell, evidence) = ways[rest % ways.len()];
                rest /= ways.len();
                completed += &format!("c{number},{},{cell},{evidence}\n", question.id);
            }
        }
        let range = &table(&round(&framework, &now), "status", "services");
        let Some(range) = range.first() else { continue };
        let indexes: Vec<i64> = table(&round(&framework, &completed), "score", "ranking")
            .iter()
            .filter_map(|row| figure(&row["index"]))
            .collect();
        let ends = (figure(&range["low"]), figure(&range["high"]));
        let (Some(least), Some(most)) = (indexes.iter().min(), indexes.iter().max()) else { continue };
        let (Some(low), Some(high)) = ends else { panic!("seed {seed}: no range\n{framework}\n{now}") };
        assert!(
            low <= *least && *most <= high,
            "seed {seed}: {low} {least} {most} {high}\n{framework}\n{now}"
        );
        if !requires && total <= 600 {
            assert_eq!((low, high), (*least, *most), "seed {seed}\n{framework}\n{now}");
            ranges += 1;
        }
    }
    assert!(ranges > 200 && open_seen > 500, "{ranges} rounds with few enough completions, {open_seen} open");
}

/// A question of one of two services, or of their entity, and all that it can come to: cell and evidence.
struct Way<'q> {
    subject: &'static str,
    question: &'q Question,
    open: bool,
    ways: Vec<(&'static str, &'static str)>,
}

/// What the questions of the services `a` and `b` of one entity can come to; each is open by chance.
fn ways<'q>(questions: &'q [Question], fees: [&str; 2], random: &mut Random) -> Vec<Way<'q>> {
    let mut list = Vec::new();
    for question in questions {
        let subjects: &[&'static str] = if question.of_entity { &["E"] } else { &["a", "b"] };
        for subject in subjects {
            let applies = |fee: &str| !question.of_fee || fee == "paid";
            let asked = match *subject {
                "a" => applies(fees[0]),
                "b" => applies(fees[1]),
                _ => fees.into_iter().any(applies),
            };
            if !asked {
                continue;
            }
            let proofs: &[&str] = if question.evidence { &["seen", ""] } else { &["seen"] };
            let mut cells = question.cells[..2].to_vec();
            cells.extend(question.optional.then_some("n/a"));
            let all = cells.iter().flat_map(|cell| proofs.iter().map(move |proof| (*cell, *proof)));
            let open = random.below(2) == 0;
            let ways = if open { all.collect() } else { vec![(question.cells[random.below(3)], "seen")] };
            list.push(Way { subject, question, open, ways });
        }
    }
    list
}

/// The answers of two services and their entity, each subject called as `name` says.
fn answers<'q>(
    rows: impl Iterator<Item = (&'q Way<'q>, (&'static str, &'static str))>,
    name: impl Fn(&str) -> String,
    (services, entities): (&mut String, &mut String),
) {
    for (way, (cell, evidence)) in rows {
        let text = if way.subject == "E" { &mut *entities } else { &mut *services };
        *text += &format!("{},{},{cell},{evidence}\n", name(way.subject), way.question.id);
    }
}

/// Two services of an entity under a registry, with attributes, answers of the entity, requirements, coverage
/// rules and both kinds of means: no completion leaves the range of a service or of the entity, and where nothing
/// requires another and no coverage is asked for, the first service reaches both ends of its own.
#[test]
fn the_ranges_of_services_and_entities_hold_every_completion_of_a_registered_round() {
    const HEAD: &str = "service,parameter,answer,evidence\n";
    const OF_ENTITY: &str = "entity,parameter,answer,evidence\n";
    let (mut held, mut reached) = (0, 0);
    for seed in 0..500 {
        let mut random = Random::new(99_000 + seed);
        let shape = Shape { requires: seed % 3 == 0, coverage: seed % 4 == 0, registry: true };
        let (framework, questions) = framework(&mut random, shape);
        let fees = [["paid", "free"][random.below(2)], ["paid", "free"][random.below(2)]];
        let ways = ways(&questions, fees, &mut random);
        let of_first = |way: &Way<'_>| way.subject != "b";
        let total: usize = ways.iter().filter(|way| of_first(way)).map(|way| way.ways.len()).product();
        let is_whole = total <= 120;
        let registry = "service,title,entity,fee\n";
        let (mut services, mut entities) = (HEAD.to_owned(), OF_ENTITY.to_owned());
        let settled = ways.iter().filter(|way| !way.open).map(|way| (way, way.ways[0]));
        answers(settled, str::to_owned, (&mut services, &mut entities));
        let files = |registry: &str, services: &str, entities: &str| {
            Folder::with(&[
                ("framework.yaml", framework.as_str()),
                ("round.yaml", "framework: framework.yaml\n"),
                ("services.csv", registry),
                ("answers/all.csv", services),
                ("answers/bodies.csv", entities),
            ])
        };
        let now = files(&format!("{registry}a,A,E,{}\nb,B,E,{}\n", fees[0], fees[1]), &services, &entities);
        // Each completion is an entity of its own in one other round.
        let (mut services, mut entities, mut listed) =
            (HEAD.to_owned(), OF_ENTITY.to_owned(), registry.to_owned());
        for number in 0..total.min(120) {
            let mut rest = if is_whole { number } else { random.below(total) };
            let mut chosen = Vec::new();
            for way in &ways {
                let at = if of_first(way) { rest } else { random.below(1000) };
                if of_first(way) {
                    rest /= way.ways.len();
                }
                chosen.push((way, way.ways[at % way.ways.len()]));
            }
            answers(
                chosen.into_iter(),
                |subject| format!("{subject}{number}"),
                (&mut services, &mut entities),
            );
            listed += &format!("a{number},A,E{number},{}\nb{number},B,E{number},{}\n", fees[0], fees[1]);
        }
        let completed = files(&listed, &services, &entities);
        let of = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().chars().next();
        for (subject, list, ranking, key) in [
            ('a', "services", "ranking", "service"),
            ('b', "services", "ranking", "service"),
            ('E', "entities", "entity_ranking", "entity"),
        ] {
            let range = table(&now, "status", list)
                .into_iter()
                .find(|row| of(row, key) == Some(subject))
                .expect("a row");
            let indexes: Vec<i64> = table(&completed, "score", ranking)
                .iter()
                .filter(|row| of(row, key) == Some(subject))
                .filter_map(|row| figure(&row["index"]))
                .collect();
            let (Some(least), Some(most)) = (indexes.iter().min(), indexes.iter().max()) else { continue };
            let (Some(low), Some(high)) = (figure(&range["low"]), figure(&range["high"])) else {
                panic!("seed {seed}: {subject} has no range\n{framework}")
            };
            assert!(
                low <= *least && *most <= high,
                "seed {seed} {subject}: {low} {least} {most} {high}\n{framework}"
            );
            held += 1;
            if subject == 'a' && is_whole && !shape.requires && !shape.coverage {
                assert_eq!((low, high), (*least, *most), "seed {seed}\n{framework}");
                reached += 1;
            }
        }
    }
    assert!(held > 1200 && reached > 100, "{held} ranges, {reached} with both ends");
}

const FRAMEWORK: &str = r#"
framework: tiny
version: "1"
title: Tiny
levels: [group, question]
scales: { yn: { choices: [ { answer: "yes", score: 1 }, { answer: "no", score: 0 } ] } }
groups:
  - id: G
    title: g
    parameters:
      - { id: Q1, title: q, question: q, scale: yn, asked: entity }
      - { id: Q2, title: q, question: q, scale: yn, evidence: required }
      - { id: Q3, title: q, question: q, scale: yn }
      - { id: Q4, title: q, question: q, scale: yn }
"#;

fn staged() -> Folder {
    Folder::with(&[
        ("framework.yaml", FRAMEWORK),
        (
            "round.yaml",
            "id: t\nframework: framework.yaml\nstages:\n  - { id: submitted }\n  \
             - { id: verified, unconfirmed: void }\n  - { id: objections, scored: false }\n  - { id: final }\n",
        ),
        ("services.csv", "service,title,entity\na,A,X\nb,B,X\n"),
        ("answers/submitted/body.csv", "entity,parameter,answer\nX,Q1,yes\n"),
        ("answers/submitted/all.csv", "service,parameter,answer\na,Q2,yes\na,Q3,yes\nb,Q3,no\n"),
        (
            "answers/verified/all.csv",
            "service,parameter,answer,reason,evaluator\na,Q2,ok,,Ana\na,Q3,no,not seen,Ana\na,Q4,,,Ana\na,Q1,ok,,Ana\n\
             b,Q1,ok,,Bey\n",
        ),
        ("answers/objections/all.csv", "service,parameter,answer\na,Q3,yes\n"),
    ])
}

/// By hand: a has Q1 1, Q2 void for want of evidence, Q3 0, Q4 blank: 25.00, at most 1 + 1 + 0 + 1 of 4. b has
/// Q1 1, Q3 left untouched by the stage that had to confirm it (it says no, so that nothing is lost), Q2 and Q4
/// blank: 25.00, at most 75.00. The body answered Q1 once. X: the means of both.
#[test]
fn questions_are_counted_where_they_are_asked() {
    let folder = staged();
    let run = folder.run(&["status", "--format", "csv"]).exits(0);
    let rows: Vec<String> = run.out().lines().map(str::to_owned).collect();
    assert_eq!(
        rows[0],
        "service,title,entity,answered,blank,void,unconfirmed,objections,faults,index,low,high"
    );
    assert_eq!(rows[1], "a,A,X,1,1,1,0,1,0,25.00,25.00,75.00");
    assert_eq!(rows[2], "b,B,X,0,2,0,1,0,0,25.00,25.00,75.00");
    let entities = table(&folder, "status", "entities");
    let counts: Vec<&Value> = ["services", "answered", "blank", "void", "unconfirmed", "objections"]
        .iter()
        .map(|key| &entities[0][*key])
        .collect();
    assert_eq!(counts, [2, 2, 3, 1, 1, 1]);
    assert_eq!(entities[0]["high"], "75.00");
    // Ana answered Q1 (with the body's), Q2 (void for want of evidence) and Q3 (objected to), and left Q4 blank.
    let evaluators = table(&folder, "status", "evaluators");
    let progress = |evaluator: &Value| {
        let keys = ["parties", "answered", "blank", "void", "unconfirmed", "objections", "faults"];
        keys.map(|key| evaluator[key].as_i64().unwrap_or(-1))
    };
    assert_eq!(
        (&evaluators[0]["evaluator"], progress(&evaluators[0])),
        (&"Ana".into(), [1, 2, 1, 1, 0, 1, 0])
    );
    assert_eq!(
        (&evaluators[1]["evaluator"], progress(&evaluators[1])),
        (&"Bey".into(), [1, 1, 0, 0, 0, 0, 0])
    );
}

#[test]
fn faults_are_counted_where_they_stand() {
    let folder = staged();
    folder.write(
        "answers/final/all.csv",
        b"service,parameter,answer,reason,evaluator\na,Q3,maybe,seen,Ana\na,Q9,yes,,Ana\nb,Q3,yes,seen,\nb,Q3,no,seen,\n",
    );
    folder.write("answers/final/body.csv", b"entity,parameter,answer\nX,Q2,yes\n");
    let path = folder.path().to_string_lossy().into_owned();
    let (status, out, _) = inside(&["status", &path, "--format", "json"]);
    assert_eq!(status, 1);
    let document: Value = serde_json::from_str(&out).expect("JSON");
    let faults = |table: &str, at: usize| document[table][at]["faults"].as_i64();
    assert_eq!((faults("services", 0), faults("services", 1)), (Some(2), Some(1)), "{out}");
    // The body's own, and those of both services.
    assert_eq!((faults("entities", 0), faults("evaluators", 0)), (Some(4), Some(2)), "{out}");
    assert!(document["next"].as_str().expect("a command").starts_with("asan-index check "), "{out}");
}

/// A round from its first sheet to its results, by what `status` says to do next, each time as it stands there.
#[test]
fn the_next_command_leads_a_round_from_its_first_sheet_to_its_results() {
    let folder = Folder::with(&[
        ("framework.yaml", FRAMEWORK),
        (
            "round.yaml",
            "id: t\nframework: framework.yaml\nstages:\n  - { id: submitted }\n  - { id: verified, unconfirmed: void }\n  \
             - { id: objections, scored: false }\n  - { id: final }\n",
        ),
        ("services.csv", "service,title,entity\na,A,X\n"),
    ]);
    let next = || {
        let out = folder.run(&["status", "--format", "json"]).out();
        let document: Value = serde_json::from_str(&out).expect("JSON");
        document["next"].as_str().expect("a command").to_owned()
    };
    let follow = |expected: &str| {
        assert_eq!(next(), expected);
        let words: Vec<&str> = expected.split(' ').skip(1).collect();
        folder.run(&words).exits(0);
    };
    follow("asan-index template --stage submitted -o sheets-submitted");
    std::fs::remove_file(folder.join("sheets-submitted/X.xlsx")).expect("made");
    folder.write("sheets-submitted/X.csv", b"entity,parameter,answer\nX,Q1,yes\n");
    follow("asan-index collect sheets-submitted --stage submitted");
    folder.write("sheets-submitted/a.csv", b"parameter,answer,evidence\nQ2,yes,seen\nQ3,yes,\nQ4,no,\n");
    follow("asan-index collect sheets-submitted --stage submitted");
    follow("asan-index sample");
    folder.write(
        "sheets-verified/a.csv",
        b"service,parameter,answer,reason\na,Q1,ok,\na,Q2,ok,\na,Q3,no,not seen\n",
    );
    folder.run(&["collect", "sheets-verified", "--stage", "verified"]).exits(0);
    folder.write("sheets-verified/rest.csv", b"service,parameter,answer\na,Q4,ok\n");
    follow("asan-index collect sheets-verified --stage verified");
    follow("asan-index template --stage objections -o sheets-objections");
    folder.write("answers/objections/letter.csv", b"service,parameter,answer\na,Q3,yes\n");
    follow("asan-index template --stage final -o sheets-final");
    folder.write("answers/final/word.csv", b"service,parameter,answer\na,Q3,ok\n");
    follow("asan-index score -o results");
    follow("asan-index report -o report.html");
    folder.write(
        "round.yaml",
        folder.read("round.yaml").replace("id: t\n", "id: t\nstate: announced\n").as_bytes(),
    );
    assert_eq!(next(), "asan-index reproduce results");
}

#[test]
fn the_program_alone_shows_the_status_of_the_round_it_is_in() {
    let folder = staged();
    let (alone, named) = (folder.run(&[]).exits(0), folder.run(&["status"]).exits(0));
    assert_eq!(alone.out(), named.out());
    assert!(
        alone.out().contains("next: asan-index template --stage final -o sheets-final\n"),
        "{}",
        alone.out()
    );
    let empty = Folder::with(&[]);
    assert!(empty.run(&[]).exits(0).out().contains("Usage:"));
}
