//! What people read is in the message files, in every language: no key is asked for that is not there, none is
//! there that nobody asks for, and a text has the same places to be filled in each.

use std::collections::BTreeMap;
use std::path::Path;

fn messages(language: &str) -> BTreeMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/messages/{language}.txt"));
    let text = std::fs::read_to_string(path).expect("a message file");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let entry = |line: &str| line.split_once(" = ").map(|(key, text)| (key.to_owned(), text.to_owned()));
    lines.filter_map(entry).collect()
}

fn sources(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            text.push_str(&std::fs::read_to_string(&path).expect("a source"));
        }
    }
}

/// The places of a text that are filled in, in order of their names.
fn places(text: &str) -> Vec<&str> {
    let mut places: Vec<&str> =
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(place, _)| place).collect();
    places.sort_unstable();
    places.dedup();
    places
}

#[test]
fn every_key_has_a_text_in_every_language_and_someone_who_says_it() {
    let mut code = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut code);
    let (english, azerbaijani) = (messages("en"), messages("az"));
    for said in ["say(\"", "fill(\""].iter().flat_map(|call| code.split(call).skip(1)) {
        let key = said.split('"').next().expect("a key");
        assert!(english.contains_key(key) && azerbaijani.contains_key(key), "`{key}` lacks a language");
    }
    assert_eq!(english.keys().collect::<Vec<_>>(), azerbaijani.keys().collect::<Vec<_>>());
    for (key, text) in &english {
        assert!(code.contains(&format!("\"{key}\"")), "nobody says `{key}`");
        assert_eq!(places(text), places(&azerbaijani[key]), "{key}");
    }
}
