"""The command line as people and machines meet it: exit codes, one-line errors, where results go."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tracklint import __version__, cli, scan

ROOT = Path(__file__).resolve().parents[1]
GA = '<script async src="https://www.googletagmanager.com/gtag/js?id=G-ABC1234567"></script>\n'
OTHER_GA = GA.replace("ABC1234567", "XYZ7654321")
HOTJAR = "<script>(function(h,o,t,j){h._hjSettings={hjid:2847193,hjsv:6};var r=o.createElement('script');r.src=t+2847193+j;o.head.appendChild(r)})(window,document,'https://static.hotjar.com/c/hotjar-','.js?sv=6')</script>\n"
APPROVERS = """\
version = 1

[approvers.ig-lead]
name = "Head of Information Governance"
email = "ig@trust.example"
"""
APPROVED = (
    APPROVERS
    + """
[[tracker]]
service = "google-analytics"
status = "approved"
category = "analytics"
purpose = "Which pages are read"
owner = "Digital team"
consent = "exempt"
consent_reason = "Statistics of this test, agreed in DPIA-1"
ids = ["G-ABC1234567"]
approved_by = "ig-lead"
approved_on = 2026-05-07
review_by = 2027-05-07
"""
)
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name in ("FORCE_COLOR", "NO_COLOR", "TRACKLINT_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TRACKLINT_TODAY", "2026-06-01")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, which is the current one."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli.main(arguments)
        out, err = capfd.readouterr()
        return code, out, err

    return run


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Dev", "-c", "user.email=dev@trust.example", "-c", "commit.gpgsign=false")
    command = ["git", *identity, "-c", "init.defaultBranch=main", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def commit(folder: Path, message: str = "change") -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)


def codes(out: str) -> list[str]:
    return sorted(one["code"] for one in json.loads(out)["findings"])


def process(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8", **environment}
    return subprocess.run(
        [sys.executable, "-m", "tracklint", *arguments],
        cwd=folder,
        env=env,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


# ---------------------------------------------------------------------------------------------------------- exit codes


def test_a_site_without_third_parties_passes(site: Path, run: Run) -> None:
    write(site, {"index.html": "<h1>Hello</h1>\n"})
    code, out, err = run()
    assert code == 0
    assert "1 file checked; no third party found; no findings." in out
    assert err == ""


def test_a_tracker_without_an_entry_blocks_and_the_message_names_the_next_step(site: Path, run: Run) -> None:
    write(site, {"index.html": GA})
    code, out, _ = run()
    assert code == 1
    assert "index.html:1:1: error TL101 tracker-not-in-manifest" in out
    assert "tracklint --fix-manifest" in out


def test_an_approved_tracker_passes(site: Path, run: Run) -> None:
    write(site, {"index.html": GA, "tracker-approvals.toml": APPROVED})
    code, out, _ = run()
    assert (code, "Nothing blocks." in out) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "mend"),
    [
        (["--fromat", "json"], "did you mean --format?"),
        (["--format", "jsn"], "did you mean json?"),
        (["--format", "text", "--format", "json"], "give each --format an --output of its own"),
        (["--select", "TL9999"], "rules are TL101"),
        (["--jobs", "many"], "number of processes"),
        (["--diff"], "--fix-manifest"),
        (["--diff-base", "nowhere"], "git"),
        (["missing.html"], "no such file or folder"),
        (["--config", "missing.toml"], "missing.toml"),
        (["--compare", "missing.json"], "missing.json"),
        (["--exit-zero", "explain"], "must be the first word"),
        (["explain", "gogle-analytics"], "google-analytics"),
        (["approve", "hotjar"], "--by"),
        (["--output", "no/such/folder/report.txt"], "cannot be written"),
    ],
)
def test_a_wrong_option_is_one_line_that_says_how_to_mend_it(
    site: Path, run: Run, arguments: Sequence[str], mend: str
) -> None:
    write(site, {"index.html": GA})
    code, out, err = run(*arguments)
    assert code == 2
    assert out == ""
    assert err.startswith("tracklint: error: ")
    assert err.count("\n") == 1
    assert mend in err


def test_a_wrong_configuration_or_manifest_is_exit_code_2(site: Path, run: Run) -> None:
    write(site, {"index.html": GA, "tracklint.toml": 'frist_party = ["a.example"]\n'})
    code, _, err = run()
    assert code == 2
    assert 'did you mean "first_party"?' in err
    write(site, {"tracklint.toml": "", "tracker-approvals.toml": '[[tracker]]\nservice = "x"\nstatsu = "pending"\n'})
    code, _, err = run()
    assert code == 2
    assert "tracker-approvals.toml:3:" in err
    assert "Traceback" not in err


def test_a_wrong_date_in_the_environment_is_exit_code_2(site: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKLINT_TODAY", "tomorrow")
    code, _, err = run()
    assert (code, "TRACKLINT_TODAY" in err) == (2, True)


def test_a_folder_with_nothing_to_check_is_incomplete(site: Path, run: Run) -> None:
    code, _, err = run()
    assert code == 3
    assert "nothing was scanned" in err


def test_a_file_that_no_website_is_made_of_is_no_reason_to_refuse_a_commit(site: Path, run: Run) -> None:
    write(site, {"notes.txt": "milk\n"})
    code, out, _ = run("notes.txt")
    assert (code, "0 files checked" in out) == (0, True)


def test_an_internal_error_of_a_file_is_incomplete(site: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr(scan, "_detections", fail)
    write(site, {"index.html": "<script>hello()</script>\n"})
    code, out, err = run()
    assert code == 3
    assert "TL901" in out
    assert "incomplete: index.html" in err


def test_an_internal_error_is_one_line(site: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr(cli, "_check", fail)
    code, _, err = run()
    assert code == 3
    assert "internal error: ZeroDivisionError: boom" in err
    assert err.count("\n") == 1


LOADER = 'var s=document.createElement("script");s.src="https://static.hotjar.com/c/x.js";document.head.append(s);\n'


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('<p>A page.</p>\n<script src="https://static.hotjar.com/c/x.js"></script>\n' * 3, 2),  # one element is JSX
        ('var a = 1;\nload = (x) ->\n  s.src = "https://static.hotjar.com/c/x.js" if x? and y isnt 3\n', 2),
        (LOADER * 4 + "}\n" + LOADER, None),  # a bracket too many
        ("(function () {\n" + LOADER * 4, None),  # one too few
        ("<<<<<<< HEAD\n" + LOADER * 4 + "=======\n", None),
        ('{% for x in y %}{{ x | json }}, {% endfor %} ((( "https://static.hotjar.com/c/x.js"\n', None),  # a template's
        ("This is not a script at all; nor does it load a thing.\n", None),
    ],
)
def test_a_script_that_is_mostly_no_script_is_named(site: Path, run: Run, text: str, line: int | None) -> None:
    write(site, {"a.js": text})
    code, out, _ = run("--select", "TL901", "--format", "json")
    found = [(one["path"], one["line"]) for one in json.loads(out)["findings"]]
    assert (code, found) == (0, [("a.js", line)] if line else [])


def test_interrupting_is_quiet(site: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_check", interrupt)
    assert run() == (130, "", "")


def test_exit_zero_reports_and_passes(site: Path, run: Run) -> None:
    write(site, {"index.html": GA})
    code, out, _ = run("--exit-zero")
    assert (code, "TL101" in out) == (0, True)


# ------------------------------------------------------------------------------------------------------- hostile input


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser reads everything")
def test_an_unreadable_file_is_incomplete(site: Path, run: Run) -> None:
    write(site, {"index.html": "<p>Hello</p>\n", "secret.html": GA})
    (site / "secret.html").chmod(0)
    code, out, err = run()
    assert (code, "TL901" in out, "secret.html" in err) == (3, True, True)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.html", 0), (".gitignore", 0), ("tracklint.toml", 0), ("pyproject.toml", 0), ("tracker-approvals.toml", 2)],
)
def test_nobody_waits_for_the_other_end_of_a_pipe(site: Path, run: Run, name: str, expected: int) -> None:
    write(site, {"index.html": "<p>Hello</p>\n"})
    os.mkfifo(site / name)
    code, _, err = run()
    assert (code, "named pipe" in err) == (expected, expected == 2)


def test_a_bare_repository_is_refused(site: Path, run: Run) -> None:
    subprocess.run(["git", "init", "--quiet", "--bare", "site.git"], cwd=site, check=True)
    code, _, err = run("site.git")
    assert (code, "bare repository" in err) == (2, True)


def test_the_whole_file_system_is_no_site(run: Run) -> None:
    code, _, err = run(os.path.abspath(os.sep))
    assert (code, "name the site's folder" in err) == (2, True)


def test_there_is_nothing_to_compare_with_before_the_first_commit(site: Path, run: Run) -> None:
    write(site, {"index.html": GA})
    subprocess.run(["git", "init", "--quiet"], cwd=site, check=True)
    code, _, err = run("--diff-base", "main")
    assert (code, "has no commit yet" in err) == (2, True)
    assert run()[0] == 1


def test_a_file_that_vanishes_is_incomplete(site: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from tracklint import source

    write(site, {"index.html": "<p>Hello</p>\n"})

    def gone(root: str, path: str) -> bytes:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(source, "_read_disk", gone)
    code, out, err = run()
    assert (code, "TL901" in out, "unreadable" in err) == (3, True, True)


BROKEN = {
    "cut-tag.html": GA + "<div class='",
    "cut-script.html": GA + "<script>var a = '",
    "cut-block.njk": GA + "{% if a %}{{ b",
    "comment.html": GA + "<!-- never closed",
    "zero.html": GA + "<p>\x00</p>",
    "syntax.js": "import '@sentry/browser'; function ( { ]]",
    "latin.html": GA + "caf\udce9",
    "deep.html": "<div>" * 50_000 + GA,
    "deep.js": "a=" + "[" * 20_000 + "]" * 20_000,
    "deep-calls.js": "f(" * 5_000 + ")" * 5_000,
    "deep.njk": "{% if a %}" * 3_000 + GA + "{% endif %}" * 3_000,
    "deep.json": "[" * 100_000,
    "deep.yaml": "a: " + "[" * 5_000,
    "long.js": "var a='" + "x" * 3_000_000 + "';",
    "many.html": "<p>" * 100_000,
    "quotes.html": "<a b='" * 20_000,
    "braces.html": "{{" * 50_000,
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_huge_and_deeply_nested_input_neither_fails_nor_hangs(site: Path, run: Run, name: str) -> None:
    (site / name).write_bytes(BROKEN[name].encode("utf-8", "surrogateescape"))
    code, out, err = run("--format", "json")
    assert "Traceback" not in err
    document = json.loads(out)
    assert code in (0, 1, 3)
    assert "internal-error" not in {one["reason"] for one in document["skipped"]}
    if name.startswith(("cut", "comment", "latin")):
        assert "google-analytics" in {one["service"] for one in document["detections"]}


def test_a_submodule_that_is_not_there_is_incomplete_unless_it_is_excluded(
    site: Path, run: Run, tmp_path: Path
) -> None:
    theme = tmp_path / "theme"
    theme.mkdir()
    git(theme, "init", "--quiet")
    write(theme, {"layout.html": GA})
    commit(theme)
    git(site, "init", "--quiet")
    write(site, {"index.html": "<p></p>"})
    git(site, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(theme), "themes/ours")
    commit(site)
    assert run()[0] == 1
    git(site, "submodule", "--quiet", "deinit", "--force", "themes/ours")
    code, _, err = run()
    assert (code, "git submodule update --init" in err) == (3, True)
    write(site, {"tracklint.toml": 'exclude = ["themes/ours/"]\n'})
    assert run()[0] == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="one process does it all here")
def test_a_worker_that_dies_makes_the_check_incomplete(site: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    parent = os.getpid()

    def die(*_: object) -> list[object]:
        if os.getpid() != parent:
            os._exit(9)
        return []

    monkeypatch.setattr(scan, "_one_by_one", die)
    write(site, {f"{number}.html": GA for number in range(40)})
    code, _, err = run("--jobs", "2")
    assert (code, "--jobs 1" in err) == (3, True)


@pytest.mark.parametrize(
    ("path", "level", "expected"),
    [
        ("page.html", "warning", 3),  # else a long page would be a way around the check
        ("page.html", "note", 0),
        ("places.json", "warning", 0),  # no browser runs it
        ("places.json", "error", 3),
    ],
)
def test_a_file_above_the_limit_is_reported(site: Path, run: Run, path: str, level: str, expected: int) -> None:
    settings = f'max_file_bytes = 2048\nseverity = {{ TL901 = "{level}" }}\n'
    write(site, {"tracklint.toml": settings, path: GA * 40, "index.html": "<p></p>"})
    code, out, err = run("--format", "json")
    assert (code, path in err) == (expected, expected == 3)
    assert codes(out) == ["TL901"]
    assert {"path": path, "reason": "too-large"} in json.loads(out)["skipped"]


def test_a_file_that_takes_too_long_is_left_and_the_others_are_checked(
    site: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    detections = scan._detections

    def slow(project: scan.Project, file: scan.SourceFile) -> object:
        while file.path == "a.html":
            pass
        return detections(project, file)

    monkeypatch.setattr(scan, "_detections", slow)
    write(site, {"tracklint.toml": "time_limit = 1\n", "a.html": GA, "b.html": GA})
    code, out, _ = run("--format", "json")
    assert code == 1
    assert {"path": "a.html", "reason": "time-limit"} in json.loads(out)["skipped"]
    assert {one["path"] for one in json.loads(out)["detections"]} == {"b.html"}
    (site / "b.html").unlink()
    code, _, err = run()
    assert (code, "incomplete: a.html" in err) == (3, True)


# -------------------------------------------------------------------------------------------------------------- output


def test_results_go_to_stdout_and_to_files(site: Path, run: Run) -> None:
    write(site, {"index.html": GA})
    code, out, err = run(
        "--format", "text", "--format", "json", "--output", "report.json", "--format", "sarif", "--output", "r.sarif"
    )
    assert (code, err) == (1, "")
    assert out.startswith("index.html:1:1: error TL101")
    assert json.loads((site / "report.json").read_text())["version"] == 1
    assert json.loads((site / "r.sarif").read_text())["version"] == "2.1.0"


def test_an_output_may_stand_before_its_format(site: Path, run: Run) -> None:
    write(site, {"index.html": GA})
    assert run("--output", "report.json", "--format", "json")[1] == ""
    assert json.loads((site / "report.json").read_text())["version"] == 1


def test_the_json_report_is_deterministic(site: Path, run: Run) -> None:
    write(site, {f"pages/{number}.html": GA for number in range(40)})
    documents = []
    for jobs in ("1", "2"):
        document = json.loads(run("--format", "json", "--jobs", jobs)[1])
        del document["summary"]["seconds"]
        documents.append(document)
    assert documents[0] == documents[1]
    assert len(documents[0]["detections"]) == 40


def test_statistics_count_by_rule(site: Path, run: Run) -> None:
    write(site, {"a.html": GA, "b.html": GA})
    code, out, _ = run("--statistics", "--select", "TL101")
    assert code == 1
    assert out == "     2  error    TL101 tracker-not-in-manifest\n     2  in all\n"
    # What programs read stays whole; the count is for the person.
    code, out, err = run("--statistics", "--select", "TL101", "--format", "json")
    assert len(json.loads(out)["findings"]) == 2
    assert err == "     2  error    TL101 tracker-not-in-manifest\n     2  in all\n"


def test_select_and_ignore(site: Path, run: Run) -> None:
    write(site, {"a.html": GA})
    assert codes(run("--format", "json", "--select", "TL2")[1]) == ["TL201"]
    assert codes(run("--format", "json", "--ignore", "TL2")[1]) == ["TL101"]


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_colours_are_for_terminals_and_respect_no_color(
    site: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(site, {"a.html": GA})
    monkeypatch.setenv("TERM", "xterm")

    def shown() -> str:
        terminal = Terminal()
        monkeypatch.setattr(sys, "stdout", terminal)
        cli.main([])
        monkeypatch.undo()
        return terminal.getvalue()

    monkeypatch.chdir(site)
    assert "\x1b[" in shown()
    monkeypatch.chdir(site)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in shown()


def test_progress_is_shown_on_a_terminal_when_it_takes_long(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(site, {f"{number}.html": "<p></p>" for number in range(5)})
    terminal = Terminal()
    monkeypatch.setattr(cli, "_SLOW", -1.0)
    monkeypatch.setattr(sys, "stderr", terminal)
    assert cli.main(["--format", "json", "--output", os.devnull]) == 0
    assert "of 5 files" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r")


def test_a_closed_pipe_is_quiet(site: Path) -> None:
    write(site, {f"{number}.html": GA * 20 for number in range(60)})
    command = f"'{sys.executable}' -m tracklint | head -n 1"
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    result = subprocess.run(["sh", "-c", command], env=env, capture_output=True, text=True, check=False)
    assert result.stdout.count("\n") == 1
    assert result.stderr == ""


def test_a_terminal_without_unicode_gets_escapes(site: Path) -> None:
    write(site, {"é.html": GA})
    result = process(site, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "TL101" in result.stdout


# ---------------------------------------------------------------------------------------------------- start-up, version


def test_the_version_costs_little_more_than_python(site: Path) -> None:
    code = "import sys; from tracklint.cli import main; main(['--version']); print(len(sys.modules))"
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}

    def modules(program: str) -> list[str]:
        result = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True)
        return result.stdout.split()

    bare = int(modules("import sys; print(len(sys.modules))")[0])
    shown = modules(code)
    assert shown[:2] == ["tracklint", __version__]
    assert int(shown[2]) - bare <= 4  # tracklint, tracklint.cli, __future__


def test_a_page_is_checked_without_what_only_other_files_need(site: Path) -> None:
    write(site, {"index.html": GA})
    others = ["lxml", "multiprocessing", "pathspec", "tempfile", "tree_sitter_javascript", "yaml"]
    others += [
        f"tracklint.{name}" for name in ("approval_proof", "data", "detect.settings", "detect.tags", "fix", "indent")
    ]
    code = f"import sys; from tracklint.cli import main; main(['index.html']); sys.exit([m for m in {others} if m in sys.modules])"
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    subprocess.run([sys.executable, "-c", code], cwd=site, env=env, capture_output=True)  # keeps the parsed rules
    result = subprocess.run([sys.executable, "-c", code], cwd=site, env=env, capture_output=True, text=True)
    assert result.stderr == "[]\n"


def test_help_lists_formats_commands_and_exit_codes(run: Run) -> None:
    code, out, err = run("--help")
    assert (code, err) == (0, "")
    for word in ("sarif", "--diff-base", "approve", "exit codes"):
        assert word in out


@pytest.mark.parametrize("command", ["", *cli.COMMANDS])
def test_help_says_what_each_option_does_and_its_examples_are_right(run: Run, command: str) -> None:
    code, out, err = run(*command.split(), "--help")
    assert (code, err) == (0, "")
    parser = cli._PARSERS[command]() if command else cli._check_parser()
    for action in parser._actions:
        assert action.help and len(action.help) > 10, action
        optional = action.option_strings and action.nargs != 0 and not action.required
        if optional and command not in ("approve", "retire", "reject", "renew"):
            assert "default" in action.help, action
    examples = re.findall(r"(?m)^  tracklint(?: (.*))?$", out.partition("example")[2])
    assert examples
    for example in examples:
        words = shlex.split(example.partition(" > ")[0])
        known = cli._PARSERS[words[0]]() if words and words[0] in cli._PARSERS else cli._check_parser()
        known.parse_intermixed_args(words[1:] if words and words[0] in cli._PARSERS else words)


def test_it_runs_as_a_module(site: Path) -> None:
    write(site, {"index.html": GA})
    result = process(site)
    assert result.returncode == 1
    assert "TL101" in result.stdout


# ------------------------------------------------------------------------------------------ paths, roots and commands


def test_only_the_named_files_are_checked_and_removals_are_left_to_a_full_scan(site: Path, run: Run) -> None:
    git(site, "init", "--quiet")
    write(site, {"a.html": "<p></p>", "b.html": OTHER_GA, "tracker-approvals.toml": APPROVED})
    code, out, _ = run("a.html", "--format", "json")
    assert (code, codes(out)) == (0, [])
    assert "TL106" in codes(run("--format", "json")[1])


def test_a_file_is_judged_with_the_whole_tree_as_context(site: Path, run: Run) -> None:
    git(site, "init", "--quiet")
    partial = {
        "templates/_tag.njk": GA,
        "templates/page.njk": '{% if cookies.analytics == "yes" %}{% include "_tag.njk" %}{% endif %}',
    }
    write(site, partial)
    (detection,) = json.loads(run("templates/_tag.njk", "--format", "json")[1])["detections"]
    assert detection["consent"]["state"] == "gated"


def test_a_subfolder_belongs_to_the_site_that_its_repository_configures(site: Path, run: Run) -> None:
    git(site, "init", "--quiet")
    write(site, {"pages/a.html": GA, "tracker-approvals.toml": APPROVED})
    code, out, _ = run("pages", "--format", "json")
    assert code == 0
    assert [one["path"] for one in json.loads(out)["detections"]] == ["pages/a.html"]


def test_a_site_inside_a_repository_has_its_own_settings(site: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    git(site, "init", "--quiet")
    write(site, {"apps/one/index.html": GA, "apps/one/tracker-approvals.toml": APPROVED, "apps/two/index.html": GA})
    assert run("apps/one/index.html")[0] == 0
    assert run("apps/two/index.html")[0] == 1
    monkeypatch.chdir(site / "apps" / "one")
    assert run()[0] == 0


def test_a_first_word_that_is_a_command_is_that_command(site: Path, run: Run) -> None:
    write(site, {"services": GA, "services.html": "<p></p>"})
    code, out, _ = run("services", "hotjar")
    assert code == 0
    assert out.startswith("hotjar")
    assert run("./services")[0] == 0


def test_explain_a_rule_a_service_and_a_line(site: Path, run: Run) -> None:
    assert "noscript-bypasses-consent" in run("explain", "TL205")[1]
    assert "noscript-bypasses-consent" in run("explain", "noscript-bypasses-consent")[1]
    code, out, _ = run("explain", "hotjar")
    assert code == 0
    assert "https://www.hotjar.com/legal/policies/privacy/" in out
    assert "_hjSession_*" in out
    assert "hotjar" in run("explain", "static.hotjar.com")[1]
    write(site, {"a.njk": f"<p></p>\n{{% if cookies.analytics == 'yes' %}}\n{GA}{{% endif %}}\n"})
    code, out, _ = run("explain", "a.njk:3")
    assert code == 0
    assert "a.njk:3:1: Google Analytics (G-ABC1234567)" in out
    assert "gated" in out
    assert "a.njk:2" in out
    code, out, _ = run("explain", "a.njk:1")
    assert "Nothing is loaded on line 1" in out


# ------------------------------------------------------------------------------------------------------------- manifest


def test_from_refusal_to_approval_with_the_commands_that_the_messages_name(site: Path, run: Run) -> None:
    git(site, "init", "--quiet")
    write(site, {"index.html": "<p></p>", "tracker-approvals.toml": APPROVERS, "tracklint.toml": 'ignore = ["TL2"]\n'})
    commit(site)
    write(site, {"index.html": GA})
    assert run()[0] == 1
    code, out, _ = run("--fix-manifest")
    assert code == 0
    assert "google-analytics (G-ABC1234567) is pending" in out
    code, out, _ = run()
    assert (code, "TL102" in out) == (0, True)
    assert run("--require-approval")[0] == 1
    code, _, err = run("approve", "google-analytics", "--by", "ig-lead", "--purpose", "todo", "--owner", "Digital team")
    assert (code, "placeholder" in err) == (2, True)
    approve = (
        "approve",
        "google-analytics",
        "--by",
        "ig-lead",
        "--purpose",
        "Which pages are read",
        "--owner",
        "Digital team",
    )
    code, out, _ = run(*approve, "--diff")
    assert '+status = "approved"' in out
    assert 'status = "pending"' in (site / "tracker-approvals.toml").read_text()
    code, out, _ = run(*approve)
    assert (code, "approved by ig-lead until 2027-06-01" in out) == (0, True)
    assert run("--require-approval")[0] == 0
    write(site, {"index.html": "<p></p>"})
    assert "TL106" in run()[1]
    code, out, _ = run("retire", "google-analytics", "--by", "ig-lead", "--reason", "Not needed any more")
    assert (code, "removed by ig-lead" in out) == (0, True)
    assert run()[0] == 0


def test_renew_and_reject(site: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write(site, {"index.html": GA, "tracker-approvals.toml": APPROVED})
    monkeypatch.setenv("TRACKLINT_TODAY", "2027-06-01")
    assert "TL104" in run()[1]
    assert run("renew", "google-analytics", "--by", "ig-lead", "--review-by", "2027-12-01")[0] == 0
    assert run()[0] == 0
    assert run("reject", "google-analytics", "--by", "ig-lead", "--reason", "Sends data abroad")[0] == 0
    assert "TL105" in run()[1]
    code, _, err = run("renew", "hotjar", "--by", "ig-lead")
    assert (code, "google-analytics" in err) == (2, True)


def test_a_pinned_approval_is_for_the_snippet_as_it_is(site: Path, run: Run) -> None:
    pending = (
        APPROVERS
        + '\n[[tracker]]\nservice = "google-analytics"\nstatus = "pending"\n'
        + 'category = "analytics"\nids = ["G-ABC1234567"]\n'
    )
    write(site, {"index.html": GA, "tracker-approvals.toml": pending, "tracklint.toml": 'ignore = ["TL2"]\n'})
    words = ("--purpose", "Which pages are read", "--owner", "Digital team", "--pin")
    assert run("approve", "google-analytics", "--by", "ig-lead", *words)[0] == 0
    assert run()[0] == 0
    write(site, {"index.html": GA.replace("<script async", "<script   async\n")})
    assert run()[0] == 0
    write(site, {"index.html": GA.replace("<script async", "<script defer")})
    assert "pinned" in run()[1]


def test_what_a_repository_had_at_adoption_is_legacy_and_what_is_new_is_pending(site: Path, run: Run) -> None:
    git(site, "init", "--quiet")
    write(site, {"old.html": GA})
    commit(site)
    write(site, {"new.html": HOTJAR})
    code, out, _ = run("--fix-manifest")
    assert code == 0
    assert "google-analytics (G-ABC1234567) is legacy until 2026-08-30" in out
    assert "hotjar (2847193) is pending" in out
    before = (site / "tracker-approvals.toml").read_bytes()
    code, out, _ = run("--fix-manifest")
    assert "nothing to add" in out
    assert (site / "tracker-approvals.toml").read_bytes() == before


def test_adopting_blocks_nothing_until_the_legacy_entries_are_due(
    site: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(site, "init", "--quiet")
    write(site, {"old.html": GA})
    commit(site)
    assert run()[0] == 1
    assert run("--fix-manifest")[0] == 0
    code, out, _ = run()
    assert code == 0
    assert "warning TL201" in out
    assert "(legacy: an error from 2026-08-30 on)" in out
    monkeypatch.setenv("TRACKLINT_TODAY", "2026-08-31")
    code, out, _ = run()
    assert code == 1
    assert "error TL201" in out


def test_fix_manifest_covers_the_whole_tree_whatever_is_named(site: Path, run: Run) -> None:
    write(site, {"a.html": GA, "b.html": HOTJAR})
    out = run("--fix-manifest", "a.html")[1]
    assert "hotjar" in out


def test_fix_manifest_with_diff_writes_nothing(site: Path, run: Run) -> None:
    write(site, {"a.html": GA})
    code, out, _ = run("--fix-manifest", "--diff")
    assert code == 1
    assert '+service = "google-analytics"' in out
    assert not (site / "tracker-approvals.toml").exists()
    run("--fix-manifest")
    assert run("--fix-manifest", "--diff")[:2] == (0, "")


def test_a_broken_manifest_is_not_touched(site: Path, run: Run) -> None:
    write(site, {"a.html": GA, "tracker-approvals.toml": "version = 1\n[[tracker]\n"})
    assert run("--fix-manifest")[0] == 2
    assert (site / "tracker-approvals.toml").read_text() == "version = 1\n[[tracker]\n"


def test_another_manifest_and_configuration_can_be_named(site: Path, run: Run, tmp_path: Path) -> None:
    write(site, {"a.html": GA, "approvals/site.toml": APPROVED})
    write(tmp_path, {"strict.toml": 'severity = { TL102 = "error" }\n'})
    assert run()[0] == 1
    assert run("--manifest", "approvals/site.toml", "--config", "../strict.toml")[0] == 0


# ------------------------------------------------------------------------------------------------- staged and changes


def test_staged_judges_what_the_commit_would_hold(site: Path, run: Run) -> None:
    git(site, "init", "--quiet")
    write(site, {"a.html": "<p></p>", "tracker-approvals.toml": APPROVERS})
    commit(site)
    write(site, {"a.html": GA})
    assert run("--staged")[0] == 0
    git(site, "add", "a.html")
    write(site, {"a.html": "<p></p>"})
    assert run("--staged")[0] == 1
    assert run()[0] == 0


def test_staged_reads_the_staged_manifest(site: Path, run: Run) -> None:
    git(site, "init", "--quiet")
    write(
        site,
        {
            "a.html": GA,
            "tracker-approvals.toml": APPROVERS,
            "tracklint.toml": 'exclude = ["*.toml"]\nignore = ["TL2"]\n',
        },
    )
    git(site, "add", "--all")
    run("--fix-manifest")
    assert run()[0] == 0
    assert run("--staged")[0] == 1
    git(site, "add", "tracker-approvals.toml")
    assert run("--staged")[0] == 0


def changes(out: str) -> list[tuple[str, str]]:
    return [(one["kind"], one["label"]) for one in json.loads(out)["changes"]]


def test_diff_base_tells_what_a_branch_adds_removes_and_ungates(site: Path, run: Run) -> None:
    git(site, "init", "--quiet", "--initial-branch", "main")
    gated = f"{{% if cookies.analytics == 'yes' %}}{GA}{{% endif %}}"
    write(site, {"a.njk": gated, "b.njk": HOTJAR, "c.njk": OTHER_GA})
    commit(site)
    git(site, "checkout", "--quiet", "-b", "topic")
    youtube = '<iframe src="https://www.youtube.com/embed/aB3dE5fG7hI"></iframe>'
    write(site, {"a.njk": GA, "b.njk": "<p></p>", "d.njk": OTHER_GA, "e.njk": youtube, "c.njk": "\n\n" + OTHER_GA})
    commit(site)
    found = changes(run("--diff-base", "main", "--format", "json")[1])
    assert found == [
        ("service added", "YouTube (aB3dE5fG7hI)"),
        ("ungated since", "Google Analytics (G-ABC1234567)"),
        ("load added", "Google Analytics (G-XYZ7654321)"),
        ("service removed", "Hotjar (2847193)"),
    ]
    out = run("--diff-base", "main")[1]
    assert "  ungated since: Google Analytics (G-ABC1234567) at a.njk:1 (was gated, is ungated" in out
    assert "| ungated since |" in run("--diff-base", "main", "--format", "markdown")[1]
    assert "changes" not in json.loads(run("--format", "json")[1])


def test_the_approvers_of_the_base_decide(site: Path, run: Run) -> None:
    git(site, "init", "--quiet", "--initial-branch", "main")
    write(site, {"a.html": "<p></p>", "tracker-approvals.toml": APPROVERS})
    commit(site)
    git(site, "checkout", "--quiet", "-b", "topic")
    me = APPROVED.replace(
        "[approvers.ig-lead]", '[approvers.contractor]\nname = "C"\nemail = "c@x.example"\n\n[approvers.ig-lead]'
    )
    write(
        site,
        {"a.html": GA, "tracker-approvals.toml": me.replace('approved_by = "ig-lead"', 'approved_by = "contractor"')},
    )
    commit(site)
    assert run()[0] == 0
    code, out, _ = run("--diff-base", "main", "--format", "json")
    assert (code, "TL107" in codes(out)) == (1, True)


def test_a_change_that_loosens_the_configuration_says_so(site: Path, run: Run) -> None:
    git(site, "init", "--quiet", "--initial-branch", "main")
    write(site, {"a.html": GA, "tracklint.toml": "require_approval = true\n"})
    commit(site)
    git(site, "checkout", "--quiet", "-b", "topic")
    write(site, {"tracklint.toml": 'exclude = ["a.html"]\n', "b.html": "<p></p>"})
    commit(site)
    found = changes(run("--diff-base", "main", "--format", "json")[1])
    assert ("configuration loosened", "exclude") in found
    assert ("configuration loosened", "require_approval") in found


def test_a_shallow_clone_says_what_to_fetch(
    site: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(site, "init", "--quiet", "--initial-branch", "main")
    for number in range(3):
        write(site, {"a.html": f"<p>{number}</p>"})
        commit(site)
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{site}", "shallow")
    monkeypatch.chdir(tmp_path / "shallow")
    code, _, err = run("--diff-base", "HEAD~1")
    assert (code, "shallow" in err, "git fetch" in err) == (2, True, True)


def test_compare_lists_what_is_new_gone_and_due(site: Path, run: Run) -> None:
    write(
        site, {"a.html": GA, "b.html": HOTJAR, "tracker-approvals.toml": APPROVED.replace("2027-05-07", "2026-06-20")}
    )
    run("--format", "json", "--output", "before.json")
    write(site, {"b.html": "<p></p>", "c.html": OTHER_GA})
    assert changes(run("--compare", "before.json", "--format", "json")[1]) == [
        ("id added", "Google Analytics (G-XYZ7654321)"),
        ("service removed", "Hotjar (2847193)"),
        ("review due", "google-analytics (G-ABC1234567)"),
    ]
    write(site, {"other.json": "[]"})
    code, _, err = run("--compare", "other.json")
    assert (code, "--format json" in err) == (2, True)
