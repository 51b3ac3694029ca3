//! Documents as one self-contained HTML file: no network, no other file, readable without its script.
//!
//! Every text is escaped, and a policy in the head keeps the file from loading or sending anything.

use std::collections::HashSet;

use crate::document::{Block, Cell, Document, Table};
use crate::messages::Language;

/// The policy of the page: its own style and script, and nothing from anywhere else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; \
                      base-uri 'none'; form-action 'none'";

/// A document's text.
pub fn write(document: &Document, language: Language) -> String {
    let page = Page { document, language, anchors: anchors(document) };
    let draft = language.say("draft");
    let banner = match document.title.contains(&format!("[{draft}]")) {
        true => format!("<header class=\"draft\">{}</header>\n", escaped(draft)),
        false => String::new(),
    };
    format!(
        "<!DOCTYPE html>\n<html lang=\"{code}\" data-filter=\"{filter}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>\n{style}</style>\n</head>\n<body>\n{banner}<main>\n<h1>{title}</h1>\n{nav}{body}</main>\n\
         <script>\n{script}</script>\n</body>\n</html>\n",
        code = language.code(),
        filter = escaped(language.say("filter")),
        title = escaped(&document.title),
        style = include_str!("html/style.css"),
        nav = page.contents(),
        body = page.body(),
        script = include_str!("html/script.js"),
    )
}

/// What the anchors of a document's parts are.
fn anchors(document: &Document) -> HashSet<&str> {
    let anchor = |block: &'_ Block| match block {
        Block::Part { .. } => true,
        Block::Heading(_) | Block::Paragraph(_) | Block::Table(_) => false,
    };
    let parts = document.blocks.iter().filter(|block| anchor(block));
    parts
        .filter_map(|block| match block {
            Block::Part { id, .. } => Some(id.as_str()),
            Block::Heading(_) | Block::Paragraph(_) | Block::Table(_) => None,
        })
        .collect()
}

struct Page<'a> {
    document: &'a Document,
    language: Language,
    anchors: HashSet<&'a str>,
}

