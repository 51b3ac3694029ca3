"""Whether two rankings tell the same: same.py OURS THEIRS.

The same services, and every figure within one of the sixth decimal: there peers, who count in binary fractions,
and the program, which counts exactly, may round differently.
"""

import csv
import sys

FIGURES = ["index", *(f"D{d}" for d in range(1, 8))]


def read(path):
    with open(path, newline="") as file:
        return {row["service"]: [float(row[name]) for name in FIGURES] for row in csv.DictReader(file)}


ours, theirs = map(read, sys.argv[1:])
if ours.keys() != theirs.keys():
    sys.exit(f"{len(ours)} services and {len(theirs)}: not the same")
worst, service = max((max(abs(a - b) for a, b in zip(ours[s], theirs[s])), s) for s in ours)
if worst > 1.5e-6:
    sys.exit(f"{service} differs by {worst}")
