"""The command line: options, exit codes, progress. The only module that prints.

Nothing but what Python has loaded anyway is imported before it is needed: `tracklint --version` costs no more than
starting Python, and `tracklint approve` no scanner.

Exit codes: 0 nothing blocks; 1 something blocks; 2 a wrong option, configuration or manifest; 3 an incomplete check.
"""

from __future__ import annotations

import gc
import os
import sys

from tracklint import __version__

TYPE_CHECKING = False  # importing typing for it would cost more than the rest of this module
if TYPE_CHECKING:
    import argparse
    import datetime
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path
    from typing import Any, NoReturn

    from tracklint.check import Request, Result

COMMANDS = {
    "approve": "decide on a pending, legacy or rejected entry of the manifest",
    "renew": "give an approval again, for another term",
    "retire": "agree that an approved tracker goes",
    "reject": "refuse a service",
    "explain": "say what a rule means, who a service is, or why a load got its verdict",
    "services": "list the services that have a rule",
    "lsp": "answer an editor in the Language Server Protocol, over stdin and stdout",
    "completion": "write the completion script of a shell: bash, zsh or fish",
}
FINE, BLOCKED, MISUSED, INCOMPLETE, INTERRUPTED = 0, 1, 2, 3, 130
_SLOW = 1.0  # seconds after which progress is shown


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code. Never raises, never shows a traceback (but see TRACKLINT_DEBUG)."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        if arguments in (["--version"], ["-V"]):
            print(f"tracklint {__version__}")
            return FINE
        code = _run(arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # Whoever read the output has enough. Python would complain when it flushes at its end.
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except (OSError, ValueError):
            return BLOCKED  # stdout is no file, so nothing flushes it
        return BLOCKED
    except KeyboardInterrupt:
        import signal

        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a second one, while worker processes end, is no traceback
        return INTERRUPTED
    except Exception as error:
        if os.environ.get("TRACKLINT_DEBUG"):
            raise
        _complain(f"internal error: {type(error).__name__}: {error}; please report it (TRACKLINT_DEBUG=1 shows where)")
        return INCOMPLETE


# What the caller can mend, and what leaves no result to trust; by name, so that nothing is imported for it.
_ERRORS = {
    "approval_proof.GitError": MISUSED,
    "changes.ChangesError": MISUSED,
    "check.IncompleteError": INCOMPLETE,
    "check.UsageError": MISUSED,
    "manifest.ManifestError": MISUSED,
    "policy.PolicyError": MISUSED,
    "ruleset.RulesetError": MISUSED,
    "scan.ScanError": INCOMPLETE,
    "source.GitError": MISUSED,
    "source.SourceError": MISUSED,
}


def _run(arguments: list[str]) -> int:
    try:
        if arguments and arguments[0] in COMMANDS:
            return _command(arguments[0], arguments[1:])
        return _check(arguments)
    except _Exit as exit:
        return exit.code
    except TimeoutError as error:
        _complain(str(error))
        return MISUSED
    except Exception as error:
        kind = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("tracklint.")
        if kind not in _ERRORS:
            raise
        for line in str(error).splitlines():
            _complain(line)
        return _ERRORS[kind]


class _Exit(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


# -------------------------------------------------------------------------------------------------------------- output


def _complain(text: str) -> None:
    _tell(f"tracklint: error: {text}")


def _tell(text: str) -> None:
    """One line for the person, not for a program that reads the results."""
    sys.stderr.write(_encodable(" ".join(text.split()), sys.stderr.encoding) + "\n")


def _print(text: str, *, utf8: bool = False) -> None:
    """Results. What the terminal's encoding lacks is escaped; data for programs is UTF-8 whatever the terminal says."""
    if utf8 and hasattr(sys.stdout, "buffer"):
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        sys.stdout.buffer.flush()
    else:
        sys.stdout.write(_encodable(text, sys.stdout.encoding))


def _encodable(text: str, encoding: str | None) -> str:
    encoding = encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _colored() -> bool:
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stdout.isatty()


class _Progress:
    """A bar on a terminal, once the work has taken a second."""

    def __init__(self) -> None:
        import time

        self.clock = time.monotonic
        self.start = self.clock()
        self.last = 0.0
        self.shown = False

    def __call__(self, done: int, total: int) -> None:
        now = self.clock()
        if now - self.start < _SLOW or now - self.last < 0.1:
            return
        self.last = now
        self.shown = True
        filled = 30 * done // max(total, 1)
        sys.stderr.write(f"\r[{'#' * filled}{'.' * (30 - filled)}] {done:,} of {total:,} files")
        sys.stderr.flush()

    def __enter__(self) -> Callable[[int, int], None] | None:
        return self if sys.stderr.isatty() else None

    def __exit__(self, *reason: object) -> None:
        if self.shown:
            sys.stderr.write("\r" + " " * 70 + "\r")
            sys.stderr.flush()


# ------------------------------------------------------------------------------------------------------------- options


def _today() -> datetime.date:
    """Today; TRACKLINT_TODAY makes a run reproducible."""
    import datetime

    given = os.environ.get("TRACKLINT_TODAY")
    return _date(given, "TRACKLINT_TODAY") if given else datetime.date.today()


def _date(text: str, what: str) -> datetime.date:
    import datetime

    from tracklint.check import UsageError

    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f'{what}: "{text}" is no date; write it as 2027-05-07') from None


def _parser(prog: str, **options: object) -> argparse.ArgumentParser:
    import argparse

    class Parser(argparse.ArgumentParser):
        def error(self, message: str) -> NoReturn:
            """One line, and the nearest option where one was misspelt."""
            import difflib

            known = [name for action in self._actions for name in action.option_strings]
            for word in message.partition("unrecognized arguments: ")[2].split():
                near = difflib.get_close_matches(word.partition("=")[0], known, 1, 0.6)
                if near:
                    message += f"; did you mean {near[0]}?"
                    break
            _complain(f"{message}; `{self.prog} --help` lists what there is")
            raise _Exit(MISUSED)

        def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
            raise _Exit(status)

        def print_help(self, file: object = None) -> None:
            _print(self.format_help())

    return Parser(
        prog=prog,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        **options,  # type: ignore[arg-type]
    )


_EXIT_CODES = """\
exit codes:
  0  nothing blocks
  1  something blocks; with --diff, something would be written
  2  a wrong option, configuration or manifest
  3  incomplete: nothing was scanned, a file could not be read or took too long, or tracklint failed
"""

_EPILOG = """\
commands (tracklint COMMAND --help):
{commands}
examples:
  tracklint
      check the whole site
  tracklint templates/base.html
      check one file; the site around it is read, but not reported on
  tracklint --fix-manifest
      write an entry for everything that has none
  tracklint --fix --diff
      show what could be tied to the site's consent manager
  tracklint --diff-base origin/main --require-approval
      check a pull request: what it adds and removes, and who approved it
  tracklint --format text --format sarif --output tracklint.sarif
      two formats in one run
  tracklint --compare last-month.json --format markdown
      what is new, gone or due for review
  tracklint explain templates/base.html:12
      why a load got its verdict, step by step

environment:
  NO_COLOR, FORCE_COLOR   no colours, or colours although stdout is no terminal
  TRACKLINT_TODAY         another day than today, such as 2027-05-07
  TRACKLINT_DEBUG         show where an internal error comes from

"""


def _common(parser: argparse.ArgumentParser) -> None:
    from pathlib import Path

    settings = parser.add_argument_group("settings")
    settings.add_argument(
        "--manifest", metavar="FILE", type=Path, help="the approvals manifest (default: tracker-approvals.toml)"
    )
    settings.add_argument(
        "--config",
        metavar="FILE",
        type=Path,
        help="the configuration (default: tracklint.toml, or [tool.tracklint] in pyproject.toml)",
    )


def _check_parser() -> argparse.ArgumentParser:
    from pathlib import Path

    from tracklint.report import FORMATS

    commands = "".join(f"  {name:<11} {what}\n" for name, what in COMMANDS.items())
    parser = _parser(
        "tracklint",
        usage="tracklint [OPTION …] [PATH …]\n       tracklint COMMAND …",
        description="Find the trackers and other third parties that a website's repository loads, tell whether\n"
        "each can run before the visitor has consented, and hold them against the approvals manifest.",
        epilog=_EPILOG.format(commands=commands) + _EXIT_CODES,
    )
    parser.add_argument(
        "--version", "-V", action="version", version=f"tracklint {__version__}", help="show the version and exit"
    )
    what = parser.add_argument_group("what is checked")
    what.add_argument(
        "paths", nargs="*", metavar="PATH", type=Path, help="files or folders (default: the whole site around here)"
    )
    what.add_argument("--staged", action="store_true", help="the files as the next commit would hold them")
    what.add_argument(
        "--diff-base",
        metavar="REV",
        help="also tell what changed since the branch left REV; the approvers in REV's manifest decide (default: nothing is "
        "compared)",
    )
    what.add_argument(
        "--compare",
        metavar="FILE",
        type=Path,
        help="also tell what changed since an earlier --format json report (default: nothing is compared)",
    )
    what.add_argument(
        "--jobs",
        metavar="N",
        type=_count,
        help="processes, 0 to 256 (default: the configuration's, which is 0: 2 for many files, else 1)",
    )
    findings = parser.add_argument_group("which findings")
    findings.add_argument(
        "--select",
        metavar="CODES",
        action="append",
        default=[],
        help="only these rules, comma-separated; a beginning is enough: TL2,TL301 (default: all that are on)",
    )
    findings.add_argument(
        "--ignore", metavar="CODES", action="append", default=[], help="not these rules (default: none are left out)"
    )
    findings.add_argument(
        "--require-approval",
        action="store_true",
        help="an entry that is still pending blocks, as it should before a merge (default: it is a warning)",
    )
    findings.add_argument("--exit-zero", action="store_true", help="exit with 0 even if something blocks")
    output = parser.add_argument_group("output")
    output.add_argument(
        "--format",
        metavar="FORMAT",
        action="append",
        dest="outputs",
        type=lambda text: ("format", text),
        help=f"{', '.join(FORMATS)} (default: text); may be given again, with an --output for each but one",
    )
    output.add_argument(
        "--output",
        metavar="FILE",
        action="append",
        dest="outputs",
        type=lambda text: ("output", text),
        help="where the --format beside it is written; - is stdout (default: -)",
    )
    output.add_argument(
        "--statistics", action="store_true", help="count the findings of each rule instead of listing them as text"
    )
    mending = parser.add_argument_group("mending")
    mending.add_argument(
        "--fix-manifest",
        action="store_true",
        help="write what the manifest lacks as pending entries; it never approves anything",
    )
    mending.add_argument(
        "--fix", action="store_true", help="gate what can safely be gated with the site's consent manager, then check"
    )
    mending.add_argument(
        "--unsafe-fixes", action="store_true", help="with --fix: also what may change how a page works"
    )
    mending.add_argument(
        "--diff",
        action="store_true",
        help="with --fix or --fix-manifest: show what would be written, and write nothing",
    )
    _common(parser)
    return parser


def _decision_parser(name: str) -> argparse.ArgumentParser:
    from tracklint.manifest import CONSENT_RULES
    from tracklint.model import CATEGORIES

    example = {
        "approve": "approve hotjar --by ig-lead --purpose 'Which pages are read' --owner 'Digital team'",
        "renew": "renew hotjar --by ig-lead --review-by 2027-05-07",
        "retire": "retire hotjar --by ig-lead --reason 'The survey is over'",
        "reject": "reject hotjar --by ig-lead --reason 'It records what visitors type'",
    }[name]
    parser = _command_parser(name, example)
    parser.add_argument("service", metavar="SERVICE", help="a service's slug, or the host of a third party")
    parser.add_argument("--by", metavar="ID", required=True, help="who decides: an id in [approvers]; required")
    parser.add_argument(
        "--id", metavar="ID", action="append", dest="ids", help="account ids, where a service has several entries"
    )
    parser.add_argument("--line", metavar="N", type=int, help="the line of the entry, where ids do not tell")
    if name in ("approve", "renew"):
        parser.add_argument("--review-by", metavar="DATE", help="the last day, such as 2027-05-07 (default: in a year)")
    if name == "approve":
        kept = "(default: what the entry says)"
        parser.add_argument("--purpose", metavar="TEXT", help=f"what it is used for, in words for the public {kept}")
        parser.add_argument("--owner", metavar="TEXT", help=f"the team that answers for it {kept}")
        parser.add_argument("--category", choices=CATEGORIES, help=f"what it is {kept}")
        parser.add_argument("--consent", choices=CONSENT_RULES, help=f"whether the visitor must agree first {kept}")
        parser.add_argument("--consent-reason", metavar="TEXT", help="why opt-out or exempt is lawful")
        parser.add_argument("--dpia", metavar="TEXT", help="number of the data protection impact assessment")
        parser.add_argument("--reference", metavar="TEXT", help="ticket, minutes, contract")
        parser.add_argument("--pin", action="store_true", help="an edited snippet comes back for review")
    if name in ("retire", "reject"):
        parser.add_argument("--reason", metavar="TEXT", required=True, help="why, for those who ask later; required")
    parser.add_argument("--diff", action="store_true", help="show what would be written, and write nothing")
    _common(parser)
    return parser


def _services_parser() -> argparse.ArgumentParser:
    from tracklint.model import CATEGORIES

    parser = _command_parser("services", "services --category marketing")
    parser.add_argument(
        "word", nargs="?", default="", metavar="WORD", help="only those with this in slug, name, company or host"
    )
    parser.add_argument("--category", choices=CATEGORIES, help="only this category (default: all)")
    _common(parser)
    return parser


def _explain_parser() -> argparse.ArgumentParser:
    parser = _command_parser("explain", "explain TL205", "explain hotjar", "explain templates/base.html:12")
    parser.add_argument("what", metavar="CODE|SERVICE|PATH:LINE", help="a rule, a service, or a line of a file")
    _common(parser)
    return parser


def _lsp_parser() -> argparse.ArgumentParser:
    return _command_parser("lsp", "lsp")


def _completion_parser() -> argparse.ArgumentParser:
    from tracklint.completion import SHELLS

    parser = _command_parser(
        "completion",
        "completion bash > ~/.local/share/bash-completion/completions/tracklint",
        "completion zsh > ~/.zfunc/_tracklint",
        "completion fish > ~/.config/fish/completions/tracklint.fish",
    )
    parser.add_argument("shell", choices=SHELLS, help="the shell that is to read it")
    return parser


_PARSERS: dict[str, Callable[[], argparse.ArgumentParser]] = {
    "approve": lambda: _decision_parser("approve"),
    "renew": lambda: _decision_parser("renew"),
    "retire": lambda: _decision_parser("retire"),
    "reject": lambda: _decision_parser("reject"),
    "explain": _explain_parser,
    "services": _services_parser,
    "lsp": _lsp_parser,
    "completion": _completion_parser,
}


def _command_parser(name: str, *examples: str) -> argparse.ArgumentParser:
    shown = "".join(f"  tracklint {example}\n" for example in examples)
    return _parser(
        f"tracklint {name}",
        description=f"{COMMANDS[name][0].upper()}{COMMANDS[name][1:]}.",
        epilog=f"example{'s' if len(examples) > 1 else ''}:\n{shown}",
    )


def _count(text: str) -> int:
    import argparse

    if not text.isdecimal() or not 0 <= int(text) <= 256:
        raise argparse.ArgumentTypeError(f'"{text}" is no number of processes from 0 to 256')
    return int(text)


def _outputs(given: Sequence[tuple[str, str]] | None) -> list[tuple[str, str]]:
    """(format, file) pairs; "-" is stdout. An --output belongs to the --format beside it."""
    import difflib

    from tracklint.check import UsageError
    from tracklint.report import FORMATS

    pairs: list[dict[str, str]] = []
    for kind, text in given or ():
        if not pairs or kind in pairs[-1]:
            pairs.append({})
        pairs[-1][kind] = text
    found = [(pair.get("format", "text"), pair.get("output", "-")) for pair in pairs] or [("text", "-")]
    for name, _ in found:
        if name not in FORMATS:
            near = difflib.get_close_matches(name, list(FORMATS), 1, 0.5)
            hint = f"did you mean {near[0]}?" if near else f"formats are {', '.join(FORMATS)}"
            raise UsageError(f'--format: there is no "{name}"; {hint}')
    files = [file for _, file in found]
    if len(set(files)) < len(files):
        twice = next(file for file in files if files.count(file) > 1)
        place = "stdout" if twice == "-" else twice
        raise UsageError(f"two formats would be written to {place}; give each --format an --output of its own")
    return found


# --------------------------------------------------------------------------------------------------------------- check


def _check(arguments: list[str]) -> int:
    from pathlib import Path

    gc.disable()  # what is imported stays, and looking for garbage in it takes longer than some checks
    try:
        parser = _check_parser()
        from tracklint.check import Request, UsageError, run
    finally:
        gc.enable()
    # What follows `--` is a path, whatever it looks like; parse_intermixed_args forgets that.
    end = arguments.index("--") if "--" in arguments else len(arguments)
    options = parser.parse_intermixed_args(arguments[:end])
    options.paths = [*options.paths, *map(Path, arguments[end + 1 :])]
    outputs = _outputs(options.outputs)
    misplaced = [str(path) for path in options.paths if str(path) in COMMANDS and not os.path.lexists(path)]
    if misplaced:
        raise UsageError(f"{misplaced[0]} is a command and must be the first word: tracklint {misplaced[0]} …")
    if options.diff and not (options.fix_manifest or options.fix):
        raise UsageError("--diff shows what --fix or --fix-manifest would write; give one of them too")
    if options.fix and options.fix_manifest:
        raise UsageError("--fix and --fix-manifest are two steps; run --fix first")
    if options.unsafe_fixes and not options.fix:
        raise UsageError("--unsafe-fixes says which fixes --fix may make; give both")
    request = Request(
        paths=tuple(options.paths),
        staged=options.staged,
        diff_base=options.diff_base,
        compare=options.compare,
        manifest=options.manifest,
        config=options.config,
        select=tuple(options.select),
        ignore=tuple(options.ignore),
        require_approval=options.require_approval,
        jobs=options.jobs,
        today=_today(),
    )
    if options.fix_manifest:
        return _fix_manifest(request, options.diff)
    if options.fix:
        from tracklint import fix

        with _Progress() as progress:
            plan = fix.fix_site(request, unsafe=options.unsafe_fixes, save=not options.diff, progress=progress)
        if options.diff:
            text = fix.unified_diff(plan)
            _print(text, utf8=True)
        for one in plan.fixes:
            _tell(f"{one.path}:{one.line}: {'would be fixed' if options.diff else 'fixed'}: {one.title}")
        for item in plan.left:
            _tell(f"{item.path}:{item.line}: not fixed: {item.service}: {item.reason}")
        if options.diff:
            return BLOCKED if text else FINE
    with _Progress() as progress:
        result = run(request, progress)
    _write(result, outputs, options.statistics)
    return _exit_code(result, options.exit_zero)


def _write(result: Result, outputs: Sequence[tuple[str, str]], statistics: bool) -> None:
    from pathlib import Path

    from tracklint.check import UsageError
    from tracklint.report import FORMATS, Context

    for name, file in outputs:
        to_terminal = file == "-"
        colored = to_terminal and name == "text" and _colored()
        context = Context(
            color=colored,
            manifest=result.manifest,
            changes=result.changes,
            today=result.project.today,
            rules=result.ruleset.all_services,
            fragment=file.lower().endswith((".html", ".htm")),
        )
        text = _statistics(result) if statistics and name == "text" else FORMATS[name](result.report, context)
        if to_terminal:
            _print(text, utf8=name not in ("text", "markdown", "github"))
            continue
        try:
            Path(file).write_bytes(text.encode("utf-8", "replace"))
        except OSError as error:
            raise UsageError(f"{file}: cannot be written: {error.strerror or error}") from None
    if statistics and all(name != "text" for name, _ in outputs):
        for line in _statistics(result).splitlines():
            sys.stderr.write(_encodable(line, sys.stderr.encoding) + "\n")


def _statistics(result: Result) -> str:
    from collections import Counter

    findings = result.report.findings
    counts = Counter((one.code, one.name, one.severity) for one in findings)
    rows = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    lines = [f"{count:>6}  {severity:<7}  {code} {name}" for (code, name, severity), count in rows]
    return "\n".join([*lines, f"{len(findings):>6}  in all"]) + "\n"


def _exit_code(result: Result, exit_zero: bool) -> int:
    report = result.report
    blocking = [one for one in report.findings if one.severity == "error" and one.code != "TL901"]
    if blocking:
        return FINE if exit_zero else BLOCKED
    if result.incomplete:
        first = result.incomplete[0]
        more = f" and {len(result.incomplete) - 1} more" if len(result.incomplete) > 1 else ""
        detail = f" ({first.detail})" if first.detail else ""
        _complain(
            f"incomplete: {first.path}{more} could not be checked: {first.reason}{detail}; mend that, or leave it out "
            "with exclude in the configuration"
        )
        return INCOMPLETE
    asked_for_folder = result.project.full or any(path.is_dir() for path in result.project.paths)
    if not report.files and asked_for_folder and not exit_zero:
        root = result.project.root
        _complain(f"nothing was scanned: {root} holds no file that a website is made of; name the site's folder")
        return INCOMPLETE
    return FINE


def _fix_manifest(request: Request, diff: bool) -> int:
    from tracklint import manifest as manifests
    from tracklint.check import fix_manifest

    with _Progress() as progress:
        fixed = fix_manifest(request, not diff, progress)
    name = fixed.project.manifest_name
    if diff:
        text = manifests.diff(fixed.before, fixed.after, name)
        _print(text)
        return BLOCKED if text else FINE
    before = manifests.load(fixed.before, name).approvals if fixed.before is not None else ()
    after = manifests.load(fixed.after, name)
    known = {(one.subject, one.status, one.ids, one.paths, one.techniques) for one in before}
    changed = [
        one for one in after.approvals if (one.subject, one.status, one.ids, one.paths, one.techniques) not in known
    ]
    for one in changed:
        until = f" until {one.review_by}" if one.review_by else ""
        _print(f"{name}:{one.line}: {one.label} is {one.status}{until}\n")
    dropped = {one.subject for one in before} - {one.subject for one in after.approvals}
    for subject in sorted(dropped):
        _print(f"{name}: the pending entry of {subject} was dropped: the code no longer loads it\n")
    if fixed.before == fixed.after:
        _print(f"{name}: nothing to add\n")
        return FINE
    _print(f"{name} was {'written' if fixed.before is None else 'updated'}.\n")
    waiting = [one for one in changed if one.status in ("pending", "legacy")]
    if waiting:
        who = f"an approver ({', '.join(sorted(after.approvers))})" if after.approvers else "an approver"
        first = waiting[0].host or waiting[0].service
        _print(
            f"Next: `git add {name}`, commit it with your change, and ask {who} to decide: "
            f"tracklint approve {first} --by ID --purpose … --owner …\n"
        )
    if not after.approvers:
        _print(f"Nobody can approve yet: add the people who may to {name}, as the comment at its top shows.\n")
    return FINE


# ------------------------------------------------------------------------------------------------------------ commands


def _command(name: str, arguments: list[str]) -> int:
    if name == "explain":
        return _explain(arguments)
    if name == "services":
        return _services(arguments)
    if name == "lsp":
        return _lsp(arguments)
    if name == "completion":
        return _completion(arguments)
    return _decide(name, arguments)


def _decide(name: str, arguments: list[str]) -> int:
    from tracklint import manifest as manifests
    from tracklint.check import Request, UsageError, open_project, read_manifest, update_manifest

    options = _decision_parser(name).parse_args(arguments)

    today = _today()
    request = Request(manifest=options.manifest, config=options.config, today=today)
    project = open_project(request)
    service = options.service.removeprefix("host:")
    choice = {"ids": options.ids, "line": options.line}
    most: dict[str, Any] = {"max_review_days": project.policy.max_review_days}
    content = _pinned(request, service, options.ids) if name == "approve" and options.pin else None

    def edit(text: str | None) -> str:
        if text is None:
            raise UsageError(f"{project.manifest_name} does not exist; run `tracklint --fix-manifest` first")
        common: dict[str, Any] = {"by": options.by, "today": today, "path": project.manifest_name, **choice}
        if name in ("retire", "reject"):
            change = manifests.retire if name == "retire" else manifests.reject
            return change(text, service, reason=options.reason, **common)
        until = _date(options.review_by, "--review-by") if options.review_by else None
        if name == "renew":
            return manifests.renew(text, service, review_by=until, **most, **common)
        return manifests.approve(
            text,
            service,
            purpose=options.purpose,
            owner=options.owner,
            review_by=until,
            category=options.category,
            consent=options.consent,
            consent_reason=options.consent_reason,
            dpia=options.dpia,
            reference=options.reference,
            content=content,
            **most,
            **common,
        )

    before = read_manifest(project)
    if options.diff:
        _print(manifests.diff(before, edit(before), project.manifest_name))
        return FINE
    after = update_manifest(project, edit)
    _print(_decided(name, before, after, service, project.manifest_name) + "\n")
    return FINE


def _decided(name: str, before: str | None, after: str, service: str, path: str) -> str:
    from tracklint import manifest as manifests

    old = {one.decision for one in manifests.load_leniently(before or "", path).approvals}
    changed = [
        one
        for one in manifests.load(after, path).approvals
        if one.decision not in old and service in (one.service, one.host)
    ]
    if not changed:
        return f"{path}: {service} was decided like this already today"
    one = changed[0]
    until = f" until {one.review_by}" if one.review_by and one.status == "approved" else ""
    person = {"approved": one.approved_by, "removed": one.removed_by, "rejected": one.rejected_by}.get(one.status)
    return f"{path}:{one.line}: {one.label} is {one.status} by {person}{until}; commit this change"


def _pinned(request: Request, service: str, ids: Sequence[str] | None) -> list[str]:
    """The hashes of the loads that an approval is pinned to."""
    from tracklint.check import UsageError, run

    with _Progress() as progress:
        result = run(request._replace(whole_tree=True), progress)
    found = [
        one
        for one in result.report.detections
        if one.service in (service, f"host:{service}") and (not ids or not one.ids or set(ids) & set(one.ids))
    ]
    if not found:
        raise UsageError(f"--pin: nothing loads {service}, so there is nothing to pin the approval to")
    return sorted({one.content_hash for one in found})


def _lsp(arguments: list[str]) -> int:
    import importlib.util

    from tracklint.check import UsageError

    _lsp_parser().parse_args(arguments)
    if importlib.util.find_spec("pygls") is None:
        raise UsageError(
            "the language server needs the package pygls; install it beside tracklint with `pip install 'pygls>=2,<3'`"
        )
    from tracklint.lsp import serve

    serve()
    return FINE


def _completion(arguments: list[str]) -> int:
    from tracklint import completion, ruleset
    from tracklint.report import FORMATS
    from tracklint.rules import RULES

    shell = _completion_parser().parse_args(arguments).shell
    known = ruleset.load()
    words: dict[str, Iterable[str]] = {
        "formats": FORMATS,
        "codes": RULES,
        "services": sorted((*known.services, *(f"cmp:{slug}" for slug in known.managers))),
    }
    parsers = {name: (COMMANDS[name], make()) for name, make in _PARSERS.items()}
    _print(completion.script(shell, _check_parser(), parsers, words), utf8=True)
    return FINE


def _services(arguments: list[str]) -> int:
    from tracklint import ruleset
    from tracklint.check import Request, open_project
    from tracklint.explain import services_text

    options = _services_parser().parse_args(arguments)
    project = open_project(Request(manifest=options.manifest, config=options.config))
    word = options.word.casefold()
    found = [
        one
        for one in sorted(ruleset.load(project.policy.rulesets).services.values(), key=lambda one: one.slug)
        if (options.category in (None, one.category))
        and any(word in text.casefold() for text in (one.slug, one.name, one.company or "", *one.match.hosts))
    ]
    _print(services_text(found))
    if not found:
        _tell(f'tracklint: no service with "{options.word}" has a rule; its host is reported as an unknown third party')
    return FINE


def _explain(arguments: list[str]) -> int:
    from tracklint import explain

    options = _explain_parser().parse_args(arguments)
    rule = explain.find_rule(options.what)
    if rule is not None:
        _print(explain.rule_text(rule))
        return FINE
    from tracklint import ruleset
    from tracklint.check import Request, UsageError, open_project
    from tracklint.report.wording import clean

    place = _place(options.what)
    if place is not None:
        return _explain_place(Request(manifest=options.manifest, config=options.config, today=_today()), *place)
    known = ruleset.load(open_project(Request(config=options.config)).policy.rulesets)
    service = explain.find_service(options.what, known)
    if service is None:
        near = explain.nearest_words(options.what, known)
        hint = "`tracklint services` lists the services, and a host of none of them is an unknown third party"
        if near:
            hint = f"did you mean {' or '.join(near)}?"
        raise UsageError(f'"{options.what}" is no rule, no service and no file; {hint}')
    _print(clean(explain.service_text(service)))
    return FINE


def _place(text: str) -> tuple[Path, int | None] | None:
    """The file and line of PATH, PATH:LINE or PATH:LINE:COLUMN; None if there is no such file."""
    from pathlib import Path

    parts = text.split(":")
    for numbers in (0, 1, 2):
        path, rest = ":".join(parts[: len(parts) - numbers]), parts[len(parts) - numbers :]
        if path and all(part.isdecimal() for part in rest) and Path(path).is_file():
            return Path(path), int(rest[0]) if rest else None
    return None


def _explain_place(request: Request, path: Path, line: int | None) -> int:
    from tracklint import explain
    from tracklint.check import run
    from tracklint.report.wording import clean

    with _Progress() as progress:
        result = run(request._replace(paths=(path,)), progress)
    name = next(iter(result.tree.requested), None)
    loads = (
        explain.nearest_loads((*result.report.detections, *result.report.calls), name, line) if name is not None else []
    )
    if loads:
        _print(clean(explain.loads_text(result, loads, line)))
        return FINE
    skipped = next((one for one in result.report.skipped), None)
    if skipped is not None:
        _tell(f"tracklint: {path} was not checked: {skipped.reason}{f' ({skipped.detail})' if skipped.detail else ''}")
    else:
        _tell(f"tracklint: {path} loads nothing from a third party")
    return FINE