impl Page<'_> {
    fn contents(&self) -> String {
        let headings = self.document.blocks.iter().enumerate().filter_map(|(at, block)| match block {
            Block::Heading(words) => Some(format!("<li><a href=\"#h{at}\">{}</a></li>\n", escaped(words))),
            Block::Part { .. } | Block::Paragraph(_) | Block::Table(_) => None,
        });
        let list: String = headings.collect();
        if list.is_empty() {
            return String::new();
        }
        let name = escaped(self.language.say("contents"));
        format!("<nav aria-label=\"{name}\">\n<ul>\n{list}</ul>\n</nav>\n")
    }

    fn body(&self) -> String {
        let mut text = String::new();
        let mut heading = self.document.title.as_str();
        let mut in_part = false;
        for (at, block) in self.document.blocks.iter().enumerate() {
            let ends_part = matches!(block, Block::Heading(_) | Block::Part { .. });
            if ends_part && std::mem::take(&mut in_part) {
                text.push_str("</section>\n");
            }
            match block {
                Block::Heading(words) => {
                    heading = words;
                    text.push_str(&format!("<h2 id=\"h{at}\">{}</h2>\n", escaped(words)));
                }
                Block::Part { id, title } => {
                    heading = title;
                    in_part = true;
                    let title = escaped(title);
                    text.push_str(&format!("<section id=\"{}\">\n<h3>{title}</h3>\n", anchor(id)));
                }
                Block::Paragraph(words) => text.push_str(&format!("<p>{}</p>\n", escaped(words))),
                Block::Table(table) => text.push_str(&self.table(table, heading)),
            }
        }
        if in_part {
            text.push_str("</section>\n");
        }
        text
    }

    fn table(&self, table: &Table, name: &str) -> String {
        let mut text = bars(table).unwrap_or_default();
        let name = escaped(name);
        text.push_str(&format!(
            "<div class=\"table\" role=\"group\" aria-label=\"{name}\" tabindex=\"0\">\n<table>\n<thead><tr>"
        ));
        for column in &table.columns {
            text.push_str(&format!("<th scope=\"col\">{}</th>", escaped(&column.title)));
        }
        text.push_str("</tr></thead>\n<tbody>\n");
        for row in &table.rows {
            text.push_str("<tr>");
            for cell in row {
                text.push_str(&self.cell(cell));
            }
            text.push_str("</tr>\n");
        }
        text.push_str("</tbody>\n</table>\n</div>\n");
        text
    }

    fn cell(&self, cell: &Cell) -> String {
        match cell {
            Cell::Blank => "<td></td>".to_owned(),
            Cell::Text(text) if self.anchors.contains(text.as_str()) => {
                format!("<td><a href=\"#{}\">{}</a></td>", anchor(text), escaped(text))
            }
            Cell::Text(text) | Cell::Band(text, _, _) | Cell::Remark(text) => {
                format!("<td>{}</td>", escaped(text))
            }
            Cell::Noted(text, note) => format!("<td>{} ({})</td>", escaped(text), escaped(note)),
            Cell::Nested(text, depth) => {
                format!("<td style=\"padding-left:{}em\">{}</td>", depth + 1, escaped(text))
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
}

/// A table of names and counts is drawn as bars too; the table below is its text.
fn bars(table: &Table) -> Option<String> {
    let bar = |row: &Vec<Cell>| match row.as_slice() {
        [Cell::Text(name), Cell::Count(count)] => Some((name.clone(), *count)),
        _ => None,
    };
    let bars: Vec<(String, usize)> = table.rows.iter().map(bar).collect::<Option<_>>()?;
    let most = bars.iter().map(|(_, count)| *count).max().filter(|most| *most > 0)?;
    let mut text = format!(
        "<svg width=\"640\" height=\"{}\" viewBox=\"0 0 640 {0}\" aria-hidden=\"true\">\n",
        bars.len() * 22
    );
    for (at, (name, count)) in bars.iter().enumerate() {
        let (top, width) = (at * 22, count * 480 / most);
        let name: String = name.chars().take(14).collect();
        text.push_str(&format!(
            "<text x=\"0\" y=\"{}\">{}</text><rect x=\"100\" y=\"{}\" width=\"{width}\" height=\"16\"/>\
             <text x=\"{}\" y=\"{0}\">{count}</text>\n",
            top + 15,
            escaped(&name),
            top + 2,
            106 + width,
        ));
    }
    text.push_str("</svg>\n");
    Some(text)
}

/// An id as an anchor: ids may hold anything, anchors no white space.
fn anchor(id: &str) -> String {
    let safe = |c: char| {
        if c.is_alphanumeric() || "-._".contains(c) { c.to_string() } else { format!("~{:x}", u32::from(c)) }
    };
    format!("p-{}", id.chars().map(safe).collect::<String>())
}

/// A text in which nothing is taken for markup, and no mark of direction reaches beyond its cell.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            '\n' | '\t' => out.push(character),
            character if character.is_control() => out.push(' '),
            character => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Column;
    use crate::number::Published;

    #[test]
    fn hostile_texts_stay_texts_and_figures_follow_the_language() {
        let hostile = "</script><script>alert(1)</script>\" onload='x' \u{202e}=1+1";
        let row = vec![Cell::Text(hostile.to_owned()), Cell::Figure(Published::from_units(8381, 2))];
        let columns = vec![Column::new("a", hostile), Column::new("b", "b")];
        let blocks = vec![
            Block::Heading(hostile.to_owned()),
            Block::Part { id: hostile.to_owned(), title: hostile.to_owned() },
            Block::Paragraph(hostile.to_owned()),
            Block::Table(Table { name: "t", columns, rows: vec![row] }),
        ];
        let document = Document { title: hostile.to_owned(), blocks, ..Document::default() };
        let text = write(&document, Language::Azerbaijani);
        assert_eq!(text.matches("<script").count(), 1, "the page's own script alone");
        assert!(!text.contains("alert(1)</script>") && !text.contains('\u{202e}'));
        assert!(!text.contains("onload='") && text.contains(">83,81</td>"));
        assert!(!text.contains("http://") && !text.contains("https://"));
    }
}
