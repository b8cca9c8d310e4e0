"""What a run costs, as ratios: `python benchmarks/speed.py [FOLDER]`.

Times whole processes, in turn, several runs each, and prints the median and its ratio to starting Python (short runs) or
to ripgrep with every known host (a documentation site). FOLDER is a large site of your own; without it, one of about
100 MB is written to a temporary folder: rendered pages that repeat one layout, as documentation generators make them.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tracklint import ruleset

RUNS = 5
TAG = '<script src="https://static.hotjar.com/c/hotjar-1234567.js"></script>'
PAGES = 2_000
PARAGRAPH = (
    '<p>Take one tablet a day with <a href="https://www.nhs.uk/medicines/{n}">water</a>. See <code>dose({n})</code>, '
    "the leaflet and your pharmacist; do not take more than the label says.</p>\n"
)


def page(number: int) -> str:
    """About 50 KB of text, links and code, and on every hundredth page a tracker."""
    body = "".join(PARAGRAPH.format(n=number * 1000 + n) for n in range(260))
    tag = TAG if number % 100 == 0 else ""
    links = '<link rel="stylesheet" href="/site.css"><script src="/search.js" defer></script>'
    return f"<!doctype html>\n<html><head><title>Page {number}</title>{links}</head><body>\n{body}{tag}</body></html>\n"


def timed(command: list[str], folder: Path) -> float:
    """The median seconds of some runs, after one that does not count."""
    taken = []
    for number in range(RUNS + 1):
        start = time.perf_counter()
        subprocess.run(command, cwd=folder, capture_output=True, check=False)
        if number:
            taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def main() -> int:
    tracklint = [sys.executable, "-m", "tracklint"]
    with tempfile.TemporaryDirectory() as temporary:
        small = Path(temporary, "small")
        small.mkdir()
        (small / "index.html").write_text(f"<html><body>{TAG}</body></html>\n", encoding="utf-8")
        nothing = timed([sys.executable, "-c", "pass"], small)
        print(f"{'python -c pass':28} {nothing * 1000:8.0f} ms")
        for name, arguments in (("tracklint --version", ["--version"]), ("one small file", ["index.html"])):
            took = timed([*tracklint, *arguments], small)
            print(f"{name:28} {took * 1000:8.0f} ms  {took / nothing:6.1f} x starting Python")
        if len(sys.argv) > 1:
            large = Path(sys.argv[1])
        else:
            large = Path(temporary, "docs")
            large.mkdir()
            for number in range(PAGES):
                (large / f"page-{number}.html").write_text(page(number), encoding="utf-8")
        size = sum(file.stat().st_size for file in large.rglob("*") if file.is_file())
        took = timed([*tracklint, "--format", "json", "."], large)
        print(f"{f'a site of {size / 1e6:.0f} MB':28} {took:8.2f} s   {size / took / 1e6:6.1f} MB/s")
        if shutil.which("rg"):
            hosts = Path(temporary, "hosts")
            known = sorted({host for service in ruleset.load().services.values() for host in service.match.hosts})
            hosts.write_text("\n".join(known), encoding="utf-8")
            searched = timed(["rg", "--count", "--fixed-strings", "--file", str(hosts), "."], large)
            print(
                f"{f'ripgrep, {len(known)} hosts':28} {searched:8.2f} s   tracklint takes {took / searched:.1f} x that"
            )
        else:
            print("install ripgrep to compare with it")
    return 0


if __name__ == "__main__":
    sys.exit(main())
