//! Documents as one self-contained HTML file: no network, no other file, readable without its script.
//!
//! Every text is escaped, and a policy in the head keeps the file from loading or sending anything.

mod data;

use std::collections::{HashMap, HashSet};

use self::data::Data;
use super::Style;
use crate::document::{Block, Cell, Chart, Column, Document, Entry, Shape, Table, anchor};
use crate::messages::Language;
use crate::text::is_direction_mark;

/// The policy of the page: its own style and script, and nothing from anywhere else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; \
                      base-uri 'none'; form-action 'none'";
/// Columns of ids, which a narrow page may not break.
const IDS: [&str; 8] =
    ["id", "service", "entity", "category", "parameter", "first", "second", "furthest_service"];
/// The longest id that a line is kept for.
const LONGEST_ID: usize = 40;

/// Where a page leads beyond itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Links<'a> {
    /// The addresses of parts that are on other pages, by [`anchor`].
    pub parts: Option<&'a HashMap<String, String>>,
    /// The first page of its site.
    pub home: Option<&'a str>,
    /// The same page in another language.
    pub other: Option<(Language, &'a str)>,
}

/// A document's text.
pub fn write(document: &Document, style: Style, links: &Links<'_>) -> String {
    let language = style.language;
    let page = Page { document, language, folded: style.folded, links, anchors: anchors(document) };
    let draft = language.say("draft");
    let banner = match document.title.contains(&format!("[{draft}]")) {
        true => format!("<header class=\"draft\">{}</header>\n", escaped(draft)),
        false => String::new(),
    };
    let (body, data) = page.body();
    format!(
        "<!DOCTYPE html>\n<html lang=\"{code}\"{words}>\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>\n{style}</style>\n</head>\n<body>\n{banner}<main>\n<h1>{title}</h1>\n{ways}{nav}{body}</main>\n\
         {data}<script>\n{script}</script>\n</body>\n</html>\n",
        code = language.code(),
        words = page.words(),
        title = escaped(&document.title),
        style = include_str!("html/style.css"),
        ways = page.ways(),
        nav = page.contents(),
        script = include_str!("html/script.js"),
    )
}

/// The anchors of a document's parts.
fn anchors(document: &Document) -> HashSet<String> {
    let parts = document.blocks.iter().filter_map(|block| match block {
        Block::Part { kind, id, .. } => Some(anchor(kind, id)),
        Block::Heading(_) | Block::Paragraph(_) | Block::Table(_) | Block::Chart(_) => None,
    });
    parts.collect()
}

struct Page<'a> {
    document: &'a Document,
    language: Language,
    folded: bool,
    links: &'a Links<'a>,
    anchors: HashSet<String>,
}

/// What is open while the blocks of a page are written.
#[derive(Default)]
struct Open<'a> {
    heading: Option<&'a str>,
    section: bool,
    part: Option<String>,
}

impl<'a> Page<'a> {
    /// What the script has to say in the page's language.
    fn words(&self) -> String {
        let word = |key| format!(" data-{key}=\"{}\"", escaped(self.language.say(key)));
        let writing = format!(
            " data-decimal=\"{}\" data-letters=\"{}\"",
            self.language.decimal("."),
            self.language.letters()
        );
        ["filter", "unfold", "fold"].map(word).concat() + &writing
    }

    /// Links to the first page and to the other language.
    fn ways(&self) -> String {
        let mut ways = Vec::new();
        if let Some(home) = self.links.home {
            ways.push(format!("<a href=\"{}\">{}</a>", escaped(home), escaped(self.language.say("home"))));
        }
        if let Some((language, address)) = self.links.other {
            let (code, name) = (language.code(), language.say("language_name"));
            let address = escaped(address);
            ways.push(format!(
                "<a class=\"other\" lang=\"{code}\" hreflang=\"{code}\" href=\"{address}\">{name}</a>"
            ));
        }
        if ways.is_empty() { String::new() } else { format!("<p class=\"ways\">{}</p>\n", ways.join(" · ")) }
    }

