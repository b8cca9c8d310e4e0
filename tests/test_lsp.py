"""The language server, driven over stdin and stdout by a client that speaks the protocol."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pygls")

COOKIEBOT = '<script id="Cookiebot" src="https://consent.cookiebot.com/uc.js" data-cbid="x"></script>'
HOTJAR = '<script src="https://static.hotjar.com/c/hotjar-1234567.js?sv=6"></script>'
FILM = '<iframe title="Film" src="https://www.youtube.com/embed/aqz-KE-bpKQ"></iframe>'
DAY = "2026-06-01"
SOURCES = Path(__file__).resolve().parents[1] / "src"


class Client:
    """Requests wait for their answer; what the server says on its own is kept by its method."""

    def __init__(self, root: Path) -> None:
        self.root = root
        environment = {**os.environ, "TRACKLINT_TODAY": DAY, "PYTHONPATH": str(SOURCES)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tracklint", "lsp"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=root,
            env=environment,
        )
        self.answers: queue.Queue[dict[str, Any]] = queue.Queue()
        self.told: dict[str, queue.Queue[Any]] = defaultdict(queue.Queue)
        self.number = 0
        self.version = 0
        self.stderr = b""
        self.readers = [threading.Thread(target=self._read), threading.Thread(target=self._drain)]
        for reader in self.readers:
            reader.start()

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while line := stream.readline():
            length = 0
            while line.strip():
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
                line = stream.readline()
            message = json.loads(stream.read(length))
            if "method" in message:
                self.told[message["method"]].put(message["params"])
            else:
                self.answers.put(message)
        self.answers.put({"id": None, "error": "the server has ended"})

    def _drain(self) -> None:
        assert self.process.stderr is not None
        self.stderr = self.process.stderr.read()

    def _send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def notify(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def ask(self, method: str, params: Any) -> Any:
        self.number += 1
        self._send({"id": self.number, "method": method, "params": params})
        answer = self.answers.get(timeout=60)
        assert answer["id"] == self.number and "error" not in answer, answer
        return answer["result"]

    def heard(self, method: str) -> Any:
        return self.told[method].get(timeout=60)

    def diagnostics(self, name: str) -> list[dict[str, Any]]:
        """The next that are published about a file, without those of text that was typed over since."""
        while True:
            params = self.heard("textDocument/publishDiagnostics")
            if params["uri"] == self.uri(name) and params.get("version") in (self.version, None):
                found: list[dict[str, Any]] = params["diagnostics"]
                return found

    def uri(self, name: str) -> str:
        return (self.root / name).as_uri()

    def place(self, name: str, line: int, character: int) -> dict[str, Any]:
        return {"textDocument": {"uri": self.uri(name)}, "position": {"line": line, "character": character}}

    def start(self) -> None:
        capabilities = {"general": {"positionEncodings": ["utf-16"]}}
        folders = [{"uri": self.root.as_uri(), "name": "site"}]
        self.ask(
            "initialize",
            {"processId": None, "rootUri": None, "capabilities": capabilities, "workspaceFolders": folders},
        )
        self.notify("initialized", {})

    def open(self, name: str, text: str) -> list[dict[str, Any]]:
        self.version += 1
        document = {"uri": self.uri(name), "languageId": "html", "version": self.version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})
        return self.diagnostics(name)

    def type(self, name: str, text: str) -> None:
        self.version += 1
        document = {"uri": self.uri(name), "version": self.version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})

    def actions(self, name: str, line: int) -> dict[str, Any]:
        here = {"start": {"line": line, "character": 0}, "end": {"line": line, "character": 1}}
        given = {"textDocument": {"uri": self.uri(name)}, "range": here, "context": {"diagnostics": []}}
        return {action["title"]: action for action in self.ask("textDocument/codeAction", given) or ()}

    def stop(self) -> None:
        try:
            if self.process.poll() is None:
                self.ask("shutdown", None)
                self.notify("exit", None)
                self.process.wait(timeout=60)
        except (queue.Empty, AssertionError, BrokenPipeError):
            self.process.kill()
        self.process.wait(timeout=60)
        for reader in self.readers:
            reader.join(timeout=60)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()


def edited(text: str, edits: list[dict[str, Any]]) -> str:
    """What an editor makes of the edits; places count UTF-16 units."""
    lines = text.split("\n")

    def offset(place: dict[str, int]) -> int:
        line = lines[place["line"]].encode("utf-16-le")[: 2 * place["character"]].decode("utf-16-le")
        return sum(len(one) + 1 for one in lines[: place["line"]]) + len(line)

    for edit in sorted(edits, key=lambda one: offset(one["range"]["start"]), reverse=True):
        start, end = offset(edit["range"]["start"]), offset(edit["range"]["end"])
        text = text[:start] + edit["newText"] + text[end:]
    return text


def changes(action: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = action["edit"]["documentChanges"]
    return found


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    root = tmp_path_factory.mktemp("site") / "my site"
    (root / "partials").mkdir(parents=True)
    (root / "layout.html").write_text(
        f"<!doctype html>\n<html><head>{COOKIEBOT}</head>\n<body>\n{{% if cookies.analytics_consent %}}\n"
        "{% include 'partials/stats.html' %}\n{% endif %}\n{{ content }}\n</body></html>\n"
    )
    (root / "partials" / "stats.html").write_text(HOTJAR + "\n")
    client = Client(root)
    try:
        client.start()
        yield client
    finally:
        client.stop()
    assert b"Traceback" not in client.stderr, client.stderr.decode()
    assert client.process.returncode == 0, client.stderr.decode()


def test_findings_appear_on_opening_and_follow_the_typing(editor: Client) -> None:
    # Not on the disk yet, and characters outside the basic plane before the tag on its line.
    text = f"<!doctype html>\n<html><head>{COOKIEBOT}</head><body>\n<p>\U0001f489</p>{HOTJAR}\n</body></html>\n"
    found = [one for one in editor.open("new.html", text) if one["range"]["start"]["line"] == 2]
    assert {one["code"] for one in found} == {"TL101", "TL201"}
    for one in found:
        assert one["range"]["start"] == {"line": 2, "character": 9}
        assert one["range"]["end"] == {"line": 2, "character": 9 + len(HOTJAR) - len("</script>")}
        assert one["source"] == "tracklint"

    gated = text.replace("<script src=", '<script type="text/plain" data-cookieconsent="statistics" src=')
    editor.type("new.html", text + "x")
    editor.type("new.html", gated)
    assert {one["code"] for one in editor.diagnostics("new.html")} == {"TL101"}
    editor.type("new.html", "<p>Nothing.</p>\n")
    assert editor.diagnostics("new.html") == []


def test_hover_tells_who_receives_the_data_and_the_verdict(editor: Client) -> None:
    editor.open("hover.html", f"<!doctype html>\n<p>Text.</p>\n{HOTJAR}\n")
    shown = editor.ask("textDocument/hover", editor.place("hover.html", 2, 20))["contents"]["value"]
    assert "**Hotjar**" in shown and "analytics" in shown and "ungated" in shown and "TL201" in shown
    assert editor.ask("textDocument/hover", editor.place("hover.html", 1, 3)) is None


def test_the_definition_of_a_load_is_the_condition_that_decides(editor: Client) -> None:
    found = editor.open("partials/stats.html", HOTJAR + "\n")
    assert "TL201" not in {one["code"] for one in found}
    places = editor.ask("textDocument/definition", editor.place("partials/stats.html", 0, 12))
    assert [(place["uri"], place["range"]["start"]["line"]) for place in places] == [(editor.uri("layout.html"), 3)]


def test_a_page_is_judged_by_what_another_editor_holds(editor: Client) -> None:
    layout = (editor.root / "layout.html").read_text()
    editor.open("layout.html", layout)
    editor.type("layout.html", layout.replace("{% if cookies.analytics_consent %}\n", "").replace("{% endif %}\n", ""))
    shown = editor.ask("textDocument/hover", editor.place("partials/stats.html", 0, 12))["contents"]["value"]
    assert "ungated" in shown
    editor.notify("textDocument/didClose", {"textDocument": {"uri": editor.uri("layout.html")}})
    shown = editor.ask("textDocument/hover", editor.place("partials/stats.html", 0, 12))["contents"]["value"]
    assert "ungated" not in shown


def test_the_quick_fix_gates_the_tag(editor: Client) -> None:
    text = f"<!doctype html>\n<html><head>{COOKIEBOT}</head><body>\n{FILM}\n</body></html>\n"
    editor.open("film.html", text)
    actions = editor.actions("film.html", 2)
    gate = actions["Gate YouTube with Cookiebot (marketing)"]
    assert gate["isPreferred"] is True
    assert {one["code"] for one in gate["diagnostics"]} == {"TL202"}
    (change,) = changes(gate)
    after = edited(text, change["edits"])
    assert 'data-cookieblock-src="https://www.youtube.com/embed/aqz-KE-bpKQ"' in after
    editor.type("film.html", after)
    assert "TL202" not in {one["code"] for one in editor.diagnostics("film.html")}
    facade = actions["Show YouTube only after a click on a place-holder"]
    assert "isPreferred" not in facade
    editor.type("film.html", edited(text, changes(facade)[0]["edits"]))
    assert "TL202" not in {one["code"] for one in editor.diagnostics("film.html")}


def test_the_quick_fix_adds_a_pending_entry(editor: Client) -> None:
    text = f"<!doctype html>\n{HOTJAR}\n"
    editor.open("entry.html", text)
    name = "tracker-approvals.toml"
    create, change = changes(editor.actions("entry.html", 1)[f"Add a pending entry for Hotjar to {name}"])
    assert create["kind"] == "create" and create["uri"] == editor.uri(name)
    manifest = edited("", change["edits"])
    assert 'service = "hotjar"' in manifest and 'status = "pending"' in manifest
    editor.open(name, manifest)
    editor.type("entry.html", text + "\n")
    assert "TL101" not in {one["code"] for one in editor.diagnostics("entry.html")}
    # Another service goes into the manifest that the editor holds.
    editor.type("entry.html", text + FILM + "\n")
    (change,) = changes(editor.actions("entry.html", 2)[f"Add a pending entry for YouTube to {name}"])
    after = edited(manifest, change["edits"])
    assert 'service = "youtube"' in after and 'service = "hotjar"' in after
    editor.type(name, "version = 'one'\n")
    problems = editor.diagnostics(name)
    assert problems and all(one["severity"] == 1 for one in problems)
    editor.notify("textDocument/didClose", {"textDocument": {"uri": editor.uri(name)}})


def test_a_suppression_counts_only_with_a_reason(editor: Client) -> None:
    text = f"<!doctype html>\n  {HOTJAR}\n"
    editor.open("quiet.html", text)
    (change,) = changes(editor.actions("quiet.html", 1)["Suppress TL201 here, with a reason"])
    after = edited(text, change["edits"])
    assert after.split("\n")[1].startswith("  <!-- tracklint: ignore[TL201] TODO")
    editor.type("quiet.html", after)
    assert {"TL108", "TL201"} <= {one["code"] for one in editor.diagnostics("quiet.html")}
    editor.type("quiet.html", after.replace("TODO: say why this is right here", "Shown to staff behind a login only"))
    assert not {"TL108", "TL201"} & {one["code"] for one in editor.diagnostics("quiet.html")}


def test_wrong_settings_are_told_once_and_end_nothing(editor: Client) -> None:
    config = editor.root / "tracklint.toml"
    config.write_text("manifesto = 1\n")
    try:
        editor.notify("textDocument/didSave", {"textDocument": {"uri": config.as_uri()}})
        editor.open("settings.html", HOTJAR)
        assert "manifesto" in editor.heard("window/showMessage")["message"]
    finally:
        config.unlink()
    editor.notify("textDocument/didSave", {"textDocument": {"uri": config.as_uri()}})
    editor.type("settings.html", HOTJAR + "\n")
    assert {one["code"] for one in editor.diagnostics("settings.html")} == {"TL101", "TL201"}


def test_files_that_are_not_checked_have_no_findings(editor: Client) -> None:
    (editor.root / "node_modules" / "x").mkdir(parents=True)
    (editor.root / "node_modules" / "x" / "index.html").write_text(HOTJAR)
    assert editor.open("node_modules/x/index.html", HOTJAR) == []
    assert editor.ask("textDocument/hover", editor.place("node_modules/x/index.html", 0, 3)) is None
