//! The reference framework in `parameters/`, read by the library's own reader and looked at as a whole:
//! what its documentation promises holds for every one of its nodes, not for the one that was looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use asan_index::commands::inputs::EMBEDDED;
use asan_index::diagnostic::Findings;
use asan_index::framework::{Children, Framework, Parameter};
use asan_index::id::{GroupIndex, Node, ParameterIndex};
use asan_index::limit::Limits;
use asan_index::number::Ratio;
use asan_index::read::framework::{Origin, read};
use asan_index::read::yaml::{parse, prepared};
use asan_index::scale::{Answer, Entry, ScaleKind};
use asan_index::source::Source;
use asan_index::text::{Text, fold};

static FRAMEWORK: LazyLock<Framework> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("parameters");
    let mut findings = Findings::default();
    let (framework, _) =
        read(&Origin::Disk(folder), &Limits::default(), &mut findings).expect("the framework is readable");
    let said: Vec<String> = findings.sorted().iter().map(|finding| finding.message.clone()).collect();
    assert_eq!(said, Vec::<String>::new(), "the reader finds nothing to say");
    framework.expect("the framework is valid")
});

fn parameters() -> impl Iterator<Item = (ParameterIndex, &'static Parameter)> {
    FRAMEWORK.parameters.iter().enumerate().map(|(at, parameter)| (ParameterIndex::new(at), parameter))
}

/// Every text of the framework, with where it stands.
fn texts() -> Vec<(String, &'static Text)> {
    let mut texts = vec![("title".to_owned(), &FRAMEWORK.title)];
    texts.extend(FRAMEWORK.categories.iter().map(|(name, title)| (format!("category {name}"), title)));
    texts.extend(FRAMEWORK.groups.iter().skip(1).map(|group| (format!("{} title", group.id), &group.title)));
    for (at, parameter) in parameters() {
        let advice = parameter.advice.as_ref();
        let verification = parameter.verification.as_ref();
        let action = advice.and_then(|advice| advice.action.as_ref());
        let owner = advice.and_then(|advice| advice.owner.as_ref());
        let always = [("title", Some(&parameter.title)), ("question", Some(&parameter.question))];
        let guidance = [("verification", verification), ("action", action), ("owner", owner)];
        for (part, text) in always.into_iter().chain(guidance) {
            let text = text.unwrap_or_else(|| panic!("{} has no {part}", parameter.id));
            texts.push((format!("{} {part}", parameter.id), text));
        }
        for option in FRAMEWORK.scale(at).options() {
            let place = format!("{} option {}", parameter.id, option.answer);
            texts.push((place, option.title.as_ref().expect("an option has a title")));
        }
    }
    for attribute in &FRAMEWORK.attributes {
        let place = format!("attribute {}", attribute.name);
        texts.extend(attribute.title.iter().map(|title| (place.clone(), title)));
        texts
            .extend(attribute.values.iter().flat_map(|(_, title)| title).map(|title| (place.clone(), title)));
    }
    for solution in &FRAMEWORK.solutions {
        let place = format!("solution {}", solution.id);
        texts.push((place.clone(), &solution.title));
        texts.push((place, solution.description.as_ref().expect("a solution has a description")));
    }
    let bands = FRAMEWORK.bands.iter();
    texts.extend(
        bands.map(|band| (format!("band {}", band.id), band.title.as_ref().expect("a band has a title"))),
    );
    texts
}

#[test]
fn it_has_7_dimensions_24_criteria_and_143_parameters() {
    let of_depth = |depth| FRAMEWORK.groups.iter().filter(|group| group.depth == depth).count();
    assert_eq!((of_depth(1), of_depth(2), FRAMEWORK.parameters.len()), (7, 24, 143));
    assert_eq!(FRAMEWORK.levels, ["dimension", "criterion", "parameter"]);
}

#[test]
fn ids_count_up_within_their_group() {
    let mut expected = Vec::new();
    let mut found = Vec::new();
    for (d, dimension) in FRAMEWORK.top_groups().iter().enumerate() {
        expected.push(format!("D{}", d + 1));
        found.push(FRAMEWORK.group(*dimension).id.clone());
        let Children::Groups(criteria) = &FRAMEWORK.group(*dimension).children else {
            panic!("a dimension has criteria")
        };
        for (c, criterion) in criteria.iter().enumerate() {
            let criterion = FRAMEWORK.group(*criterion);
            expected.push(format!("C{}.{}", d + 1, c + 1));
            found.push(criterion.id.clone());
            for (p, at) in criterion.parameters.clone().enumerate() {
                expected.push(format!("P{}.{}.{}", d + 1, c + 1, p + 1));
                found.push(FRAMEWORK.parameters[at].id.clone());
            }
        }
    }
    assert_eq!(found, expected);
    assert_eq!(found.len(), 7 + 24 + 143);
}

