"""Makes the rounds of the comparison with peers: make.py FOLDER SERVICES LAYOUT...

A framework of 7 dimensions, 24 criteria and 143 parameters on three scales, which a table tool can apply with a
join: framework.yaml for the program, params.csv and scales.csv for its peers. Everything is drawn from one seed,
and all layouts of a size hold the same answers. A layout is sorted, shuffled, wide or files.
"""

import sys
from pathlib import Path

import numpy as np

SEED = 6
CRITERIA = (3, 4, 3, 4, 3, 4, 3)
PARAMETERS = 143
BLOCK = 1000

# All cells there are; an answer is a place in this list.
YES_NO = ["yes", "no"]
MARKS = ["1", "2", "3", "4", "5"]
PERCENTS = [f"{tenths / 10:g}" for tenths in range(1001)]
CELLS = [*YES_NO, *MARKS, *PERCENTS, "n/a"]
FIRST_MARK, FIRST_PERCENT, NOT_APPLICABLE = 2, 7, len(CELLS) - 1

HEAD = """\
framework: peers
version: "1"
title: What a table tool can score too
levels: [dimension, criterion, parameter]
policy: { decimals: 6 }
scales:
  yes-no: { choices: [{ answer: "yes", score: 1, title: "Yes" }, { answer: "no", score: 0, title: "No" }] }
  mark:
    choices:
      - { answer: "1", score: 0, title: Poor }
      - { answer: "2", score: 0.25, title: Weak }
      - { answer: "3", score: 0.5, title: Fair }
      - { answer: "4", score: 0.75, title: Good }
      - { answer: "5", score: 1, title: Excellent }
  percent: { number: { unit: "%", min: 0, max: 100, points: [[0, 0], [100, 1]] } }
groups:
"""
SCALES = """\
scale,answer,value
yes-no,yes,1
yes-no,no,0
mark,1,0
mark,2,0.25
mark,3,0.5
mark,4,0.75
mark,5,1
"""


def tree():
    """The parameters in order: id, criterion, dimension, the three weights, scale."""
    draw = np.random.default_rng(SEED)
    criteria = [(d, c) for d, count in enumerate(CRITERIA, 1) for c in range(1, count + 1)]
    sizes = np.diff(np.linspace(0, PARAMETERS, len(criteria) + 1).round().astype(int))
    of_dimension = draw.integers(10, 20, len(CRITERIA), endpoint=True)
    for (d, c), size in zip(criteria, sizes):
        of_criterion = draw.integers(10, 40, endpoint=True)
        for p in range(1, size + 1):
            scale = draw.choice(["yes-no", "yes-no", "mark", "percent"])
            weight = draw.integers(5, 30, endpoint=True)
            yield f"P{d}.{c}.{p}", f"C{d}.{c}", f"D{d}", weight, of_criterion, of_dimension[d - 1], scale


def write_framework(folder, parameters):
    yaml, table = [HEAD], ["parameter,criterion,dimension,w_param,w_crit,w_dim,scale\n"]
    dimension = criterion = None
    for row in parameters:
        name, in_criterion, in_dimension, weight, of_criterion, of_dimension, scale = row
        if in_dimension != dimension:
            dimension = in_dimension
            yaml.append(f"  - id: {dimension}\n    title: Dimension {dimension}\n    weight: {of_dimension}\n    groups:\n")
        if in_criterion != criterion:
            criterion = in_criterion
            yaml.append(f"      - id: {criterion}\n        title: Criterion {criterion}\n")
            yaml.append(f"        weight: {of_criterion}\n        parameters:\n")
        yaml.append(f"          - {{ id: {name}, title: Parameter {name}, question: Is it so?, scale: {scale}, ")
        yaml.append(f"weight: {weight}, optional: true }}\n")
        table.append(",".join(map(str, row)) + "\n")
    (folder / "framework.yaml").write_text("".join(yaml))
    (folder / "params.csv").write_text("".join(table))
    (folder / "scales.csv").write_text(SCALES)


