#!/usr/bin/env python3
"""Cut the source extracts kept here out of the published files.

    python3 tests/published/extract.py FOLDER

FOLDER holds the published files, in `godi-2015`, `rdr-2022` and `asem-coinr`. Columns and rows are left out, cells are never
changed. It is needed only to renew `*/source/`; `convert.py` works from what is kept there.
"""

import csv
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
AGGREGATES = "Physical ConEcFin Political Instit P2P Environ Social SusEcFin Conn Sust Index".split()
QUESTIONS = "openlicense machinereadable free bulk uptodate online digital public exists".split()

# published file, columns kept (None: all), extract, rows kept
EXTRACTS = [
    ("godi-2015/entries.csv", ["place", "dataset", "score", *QUESTIONS], "godi-2015/source/entries.csv", {"year": "2015"}),
    ("godi-2015/places.csv", ["id", "name", "rank", "score"], "godi-2015/source/places.csv", {}),
    ("godi-2015/datasets.csv", ["id", "title", "rank", "score"], "godi-2015/source/datasets.csv", {}),
    ("godi-2015/questions.csv", ["id", "question", "score"], "godi-2015/source/questions.csv", {}),
    (
        "rdr-2022/2022-rdr-index-06-element-answers-slim.csv",
        ["Company", "Indicator", "Element", "Composite", "Class", "Service", "Result"],
        "rdr-2022-companies/source/element-answers.csv",
        {},
    ),
    (
        "rdr-2022/2022-rdr-index-05-level-scores.csv",
        ["Company", "Indicator", "Composite", "Service", "Score"],
        "rdr-2022-companies/source/level-scores.csv",
        {},
    ),
    (
        "rdr-2022/2022-rdr-index-04-indicator-scores.csv",
        ["Company", "Indicator", "Score"],
        "rdr-2022-companies/source/indicator-scores.csv",
        {},
    ),
    ("rdr-2022/2022-rdr-index-03-total-scores.csv", ["Company", "Score"], "rdr-2022-companies/source/total-scores.csv", {}),
    ("rdr-2022/2022-rdr-index-02-summary-scores.csv", None, "rdr-2022-companies/source/summary-scores.csv", {}),
    (
        "rdr-2022/2022-rdr-index-11-meta-elements.csv",
        ["Indicator", "Element", "description", "isReversedScoring"],
        "rdr-2022-companies/source/elements.csv",
        {},
    ),
    (
        "rdr-2022/2022-rdr-index-12-meta-indicators.csv",
        ["Category", "Indicator", "indicatorNr", "isParent", "labelLong", "scoringScope"],
        "rdr-2022-companies/source/indicators.csv",
        {},
    ),
    ("asem-coinr/iMeta.csv", ["Level", "iCode", "iName", "Weight", "Parent", "Type"], "asem-coinr/source/indicators.csv", {}),
    ("asem-coinr/norm_1_100.csv", None, "asem-coinr/source/normalised.csv", {}),
    ("asem-coinr/agg_1_100_a_amean.csv", ["uCode", *AGGREGATES], "asem-coinr/source/arithmetic.csv", {}),
    ("asem-coinr/agg_1_100_a_gmean.csv", ["uCode", *AGGREGATES], "asem-coinr/source/geometric.csv", {}),
    ("asem-coinr/effective_weights.csv", ["iCode", "EffWeight"], "asem-coinr/source/effective-weights.csv", {}),
    ("asem-coinr/loo_pillar_ranks.csv", None, "asem-coinr/source/leave-one-out-ranks.csv", {}),
    ("asem-coinr/ua_rankstats_norm_weights_N500.csv", None, "asem-coinr/source/rank-intervals.csv", {}),
    ("asem-coinr/corr_pillar_index_pearson.csv", None, "asem-coinr/source/pearson.csv", {}),
    ("asem-coinr/corr_pillar_index_spearman.csv", None, "asem-coinr/source/spearman.csv", {}),
    ("asem-coinr/corr_pillar_index_kendall.csv", None, "asem-coinr/source/kendall.csv", {}),
]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    for published, columns, extract, kept in EXTRACTS:
        with open(folder / published, encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        rows = [row for row in rows if all(row[column] == value for column, value in kept.items())]
        target = HERE / extract
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(target, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns or list(rows[0]), extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    (HERE / "asem-coinr/source/cronbach.txt").write_bytes((folder / "asem-coinr/cronbach.txt").read_bytes())


if __name__ == "__main__":
    main()
