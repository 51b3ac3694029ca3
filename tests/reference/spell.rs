//! The many ways in which one meaning is spelled, by hand and by spreadsheets of the region.

use num_bigint::BigInt;
use num_traits::Zero;
use unicode_normalization::UnicodeNormalization;

use crate::exact::{Exact, fixed, power_of_ten, shortest};
use crate::model::{Answer, Choice, Framework, Number, Scale, is_signed};
use crate::random::Random;

/// A word in another case, spacing or Unicode form: all of them compare as equal.
pub fn word(random: &mut Random, text: &str) -> String {
    match random.below(8) {
        0 => cased(random, text),
        1 => format!(" {}  ", cased(random, text)),
        2 => text.replace(' ', " \u{a0} "),
        3 => cased(random, text).nfd().collect(),
        4 => {
            let at = random.below(text.chars().count() + 1);
            let place = text.char_indices().nth(at).map_or(text.len(), |(place, _)| place);
            let invisible = random.pick(&['\u{200b}', '\u{200c}', '\u{200d}', '\u{feff}']);
            format!("{}{invisible}{}", &text[..place], &text[place..])
        }
        _ => text.to_owned(),
    }
}

/// Letters in random case; the four letters i are one.
pub fn cased(random: &mut Random, text: &str) -> String {
    let mut cased = String::new();
    for letter in text.chars() {
        match letter {
            'i' | 'ı' | 'I' | 'İ' => cased.push(*random.pick(&['i', 'ı', 'I', 'İ'])),
            _ if random.chance(50) => cased.extend(letter.to_uppercase()),
            _ => cased.extend(letter.to_lowercase()),
        }
    }
    cased
}

/// An id: trimmed and composed, it is itself.
pub fn id(random: &mut Random, id: &str) -> String {
    match random.below(12) {
        0 => format!(" {id} "),
        1 => id.nfd().collect(),
        _ => text(random, id),
    }
}

/// A text, at times with the apostrophe that keeps a spreadsheet from taking it for a formula.
pub fn text(random: &mut Random, text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@']) && random.chance(50) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// A decimal with a point or a comma, and perhaps more zeros than it needs.
pub fn quantity(random: &mut Random, value: &Exact) -> String {
    let text = padded(random, value, 4);
    if random.chance(50) { text.replace('.', ",") } else { text }
}

/// A decimal with a point, and perhaps zeros at its end.
pub fn padded(random: &mut Random, value: &Exact, most: usize) -> String {
    let text = shortest(value);
    let places = text.split_once('.').map_or(0, |(_, part)| part.len());
    if places >= most || random.chance(70) {
        return text;
    }
    let places = u32::try_from(random.count(places, most)).expect("few places");
    let units: BigInt = (value * power_of_ten(places)).to_integer();
    fixed(&units, places)
}

/// An answer as somebody could have written it.
pub fn answer(random: &mut Random, framework: &Framework, scale: &Scale, answer: &Answer) -> String {
    let words = &framework.words;
    match (answer, scale) {
        (Answer::NotApplicable, _) => any_word(random, &words.not_applicable),
        (Answer::Confirmed, _) => any_word(random, &words.confirmed),
        (Answer::Withdrawn, _) => any_word(random, &words.withdrawn),
        (Answer::Ratio(a, b), _) => format!("{a}/{b}"),
        (Answer::Faulty(text), _) => text.clone(),
        (Answer::Chosen(chosen), Scale::Choices(choices)) => option(random, framework, &choices[*chosen]),
        (Answer::Several(chosen), Scale::Multiple(choices)) => {
            if chosen.is_empty() {
                return any_word(random, &words.none);
            }
            let chosen: Vec<_> = chosen.iter().map(|&one| &choices[one]).collect();
            several(random, framework, &chosen)
        }
        (Answer::Number(x), Scale::Number(number)) => figure(random, number, x),
        _ => unreachable!("an answer of another scale: {answer:?}"),
    }
}

fn any_word(random: &mut Random, words: &[&str]) -> String {
    let chosen = random.pick(words);
    let spelled = word(random, chosen);
    text(random, &spelled)
}

fn option(random: &mut Random, framework: &Framework, choice: &Choice) -> String {
    let name = choice.name;
    let mut spellings = vec![name.answer, name.answer, name.en];
    if framework.languages.contains(&"az") {
        spellings.push(name.az);
    }
    spellings.extend(name.also);
    let chosen = random.pick(&spellings);
    word(random, chosen)
}

/// Options apart by either separator, with empty parts and repetitions that do not count.
fn several(random: &mut Random, framework: &Framework, choices: &[&Choice]) -> String {
    let mut parts: Vec<String> = choices.iter().map(|choice| option(random, framework, choice)).collect();
    if random.chance(15) {
        let again = random.pick(choices);
        parts.push(option(random, framework, again));
    }
    if random.chance(15) {
        let place = random.below(parts.len() + 1);
        parts.insert(place, random.pick(&["", " "]).to_string());
    }
    let mut text = String::new();
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            let separator = *random.pick(&[";", "; ", "|", " | "]);
            text.push_str(separator);
        }
        text.push_str(part);
    }
    text
}

fn figure(random: &mut Random, number: &Number, x: &Exact) -> String {
    let mut text = quantity(random, x);
    if !is_signed(x) && random.chance(8) {
        text.insert(0, if x.is_zero() { '-' } else { '+' });
    }
    if text.starts_with(['+', '-']) && random.chance(30) {
        text.insert(0, '\'');
    }
    if number.unit == Some("%") && random.chance(30) {
        let sign = *random.pick(&["%", " %"]);
        text.push_str(sign);
    }
    if random.chance(10) { format!(" {text} ") } else { text }
}
