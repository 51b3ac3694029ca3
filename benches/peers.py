#!/usr/bin/env python3
"""How long whole exports take, the program and its peers side by side: python3 benches/peers.py [CASE...]

Builds the program, makes an environment with the peers and the rounds below target/peers, runs every contender
as a whole process, one after the other and again, holds the rankings together, and prints Markdown: medians of
wall time and of the most memory held. Needs Linux, cargo, and Python 3.11 with venv and pip.
"""

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / "benches" / "peers"
MADE = ROOT / "target" / "peers"
PYTHON = MADE / "env" / "bin" / "python"
PROGRAM = ROOT / "target" / "release" / "asan-index"
BASELINE = ROOT / "target" / "release" / "examples" / "baseline"
PARAMETERS = 143

# What a case is called, its layout, and its services.
CASES = {
    "sorted": ("long, sorted", "sorted", 100_000),
    "shuffled": ("long, shuffled", "shuffled", 100_000),
    "wide": ("wide", "wide", 100_000),
    "files": ("a file for each service", "files", 10_000),
    "million": ("long, sorted", "sorted", 1_000_000),
    "example": None,
}


def prepare():
    build = ["cargo", "build", "--release", "--locked", "--quiet", "--bin", "asan-index", "--example", "baseline"]
    subprocess.run(build, cwd=ROOT, check=True)
    wanted = PEERS / "requirements.txt"
    installed = MADE / "env" / "requirements.txt"
    if not installed.exists() or installed.read_text() != wanted.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", MADE / "env"], check=True)
        subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", "--requirement", wanted], check=True)
        shutil.copy(wanted, installed)


def make(layout, services):
    """A round in its folder, made now unless it is there; its `round.yaml` is written last."""
    folder = MADE / str(services)
    head = folder / layout / "round.yaml"
    if not head.exists() or head.stat().st_mtime < (PEERS / "make.py").stat().st_mtime:
        shutil.rmtree(folder / layout, ignore_errors=True)
        subprocess.run([PYTHON, PEERS / "make.py", folder, str(services), layout], check=True)
    return folder


def run(command):
    """Seconds and MiB of a whole process. The memory of this script is the least that can be told."""
    log = os.open(MADE / "log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    actions = [(os.POSIX_SPAWN_DUP2, log, 1), (os.POSIX_SPAWN_DUP2, log, 2)]
    command = [str(part) for part in command]
    begun = time.perf_counter()
    process = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
    _, status, usage = os.wait4(process, 0)
    seconds = time.perf_counter() - begun
    os.close(log)
    if status:
        sys.exit(f"{' '.join(command)}\n{(MADE / 'log').read_text()}")
    return seconds, usage.ru_maxrss / 1024


def medians(contenders, runs):
    """Each in turn, and again: what else the machine does then falls on all of them."""
    figures = {name: [] for name, _ in contenders}
    for _ in range(runs):
        for name, command in contenders:
            figures[name].append(run(command))
    return {name: tuple(map(statistics.median, zip(*each))) for name, each in figures.items()}


def table(title, figures):
    first = next(iter(figures.values()))[0]
    print(f"\n{title}\n\n| | wall s | peak MiB | times ours |\n| --- | ---: | ---: | ---: |")
    for name, (seconds, peak) in figures.items():
        print(f"| {name} | {seconds:.{3 if seconds >= 0.1 else 4}f} | {peak:.0f} | {seconds / first:.2f} |")
    sys.stdout.flush()


def contenders(case, services, out):
    """What runs in a case: names and commands, the program first."""
    _, layout, _ = CASES[case]
    folder = make(layout, services)
    answers = folder / layout / "answers"

    def score(where, *more, of=folder):
        return [PROGRAM, "score", of / layout, "-q", "-o", out / where, *more]

    named = [("asan-index", score("ours.csv"))]
    if case == "million":
        named.append(("asan-index, a tenth of them", score("tenth.csv", of=make(layout, services // 10))))
    else:
        named.append(("asan-index, one thread", score("one.csv", "--threads", "1")))
        named.append(("asan-index, with a manifest of hashes", score("folder")))
    named.append(("opening and reading", [BASELINE, "read", answers]))
    if case in ("sorted", "shuffled", "wide"):
        split = [BASELINE, "split", answers / "answers.csv"]
        named.append(("splitting fields, csv crate, one thread", split))
        for name, script in ("Polars", "with_polars.py"), ("DuckDB", "with_duckdb.py"):
            named.append((name, [PYTHON, PEERS / script, folder, layout, out / f"{name}.csv"]))
    return named


def compare(case, services, runs):
    name, layout, _ = CASES[case]
    out = MADE / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    named = contenders(case, services, out)
    answers = MADE / str(services) / layout / "answers"
    # Once for nothing, so that nobody is the first to read the files from the disk.
    run([BASELINE, "read", answers])
    figures = medians(named, runs)
    for theirs in {*out.glob("*.csv"), *out.glob("folder/ranking.csv")} - {out / "tenth.csv"}:
        subprocess.run([PYTHON, PEERS / "same.py", out / "ours.csv", theirs], check=True)
    size = sum(entry.stat().st_size for entry in os.scandir(answers))
    rows = services * (1 if layout == "wide" else PARAMETERS)
    table(f"{services:,} services, {name}: {rows:,} rows, {size / 1e6:,.0f} MB", figures)


def example(runs):
    out = MADE / "out"
    score = [PROGRAM, "score", ROOT / "examples" / "round-2025"]
    contenders = [
        ("asan-index, a table", score),
        ("asan-index, a folder with a manifest", [*score, "-q", "-o", out / "example"]),
    ]
    table(f"The example round, median of {runs}", medians(contenders, runs))


def machine():
    with open("/proc/cpuinfo") as file:
        model = next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    with open("/proc/meminfo") as file:
        memory = int(next(file).split()[1]) / 2**20
    versions = ", ".join(line.replace("==", " ") for line in (PEERS / "requirements.txt").read_text().split("\n") if line)
    return f"{date.today():%-d %B %Y}: {os.cpu_count()} processors ({model}), {memory:.0f} GiB, {platform.system()}; {versions}."


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    usual = [case for case in CASES if case != "million"]
    parser.add_argument("cases", metavar="CASE", nargs="*", default=usual, help=f"{', '.join(CASES)}; all but million")
    parser.add_argument("--quick", action="store_true", help="a tenth of the services")
    parser.add_argument("--runs", type=int, default=5, help="how many of each (default 5)")
    options = parser.parse_args()
    if unknown := set(options.cases) - set(CASES):
        parser.error(f"no case is called {', '.join(sorted(unknown))}; there are {', '.join(CASES)}")
    MADE.mkdir(parents=True, exist_ok=True)
    prepare()
    print(machine())
    for case in options.cases:
        if case == "example":
            example(10 * options.runs + 1)
        else:
            compare(case, CASES[case][2] // (10 if options.quick else 1), options.runs)


main()