#[test]
fn every_text_is_in_both_languages_and_not_the_same_in_both() {
    let texts = texts();
    assert!(texts.len() > 1000, "all texts are looked at, not only {}", texts.len());
    for (place, text) in texts {
        let languages: Vec<&str> = text.variants().map(|(language, _)| language).collect();
        assert_eq!(languages, ["en", "az"], "{place}");
        assert_ne!(fold(text.get("en")), fold(text.get("az")), "{place}");
        for (language, words) in text.variants() {
            assert_eq!(words, words.trim(), "{place} in {language}");
            assert!(!words.contains("  "), "{place} in {language} has two spaces: {words}");
        }
    }
}

#[test]
fn guidance_is_in_whole_sentences() {
    let guidance = |place: &str| place.ends_with(" verification") || place.ends_with(" action");
    for (place, text) in texts().into_iter().filter(|(place, _)| guidance(place)) {
        for (language, words) in text.variants() {
            assert!(words.ends_with('.'), "{place} in {language}: {words}");
        }
    }
}

#[test]
fn advice_speaks_in_one_voice() {
    // In Azerbaijani the polite imperative, not "to do": a plan puts actions of all dimensions side by side.
    for (place, text) in texts().into_iter().filter(|(place, _)| place.ends_with(" action")) {
        let words = text.get("az").trim_end_matches('.');
        assert!(!words.ends_with("mək") && !words.ends_with("maq"), "{place}: {words}");
    }
}

#[test]
fn what_does_not_apply_is_called_by_the_word_that_an_answer_takes() {
    for (place, text) in texts() {
        assert!(!text.get("az").contains("tətbiq edilmir"), "{place}: {}", text.get("az"));
    }
}

#[test]
fn azerbaijani_is_written_with_its_own_letters() {
    // Letters that look right, and break a search: Cyrillic ones, and a dot left over from lower-casing İ.
    let foreign = |letter: char| matches!(letter, '\u{400}'..='\u{4ff}' | '\u{307}' | 'ä' | 'Ä' | 'ŝ');
    for (place, text) in texts() {
        assert!(!text.get("az").contains(foreign), "{place}: {}", text.get("az"));
    }
}

#[test]
fn questions_end_with_a_question_mark_and_ask_once() {
    for (_, parameter) in parameters() {
        for (language, words) in parameter.question.variants() {
            assert!(words.ends_with('?'), "{} in {language}: {words}", parameter.id);
            assert_eq!(words.matches('?').count(), 1, "{} in {language}: {words}", parameter.id);
        }
    }
}

#[test]
fn no_two_parameters_ask_the_same() {
    for language in ["en", "az"] {
        let mut asked: BTreeMap<String, &str> = BTreeMap::new();
        let mut titled: BTreeMap<String, &str> = BTreeMap::new();
        for (_, parameter) in parameters() {
            let question = fold(parameter.question.get(language));
            let title = fold(parameter.title.get(language));
            assert_eq!(asked.insert(question, &parameter.id), None, "{} asks again", parameter.id);
            assert_eq!(titled.insert(title, &parameter.id), None, "{} has another's title", parameter.id);
        }
    }
}

#[test]
fn an_owner_has_one_name_in_each_language() {
    let owners = |language: &'static str| -> BTreeSet<&str> {
        let advice = parameters().filter_map(|(_, parameter)| parameter.advice.as_ref());
        advice.filter_map(|advice| advice.owner.as_ref()).map(|owner| owner.get(language)).collect()
    };
    let pairs: BTreeSet<(&str, &str)> = parameters()
        .filter_map(|(_, parameter)| parameter.advice.as_ref()?.owner.as_ref())
        .map(|owner| (owner.get("en"), owner.get("az")))
        .collect();
    assert_eq!(owners("en").len(), pairs.len(), "{pairs:#?}");
    assert_eq!(owners("az").len(), pairs.len(), "{pairs:#?}");
}

#[test]
fn every_option_of_every_scale_can_be_reached_by_each_of_its_spellings() {
    let words = &FRAMEWORK.words;
    for (at, parameter) in parameters() {
        let scale = FRAMEWORK.scale(at);
        for (position, option) in scale.options().iter().enumerate() {
            let answer = match &scale.kind {
                ScaleKind::Multiple(_) => Answer::Multiple(vec![position]),
                ScaleKind::Choices(_) | ScaleKind::Number(_) => Answer::Choice(position),
            };
            for spelling in option.spellings() {
                let read = scale.read(spelling, words);
                assert_eq!(read, Ok(Entry::Given(answer.clone())), "{} `{spelling}`", parameter.id);
            }
            assert_eq!(scale.score(&answer), Some(option.score), "{} {}", parameter.id, option.answer);
        }
        if let ScaleKind::Number(number) = &scale.kind {
            for (x, score) in &number.points {
                let read = scale.read(&x.to_string(), words);
                let Ok(Entry::Given(answer)) = read else { panic!("{} at {x}: {read:?}", parameter.id) };
                assert_eq!(scale.score(&answer), Some(*score), "{} at {x}", parameter.id);
            }
        }
    }
}