class Answers:
    """The answers of services in blocks, and their bytes in each layout."""

    def __init__(self, parameters, services):
        self.services = services
        self.scales = np.array([row[-1] for row in parameters])
        cells = np.array([cell.encode() for cell in CELLS])
        names = np.array([row[0].encode() for row in parameters])
        self.names = names
        self.tails = np.array([b",\n"] + [f",register {number}\n".encode() for number in range(1000, 10000)])
        self.of_wide = np.char.add(b",", cells)
        self.of_parameter = np.char.add(np.char.add(names, b",")[:, None], cells[None, :])

    def block(self, first):
        """The answers and the evidence of the services from `first` on, a row for each."""
        count = min(BLOCK, self.services - first)
        draw = np.random.default_rng([SEED, first])
        # Good services are good at most things.
        quality = np.clip(draw.normal(0.6, 0.15, (count, 1)) + draw.normal(0, 0.25, (count, PARAMETERS)), 0, 1)
        tenths = (quality * 1000).astype(np.uint16)
        whole = tenths // 10 * 10
        percent = FIRST_PERCENT + np.where(draw.random(tenths.shape) < 1 / 3, tenths, whole)
        mark = FIRST_MARK + (quality * 4.999).astype(np.uint16)
        answers = np.where(self.scales == "percent", percent, np.where(self.scales == "mark", mark, quality < 0.5))
        answers[draw.random(answers.shape) < 0.03] = NOT_APPLICABLE
        evidence = draw.integers(1, len(self.tails), answers.shape, dtype=np.uint16)
        evidence[draw.random(answers.shape) >= 0.2] = 0
        return answers.astype(np.uint16), evidence

    def blocks(self):
        for first in range(0, self.services, BLOCK):
            answers, evidence = self.block(first)
            yield np.arange(first, first + len(answers)), answers, evidence

    def rows(self, parameter, answer, evidence, *before):
        """Rows of answers, each column padded with zeros: taken out, they are the lines."""
        return side_by_side(*before, self.of_parameter[parameter, answer], self.tails[evidence])


def ids(services):
    return np.char.add(b"service-", np.char.zfill(services.astype("S6"), 6))


def side_by_side(*columns):
    """Columns of byte strings as one array of bytes, a row for each string."""
    return np.concatenate([np.ascontiguousarray(c).view(np.uint8).reshape(len(c), -1) for c in columns], axis=1)


def lines(rows):
    return rows[rows != 0].tobytes()


def sheet(folder, header):
    file = open(folder / "answers" / "answers.csv", "wb")
    file.write(header + b"\n")
    return file


LONG = b"service,parameter,answer,evidence"


def write_sorted(answers, folder):
    with sheet(folder, LONG) as file:
        for services, given, evidence in answers.blocks():
            at = np.tile(np.arange(PARAMETERS), len(services))
            names = np.char.add(ids(services), b",").repeat(PARAMETERS)
            file.write(lines(answers.rows(at, given.ravel(), evidence.ravel(), names)))


def write_shuffled(answers, folder):
    services, given, evidence = map(np.concatenate, zip(*answers.blocks()))
    given, evidence, names = given.ravel(), evidence.ravel(), np.char.add(ids(services), b",")
    order = np.random.default_rng(SEED).permutation(np.arange(len(given), dtype=np.int32))
    with sheet(folder, LONG) as file:
        for part in np.array_split(order, max(1, len(order) // (BLOCK * PARAMETERS))):
            at = part % PARAMETERS
            file.write(lines(answers.rows(at, given[part], evidence[part], names[part // PARAMETERS])))


def write_wide(answers, folder):
    with sheet(folder, b",".join([b"service", *answers.names])) as file:
        for services, given, _ in answers.blocks():
            cells = answers.of_wide[given].reshape(len(services), -1)
            newlines = np.full(len(services), b"\n")
            file.write(lines(side_by_side(ids(services), cells, newlines)))


def write_files(answers, folder):
    for services, given, evidence in answers.blocks():
        for name, own, shown in zip(ids(services), given, evidence):
            path = folder / "answers" / (name.decode() + ".csv")
            rows = answers.rows(np.arange(PARAMETERS), own, shown)
            path.write_bytes(b"parameter,answer,evidence\n" + lines(rows))


LAYOUTS = {"sorted": write_sorted, "shuffled": write_shuffled, "wide": write_wide, "files": write_files}


def main():
    folder, services, layouts = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    parameters = list(tree())
    folder.mkdir(parents=True, exist_ok=True)
    write_framework(folder, parameters)
    answers = Answers(parameters, services)
    for layout in layouts:
        round_folder = folder / layout
        (round_folder / "answers").mkdir(parents=True)
        LAYOUTS[layout](answers, round_folder)
        (round_folder / "round.yaml").write_text(f"id: peers-{layout}\nframework: ../framework.yaml\n")


main()