    fn contents(&self) -> String {
        let headings = self.document.blocks.iter().enumerate().filter_map(|(at, block)| match block {
            Block::Heading(words) => Some(format!("<li><a href=\"#h{at}\">{}</a></li>\n", escaped(words))),
            Block::Part { .. } | Block::Paragraph(_) | Block::Table(_) | Block::Chart(_) => None,
        });
        let list: String = headings.collect();
        if list.is_empty() {
            return String::new();
        }
        let name = escaped(self.language.say("contents"));
        format!("<nav aria-label=\"{name}\">\n<ul>\n{list}</ul>\n</nav>\n")
    }

    /// The blocks, and the data of those that the script draws.
    fn body(&self) -> (String, String) {
        let mut text = String::new();
        let mut data = Data::default();
        let mut open = Open { heading: Some(&self.document.title), ..Open::default() };
        for (at, block) in self.document.blocks.iter().enumerate() {
            match block {
                Block::Heading(words) => {
                    self.close_part(&mut open, &mut text);
                    if std::mem::replace(&mut open.section, true) {
                        text.push_str("</details>\n");
                    }
                    open.heading = Some(words);
                    let words = escaped(words);
                    text.push_str(&format!(
                        "<details open class=\"section\" id=\"h{at}\">\n<summary><h2>{words}</h2></summary>\n"
                    ));
                }
                Block::Part { kind, id, title } => {
                    self.close_part(&mut open, &mut text);
                    let is_first = open.heading.take().is_some();
                    text.push_str(&self.part(kind, id, title, is_first));
                    open.part = Some(title.clone());
                    if self.folded {
                        data.begin(&anchor(kind, id));
                    }
                }
                block if self.folded && open.part.is_some() => data.add(self, at, block),
                Block::Paragraph(words) => text.push_str(&format!("<p>{}</p>\n", escaped(words))),
                Block::Chart(chart) => text.push_str(&self.chart(chart, at)),
                Block::Table(table) => {
                    let name = open.part.as_deref().or(open.heading).unwrap_or_default();
                    text.push_str(&self.table(table, name));
                }
            }
        }
        self.close_part(&mut open, &mut text);
        if open.section {
            text.push_str("</details>\n");
        }
        (text, data.script())
    }

    fn close_part(&self, open: &mut Open<'_>, text: &mut String) {
        if open.part.take().is_some() {
            text.push_str(if self.folded { "</details>\n" } else { "</section>\n" });
        }
    }

    /// Where a part begins; before the first under a heading it is said that parts are drawn by script.
    fn part(&self, kind: &str, id: &str, title: &str, is_first: bool) -> String {
        let (anchor, title) = (anchor(kind, id), escaped(title));
        if !self.folded {
            return format!("<section id=\"{anchor}\">\n<h3>{title}</h3>\n");
        }
        let note = match is_first {
            true => {
                format!("<noscript><p>{}</p></noscript>\n", escaped(self.language.say("parts_by_script")))
            }
            false => String::new(),
        };
        format!(
            "{note}<details class=\"part\" id=\"{anchor}\"><summary><h3>{title} \
             <small>{}</small></h3></summary>",
            escaped(id)
        )
    }

    fn table(&self, table: &Table, name: &str) -> String {
        let name = escaped(name);
        let mut text = format!(
            "<div class=\"table\" role=\"group\" aria-label=\"{name}\" tabindex=\"0\">\n\
             <table data-name=\"{}\">\n<thead><tr>",
            table.name
        );
        let shown: Vec<usize> = table.shown().collect();
        for at in &shown {
            text.push_str(&format!("<th scope=\"col\">{}</th>", escaped(&table.columns[*at].title)));
        }
        text.push_str("</tr></thead>\n<tbody>\n");
        for row in &table.rows {
            text.push_str("<tr>");
            for at in &shown {
                text.push_str(&self.cell(&table.columns[*at], &row[*at]));
            }
            text.push_str("</tr>\n");
        }
        text.push_str("</tbody>\n</table>\n</div>\n");
        text
    }