#[test]
fn every_scale_reaches_from_0_to_1() {
    for (at, parameter) in parameters() {
        let scale = FRAMEWORK.scale(at);
        assert_eq!(scale.best().ratio(), ratio(1, 1), "{}", parameter.id);
        let least = match &scale.kind {
            ScaleKind::Choices(choices) => choices.iter().map(|choice| choice.score).min(),
            ScaleKind::Number(number) => number.points.iter().map(|(_, score)| *score).min(),
            // A none word.
            ScaleKind::Multiple(_) => scale.score(&Answer::Multiple(Vec::new())),
        };
        assert_eq!(least.map(|score| score.ratio()), Some(ratio(0, 1)), "{}", parameter.id);
    }
}

#[test]
fn at_least_a_third_of_the_parameters_are_more_than_yes_or_no() {
    let two_options = |at| FRAMEWORK.scale(at).options().len() == 2;
    let more = parameters().filter(|(at, _)| !two_options(*at)).count();
    assert!(more * 3 >= FRAMEWORK.parameters.len(), "{more} are");
}

#[test]
fn every_solution_is_used_and_has_a_source_and_an_effort() {
    let used: BTreeSet<usize> = parameters()
        .filter_map(|(_, parameter)| parameter.advice.as_ref())
        .flat_map(|advice| advice.solutions.iter().copied())
        .collect();
    assert!((20..=30).contains(&FRAMEWORK.solutions.len()));
    for (at, solution) in FRAMEWORK.solutions.iter().enumerate() {
        assert!(used.contains(&at), "{} closes no gap", solution.id);
        assert!(!solution.sources.is_empty(), "{} has no source", solution.id);
        assert!(solution.effort.is_some(), "{} has no effort", solution.id);
    }
}

#[test]
fn every_gap_can_be_closed_by_an_action_and_most_by_a_solution() {
    let advice = |parameter: &'static Parameter| parameter.advice.as_ref().expect("advice");
    for (_, parameter) in parameters() {
        let effort = advice(parameter).effort.expect("an effort");
        assert!(!effort.is_zero() && effort.is_sign_positive(), "{}", parameter.id);
    }
    let solved = parameters().filter(|(_, parameter)| !advice(parameter).solutions.is_empty()).count();
    assert!(solved * 2 > FRAMEWORK.parameters.len(), "{solved} are closed by a solution");
}

#[test]
fn weights_add_up_to_100_in_each_group() {
    for (at, group) in FRAMEWORK.groups.iter().enumerate() {
        let weights = FRAMEWORK.child_weights(GroupIndex::new(at));
        let total = weights.fold(Ratio::zero(), |total, weight| total.plus(&ratio(weight.units(), UNITS)));
        assert_eq!(total, ratio(100, 1), "{}", group.id);
    }
}

#[test]
fn no_parameter_decides_the_index_and_none_is_lost_in_it() {
    // Of the index: at most 3 %, at least 0.1 %.
    for (at, parameter) in parameters() {
        let share = FRAMEWORK.nominal_share(Node::Parameter(at)).to_f64();
        assert!((0.001..=0.03).contains(&share), "{} weighs {share}", parameter.id);
    }
}

#[test]
fn what_decides_whether_a_parameter_applies_is_documented_and_can_be_met() {
    for (_, attribute) in FRAMEWORK.used_attributes() {
        assert!(attribute.title.is_some(), "{} has no title", attribute.name);
        let titled = attribute.values.iter().all(|(_, title)| title.is_some());
        assert!(titled, "{} has a value without a title", attribute.name);
    }
    assert_eq!(FRAMEWORK.used_attributes().count(), FRAMEWORK.attributes.len(), "all are used");
    for (_, parameter) in parameters() {
        let mut allowed: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for condition in &parameter.applies_when {
            let values: BTreeSet<usize> = condition.values.iter().copied().collect();
            let met = allowed.entry(condition.attribute).or_insert_with(|| values.clone());
            met.retain(|value| values.contains(value));
        }
        assert!(allowed.values().all(|values| !values.is_empty()), "{} never applies", parameter.id);
    }
}

/// How many units a weight of 1 has.
const UNITS: u64 = 1_000_000_000;

fn ratio(numerator: u64, denominator: u64) -> Ratio {
    Ratio::new(numerator.into(), denominator.into())
}

#[test]
fn the_program_carries_these_files_and_the_trees_that_the_parser_gives_of_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("parameters");
    let listed = std::fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let on_disk = listed.filter(|path| path.extension().is_some_and(|ending| ending == "yaml")).count();
    assert_eq!((EMBEDDED.len(), EMBEDDED[0].name), (on_disk, "framework.yaml"));
    for file in EMBEDDED {
        assert_eq!(file.text, std::fs::read_to_string(folder.join(file.name)).expect("a file"));
        let source = Source::new(file.name.to_owned(), file.text.to_owned());
        let mut findings = Findings::default();
        let parsed = parse(&source, 3, &Limits::default(), &mut findings).expect("YAML");
        assert!(prepared::tree(file.tree, file.text, 3).as_ref() == Some(&parsed), "{}", file.name);
        for length in (0..file.tree.len()).step_by(997) {
            assert!(prepared::tree(&file.tree[..length], file.text, 3).is_none(), "{length}");
        }
    }
}
