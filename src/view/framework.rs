//! The framework as a tree or a table.

use super::Speech;
use crate::document::{Block, Cell, Column, ColumnPlace, Document, Fact, Table};
use crate::framework::{Children, Framework};
use crate::id::{GroupIndex, Node, ParameterIndex};
use crate::number::{Half, Published};

/// Places of a shown effective weight: three are enough to tell 143 parameters apart.
const DECIMALS: u32 = 3;

/// What of a framework is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Groups and parameters, indented.
    Tree,
    /// The parameters alone.
    List,
}

/// The framework, from one node down.
pub fn document(framework: &Framework, from: Node, shape: Shape, speech: &Speech) -> Document {
    let column = |key: &'static str| Column::new(key, speech.say(key));
    let columns = vec![
        column("id"),
        column("level").place(ColumnPlace::IfRoom(3)),
        column("title"),
        column("scale").place(ColumnPlace::IfRoom(4)),
        column("weight").place(ColumnPlace::IfRoom(2)),
        column("effective_weight"),
    ];
    let mut rows = Vec::new();
    walk(framework, from, 0, &mut |node, depth| {
        if shape == Shape::Tree || matches!(node, Node::Parameter(_)) {
            rows.push(row(framework, node, if shape == Shape::Tree { depth } else { 0 }, speech));
        }
    });
    let table = Table { name: "nodes", columns, rows };
    let status = framework.status.map(|status| match status {
        crate::framework::Status::Reference => speech.say("reference"),
        crate::framework::Status::Official => speech.say("official"),
    });
    let title = format!("{} {}", framework.title.get(&speech.texts), framework.version);
    let text = |text: &str| Fact::Value(Cell::Text(text.to_owned()));
    Document {
        schema: "asan-index/framework/1",
        title: status.map_or(title.clone(), |status| format!("{title} ({status})")),
        facts: vec![
            ("framework", text(&framework.id)),
            ("framework_version", text(&framework.version)),
            ("framework_sha256", text(&framework.hash)),
        ],
        blocks: vec![Block::Table(table)],
    }
}

fn walk(framework: &Framework, node: Node, depth: usize, visit: &mut impl FnMut(Node, usize)) {
    let Node::Group(at) = node else {
        visit(node, depth);
        return;
    };
    let below = if at == GroupIndex::ROOT { 0 } else { depth + 1 };
    if at != GroupIndex::ROOT {
        visit(node, depth);
    }
    let group = framework.group(at);
    match &group.children {
        Children::Groups(groups) => {
            groups.iter().for_each(|child| walk(framework, Node::Group(*child), below, visit))
        }
        Children::Parameters => {
            let parameters = group.parameters.clone().map(ParameterIndex::new);
            parameters.for_each(|child| visit(Node::Parameter(child), below));
        }
    }
}

fn row(framework: &Framework, node: Node, depth: usize, speech: &Speech) -> Vec<Cell> {
    let (id, level, title, scale, weight) = match node {
        Node::Group(at) => {
            let group = framework.group(at);
            (&group.id, framework.level(at), &group.title, String::new(), group.weight)
        }
        Node::Parameter(at) => {
            let parameter = framework.parameter(at);
            let scale = framework.scale(at);
            let name = scale.name.clone().unwrap_or_else(|| scale.kind_name().to_owned());
            (&parameter.id, framework.parameter_level(), &parameter.title, name, parameter.weight)
        }
    };
    let share = Published::from_ratio(&framework.nominal_share(node), DECIMALS, Half::Up);
    let text = |text: &str| Cell::Text(text.to_owned());
    vec![
        Cell::Nested(id.clone(), depth),
        speech.level(level),
        text(title.get(&speech.texts)),
        Cell::Text(scale),
        text(&weight.to_string()),
        Cell::Figure(share),
    ]
}