    fn cell(&self, column: &Column, cell: &Cell) -> String {
        match cell {
            Cell::Blank => "<td></td>".to_owned(),
            Cell::Text(day) if column.entry == Entry::Date => {
                let order: String = day.chars().filter(char::is_ascii_digit).collect();
                format!("<td data-v=\"{order}\">{}</td>", escaped(&self.language.date(day)))
            }
            Cell::Text(text) => {
                let class = if is_id(column, text) { " class=\"id\"" } else { "" };
                match self.address(column, text) {
                    Some(address) => {
                        format!("<td{class}><a href=\"{}\">{}</a></td>", escaped(&address), escaped(text))
                    }
                    None => format!("<td{class}>{}</td>", escaped(text)),
                }
            }
            Cell::Word(_, text) | Cell::Band(text, _, _) | Cell::Remark(text) => {
                format!("<td>{}</td>", escaped(text))
            }
            Cell::Noted(text, note) => format!("<td>{} ({})</td>", escaped(text), escaped(note)),
            Cell::Nested(text, depth) => {
                format!("<td class=\"id\" style=\"padding-left:{}em\">{}</td>", depth + 1, escaped(text))
            }
            Cell::Count(count) => format!("<td class=\"n\" data-v=\"{count}\">{count}</td>"),
            Cell::Figure(figure) => {
                let plain = figure.to_string();
                let shown = self.language.decimal(&plain);
                // The darker the higher, and never so dark that the figure cannot be read on it.
                let share = plain.parse::<f64>().unwrap_or(0.0).clamp(0.0, 100.0) / 100.0;
                let shade = format!("background:rgba(var(--shade),{:.2})", share * 0.4);
                format!("<td class=\"n\" data-v=\"{plain}\" style=\"{shade}\">{shown}</td>")
            }
        }
    }

    /// Where the part is that a cell names.
    fn address(&self, column: &Column, text: &str) -> Option<String> {
        let anchor = anchor(&column.key, text);
        if self.anchors.contains(&anchor) {
            return Some(format!("#{anchor}"));
        }
        self.links.parts.and_then(|parts| parts.get(&anchor)).cloned()
    }

    /// A picture, which the script draws from its table.
    fn chart(&self, chart: &Chart, at: usize) -> String {
        let Some((_, table)) = self.document.drawn(at, chart) else { return String::new() };
        let caption = self.caption(chart, table);
        format!(
            "<figure class=\"chart\" data-chart=\"{}\"><figcaption>{}</figcaption></figure>\n",
            escaped(&drawing(chart, table)),
            escaped(&caption)
        )
    }

    /// What a picture shows, in words.
    fn caption(&self, chart: &Chart, table: &Table) -> String {
        let title = |key: &str| {
            let column = table.columns.iter().find(|column| column.key == key);
            column.map_or(key, |column| column.title.as_str()).to_owned()
        };
        let say = |key, parts: &[String]| self.language.fill(key, parts);
        match &chart.shape {
            Shape::Heat { .. } => self.language.say("chart_heat").to_owned(),
            Shape::Bar { from, to, mark } => {
                let bar = match from {
                    Some(from) => say("chart_range", &[title(from), title(to)]),
                    None => say("chart_bar", &[title(to)]),
                };
                let mark = mark.map(|mark| say("chart_mark", &[title(mark)]));
                [Some(bar), mark].into_iter().flatten().collect::<Vec<_>>().join("; ")
            }
        }
    }
}

