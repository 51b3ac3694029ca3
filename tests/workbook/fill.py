"""Fills the sheets of a template with openpyxl and writes the same answers as CSV, so that the index
from the one can be held against that from the other: fill.py SHEETS.xlsx FILLED.xlsx ANSWERS.csv"""

import csv
import sys

import openpyxl

sheets, filled, answers = sys.argv[1:]
workbook = openpyxl.load_workbook(sheets)
lists = workbook["lists"]
with open(answers, "w", newline="", encoding="utf-8") as file:
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(["service", "parameter", "answer", "evidence"])
    for sheet in workbook.worksheets:
        if sheet.title == "lists" or sheet["A4"].value != "service":
            continue
        assert sheet.protection.sheet, "the sheet is protected"
        for number, row in enumerate(sheet.iter_rows(min_row=5)):
            answer = row[5]
            if answer.protection.locked:
                assert answer.value is None, "what does not apply is blank"
                continue
            rule = next(rule for rule in sheet.data_validations.dataValidation if answer.coordinate in rule.sqref)
            if rule.type == "list":
                letters = rule.formula1.split("$")[1]
                last = int(rule.formula1.split("$")[-1])
                words = [lists[f"{letters}{at}"].value for at in range(1, last + 1)]
                answer.value = words[number % len(words)]
            elif rule.type == "decimal":
                answer.value = float(rule.formula1) + number % 7
            elif "48/50" in row[3].value:
                answer.value = f"{number % 50}/50"
            else:
                answer.value = row[3].value.split(": ")[1]
            row[6].value = "seen"
            rows.writerow([row[0].value, row[1].value, answer.value, "seen"])
workbook.save(filled)
