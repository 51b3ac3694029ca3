"""Fills the sheets of a template with openpyxl, another library than the one that wrote them, by chance:
answers of every kind, gaps, and where `junk` says so what is no answer. The same answers go into a CSV."""

import csv
import re

import openpyxl

# The columns of a sheet, and its first question's row.
PARAMETER, ANSWERS, ANSWER, EVIDENCE, COMMENT, SUBJECT = 1, 3, 5, 6, 7, 9
FIRST = 5
# What might do harm as evidence or comment, each to be kept as the text that it is.
HOSTILE = ["=1+1", "+2", "-3", "@SUM(A1)", "'=4", "<script>alert(1)</script>", "\u202eright to left", 'a "quote"', "a;b,c", "line\nbreak", "x" * 10_000]
JUNK = ["maybe", "-", "1,234.5", "51/50", "5 / 0", "1 2", "5.", ".5", "--5", "1e1", "120%", "web;nothing", "none; web", ";", "5/12/2025"]


def sheets(workbook):
    """The sheets that are to be filled: those with a stamp below their title."""
    return [sheet for sheet in workbook.worksheets if str(sheet["A2"].value).startswith("asan-index/sheet/1 ")]


def rule_of(sheet, cell):
    return next(rule for rule in sheet.data_validations.dataValidation if cell.coordinate in rule.sqref)


def words(workbook, place):
    name, cells = place.lstrip("=").split("!")
    return [row[0].value for row in workbook[name][cells.replace("$", "")]]


def answer(workbook, sheet, cell, offered, chance):
    """An answer that the cell takes, as people write them."""
    rule = rule_of(sheet, cell)
    formula = rule.formula1 or ""
    optional = "n/a" in offered or "tətbiq" in offered
    if rule.type == "list":
        return chance.choice(words(workbook, formula))
    if optional and chance.random() < 0.15:
        return "n/a"
    if several := re.search(r"_s\d+", formula):
        known = words(workbook, workbook.defined_names[several[0]].attr_text)
        return chance.choice(["; ", ";", "|"]).join(chance.sample(known, chance.randint(1, len(known))))
    number = re.search(r"(-?[\d,.]+) – (-?[\d,.]+)|≥ (-?[\d,.]+)", offered)
    low, high = (float((part or "90").replace(",", ".")) for part in (number[1] or number[3], number[2]))
    value = chance.choice([low, high, round(chance.uniform(low, high)), round(chance.uniform(low, high), 3)])
    if rule.type == "decimal":
        return value
    if "48/50" in offered and chance.random() < 0.5:
        whole = chance.randint(1, 99)
        return f"{chance.randint(0, whole)}{chance.choice(['/', ' / '])}{whole}"
    text = f"{value:g}"
    return chance.choice([text, text.replace(".", ","), text + ("%" if "%" in offered else "")])


def fill(workbook, chance, junk=0.0):
    """Fills every open cell; returns rows of (entity or service, id, parameter, answer, evidence,
    comment)."""
    rows = []
    for sheet in sheets(workbook):
        assert sheet.protection.sheet, "the sheet is protected"
        kind = "entity" if sheet["J4"].value in ("entity", "qurum") else "service"
        gaps = chance.choice([0, 0.1, 0.5])
        for row in sheet.iter_rows(min_row=FIRST):
            cell = row[ANSWER]
            if cell.protection.locked:
                assert cell.value is None, "what does not apply is blank"
                continue
            if chance.random() >= gaps:
                cell.value = answer(workbook, sheet, cell, row[ANSWERS].value, chance)
            if chance.random() < junk:
                cell.value = chance.choice(JUNK)
            if chance.random() < 0.9:
                for text in (row[EVIDENCE], row[COMMENT]):
                    text.value = chance.choice(["seen", *HOSTILE])
                    text.data_type = "s"
            rows.append((kind, row[SUBJECT].value, row[PARAMETER].value, cell.value, row[EVIDENCE].value, row[COMMENT].value))
    return rows


def write_answers(rows, folder):
    """Writes the rows as CSV, a file for services and one for entities."""
    for kind in ("service", "entity"):
        own = [row[1:] for row in rows if row[0] == kind and row[3] is not None]
        with open(folder / f"{kind}.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerows([(kind, "parameter", "answer", "evidence", "comment"), *own])