/// What the script needs to know to draw a picture, as JSON: the table's name and its columns.
fn drawing(chart: &Chart, table: &Table) -> String {
    let at = |key: &str| table.position(key);
    let mut drawing = serde_json::json!({ "of": chart.of, "label": at(chart.label), "most": chart.most });
    match &chart.shape {
        Shape::Heat { after } => drawing["after"] = serde_json::json!(at(after)),
        Shape::Bar { from, to, mark } => {
            drawing["from"] = serde_json::json!(from.and_then(at));
            drawing["to"] = serde_json::json!(at(to));
            drawing["mark"] = serde_json::json!(mark.and_then(at));
        }
    }
    drawing.to_string()
}

/// Whether a text of a column is an id that is kept on one line.
fn is_id(column: &Column, text: &str) -> bool {
    IDS.contains(&column.key.as_str()) && text.len() <= LONGEST_ID
}

/// A text in which nothing is taken for markup, and no mark of direction reaches beyond its cell.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in plain(text) {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            character => out.push(character),
        }
    }
    out
}

/// The characters of a text without those that would reach beyond it: marks of direction, and controls.
fn plain(text: &str) -> impl Iterator<Item = char> + '_ {
    let kept = |character: &char| !is_direction_mark(*character);
    let shown = |character: char| match character {
        '\n' | '\t' => character,
        character if character.is_control() => ' ',
        character => character,
    };
    text.chars().filter(kept).map(shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Published;

    const HOSTILE: &str = "</script><script>alert(1)</script>\" onload='x' \u{202e}=1+1";

    fn document() -> Document {
        let row = vec![Cell::Text(HOSTILE.to_owned()), Cell::Figure(Published::from_units(8381, 2))];
        let columns = vec![Column::new("service", HOSTILE), Column::new("score", "b")];
        let shape = Shape::Bar { from: None, to: "score", mark: None };
        let blocks = vec![
            Block::Heading(HOSTILE.to_owned()),
            Block::Part { kind: "service", id: HOSTILE.to_owned(), title: HOSTILE.to_owned() },
            Block::Paragraph(HOSTILE.to_owned()),
            Block::Chart(Chart { of: "t", label: "service", shape, most: Some(100) }),
            Block::Table(Table { name: "t", columns, rows: vec![row] }),
        ];
        Document { title: HOSTILE.to_owned(), blocks, ..Document::default() }
    }

    #[test]
    fn hostile_texts_stay_texts_and_figures_follow_the_language() {
        for folded in [false, true] {
            let style = Style { language: Language::Azerbaijani, folded, ..Style::default() };
            let text = write(&document(), style, &Links::default());
            let scripts = if folded { 2 } else { 1 };
            assert_eq!(text.matches("<script").count(), scripts, "the page's own alone");
            assert_eq!(text.matches("</script").count(), scripts);
            assert!(!text.contains("alert(1)</script>") && !text.contains('\u{202e}'));
            assert!(folded || !text.contains("onload='"));
            assert!(text.contains(if folded { ",\"83.81\"]" } else { ">83,81</td>" }));
            let text = text.replace("http://www.w3.org/2000/svg", "");
            assert!(!text.contains("http://") && !text.contains("https://"));
        }
    }

    #[test]
    fn a_folded_page_holds_each_text_once_and_draws_from_it() {
        let mut document = document();
        let blocks = document.blocks[1..].to_vec();
        document.blocks.extend(blocks);
        let style = Style { folded: true, ..Style::default() };
        let text = write(&document, style, &Links::default());
        let start = text.find("id=\"data\">").expect("data") + 10;
        let end = text[start..].find("</script>").expect("an end") + start;
        let data: serde_json::Value = serde_json::from_str(&text[start..end]).expect("JSON");
        assert_eq!(data["texts"].as_array().expect("texts").len(), 1);
        assert_eq!(data["tables"].as_array().expect("tables").len(), 1);
        assert_eq!(data["charts"].as_array().expect("charts").len(), 1);
        assert_eq!(data["texts"][0].as_str().expect("a text"), HOSTILE.replace('\u{202e}', ""));
    }
}
