#!/usr/bin/env python3
"""Write published indices as frameworks and rounds in the program's own file formats.

    python3 tests/published/convert.py

Reads each `source/` beside this file, and writes anew the folders `framework*`, `round*` and `expected` beside it. The same
source gives the same bytes. Nothing is scored here: `expected/` holds the figures that the publishers computed.
"""

import csv
import json
import re
import shutil
from decimal import Decimal
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main():
    godi_2015()
    rdr_2022_companies()
    rdr_2022_services()
    asem()


# ---------------------------------------------------------------------------------------------------------------- files


def fresh(index, *folders):
    """The folder of an index, with its generated folders emptied."""
    for folder in folders:
        shutil.rmtree(HERE / index / folder, ignore_errors=True)
    return HERE / index


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def write_rows(path, header, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def quoted(text):
    """A YAML text in double quotes, whatever it holds: a JSON string is one."""
    return json.dumps(text, ensure_ascii=False)


def slug(name):
    """An id from a name: `iOS (mobile ecosystem)` becomes `ios-mobile-ecosystem`."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def counted(path, rows, count):
    if len(rows) != count:
        raise SystemExit(f"{path}: {len(rows)} rows where there should be {count}")
    return rows


# -------------------------------------------------------------------------------------------- Global Open Data Index 2015


def godi_2015():
    """A place is an entity, each of its data sets a service, each question a parameter that weighs its points."""
    folder = fresh("godi-2015", "framework", "round", "expected")
    source = folder / "source"
    questions = rows_of(source / "questions.csv")
    entries = sorted(rows_of(source / "entries.csv"), key=lambda row: (row["place"], row["dataset"]))
    counted("entries.csv", entries, 122 * 13)
    assessed = {row["place"] for row in entries}
    asked = {row["dataset"] for row in entries}
    places = sorted((row for row in rows_of(source / "places.csv") if row["id"] in assessed), key=lambda row: row["id"])
    counted("places.csv", places, 122)
    data_sets = sorted((row for row in rows_of(source / "datasets.csv") if row["id"] in asked), key=lambda row: row["id"])

    parameters = "".join(
        f"      - {{ id: {row['id']}, title: {quoted(row['question'])}, question: {quoted(row['question'])}, "
        f"scale: found, weight: {row['score']} }}\n"
        for row in questions
    )
    write(
        folder / "framework/framework.yaml",
        f"""\
# Written by tests/published/convert.py from the questions in ../source; see ../SOURCE.md.
framework: godi-2015
version: "2015"
title: {{ en: "Global Open Data Index 2015" }}
levels: [part, question]
counts: {{ part: 1, question: {len(questions)} }}
languages: [en]
sources:
  - {{ title: "Open Knowledge, Global Open Data Index", url: "https://github.com/okfn/opendataindex" }}
policy:
  missing: zero              # a question without an answer earns no points
  aggregation: arithmetic
  decimals: 0
  rounding: end
  half: up
  ranks: published           # places with the same rounded score share a rank
  entity_from: published     # a place's score is the mean of its rounded entry scores
categories:
  place: {{ en: "Places" }}
scales:
  found:
    choices:
      - {{ answer: "yes", score: 1, title: {{ en: "Yes" }} }}
      - {{ answer: "no", score: 0, title: {{ en: "No" }} }}
      - {{ answer: "unsure", score: 0, title: {{ en: "Unsure" }} }}
groups:
  - id: openness
    title: "Openness of the data set"
    parameters:
{parameters}""",
    )

    titles = {row["id"]: row["title"].strip() for row in data_sets}
    names = {row["id"]: row["name"] for row in places}
    write(
        folder / "round/round.yaml",
        """\
id: godi-2015
title: "Global Open Data Index 2015"
language: en
framework: ../framework
""",
    )
    write_rows(
        folder / "round/entities.csv",
        ["entity", "title", "category"],
        [[row["id"], row["name"], "place"] for row in places],
    )
    write_rows(
        folder / "round/services.csv",
        ["service", "title", "entity", "peer_group"],
        [
            [f"{place}-{data_set}", f"{names[place]}: {titles[data_set]}", place, data_set]
            for place in sorted(names)
            for data_set in sorted(titles)
        ],
    )
    write_rows(
        folder / "round/answers/entries.csv",
        ["service", "parameter", "answer"],
        [
            [f"{row['place']}-{row['dataset']}", question["id"], row[question["id"]]]
            for row in entries
            for question in questions
        ],
    )

    write_rows(
        folder / "expected/places.csv", ["place", "score", "rank"], [[row["id"], row["score"], row["rank"]] for row in places]
    )
    write_rows(
        folder / "expected/entries.csv",
        ["service", "score"],
        [[f"{row['place']}-{row['dataset']}", row["score"]] for row in entries],
    )
    write_rows(
        folder / "expected/data-sets.csv",
        ["data_set", "score", "rank"],
        [[row["id"], row["score"], row["rank"]] for row in data_sets],
    )


# --------------------------------------------------------------------------------------- Ranking Digital Rights 2022: both

RDR_SOURCE = HERE / "rdr-2022-companies/source"
COMPOSITES = {"Group": "Group", "OpCom": "Operating company", "Services": "Services"}
SLOT_TITLES = {"group": "Group", "opcom": "Operating company"}
RDR_SOURCES = """\
sources:
  - { title: "Ranking Digital Rights, 2022 Big Tech Scorecard (CC BY 4.0)", url: "https://github.com/rankingdigitalrights/index2022" }
"""
RDR_POLICY = """\
policy:
  missing: exclude           # what was not asked does not count
  not_applicable: exclude    # nor does what does not apply
  aggregation: arithmetic
  decimals: 2
  rounding: end
  half: up
categories:
  digital-platform: { en: "Digital platforms" }
"""
RDR_SCALES = """\
scales:
  disclosed:
    choices:
      - { answer: "yes", score: 1, title: { en: "Yes" } }
      - { answer: "partial", score: 0.5, title: { en: "Partial" } }
      - { answer: "no", score: 0, title: { en: "No" } }
      - { answer: "no disclosure found", score: 0, title: { en: "No disclosure found" } }
  reversed:
    choices:
      - { answer: "no", score: 1, title: { en: "No" } }
      - { answer: "partial", score: 0.5, title: { en: "Partial" } }
      - { answer: "yes", score: 0, title: { en: "Yes" } }
"""


def rdr_answers():
    return counted("element-answers.csv", rows_of(RDR_SOURCE / "element-answers.csv"), 15827)


def rdr_families():
    """Families in order: name, title, and indicators with their titles. An indicator without siblings is its own family."""
    families = {}
    for row in rows_of(RDR_SOURCE / "indicators.csv"):
        name = f"{row['Category']}{int(row['indicatorNr']):02}"
        title, indicators = families.setdefault(name, (row["labelLong"], {}))
        if row["isParent"] == "FALSE":
            indicators[row["Indicator"]] = row["labelLong"]
    return families


def rdr_elements():
    """The elements of each indicator, in order."""
    elements = {}
    for row in counted("elements.csv", rows_of(RDR_SOURCE / "elements.csv"), 335):
        elements.setdefault(row["Indicator"], []).append(row)
    return elements


def rdr_scale(element):
    return "reversed" if element["isReversedScoring"] == "TRUE" else "disclosed"


def rdr_group_id(published):
    """The group that a published indicator score belongs to: a parent such as G04 is a family here."""
    families = rdr_families()
    if published in families and published not in families[published][1]:
        return f"{published}.family"
    return published


def rdr_summary_columns():
    """The columns of the summary that hold indicators (`G4a` for G04a), and the groups they belong to."""
    indicators = [row["Indicator"] for row in rows_of(RDR_SOURCE / "indicators.csv")]
    return {re.sub(r"0(?=\d)", "", indicator): rdr_group_id(indicator) for indicator in indicators}


def figure(published):
    """A published figure as the program writes it: two decimals, nothing where it does not apply."""
    return "" if published in ("NA", "N/A") else f"{Decimal(published):.2f}"


def companies():
    return sorted({row["Company"] for row in rdr_answers()}, key=slug)


# ----------------------------------------------------------------------------------- Ranking Digital Rights 2022: companies


def rdr_2022_companies():
    """A company is a service, and each level of it (group, operating company, each service) a group under each indicator."""
    folder = fresh("rdr-2022-companies", "framework", "round", "expected")
    answers = rdr_answers()
    slots = rdr_slots(answers)
    families = rdr_families()
    elements = rdr_elements()
    most = max(int(slot.rsplit("-", 1)[1]) for slot in slots.values() if slot.startswith("service-"))
    asked = {(row["Indicator"], row["Composite"]) for row in answers}

    counts = dict.fromkeys(["family", "indicator", "composite", "level", "element"], 0)
    files = []
    for family, (title, indicators) in families.items():
        counts["family"] += 1
        lines = [f"id: {family}.family", f"title: {quoted(title)}", "groups:"]
        for indicator, indicator_title in indicators.items():
            counts["indicator"] += 1
            lines += [f"  - id: {indicator}", f"    title: {quoted(indicator_title)}", "    groups:"]
            for composite, composite_title in COMPOSITES.items():
                if (indicator, composite) not in asked:
                    continue
                counts["composite"] += 1
                lines += [
                    f"      - id: {indicator}.{composite.lower()}",
                    f"        title: {quoted(composite_title)}",
                    "        groups:",
                ]
                for slot in rdr_slots_of(composite, most):
                    counts["level"] += 1
                    lines += [
                        f"          - id: {level_id(indicator, slot)}",
                        f"            title: {quoted(SLOT_TITLES.get(slot) or slot.replace('-', ' ').capitalize())}",
                        "            parameters:",
                    ]
                    for element in elements[indicator]:
                        counts["element"] += 1
                        name = element["Element"]
                        lines.append(
                            f"              - {{ id: {name}.{slot}, title: {quoted(f'{name} {slot}')}, "
                            f"question: {quoted(element['description'])}, scale: {rdr_scale(element)}, optional: true }}"
                        )
        write(folder / f"framework/{family}.yaml", "\n".join(lines) + "\n")
        files.append(f"  - file: {family}.yaml\n")
    write(
        folder / "framework/framework.yaml",
        f"""\
# Written by tests/published/convert.py, as are the files beside this one; see ../SOURCE.md. All weights are equal.
framework: rdr-2022-companies
version: "2022"
title: {{ en: "2022 Big Tech Scorecard: companies" }}
levels: [{', '.join(counts)}]
counts: {{ {', '.join(f'{level}: {count}' for level, count in counts.items())} }}
languages: [en]
{RDR_SOURCES}{RDR_POLICY}{RDR_SCALES}groups:
{''.join(files)}""",
    )

    write(
        folder / "round/round.yaml",
        """\
id: rdr-2022-companies
title: "2022 Big Tech Scorecard: companies"
language: en
framework: ../framework
""",
    )
    write_rows(
        folder / "round/entities.csv",
        ["entity", "title", "category"],
        [[slug(name), name, "digital-platform"] for name in companies()],
    )
    write_rows(
        folder / "round/services.csv",
        ["service", "title", "entity"],
        [[slug(name), name, slug(name)] for name in companies()],
    )
    for company in companies():
        write_rows(
            folder / f"round/answers/{slug(company)}.csv",
            ["parameter", "answer"],
            [
                [f"{row['Element']}.{slots[company, row['Service']]}", row["Result"]]
                for row in answers
                if row["Company"] == company
            ],
        )

    write_rows(
        folder / "expected/slots.csv",
        ["company", "slot", "service"],
        [[slug(company), slot, service] for (company, service), slot in slots.items() if slot.startswith("service-")],
    )
    # The publisher rounded once for its summary, and at every level for its files of indicators and totals.
    summary = [row for row in rows_of(RDR_SOURCE / "summary-scores.csv") if row["Service"] == "Total"]
    write_rows(
        folder / "expected/totals.csv",
        ["company", "total"],
        [[slug(row["Company"]), figure(row["Total"])] for row in counted("summary-scores.csv", summary, 14)],
    )
    write_rows(
        folder / "expected/indicators.csv",
        ["company", "group", "score"],
        [
            [slug(row["Company"]), group, figure(row[column])]
            for row in summary
            for column, group in rdr_summary_columns().items()
        ],
    )
    write_rows(
        folder / "expected/totals-each-level.csv",
        ["company", "total"],
        [
            [slug(row["Company"]), figure(row["Score"])]
            for row in counted("total-scores.csv", rows_of(RDR_SOURCE / "total-scores.csv"), 14)
        ],
    )
    write_rows(
        folder / "expected/levels.csv",
        ["company", "group", "score"],
        [
            [slug(row["Company"]), level_id(row["Indicator"], slots[row["Company"], row["Service"]]), figure(row["Score"])]
            for row in counted("level-scores.csv", rows_of(RDR_SOURCE / "level-scores.csv"), 2660)
        ],
    )
    write_rows(
        folder / "expected/indicators-each-level.csv",
        ["company", "group", "score"],
        [
            [slug(row["Company"]), rdr_group_id(row["Indicator"]), figure(row["Score"])]
            for row in counted("indicator-scores.csv", rows_of(RDR_SOURCE / "indicator-scores.csv"), 980)
        ],
    )


def rdr_slots(answers):
    """Which slot of the framework each level of a company takes: its services are numbered in the order of the source."""
    slots = {}
    for row in answers:
        key = row["Company"], row["Service"]
        if key in slots:
            continue
        if row["Composite"] == "Services":
            number = 1 + sum(1 for company, service in slots if company == row["Company"] and service not in COMPOSITES)
            slots[key] = f"service-{number}"
        else:
            slots[key] = row["Composite"].lower()
    return slots


def rdr_slots_of(composite, most):
    return [f"service-{number}" for number in range(1, most + 1)] if composite == "Services" else [composite.lower()]


def level_id(indicator, slot):
    return f"{indicator}.level.{slot}"


# ------------------------------------------------------------------------------------ Ranking Digital Rights 2022: services

# What the publisher printed in the row of one service, and what follows from the answers to its elements.
RDR_EXCEPTIONS = [
    ["android-mobile-ecosystem", "", "42.71", "44.54"],
    ["android-mobile-ecosystem", "F03.family", "20.00", "71.59"],
    ["android-mobile-ecosystem", "F04.family", "36.67", "13.89"],
    ["android-mobile-ecosystem", "F05.family", "32.55", "85.00"],
]


def rdr_2022_services():
    """A service is a service, its company the entity, which answers for the indicators that are asked of companies only."""
    folder = fresh("rdr-2022-services", "framework", "round", "expected")
    answers = rdr_answers()
    families = rdr_families()
    elements = rdr_elements()
    scope = {row["Indicator"]: row["scoringScope"] for row in rows_of(RDR_SOURCE / "indicators.csv")}

    counts = dict.fromkeys(["family", "indicator", "element"], 0)
    lines = []
    for family, (title, indicators) in families.items():
        counts["family"] += 1
        lines += [f"  - id: {family}.family", f"    title: {quoted(title)}", "    groups:"]
        for indicator, indicator_title in indicators.items():
            counts["indicator"] += 1
            lines += [f"      - id: {indicator}", f"        title: {quoted(indicator_title)}"]
            if scope[indicator] == "company":
                lines.append("        asked: entity")
            lines.append("        parameters:")
            for element in elements[indicator]:
                counts["element"] += 1
                name = element["Element"]
                lines.append(
                    f"          - {{ id: {name}, title: {quoted(name)}, question: {quoted(element['description'])}, "
                    f"scale: {rdr_scale(element)}, optional: true }}"
                )
    write(
        folder / "framework/framework.yaml",
        f"""\
# Written by tests/published/convert.py; see ../SOURCE.md. All weights are equal.
framework: rdr-2022-services
version: "2022"
title: {{ en: "2022 Big Tech Scorecard: services" }}
levels: [{', '.join(counts)}]
counts: {{ {', '.join(f'{level}: {count}' for level, count in counts.items())} }}
languages: [en]
{RDR_SOURCES}{RDR_POLICY}{RDR_SCALES}groups:
""" + "\n".join(lines) + "\n",
    )

    services = {}
    company_answers = []
    for row in answers:
        of_company = scope[row["Indicator"]] == "company"
        if row["Composite"] == "Services":
            if of_company:
                raise SystemExit(f"{row['Indicator']} is asked of companies, but {row['Service']} has an answer to it")
            key = slug(row["Service"])
            service = services.setdefault(key, {"row": row, "answers": {}})
            if service["row"]["Company"] != row["Company"]:
                raise SystemExit(f"two companies have a service {key}")
            service["answers"][row["Element"]] = row["Result"]
        elif of_company and row["Composite"] == "Group":
            company_answers.append([slug(row["Company"]), row["Element"], row["Result"]])
        elif of_company and row["Result"] != "NA":
            raise SystemExit(f"{row['Company']}: an operating company's answer to {row['Element']} has no place here")
    counted("services", list(services), 43)

    write(
        folder / "round/round.yaml",
        """\
id: rdr-2022-services
title: "2022 Big Tech Scorecard: services"
language: en
framework: ../framework
""",
    )
    write_rows(
        folder / "round/entities.csv",
        ["entity", "title", "category"],
        [[slug(name), name, "digital-platform"] for name in companies()],
    )
    write_rows(
        folder / "round/services.csv",
        ["service", "title", "entity", "peer_group"],
        [
            [key, service["row"]["Service"], slug(service["row"]["Company"]), service["row"]["Class"]]
            for key, service in sorted(services.items())
        ],
    )
    columns = [
        element["Element"] for name, of_one in elements.items() if scope[name] != "company" for element in of_one
    ]
    write_rows(
        folder / "round/answers/services.csv",
        ["service", *columns],
        [[key, *(service["answers"][column] for column in columns)] for key, service in sorted(services.items())],
    )
    write_rows(folder / "round/answers/companies.csv", ["entity", "parameter", "answer"], company_answers)

    # `Vkontakte` in the answers is `VKontakte` in the summary: both make the id `vkontakte`.
    summary = {
        slug(row["Service"]): row
        for row in rows_of(RDR_SOURCE / "summary-scores.csv")
        if row["Service"] not in ("all companies", "Total", "Group")
    }
    if sorted(summary) != sorted(services):
        raise SystemExit("the services of the summary are not those of the answers")
    write_rows(
        folder / "expected/totals.csv", ["service", "total"], [[key, figure(row["Total"])] for key, row in sorted(summary.items())]
    )
    write_rows(
        folder / "expected/groups.csv",
        ["service", "group", "score"],
        [
            [key, group, figure(row[column])]
            for key, row in sorted(summary.items())
            for column, group in rdr_summary_columns().items()
        ],
    )
    write_rows(folder / "expected/exceptions.csv", ["service", "group", "published", "from_answers"], RDR_EXCEPTIONS)


# ------------------------------------------------------------------------------------------------- ASEM, computed by COINr


MEANS = ["arithmetic", "geometric"]


def asem():
    """A country is a service, an indicator a number from 0 to 100; the same answers under two means."""
    folder = fresh("asem-coinr", *(f"{kind}-{mean}" for kind in ("framework", "round") for mean in MEANS), "expected")
    source = folder / "source"
    nodes = [row for row in rows_of(source / "indicators.csv") if row["Type"] in ("Indicator", "Aggregate")]
    under = {}
    for node in nodes:
        under.setdefault(node["Parent"], []).append(node)
    parameters = counted("indicators.csv", [node["iCode"] for node in nodes if node["Type"] == "Indicator"], 49)
    countries = counted("normalised.csv", sorted(rows_of(source / "normalised.csv"), key=lambda row: row["uCode"]), 51)

    groups = []
    for sub_index in under["Index"]:
        groups += [f"  - id: {sub_index['iCode']}", f"    title: {quoted(sub_index['iName'])}", "    groups:"]
        for pillar in under[sub_index["iCode"]]:
            groups += [f"      - id: {pillar['iCode']}", f"        title: {quoted(pillar['iName'])}", "        parameters:"]
            for indicator in under[pillar["iCode"]]:
                name = indicator["iName"]
                groups.append(
                    f"          - {{ id: {indicator['iCode']}, title: {quoted(name)}, "
                    f"question: {quoted(f'{name}, brought to 1 to 100')}, scale: normalised, weight: {indicator['Weight']} }}"
                )
    for mean in MEANS:
        write(
            folder / f"framework-{mean}/framework.yaml",
            f"""\
# Written by tests/published/convert.py; see ../SOURCE.md.
framework: asem-{mean}
version: "1"
title: {{ en: "ASEM sustainable connectivity, {mean} means" }}
levels: [sub-index, pillar, indicator]
counts: {{ sub-index: 2, pillar: 8, indicator: 49 }}
languages: [en]
sources:
  - {{ title: "COINr, a package for composite indicators, with the data of the ASEM Sustainable Connectivity Portal", url: "https://github.com/bluefoxr/COINr" }}
policy:
  missing: reject            # the data has no gap
  aggregation: {mean}
  decimals: 9
  rounding: end
scales:
  normalised:
    number: {{ unit: point, min: 0, max: 100, points: [[0, 0], [100, 1]] }}
groups:
""" + "\n".join(groups) + "\n",
        )
        write(
            folder / f"round-{mean}/round.yaml",
            f"""\
id: asem-{mean}
title: "ASEM sustainable connectivity, {mean} means"
language: en
framework: ../framework-{mean}
""",
        )
        write_rows(
            folder / f"round-{mean}/answers/countries.csv",
            ["service", *parameters],
            [[row["uCode"], *(nine_places(row[parameter]) for parameter in parameters)] for row in countries],
        )
        aggregates = [node["iCode"] for node in nodes if node["Type"] == "Aggregate"]
        write_rows(
            folder / f"expected/{mean}.csv",
            ["country", "group", "score"],
            [
                [row["uCode"], "" if group == "Index" else group, row[group]]
                for row in counted(f"{mean}.csv", rows_of(source / f"{mean}.csv"), 51)
                for group in aggregates
            ],
        )

    write_rows(
        folder / "expected/effective-weights.csv",
        ["id", "weight"],
        [[row["iCode"], row["EffWeight"]] for row in rows_of(source / "effective-weights.csv") if row["iCode"] != "Index"],
    )
    write_rows(
        folder / "expected/leave-one-out-ranks.csv",
        ["country", "left_out", "rank"],
        [
            [row["uCode"], "" if column == "Nominal" else column, rank]
            for row in rows_of(source / "leave-one-out-ranks.csv")
            for column, rank in row.items()
            if column != "uCode"
        ],
    )
    write_rows(
        folder / "expected/rank-intervals.csv",
        ["country", "rank", "low", "high"],
        [[row["uCode"], row["Nominal"], row["Q5"], row["Q95"]] for row in rows_of(source / "rank-intervals.csv")],
    )
    write_rows(
        folder / "expected/correlations.csv",
        ["method", "group", "with_index"],
        [
            [method, row["Var2"], row["Correlation"]]
            for method in ("pearson", "spearman", "kendall")
            for row in rows_of(source / f"{method}.csv")
        ],
    )
    alphas = [line.split() for line in (source / "cronbach.txt").read_text(encoding="utf-8").splitlines()]
    write_rows(
        folder / "expected/alpha.csv",
        ["group", "alpha"],
        [["" if words[0].startswith("ALL") else words[0], words[-1]] for words in alphas],
    )


def nine_places(number):
    """A number cut after nine decimal places, as many as a score has."""
    whole, _, places = number.partition(".")
    return f"{whole}.{places[:9]}" if places else whole


if __name__ == "__main__":
    main()
