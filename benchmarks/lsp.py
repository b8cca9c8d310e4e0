"""How long the language server takes to answer on a template of 1,000 lines: `python benchmarks/lsp.py [PAGES]`.

A site of PAGES pages (default 200) with layouts and partials is written to a temporary folder. Each round types one
character and asks for a hover, a definition and the quick fixes, which makes the server analyse the page anew. Another
measurement is from the last keystroke to the diagnostics, the wait for a pause in the typing included.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / folder) for folder in ("tests", "src")]

from test_lsp import COOKIEBOT, FILM, HOTJAR, Client  # noqa: E402
from tracklint.lsp import Workspace, settle  # noqa: E402

ROUNDS = 40
LINES = 1000


def site(root: Path, pages: int) -> str:
    """Write a site; gives the text of its long template."""
    (root / "partials").mkdir(parents=True)
    (root / "pages").mkdir()
    nav = "".join(f'  <li><a href="/pages/{number}">Page {number}</a></li>\n' for number in range(40))
    (root / "layout.html").write_text(
        f"<!doctype html>\n<html><head>{COOKIEBOT}</head><body>\n{{% include 'partials/stats.html' %}}\n"
        "{% block content %}{% endblock %}\n</body></html>\n"
    )
    (root / "partials" / "stats.html").write_text(f"{{% if cookies.analytics %}}\n{HOTJAR}\n{{% endif %}}\n")
    for number in range(pages):
        (root / "pages" / f"page-{number}.html").write_text(
            f"{{% extends 'layout.html' %}}\n{{% block content %}}\n<ul>\n{nav}</ul>\n{{% endblock %}}\n"
        )
    lines = ["{% extends 'layout.html' %}", "{% block content %}"]
    while len(lines) < LINES - 4:
        number = len(lines)
        lines += [
            f"{{% if section_{number} %}}",
            f'<section class="part" id="s{number}"><h2>{{{{ titles[{number}] }}}}</h2>',
            f'<p>Read <a href="/about/{number}">more about it</a>. <img src="/img/{number}.png" alt=""></p>',
            "<script>document.querySelector('.part').addEventListener('click', function () { open(); });</script>"
            if number % 50 == 0
            else "<p>{{ text }}</p>",
            "</section>",
            "{% endif %}",
        ]
    lines += [HOTJAR, FILM, "<script>gtag('config', 'G-ABC1234567');</script>", "{% endblock %}"]
    text = "\n".join(lines) + "\n"
    (root / "long.html").write_text(text)
    return text


def show(name: str, seconds: list[float]) -> None:
    ordered = sorted(1000 * one for one in seconds)
    high = ordered[int(0.95 * (len(ordered) - 1))]
    print(f"{name:<34} {statistics.median(ordered):7.1f} ms median {high:8.1f} ms 95th {ordered[-1]:8.1f} ms most")


def processor_time(root: Path, text: str) -> None:
    """The same work without the protocol, in processor time, which a busy machine disturbs less."""
    workspace = Workspace(root)
    line = text.index("<iframe")
    analysed: list[float] = []
    mended: list[float] = []
    for number in range(ROUNDS + 3):
        if number == 2:
            settle()
        start = time.process_time()
        workspace.edit("long.html", text.replace("more about it", f"more {number}", 1))
        workspace.page("long.html")
        between = time.process_time()
        workspace.actions("long.html", line, line)
        analysed.append(between - start)
        mended.append(time.process_time() - between)
    show("analysis, processor time", analysed[3:])
    show("quick fixes, processor time", mended[3:])


def main() -> None:
    pages = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve() / "site"
        text = site(root, pages)
        client = Client(root)
        try:
            client.start()
            start = time.perf_counter()
            client.open("long.html", text)
            print(f"{pages} pages; template of {text.count(chr(10))} lines, {len(text):,} characters")
            print(f"{'first answer (cold)':<34} {1000 * (time.perf_counter() - start):7.0f} ms")
            line = text[: text.index("<iframe")].count("\n")
            times: dict[str, list[float]] = {"hover after a keystroke": [], "definition": [], "quick fixes": []}
            typed: list[float] = []
            for number in range(ROUNDS):
                client.type("long.html", text.replace("more about it", f"more {number}", 1))
                for name, ask in (
                    (
                        "hover after a keystroke",
                        lambda: client.ask("textDocument/hover", client.place("long.html", line, 5)),
                    ),
                    ("definition", lambda: client.ask("textDocument/definition", client.place("long.html", line, 5))),
                    ("quick fixes", lambda: client.actions("long.html", line)),
                ):
                    start = time.perf_counter()
                    ask()
                    times[name].append(time.perf_counter() - start)
            for number in range(10):
                client.type("long.html", text.replace("more about it", f"less {number}", 1))
                start = time.perf_counter()
                client.diagnostics("long.html")
                typed.append(time.perf_counter() - start)
            times["keystroke to diagnostics"] = typed
            for name, seconds in times.items():
                show(name, seconds)
        finally:
            client.stop()
        processor_time(root, text)


if __name__ == "__main__":
    main()
