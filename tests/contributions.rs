//! The last law of a composite index: contributions add up to the index, as printed.

mod support;

use std::collections::HashSet;

use support::Folder;

/// A figure in units of its last place.
fn units(figure: &serde_json::Value) -> i64 {
    let text = figure.as_str().expect("a figure");
    text.replace('.', "").parse().expect("a number")
}

#[test]
fn shown_contributions_add_up_to_the_published_index() {
    for seed in 1..=5 {
        let folder = Folder::with(&[]);
        folder.run(&["demo", "r", "--services", "8", "--seed", &seed.to_string()]).exits(0);
        let scores = folder.run(&["score", "r", "--format", "json"]).exits(0);
        let scores: serde_json::Value = serde_json::from_str(&scores.out()).expect("JSON");
        let parameters = folder.run(&["framework", "list", "--format", "json"]).exits(0);
        let parameters: serde_json::Value = serde_json::from_str(&parameters.out()).expect("JSON");
        let ids: HashSet<&str> = parameters["nodes"]
            .as_array()
            .expect("nodes")
            .iter()
            .filter_map(|node| node["id"].as_str())
            .collect();
        assert_eq!(ids.len(), 143);
        for row in scores["ranking"].as_array().expect("a ranking") {
            let service = row["service"].as_str().expect("an id");
            let run = folder.run(&["explain", service, "-C", "r", "--format", "json"]).exits(0);
            let explained: serde_json::Value = serde_json::from_str(&run.out()).expect("JSON");
            let nodes = explained["nodes"].as_array().expect("nodes").iter();
            let leaves = nodes.filter(|node| node["id"].as_str().is_some_and(|id| ids.contains(id)));
            let sum: i64 =
                leaves.map(|node| &node["contribution"]).filter(|figure| !figure.is_null()).map(units).sum();
            assert_eq!(sum, units(&row["index"]), "seed {seed}, {service}");
        }
    }
}
