"""The index that a filled sheet shows against the one that `score` computes from it and from the same
answers as CSV: preview.py PROGRAM FOLDER SEEDS. Sheets are filled by openpyxl and worked out by
LibreOffice; FOLDER is made anew."""

import csv
import io
import pathlib
import random
import re
import shutil
import subprocess
import sys
import warnings

import openpyxl

import fill

warnings.filterwarnings("ignore", module="openpyxl")
HERE = pathlib.Path(__file__).parent
# The rules that a framework may have, each under a round of its own.
POLICIES = {
    "plain": "",
    "geometric": "aggregation: geometric",
    "mixed": "aggregation: [geometric, arithmetic], missing: exclude, half: even, decimals: 1",
    "exclude": "missing: exclude, evidence: warn, decimals: 0",
    "full": "missing: exclude, not_applicable: full, minimum_coverage: 60, decimals: 4",
    "zero": "not_applicable: zero, rounding: each-level, decimals: 1, half: even",
    "levels": "missing: exclude, rounding: each-level, aggregation: geometric, decimals: 0",
    "reject": "missing: reject",
}


def run(*words, status=(0,)):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    assert done.returncode in status, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def rounds(program, folder):
    """Round folders: the reference framework in both languages, and the small one under every policy."""
    for language in ("en", "az"):
        run(program, "init", folder / language, "--lang", language)
        shutil.rmtree(folder / language / "answers")
    for name, policy in POLICIES.items():
        shutil.copytree(HERE / "small", folder / name)
        language = "az" if name == "mixed" else "en"
        text = f"id: {name}\nframework: framework.yaml\nlanguage: {language}\npolicy: {{ {policy} }}\n"
        (folder / name / "round.yaml").write_text(text)
    return [folder / name for name in ("en", "az", *POLICIES)]


def indexes(program, place):
    """The index of every service by `score`, blank for those without one, by exit status."""
    text = run(program, "score", place, "--format", "csv", "--quiet", status=(0, 1))
    return {row["service"]: row["index"] for row in csv.DictReader(io.StringIO(text))}


def previews(path):
    """What every service's sheet shows as its index; none where an answer is to be mended."""
    workbook = openpyxl.load_workbook(path, data_only=True)
    rules = workbook["rules"].iter_rows(values_only=True)
    refused = [row for row in rules if row[0] and row[1] is not True]
    shown = {}
    for sheet in fill.sheets(workbook):
        if sheet["J4"].value in ("service", "xidmət"):
            marks = [row[8].value for row in sheet.iter_rows(min_row=fill.FIRST)]
            shown[sheet.cell(fill.FIRST, fill.SUBJECT + 1).value] = (sheet["E3"].value, marks.count("?"))
    return shown, refused


def add_rules(workbook, kept):
    """What the cells' own rules say of their answers, as formulas of a sheet more."""
    sheet = workbook.create_sheet("rules")
    for page in fill.sheets(workbook):
        for row in page.iter_rows(min_row=fill.FIRST):
            cell = row[fill.ANSWER]
            # A rule asks for `;` between choices, though answers are read with `|` as well.
            if cell.protection.locked or cell.value is None or "|" in str(cell.value) or not kept:
                continue
            rule = fill.rule_of(page, cell)
            if rule.type == "custom":
                formula = re.sub(r"(?<![\w$!])F(\d+)", rf"'{page.title}'!F\1", rule.formula1)
                sheet.append([f"{page.title}!{cell.coordinate} {cell.value}", "=" + formula.lstrip("=")])


def main(program, folder, seeds):
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "filled").mkdir(parents=True)
    places = rounds(program, folder)
    cases = []
    for place in places:
        sheets = folder / f"{place.name}.xlsx"
        run(program, "-C", place, "template", "-o", sheets)
        for seed in range(seeds):
            junk = 0.02 if seed % 3 == 2 else 0.0
            workbook = openpyxl.load_workbook(sheets)
            rows = fill.fill(workbook, random.Random(f"{place.name} {seed}"), junk)
            add_rules(workbook, not junk)
            path = folder / "filled" / f"{place.name}-{seed}.xlsx"
            workbook.save(path)
            cases.append((place, path, rows))
    recalculated = folder / "recalculated"
    profile = f"-env:UserInstallation={(folder / 'profile').resolve().as_uri()}"
    paths = [path for _, path, _ in cases]
    run("soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", recalculated, *paths)
    compared = 0
    for place, path, rows in cases:
        answers = place / "answers"
        found = []
        for kind in ("workbook", "CSV"):
            shutil.rmtree(answers, ignore_errors=True)
            answers.mkdir()
            if kind == "CSV":
                fill.write_answers(rows, answers)
            else:
                shutil.copy(path, answers / "sheets.xlsx")
            found.append(indexes(program, place))
        assert found[0] == found[1], f"{path}: {found}"
        shown, refused = previews(recalculated / path.name)
        assert not refused, f"{path}: rules refuse {refused[:5]}"
        assert shown.keys() == found[0].keys(), path
        for service, expected in found[0].items():
            preview, marks = shown[service]
            if expected:
                assert isinstance(preview, (int, float)), f"{path} {service}: {preview} for {expected}"
                places = len(expected.partition(".")[2])
                assert f"{preview:.{places}f}" == expected, f"{path} {service}: {preview} for {expected}"
            else:
                assert isinstance(preview, str), f"{path} {service}: {preview}, where there is no index"
            compared += bool(expected)
    assert compared > len(cases), "most services have an index"
    print(f"{len(cases)} workbooks, {compared} indexes as previewed")


main(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]), int(sys.argv[3]))
