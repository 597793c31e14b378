"""Writes what scripts have measured into docs/performance.md, between markers that say whose it is, and beside it the charts."""
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/performance.md"
CHARTS = ROOT / "docs/charts"
# Another executable than the release build's is for trying things out: what it does is kept apart, and not written into the page.
IS_TRIAL = "CUPO_BINARY" in os.environ


def replaced(text, name, lines):
    """`text` with `lines` between the markers of `name`; a page without them is no page to write to."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise SystemExit(f"docs/performance.md has not one {begin} before one {end}")
    before, rest = text.split(begin)
    return "\n".join([before + begin, *lines, end]) + rest.split(end)[1]


def write(name, lines):
    PAGE.write_text(replaced(PAGE.read_text(), name, lines))


def chart(name, svg):
    CHARTS.mkdir(exist_ok=True)
    (CHARTS / f"{name}.svg").write_text(svg)


def results(name):
    """Where the figures of a measurement are kept."""
    return ROOT / f".build/{name}{'-trial' if IS_TRIAL else ''}.json"


def load(path):
    """What an earlier run has measured; nothing where there was none, or its form was another."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def save(path, results):
    """Whole or not at all: a run that is ended keeps what there was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(results, indent=2) + "\n")
    os.replace(fresh, path)


def commit():
    """Which sources were measured, as far as git knows."""
    if IS_TRIAL:
        return "another executable (CUPO_BINARY)"

    def git(*arguments):
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True).stdout.strip()

    name = git("rev-parse", "--short=10", "HEAD") or "unknown"
    return f"{name} and changes" if git("status", "--porcelain", "--", "Sources", "Package.swift", "Package.resolved") else name


def measured(items):
    """One sentence: when, where and of which sources the items were measured."""
    dates = sorted({item["date"] for item in items})
    commits = sorted({item["commit"] for item in items})
    when = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    return f"Measured on {when}, {os.cpu_count()} cores, generator and server on the same; sources: {', '.join(commits)}."
