"""Completion in real shells. The scripts are written from the parsers, so a few words of each kind are enough."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tracklint import cli, completion

pytestmark = pytest.mark.skipif(os.name == "nt", reason="these shells are not at home there")

# What is typed, what has to be offered, what must not be.
CASES = [
    ("tracklint --req", "--require-approval", "--staged"),
    ("tracklint appr", "approve", "explain"),
    ("tracklint --format sa", "sarif", "text"),
    ("tracklint --staged --format js", "json", "junit"),
    ("tracklint --select TL90", "TL901", "TL101"),
    ("tracklint explain TL90", "TL901", "approve"),
    ("tracklint explain google-ana", "google-analytics", "hotjar"),
    ("tracklint approve --categ", "--category", "--staged"),
    ("tracklint approve hotjar --category mark", "marketing", "analytics"),
    ("tracklint completion fi", "fish", "bash"),
    ("tracklint index.h", "index.html", "approve"),
    ("tracklint --manifest other.t", "other.toml", "index.html"),
]


@pytest.fixture
def folder(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Path:
    """A folder with two files and the scripts."""
    for name in ("index.html", "other.toml"):
        (tmp_path / name).touch()
    for shell in completion.SHELLS:
        assert cli.main(["completion", shell]) == 0
        out, err = capfd.readouterr()
        assert err == ""
        (tmp_path / f"completion.{shell}").write_text(out, encoding="utf-8")
    return tmp_path


def needs(shell: str) -> str:
    found = shutil.which(shell)
    assert found, f"the tests need {shell}; `make test` installs it"
    return found


class Terminal:
    """An interactive shell, as a person has it."""

    def __init__(self, command: list[str], folder: Path) -> None:
        import pty

        environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "dumb", "PS1": "", "LC_ALL": "C.UTF-8"}
        self.controller, terminal = pty.openpty()
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            start_new_session=True,
        )
        os.close(terminal)

    def until(self, text: str, typed: str) -> str:
        """What is shown from typing something until a text appears; the test fails when it does not."""
        os.write(self.controller, typed.encode())
        seen = ""
        end = time.monotonic() + 60
        while text not in seen:
            ready, _, _ = select.select([self.controller], [], [], end - time.monotonic())
            assert ready, f"{text} did not appear: {seen}"
            seen += os.read(self.controller, 4096).decode("utf-8", "replace")
        return seen

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.controller)


def completed(shell: str, command: list[str], setup: str, folder: Path) -> None:
    terminal = Terminal(command, folder)
    try:
        terminal.until("\nready", f"{setup}; printf '\\nready\\n'\n")
        for typed, offered, other in CASES:
            seen = terminal.until(offered, typed + "\t")
            assert other not in seen.replace(typed, ""), f"{shell}: {typed}"
            terminal.until("\nnext", "\x15printf '\\nnext\\n'\n")
    finally:
        terminal.close()


def test_bash(folder: Path) -> None:
    completed("bash", [needs("bash"), "--norc", "--noprofile", "-i"], "source ./completion.bash", folder)


def test_zsh(folder: Path) -> None:
    setup = "autoload -Uz compinit; compinit -D; source ./completion.zsh"
    completed("zsh", [needs("zsh"), "-f", "-i"], setup, folder)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("tracklint --format=sa", "sarif"),
        ("tracklint explain cmp:cooki", "cookiebot"),
        ("tracklint ", "approve"),
        ("tracklint --staged appr", ""),  # a command is the first word
    ],
)
def test_bash_replaces_only_what_follows_the_last_break_of_a_word(folder: Path, typed: str, offered: str) -> None:
    line = 'COMP_LINE="$1" COMP_POINT=${#1}; _tracklint; printf "%s\\n" "${COMPREPLY[@]}"'
    command = [needs("bash"), "--norc", "-c", f"source ./completion.bash; {line}", "bash", typed]
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=True)
    assert done.stderr == ""
    assert offered in done.stdout.split("\n")


@pytest.mark.parametrize(("typed", "offered", "other"), CASES)
def test_fish(folder: Path, typed: str, offered: str, other: str) -> None:
    command = [needs("fish"), "--no-config", "-c", "source ./completion.fish; complete -C $argv[1]", typed]
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=True)
    words = [line.partition("\t")[0] for line in done.stdout.splitlines()]
    assert done.stderr == ""
    assert offered in words
    assert other not in words


def test_every_value_is_completed_or_known_to_be_free() -> None:
    free = {"REV", "N", "ID", "DATE", "TEXT", "WORD", "SHELL"}
    parsers = [cli._check_parser(), *(make() for make in cli._PARSERS.values())]
    values = {
        str(action.metavar or action.dest.upper())
        for parser in parsers
        for action in parser._actions
        if action.nargs != 0 and not action.choices
    }
    assert values <= free | set(completion.VALUES)


def test_a_shell_that_is_not_known_is_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["completion", "tcsh"]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "bash" in err
