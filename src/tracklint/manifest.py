"""The approvals manifest, `tracker-approvals.toml`: read, check, compare with what was found, and rewrite.

Three layers, in this order:

1. text: a manifest is a head (`version`, comments), tables of approvers and `[[tracker]]` entries. A scanner finds the
   statements of the TOML text, so that errors have a line and an edit touches only the characters that it means to.
   Each block (a table with the comments right above it) is valid TOML by itself and can be moved as a whole.
2. meaning: `load` gives a `Manifest`, or a `ManifestError` with every problem; `judge` holds detections against it.
3. edits: `fix`, `approve`, `renew`, `retire`, `reject` take text and give text; `update` and `write_atomically` are the
   only functions that touch the file system. Nothing here reads the clock: today's date is a parameter.
"""

from __future__ import annotations

import bisect
import contextlib
import datetime
import difflib
import errno
import functools
import itertools
import json
import os
import re
import stat
import textwrap
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

import tomli

from tracklint import lazy_re
from tracklint.model import CATEGORIES, TECHNIQUES, Category, Detection, Pages, Span, Technique
from tracklint.policy import with_slashes

if TYPE_CHECKING:
    from tracklint.ruleset import Service

FILE_NAME = "tracker-approvals.toml"

Status = Literal["pending", "approved", "legacy", "rejected", "removed"]
STATUSES: tuple[Status, ...] = get_args(Status)
ConsentRule = Literal["required", "opt-out", "exempt"]
CONSENT_RULES: tuple[ConsentRule, ...] = get_args(ConsentRule)

VerdictKind = Literal[
    "approved",
    "pending",
    "legacy",
    "legacy-expired",
    "expired",
    "incomplete",
    "outside-scope",
    "not-in-manifest",
    "rejected",
    "not-authorised",
    "removed-but-present",
    "gone",  # only without detection
    "review-due",  # only without detection
]

# Every key of a [[tracker]] entry with its type, in canonical order.
_KEYS: Mapping[str, str] = {
    "service": "string",
    "host": "string",
    "name": "string",
    "company": "string",
    "privacy_url": "string",
    "status": "string",
    "category": "string",
    "category_reason": "string",
    "purpose": "string",
    "owner": "string",
    "consent": "string",
    "consent_reason": "string",
    "gated": "boolean",
    "ids": "strings",
    "paths": "strings",
    "pages": "strings",
    "techniques": "strings",
    "pin": "boolean",
    "content": "strings",
    "cookies": "cookies",
    "approved_by": "string",
    "approved_on": "date",
    "review_by": "date",
    "dpia": "string",
    "reference": "string",
    "rejected_by": "string",
    "rejected_on": "date",
    "rejected_reason": "string",
    "removed_by": "string",
    "removed_on": "date",
    "removed_reason": "string",
    "notes": "string",
}
_KEY_ORDER = {key: index for index, key in enumerate(_KEYS)}
_APPROVER_KEYS: Mapping[str, str] = {
    "name": "string",
    "email": "string",
    "other_emails": "strings",
    "until": "date",
}
_ALLOWED: Mapping[str, tuple[str, ...]] = {
    "status": STATUSES,
    "category": CATEGORIES,
    "consent": CONSENT_RULES,
    "techniques": TECHNIQUES,
}
_EXAMPLES: Mapping[str, str] = {
    "string": '"…"',
    "boolean": "true",
    "date": "2027-05-07",
    "strings": '["…", "…"]',
    "cookies": '[{ name = "_ga", lifetime = "2 years", purpose = "…" }]',
}
# What no approver decides; everything else of an entry is part of the decision that a proof is asked for.
_NOT_DECIDED = frozenset({"name", "company", "privacy_url", "owner", "cookies", "notes"})

_HOST = r"(?:\*\.)?[^\s/*?#@]+"
_MOST_PATHS = 5
_WIDTH = 100


@dataclass(frozen=True)
class Approver:
    """A person who may approve. `until` is the last day of that; earlier approvals stay good."""

    id: str
    name: str
    email: str
    other_emails: tuple[str, ...] = ()
    until: datetime.date | None = None
    line: int = field(default=0, compare=False)

    @property
    def emails(self) -> frozenset[str]:
        return frozenset(email.casefold() for email in (self.email, *self.other_emails))


class Cookie(NamedTuple):
    name: str
    lifetime: str = ""
    purpose: str = ""


@dataclass(frozen=True)
class Approval:
    """One `[[tracker]]` entry. Exactly one of `service` and `host` is set; empty `paths`, `pages` or `techniques`
    mean any, empty `ids` mean that no account id is approved. `decision` is equal for two entries if and only if an
    approver would have decided the same; `lines` has the line of each key.
    """

    service: str | None
    host: str | None
    status: Status
    category: Category | None = None
    category_reason: str | None = None
    purpose: str | None = None
    owner: str | None = None
    consent: ConsentRule | None = None
    consent_reason: str | None = None
    gated: bool = False
    ids: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    techniques: tuple[Technique, ...] = ()
    pin: bool = False
    content: tuple[str, ...] = ()
    cookies: tuple[Cookie, ...] = ()
    approved_by: str | None = None
    approved_on: datetime.date | None = None
    review_by: datetime.date | None = None
    dpia: str | None = None
    reference: str | None = None
    rejected_by: str | None = None
    rejected_on: datetime.date | None = None
    rejected_reason: str | None = None
    removed_by: str | None = None
    removed_on: datetime.date | None = None
    removed_reason: str | None = None
    name: str | None = None
    company: str | None = None
    privacy_url: str | None = None
    notes: str | None = None
    line: int = 0
    decision: str = ""
    lines: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)

    @property
    def subject(self) -> str:
        """What detections call it: a service's slug, or `host:` and the host."""
        return self.service if self.service is not None else f"host:{self.host}"

    @property
    def label(self) -> str:
        """The subject with its account ids, for messages."""
        return f"{self.subject} ({', '.join(self.ids)})" if self.ids else self.subject


class Manifest(NamedTuple):
    version: int
    approvers: Mapping[str, Approver]
    approvals: tuple[Approval, ...]
    path: str


class Problem(NamedTuple):
    path: str
    line: int  # 0: no one line
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}" if self.line else f"{self.path}: {self.message}"


class ManifestError(ValueError):
    """A manifest, or an edit of one, that cannot be accepted; `problems` are all that were found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Verdict(NamedTuple):
    """What the manifest says about one detection, or (`detection` is None) about one entry.

    Each detection has exactly one. `differences` are clauses that name what is not covered or not in order.
    """

    kind: VerdictKind
    detection: Detection | None
    approval: Approval | None
    differences: tuple[str, ...] = ()


# --- text: statements, blocks, values ---------------------------------------------------------------------------------


class _Statement(NamedTuple):
    kind: Literal["table", "array", "key"]
    path: tuple[str, ...]
    span: Span  # whole lines, the end of the last included
    value: Span  # of a key's value; empty for headers


_BARE_PATH = lazy_re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")


def _key_path(raw: str) -> tuple[str, ...]:
    raw = raw.strip()
    if _BARE_PATH.fullmatch(raw):
        return tuple(raw.split("."))
    path: list[str] = []
    node: Any = tomli.loads(f"{raw} = 0")
    while isinstance(node, dict):
        key = next(iter(node))
        path.append(key)
        node = node[key]
    return tuple(path)


def _string_end(text: str, start: int) -> int:
    """The offset after the TOML string that starts at `start`."""
    quote = text[start]
    if text.startswith(quote * 3, start):
        position = start + 3
        while not text.startswith(quote * 3, position):
            if position >= len(text):
                return len(text)
            position += 2 if quote == '"' and text[position] == "\\" else 1
        position += 3
        while text.startswith(quote, position):  # up to two quotes may stand before the closing three
            position += 1
        return position
    position = start + 1
    while position < len(text) and text[position] != quote:
        position += 2 if quote == '"' and text[position] == "\\" else 1
    return min(position + 1, len(text))


def _line_end(text: str, start: int) -> int:
    """The offset after the line end that follows `start`."""
    end = text.find("\n", start)
    return len(text) if end < 0 else end + 1


def _scan(text: str) -> list[_Statement]:
    """The statements of `text`, which must be valid TOML."""
    statements: list[_Statement] = []
    position = 0
    length = len(text)
    while position < length:
        start = position
        while position < length and text[position] in " \t\ufeff":
            position += 1
        if position >= length:
            break
        if text[position] in "#\r\n":
            position = _line_end(text, position)
            continue
        if text[position] == "[":
            array = text.startswith("[[", position)
            inside = position + (2 if array else 1)
            position = inside
            while position < length and text[position] != "]":
                position = _string_end(text, position) if text[position] in "\"'" else position + 1
            path = _key_path(text[inside:position])
            position = _line_end(text, position)
            statements.append(
                _Statement("array" if array else "table", path, Span(start, position), Span(start, start))
            )
            continue
        begin = position
        while position < length and text[position] != "=":
            position = _string_end(text, position) if text[position] in "\"'" else position + 1
        path = _key_path(text[begin:position])
        position += 1
        while position < length and text[position] in " \t":
            position += 1
        value = position
        depth = 0
        while position < length:
            char = text[position]
            if char in "\"'":
                position = _string_end(text, position)
                continue
            if char == "#":
                if depth == 0:
                    break
                position = _line_end(text, position)
                continue
            if char == "\n" and depth == 0:
                break
            depth += (char in "[{") - (char in "]}")
            position += 1
        end = value + len(text[value:position].rstrip())
        position = _line_end(text, position)
        statements.append(_Statement("key", path, Span(start, position), Span(value, end)))
    return statements


def _newline(text: str) -> str:
    return "\r\n" if text.count("\r\n") * 2 > text.count("\n") else "\n"


class _Blocks(NamedTuple):
    """A manifest's text in pieces. Each ends with a line end and has no blank line at either end."""

    head: str
    approvers: tuple[str, ...]
    trackers: tuple[str, ...]
    newline: str

    def text(self) -> str:
        blocks = [block for block in (self.head, *self.approvers, *self.trackers) if block]
        return self.newline.join(blocks)


def _trimmed(block: str, newline: str) -> str:
    lines = block.splitlines(keepends=True)
    while lines and not lines[0].strip():
        del lines[0]
    block = "".join(lines).rstrip()
    return block + newline if block else ""


def _split(text: str) -> _Blocks:
    """The blocks of a text that `load` accepts."""
    newline = _newline(text)
    statements = _scan(text)
    previous_end = 0
    starts: list[tuple[int, str]] = []
    for statement in statements:
        tracker = statement.kind == "array" and statement.path == ("tracker",)
        approver = statement.kind == "table" and statement.path[0] == "approvers"
        if tracker or approver:
            start = statement.span.start
            # The comment lines right above a header belong to it.
            while start > previous_end:
                line_start = text.rfind("\n", 0, start - 1) + 1
                if line_start < previous_end or not text[line_start:start].lstrip(" \t\ufeff").startswith("#"):
                    break
                start = line_start
            starts.append((start, "tracker" if tracker else "approver"))
        previous_end = statement.span.end
    found: dict[str, list[str]] = {"tracker": [], "approver": []}
    for index, (start, kind) in enumerate(starts):
        end = starts[index + 1][0] if index + 1 < len(starts) else len(text)
        found[kind].append(_trimmed(text[start:end], newline))
    head = _trimmed(text[: starts[0][0]] if starts else text, newline)
    return _Blocks(head, tuple(found["approver"]), tuple(found["tracker"]), newline)


def _clean(text: str) -> str:
    """The text as a UTF-8 file can hold it."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def _toml(value: str | bool | datetime.date | Sequence[str]) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, str):
        return json.dumps(_clean(value), ensure_ascii=False).replace("\x7f", "\\u007f")
    items = [_toml(item) for item in value]
    line = f"[{', '.join(items)}]"
    return line if len(line) <= _WIDTH - 12 else "[\n" + "".join(f"    {item},\n" for item in items) + "]"


def _comment(text: str) -> str:
    """One line that can stand behind a `#`."""
    return " ".join("".join(char if char.isprintable() else " " for char in _clean(text)).split())


class _Entry:
    """The text of one `[[tracker]]` block under edit."""

    def __init__(self, block: str, newline: str) -> None:
        self.text = block
        self.newline = newline

    def _own(self) -> tuple[_Statement, list[_Statement]]:
        """The header, and the entry's own keys: those before a sub-table."""
        statements = _scan(self.text)
        rest = itertools.takewhile(lambda statement: statement.kind == "key", statements[1:])
        return statements[0], list(rest)

    def _replace(self, span: Span, text: str) -> None:
        self.text = self.text[: span.start] + text.replace("\n", self.newline) + self.text[span.end :]

    def set(self, key: str, value: str | bool | datetime.date | Sequence[str]) -> None:
        header, own = self._own()
        for statement in own:
            if statement.path == (key,):
                self._replace(statement.value, _toml(value))
                return
        line = f"{key} = {_toml(value)}\n"
        end = own[-1].span.end if own else header.span.end
        rest = _scan(self.text)[1 + len(own) :]
        limit = rest[0].span.start if rest else len(self.text)
        for match in re.finditer(rf"(?m)^[ \t]*#[ \t]*{re.escape(key)}[ \t]*=[^\n]*\n", self.text[:limit]):
            span = Span(*match.span())
            if span.start >= header.span.end and not any(statement.span.contains(span) for statement in own):
                self._replace(span, line)
                return
        earlier = [statement for statement in own if _KEY_ORDER.get(statement.path[0], 99) < _KEY_ORDER[key]]
        if earlier:
            end = max(earlier, key=lambda statement: _KEY_ORDER.get(statement.path[0], 99)).span.end
        elif own:
            end = header.span.end
        self._replace(Span(end, end), line)

    def unset(self, *keys: str) -> None:
        for key in keys:
            _, own = self._own()
            for statement in own:
                if statement.path[0] == key:
                    self._replace(statement.span, "")
                    break


# --- meaning: load ----------------------------------------------------------------------------------------------------


def _nearest(word: str, allowed: Iterable[str]) -> str | None:
    close = difflib.get_close_matches(word, list(allowed), n=1, cutoff=0.6)
    return close[0] if close else None


def _type_name(value: object) -> str:
    names = {str: "a string", bool: "a boolean", int: "a number", float: "a number", list: "a list", dict: "a table"}
    if isinstance(value, datetime.datetime):
        return "a date with a time"
    if isinstance(value, datetime.date):
        return "a date"
    return names.get(type(value), f"a {type(value).__name__}")


def _is_date(value: object) -> bool:
    return isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)


def _is_strings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item for item in value)


def _is_cookies(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, dict)
        and isinstance(item.get("name"), str)
        and item.keys() <= {"name", "lifetime", "purpose"}
        and all(isinstance(part, str) for part in item.values())
        for item in value
    )


_TYPES: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "string": (lambda value: isinstance(value, str) and bool(value.strip()), "a string that is not empty"),
    "boolean": (lambda value: isinstance(value, bool), "true or false"),
    "date": (_is_date, "a date, without quotes and without a time"),
    "strings": (_is_strings, "a list of strings that are not empty"),
    "cookies": (_is_cookies, "a list of tables with name, lifetime and purpose"),
}


class _Reader:
    """Collects the problems of one manifest and everything that is right about it."""

    def __init__(self, text: str, path: str, services: Collection[str] | None) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.approvers: dict[str, Approver] = {}
        self.approvals: list[Approval] = []
        self.services = services
        self.version = 1
        data = self._parse(text)
        if data is not None:
            self._locate(text)
            self._top(data)
            self._read_approvers(data.get("approvers", {}))
            self._read_trackers(data.get("tracker", []))
            self._across()
        self.problems.sort(key=lambda problem: problem.line)

    def manifest(self) -> Manifest:
        return Manifest(self.version, self.approvers, tuple(self.approvals), self.path)

    def problem(self, line: int, message: str) -> None:
        self.problems.append(Problem(self.path, line, message))

    def _parse(self, text: str) -> dict[str, Any] | None:
        try:
            return tomli.loads(text.removeprefix("\ufeff"))
        except tomli.TOMLDecodeError as error:
            for number, line in enumerate(text.splitlines(), 1):
                if line.startswith("<<<<<<< "):
                    self.problem(
                        number,
                        "a merge conflict; keep the entries of both sides, delete the lines <<<<<<<, ======= and "
                        ">>>>>>>, then run tracklint --fix-manifest",
                    )
                    return None
            self.problem(error.lineno, f"not valid TOML: {error.msg}; mend the line, or take it out")
        except (RecursionError, ValueError) as error:
            self.problem(1, f"not valid TOML: {_comment(str(error))}; take out the value")
        return None

    def _locate(self, text: str) -> None:
        """Lines of everything: top keys, approvers and their keys, entries and theirs."""
        ends = [match.start() for match in re.finditer("\n", text)]
        self.top_lines: dict[str, int] = {}
        self.approver_lines: dict[tuple[str, ...], int] = {}
        self.tracker_lines: list[tuple[int, dict[str, int]]] = []
        header: tuple[str, ...] = ()
        for statement in _scan(text):
            line = bisect.bisect_left(ends, statement.span.start) + 1
            if statement.kind == "array" and statement.path == ("tracker",):
                self.tracker_lines.append((line, {}))
            if statement.kind != "key":
                header = statement.path
            full = statement.path if statement.kind != "key" else header + statement.path
            self.top_lines.setdefault(full[0], line)
            if full[0] == "approvers":
                for size in range(2, len(full) + 1):
                    self.approver_lines.setdefault(full[1:size], line)
            if full[0] == "tracker" and len(full) > 1 and self.tracker_lines:
                self.tracker_lines[-1][1].setdefault(full[1], line)

    def _unknown(self, key: str, allowed: Iterable[str], line: int, where: str) -> None:
        allowed = list(allowed)
        nearest = _nearest(key, allowed)
        edit = f'did you mean "{nearest}"?' if nearest else "take the line out"
        self.problem(line, f'unknown key "{key}" {where}; allowed: {", ".join(allowed)}; {edit}')

    def _top(self, data: Mapping[str, Any]) -> None:
        allowed = ("version", "approvers", "tracker")
        for key in data:
            if key not in allowed:
                self._unknown(key, allowed, self.top_lines.get(key, 1), "at the top")
        version = data.get("version")
        if version is None:
            self.problem(1, "version is missing; allowed: 1; add version = 1 as the first line")
        elif version != 1 or isinstance(version, bool):
            line = self.top_lines.get("version", 1)
            self.problem(line, f"version is {version!r}; allowed: 1; write version = 1, or use a newer tracklint")

    def _typed(
        self, table: Mapping[str, Any], keys: Mapping[str, str], lines: Mapping[str, int], where: str
    ) -> dict[str, Any]:
        """The values of `table` whose key and type are right; a problem for each other one."""
        good: dict[str, Any] = {}
        for key, value in table.items():
            line = lines.get(key, lines.get("", 1))
            if key not in keys:
                self._unknown(key, keys, line, where)
                continue
            kind = keys[key]
            accepts, wanted = _TYPES[kind]
            if not accepts(value):
                found = f"{_toml(value)}, {_type_name(value)}" if isinstance(value, str) else _type_name(value)
                example = _EXAMPLES[kind]
                if kind == "date" and isinstance(value, str):
                    with contextlib.suppress(ValueError):
                        example = datetime.date.fromisoformat(value).isoformat()
                self.problem(line, f"{key} is {found}; allowed: {wanted}; write {key} = {example}")
                continue
            allowed = _ALLOWED.get(key)
            if allowed is not None:
                wrong = [item for item in ([value] if isinstance(value, str) else value) if item not in allowed]
                for item in wrong:
                    nearest = _nearest(item.casefold(), allowed)
                    choice = nearest or allowed[0]
                    edit = f'write {key} = ["{choice}"]' if kind == "strings" else f'write {key} = "{choice}"'
                    self.problem(
                        line, f'{key} has "{_comment(item)}", which is not known; allowed: {", ".join(allowed)}; {edit}'
                    )
                if wrong:
                    continue
            good[key] = value
        return good

    def _read_approvers(self, tables: object) -> None:
        if not isinstance(tables, dict):
            line = self.top_lines.get("approvers", 1)
            self.problem(
                line, "approvers is not a table; allowed: one table for each person; write [approvers.ig-lead]"
            )
            return
        for approver, table in tables.items():
            line = self.approver_lines.get((approver,), self.top_lines.get("approvers", 1))
            if not isinstance(table, dict):
                self.problem(
                    line,
                    f'approver "{approver}" is {_type_name(table)}; allowed: a table with name and email; '
                    f"write [approvers.{approver}] with the two keys below it",
                )
                continue
            lines = {key: self.approver_lines.get((approver, key), line) for key in table}
            good = self._typed(table, _APPROVER_KEYS, {"": line, **lines}, f'of approver "{approver}"')
            for key in ("name", "email"):
                if key not in table:
                    example = "ig@trust.example" if key == "email" else "Head of Information Governance"
                    self.problem(
                        line, f'approver "{approver}" has no {key}; allowed: a string; add {key} = "{example}"'
                    )
            for key in ("email", "other_emails"):
                for email in [good[key]] if key == "email" and key in good else good.get(key, []):
                    if not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
                        self.problem(
                            lines[key], f'{key} has "{_comment(email)}"; allowed: an e-mail address; write name@host'
                        )
            self.approvers[approver] = Approver(
                approver,
                str(good.get("name", approver)),
                str(good.get("email", "")),
                tuple(good.get("other_emails", ())),
                good.get("until"),
                line,
            )

    def _read_trackers(self, tables: object) -> None:
        entries = tables if isinstance(tables, list) else None
        if entries is None or len(entries) != len(self.tracker_lines) or not all(isinstance(e, dict) for e in entries):
            line = self.top_lines.get("tracker", 1)
            self.problem(
                line,
                "tracker is not a list of [[tracker]] tables; allowed: one [[tracker]] for each entry; "
                "write [[tracker]] with two brackets on a line of its own and the keys below it",
            )
            return
        for table, (line, lines) in zip(entries, self.tracker_lines, strict=True):
            self._read_tracker(table, line, lines)

    def _read_tracker(self, table: Mapping[str, Any], line: int, lines: Mapping[str, int]) -> None:
        before = len(self.problems)
        good = self._typed(table, _KEYS, {"": line, **lines}, "in this [[tracker]]")
        if ("service" in table) == ("host" in table):
            found = "both service and host" if "service" in table else "neither service nor host"
            edit = "take one of them out" if "service" in table else 'add service = "…", or host = "…"'
            self.problem(line, f"the entry has {found}; allowed: exactly one of the two; {edit}")
        service, host = good.get("service"), good.get("host")
        if service is not None and service.startswith("host:"):
            self.problem(
                lines["service"],
                f'service is {_toml(service)}; allowed: the slug of a service; write host = "{_comment(service[5:])}"',
            )
        elif (
            service is not None
            and self.services is not None
            and service not in self.services
            and good.get("status") != "removed"  # a record of what was, whatever has become of the rule
        ):
            near = difflib.get_close_matches(service, list(self.services), n=3, cutoff=0.7)
            edit = f"did you mean {' or '.join(map(_toml, near))}? " if near else ""
            self.problem(
                lines["service"],
                f"service {_toml(service)} has no rule, so the entry covers nothing; allowed: what tracklint services "
                f"lists, and the organisation's own rulesets; {edit}If its rule has gone, write "
                'host = "…" in place of service, or have it retired (tracklint retire)',
            )
        if host is not None and not re.fullmatch(_HOST, host):
            self.problem(
                lines["host"],
                f"host is {_toml(host)}; allowed: a host name, or *. and a host name for all below it; "
                'write host = "widgets.example.com"',
            )
        if "status" not in table:
            self.problem(line, f'status is missing; allowed: {", ".join(STATUSES)}; add status = "pending"')
        consent = good.get("consent")
        if consent in ("opt-out", "exempt") and "consent_reason" not in table:
            self.problem(
                lines["consent"],
                f'consent = "{consent}" has no consent_reason; allowed: a sentence that names the ground; '
                f'add consent_reason = "…", or write consent = "required"',
            )
        for key in ("paths", "pages", "techniques"):
            if good.get(key) == []:
                self.problem(
                    lines[key], f"{key} is an empty list; allowed: at least one string; take the line out to allow any"
                )
        for key in ("paths", "pages"):
            for glob in good.get(key, ()):
                if with_slashes(glob) != glob:
                    self.problem(
                        lines[key],
                        f"{key} has {_toml(glob)}; allowed: globs with / between folders; write {_toml(with_slashes(glob))}",
                    )
        if good.get("pin") and not good.get("content"):
            self.problem(
                lines["pin"],
                "pin = true has no content; allowed: a list of hashes; run tracklint approve with --pin, "
                "or take the line out",
            )
        if len(self.problems) > before:
            return
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in good.items()
        }
        if "cookies" in good:
            values["cookies"] = tuple(Cookie(**cookie) for cookie in good["cookies"])
        values.setdefault("service", None)
        values["host"] = host.casefold() if host is not None else None
        self.approvals.append(
            Approval(
                **values,
                line=line,
                decision=_decision(table),
                lines=dict(lines),
            )
        )

    def _across(self) -> None:
        """What only several tables together can tell."""
        known = ", ".join(sorted(self.approvers)) or "none yet"
        for approval in self.approvals:
            for key in ("approved_by", "rejected_by", "removed_by"):
                who = getattr(approval, key)
                if who is not None and who not in self.approvers:
                    nearest = _nearest(who, self.approvers)
                    edit = f'write {key} = "{nearest}"' if nearest else f"add [approvers.{_quoted_key(who)}]"
                    self.problem(
                        approval.lines[key],
                        f"{key} = {_toml(who)} is nobody in [approvers]; allowed: {known}; {edit} "
                        "(for a person who has left, keep the table and add until = date)",
                    )
        seen: dict[tuple[object, ...], int] = {}
        for approval in self.approvals:
            if approval.status == "removed":
                continue
            scope = (approval.subject, approval.status, approval.gated)
            lists = tuple(
                frozenset(items)
                for items in (approval.ids, approval.paths, approval.pages, approval.techniques, approval.content)
            )
            first = seen.setdefault((*scope, *lists), approval.line)
            if first != approval.line:
                self.problem(
                    approval.line,
                    f"{approval.label} has the same entry at line {first}; allowed: one entry for each service, ids "
                    "and paths; take one of them out",
                )


def _quoted_key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _toml(key)


def _decision(table: Mapping[str, Any]) -> str:
    """What an approver decided with an entry, as text that does not depend on order or form."""

    def plain(value: object) -> object:
        if isinstance(value, list):
            return sorted({json.dumps(plain(item), sort_keys=True) for item in value})
        if isinstance(value, dict):
            return {str(key): plain(item) for key, item in value.items()}
        return value if isinstance(value, str | bool | int) else str(value)

    return json.dumps(plain({key: value for key, value in table.items() if key not in _NOT_DECIDED}), sort_keys=True)


def load(text: str, path: str = FILE_NAME, *, services: Collection[str] | None = None) -> Manifest:
    """The manifest that `text` holds; `path` is for messages. With `services`, unknown slugs are problems too.

    Raises ManifestError with all problems, each with its line, the allowed values and the edit that mends it.
    """
    reader = _Reader(text, path, services)
    if reader.problems:
        raise ManifestError(reader.problems)
    return reader.manifest()


def load_leniently(text: str, path: str = FILE_NAME) -> Manifest:
    """What is right about a manifest, for texts that nobody can mend any more: those of earlier revisions."""
    return _Reader(text, path, None).manifest()


# --- meaning: judge ---------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=4096)
def _glob(pattern: str) -> tuple[tuple[str, ...], bool]:
    """Tokens of a path glob (`dirs` is `**/`, `any` is `**`), and whether its last segment is a plain name."""
    pattern = pattern.removeprefix("./").lstrip("/")
    if pattern.endswith("/"):
        pattern += "**"
    tokens: list[str] = []
    position = 0
    while position < len(pattern):
        if pattern.startswith("**", position):
            at_segment = position == 0 or pattern[position - 1] == "/"
            if at_segment and pattern.startswith("**/", position):
                tokens.append("dirs")
                position += 3
            else:
                tokens.append("any")
                position += 2
        elif pattern[position] == "*":
            tokens.append("star")
            position += 1
        elif pattern[position] == "?":
            tokens.append("one")
            position += 1
        else:
            position += pattern[position] == "\\" and position + 1 < len(pattern)
            tokens.append("=" + pattern[position])
            position += 1
    last = list(itertools.takewhile(lambda token: token != "=/", reversed(tokens)))
    return tuple(tokens), bool(last) and all(token.startswith("=") for token in last)


@functools.lru_cache(maxsize=65536)
def glob_matches(pattern: str, path: str) -> bool:
    """Does a glob from the root (`*` and `?` within a segment, `**` across; a folder means all below it) match?"""
    # All states at once instead of backtracking, so that no pattern takes more than length times length.
    tokens, plain_end = _glob(pattern)
    path = _clean(path)

    def closure(states: set[int], state: int) -> None:
        while state not in states:
            states.add(state)
            if state < len(tokens) and tokens[state] in ("dirs", "any", "star"):
                state += 1

    states: set[int] = set()
    closure(states, 0)
    for char in path:
        if plain_end and char == "/" and len(tokens) in states:
            return True
        following: set[int] = set()
        for state in states:
            token = tokens[state] if state < len(tokens) else ""
            if token in ("any", "dirs"):
                if token == "any" or char == "/":
                    closure(following, state)
                else:
                    following.add(state)
            elif token == "star" and char != "/":
                closure(following, state)
            elif (token == "one" and char != "/") or token == "=" + char:
                closure(following, state + 1)
        states = following
        if not states:
            return False
    return len(tokens) in states


def concerns(approval: Approval, detection: Detection) -> bool:
    """Is the entry about the service or the host of this detection, whatever its scope?"""
    if approval.service is not None:
        return approval.service == detection.service
    if approval.host is None or not detection.service.startswith("host:"):
        return False
    hosts = {detection.service[5:].casefold(), (detection.host or "").casefold()}
    if approval.host.startswith("*."):
        return any(host.endswith(approval.host[1:]) for host in hosts)
    return approval.host in hosts


def _accounts(detection: Detection) -> list[str]:
    return sorted({_clean(account) for account in detection.ids if account.strip()})


def _some(items: Sequence[str]) -> str:
    shown = ", ".join(items[:4])
    return f"{shown} and {len(items) - 4} more" if len(items) > 4 else shown or "none"


PagesOf = Callable[[str], Pages]


def differences(approval: Approval, detection: Detection, pages_of: PagesOf | None = None) -> tuple[str, ...]:
    """What of the detection the entry does not cover. `pages_of` gives the pages that a file is part of, and is asked
    only for entries with `pages`; without it they are not looked at.

    A rejected entry without ids and paths is about the service as a whole.
    """
    found: list[str] = []
    whole_service = approval.status == "rejected" and not approval.ids and not approval.paths
    if not whole_service:
        found += [
            f"account id {account} is not in ids ({_some(approval.ids)})"
            for account in _accounts(detection)
            if account not in approval.ids
        ]
    if approval.paths and not any(glob_matches(glob, detection.path) for glob in approval.paths):
        found.append(f"{detection.path} is not in paths ({_some(approval.paths)})")
    if approval.pages and pages_of is not None and detection.technique != "dependency":
        pages = pages_of(detection.path)
        outside = [page for page in pages.paths if not any(glob_matches(glob, page) for glob in approval.pages)]
        if outside:
            what = f"page {outside[0]} is" if len(outside) == 1 else f"pages {_some(outside)} are"
            found.append(f"{what} not in pages ({_some(approval.pages)})")
        elif pages.unknown:
            found.append(f"which pages it is on cannot be told, and the entry has pages: {pages.unknown}")
    if approval.techniques and detection.technique not in approval.techniques:
        found.append(f"technique {detection.technique} is not in techniques ({_some(approval.techniques)})")
    if approval.status in ("rejected", "removed"):
        return tuple(found)
    if (
        approval.category is not None
        and detection.category is not None
        and CATEGORIES.index(detection.category) > CATEGORIES.index(approval.category)
        and is_placeholder(approval.category_reason)
    ):
        found.append(
            f"category is {detection.category} by the ruleset, {approval.category} in the entry without category_reason"
        )
    if approval.gated and detection.consent.state == "ungated":
        found.append("it runs before consent, the entry has gated = true")
    if approval.pin and detection.content_hash not in approval.content:
        found.append("its text was edited since the approval, which is pinned (pin = true)")
    return tuple(found)


_PLACEHOLDERS = frozenset(
    """todo|to do|tbd|tba|tbc|fixme|fix me|xxx|na|n a|none|null|nil|test|testing|placeholder|lorem|lorem ipsum|unknown|
    to be done|to be decided|to be determined|to be confirmed|to be completed|fill in|fill me|fill me in|change me|
    changeme|purpose|reason|owner|because|asdf|qwerty|foo|bar|foobar|dummy|example|later|see above|yes|no|ok|okay|
    nothing|no reason|not applicable|not available|pending|approved|somebody|someone|anybody|me""".replace(
        "\n    ", ""
    ).split("|")
)


def is_placeholder(text: str | None, *, shortest: int = 4) -> bool:
    """Is this no answer: nothing, `todo`, `tbd`, `n/a`, `-`, `xxx`, or fewer than `shortest` letters?"""
    words = re.sub(r"[\W_]+", " ", (text or "").casefold()).strip()
    # A letter of a script that is not the Latin one says as much as several of ours.
    size = sum(1 if char.isascii() else 2 for char in words if char.isalnum())
    if size < shortest or not any(char.isalpha() for char in words) or len(set(words.replace(" ", ""))) < 2:
        return True
    return words in _PLACEHOLDERS or words.split()[0] in ("todo", "tbd", "tba", "tbc", "fixme")


class _Court(NamedTuple):
    """All that the judgement of entries needs to know."""

    today: datetime.date
    approvers: Mapping[str, Approver]
    of_base: bool
    base: Manifest | None
    before: Sequence[Detection] | None
    max_review_days: int

    def authority(self, who: str, on: datetime.date | None) -> str | None:
        """Why this person may not decide on that day, else None."""
        approver = self.approvers.get(who)
        where = "on the base branch" if self.of_base else "in [approvers]"
        if approver is None:
            known = ", ".join(sorted(self.approvers)) or "nobody yet"
            return f"{who} is not an approver {where} ({known})"
        if approver.until is not None and (on is None or on > approver.until):
            return f"{who} could approve until {approver.until} only"
        return None

    def _day(self, approval: Approval, written: datetime.date | None) -> datetime.date | None:
        """When a decision was made. One that the base does not have is made now, whatever date stands in it."""
        new = self.base is not None and all(approval.decision != old.decision for old in self.base.approvals)
        return self.today if new else written

    def _answered(self, approval: Approval, who: str, on: str, *texts: str) -> list[str]:
        missing = [f"{key} is missing" for key in (who, on, *texts) if getattr(approval, key) is None]
        for key in texts:
            text = getattr(approval, key)
            if text is not None and is_placeholder(text, shortest=2 if key == "owner" else 4):
                missing.append(f"{key} is a placeholder ({_comment(text)})")
        day = getattr(approval, on)
        if day is not None and day > self.today:
            missing.append(f"{on} is in the future ({day})")
        return missing

    def problem(self, approval: Approval) -> tuple[VerdictKind, tuple[str, ...]] | None:
        """What is wrong with the entry itself, whatever was found."""
        if approval.status == "approved":
            return self._approved(approval)
        if approval.status == "legacy":
            return self._legacy(approval)
        if approval.status == "removed":
            missing = self._answered(approval, "removed_by", "removed_on", "removed_reason")
            if missing:
                return "incomplete", tuple(missing)
            refused = self.authority(approval.removed_by or "", self._day(approval, approval.removed_on))
            return ("not-authorised", (refused,)) if refused else None
        return None

    def _approved(self, approval: Approval) -> tuple[VerdictKind, tuple[str, ...]] | None:
        if approval.approved_by is not None:
            refused = self.authority(approval.approved_by, self._day(approval, approval.approved_on))
            if refused:
                return "not-authorised", (refused,)
        missing = self._answered(approval, "approved_by", "approved_on", "purpose", "owner")
        if approval.category is None:
            missing.append("category is missing")
        if approval.consent in ("opt-out", "exempt") and is_placeholder(approval.consent_reason):
            missing.append(f"consent_reason is a placeholder ({_comment(approval.consent_reason or '')})")
        if approval.review_by is None:
            missing.append("review_by is missing")
        elif approval.approved_on is not None:
            days = (approval.review_by - approval.approved_on).days
            if days > self.max_review_days:
                missing.append(
                    f"review_by is {days} days after approved_on, at most {self.max_review_days} are allowed"
                )
        if missing:
            return "incomplete", tuple(missing)
        if approval.review_by is not None and approval.review_by < self.today:
            return "expired", (f"review_by was {approval.review_by}",)
        return None

    def _legacy(self, approval: Approval) -> tuple[VerdictKind, tuple[str, ...]] | None:
        if self.base is not None and not any(_still_legacy(approval, old) for old in self.base.approvals):
            return "not-authorised", (
                "legacy is for what was there when the manifest was adopted; the base branch has no such legacy entry",
            )
        if self.base is None and self.before is not None:
            there = [detection for detection in self.before if concerns(approval, detection)]
            if not there or not set(approval.ids) <= {account for one in there for account in _accounts(one)}:
                return "not-authorised", (
                    "legacy is for what was there when the manifest was adopted; the base branch does not load it",
                )
        if approval.review_by is None:
            return "incomplete", ("review_by is missing",)
        if approval.review_by < self.today:
            return "legacy-expired", (f"review_by was {approval.review_by}",)
        if (approval.review_by - self.today).days > self.max_review_days:
            return "incomplete", (f"review_by is more than {self.max_review_days} days ahead",)
        return None


def _still_legacy(approval: Approval, old: Approval) -> bool:
    """Is a legacy entry no wider and no longer than `old`?"""
    if old.status != "legacy" or approval.subject != old.subject:
        return False
    narrower = set(approval.ids) <= set(old.ids) and all(
        not before or (now and set(now) <= set(before))
        for now, before in (
            (approval.paths, old.paths),
            (approval.pages, old.pages),
            (approval.techniques, old.techniques),
        )
    )
    sooner = approval.review_by is None or old.review_by is None or approval.review_by <= old.review_by
    return narrower and sooner and (approval.gated or not old.gated) and (not old.pin or approval.pin)


_WHEN_COVERED: Mapping[Status, VerdictKind] = {
    "approved": "approved",
    "rejected": "rejected",
    "legacy": "legacy",
    "pending": "pending",
    "removed": "removed-but-present",
}
# Of several entries that cover a load: a sound approval, then a refusal, then an approval with a flaw, and so on.
_PREFERENCE: tuple[VerdictKind, ...] = (
    "approved",
    "rejected",
    "expired",
    "incomplete",
    "not-authorised",
    "legacy",
    "legacy-expired",
    "pending",
    "removed-but-present",
)
_STATUS_RANK: Mapping[Status, int] = {"approved": 0, "legacy": 1, "pending": 2, "rejected": 3, "removed": 4}


def judge(
    manifest: Manifest | None,
    detections: Iterable[Detection],
    *,
    today: datetime.date,
    full_scan: bool,
    approvers: Mapping[str, Approver] | None = None,
    base: Manifest | None = None,
    before: Sequence[Detection] | None = None,
    max_review_days: int = 366,
    review_soon_days: int = 30,
    pages_of: PagesOf | None = None,
) -> list[Verdict]:
    """Hold detections against the manifest.

    First one verdict for each detection, in their order; then those about entries (`detection` is None), in the order
    of the file: what is wrong with an entry itself (`incomplete`, `expired`, `legacy-expired`, `not-authorised`; the
    detections that it covers have the same kind, so report it once), `review-due` within `review_soon_days`, and on a
    full scan `gone`. `approvers` are those of the base revision and win over the manifest's own; an empty mapping means
    that nobody may approve. With the manifest of the `base`, legacy entries that it does not have are not authorised,
    entries deleted or undone since are `gone` (with line 1), and its refusals hold. Without one, legacy entries are held
    against `before`, what the base loads. `pages_of` is as for `differences`.
    """
    own = manifest.approvals if manifest is not None else ()
    who = approvers if approvers is not None else manifest.approvers if manifest is not None else {}
    court = _Court(today, who, approvers is not None, base, before, max_review_days)
    problems = {approval: court.problem(approval) for approval in own}
    candidates = list(own)
    if base is not None:
        decided = {approval.decision for approval in own}
        candidates += [
            replace(approval, line=1)
            for approval in base.approvals
            if approval.status == "rejected" and approval.decision not in decided
        ]
    by_service: dict[str, list[Approval]] = defaultdict(list)
    of_hosts: list[Approval] = []
    for candidate in candidates:
        if candidate.service is not None:
            by_service[candidate.service].append(candidate)
        else:
            of_hosts.append(candidate)

    found = list(detections)
    verdicts: list[Verdict] = []
    for detection in found:
        near = [entry for entry in [*by_service.get(detection.service, ()), *of_hosts] if concerns(entry, detection)]
        verdicts.append(_verdict(detection, near, problems, pages_of))
    for entry, problem in problems.items():
        if problem is not None:
            verdicts.append(Verdict(problem[0], None, entry, problem[1]))
        elif (
            entry.status in ("approved", "legacy")
            and entry.review_by is not None
            and (entry.review_by - today).days <= review_soon_days
        ):
            verdicts.append(Verdict("review-due", None, entry, (f"review_by is {entry.review_by}",)))
        if full_scan and entry.status in ("approved", "legacy", "pending"):
            gone = _gone(entry, found)
            if gone:
                verdicts.append(Verdict("gone", None, entry, gone))
    if base is not None:
        for old in base.approvals:
            taken = _taken_out(old, own, court)
            if taken:
                verdicts.append(Verdict("gone", None, replace(old, line=1), taken))
    return verdicts


def _verdict(
    detection: Detection,
    near: Sequence[Approval],
    problems: Mapping[Approval, tuple[VerdictKind, tuple[str, ...]] | None],
    pages_of: PagesOf | None,
) -> Verdict:
    # A call is held to what is approved of the load that it sets off; only when it runs is its own affair.
    held = replace(detection.loader, consent=detection.consent) if detection.loader is not None else detection
    covering: list[Verdict] = []
    others: list[tuple[tuple[int, int, int], Verdict]] = []
    for entry in near:
        differing = differences(entry, held, pages_of)
        if not differing:
            problem = problems.get(entry) if entry.status != "removed" else None
            kind, why = problem or (_WHEN_COVERED[entry.status], ())
            covering.append(Verdict(kind, detection, entry, why))
        elif entry.status in ("approved", "legacy", "pending"):
            rank = (len(differing), _STATUS_RANK[entry.status], entry.line)
            others.append((rank, Verdict("outside-scope", detection, entry, differing)))
    if covering:
        return min(covering, key=lambda verdict: _PREFERENCE.index(verdict.kind))
    if others:
        return min(others, key=lambda ranked: ranked[0])[1]
    return Verdict("not-in-manifest", detection, None)


def _gone(entry: Approval, detections: Sequence[Detection]) -> tuple[str, ...]:
    """What of an entry a full scan no longer finds. Paths do not count: a load that moved is not gone."""
    same = [detection for detection in detections if concerns(entry, detection)]
    # A load whose account id cannot be told may be any of the entry's.
    if any(not _accounts(detection) for detection in same):
        return ()
    present = {account for detection in same for account in _accounts(detection)}
    missing = [account for account in entry.ids if account not in present]
    if not same or (entry.ids and len(missing) == len(entry.ids)):
        return (f"{entry.label} is no longer found",)
    return tuple(f"account id {account} is no longer found" for account in missing)


def _taken_out(old: Approval, own: Iterable[Approval], court: _Court) -> tuple[str, ...]:
    """What of an entry of the base branch the manifest no longer records."""
    if old.status not in ("approved", "legacy"):
        return ()
    same = [entry for entry in own if entry.subject == old.subject]
    if not same:
        return (f"the entry of {old.label} was deleted from the manifest",)
    # A decision ends with another decision; to be pending again, or refused by somebody else, is none.
    same = [
        entry
        for entry in same
        if entry.status in ("approved", "legacy", "removed")
        or (entry.status == "rejected" and not court.authority(entry.rejected_by or "nobody", entry.rejected_on))
    ]
    if not same:
        return (f"the entry of {old.label} is {old.status} on the base branch, and no approver has ended that",)
    kept = {account for entry in same for account in entry.ids}
    return tuple(f"account id {a} was deleted from the manifest" for a in old.ids if a not in kept)


# --- edits: --fix-manifest --------------------------------------------------------------------------------------------

_HEAD = """\
# The third parties that this website brings into its visitors' browsers, and who in the organisation agreed to each.
# tracklint compares this list with the site's code and refuses what the list does not allow.
#
# The status of an entry:
#   pending    new; waits for an approver
#   legacy     was there before this list; an approver decides by the day in review_by
#   approved   agreed, until the day in review_by
#   rejected   must not be used
#   removed    was taken away, and an approver agreed
#
# An entry allows no more than it names: these accounts (ids), in these files (paths), loaded in these ways (techniques).
# With gated = true it waits for the visitor's consent, and has to keep waiting. To decide on one:
#   tracklint approve SERVICE --by ID --purpose "what it is used for" --owner "the team that answers for it"
#   tracklint reject SERVICE --by ID --reason "why it must not be used"
version = 1

# The people who may decide. Add a table for each of them, such as:
#   [approvers.ig-lead]
#   name = "Head of Information Governance"
#   email = "ig@trust.example"
"""


def fix(
    text: str | None,
    detections: Iterable[Detection],
    services: Mapping[str, Service] | None = None,
    *,
    today: datetime.date,
    full_scan: bool,
    legacy: bool | None = None,
    legacy_days: int = 90,
    path: str = FILE_NAME,
    pages_of: PagesOf | None = None,
) -> str:
    """The manifest's text with an entry for each detection that none covers, in canonical order.

    New entries are `pending`; on first adoption (`text` is None and the scan a full one, or `legacy` says so) they are
    `legacy` until today + `legacy_days`. Nothing is approved, and all entries but pending ones stay as they are: what
    they do not cover becomes one pending entry for each service, which later runs extend. A full scan also takes out
    of pending entries what is no longer there. What the rules of `services` say
    about a new one is written as a comment; `pages_of` is as for `differences`.
    Running it again changes nothing. Raises ManifestError if `text` is not a manifest.
    """
    adopt = legacy if legacy is not None else text is None and full_scan
    legacy_until = today + datetime.timedelta(days=legacy_days) if adopt else None
    # What cannot be named in a manifest cannot get an entry; it stays a finding.
    nameable = (d for d in detections if d.service.strip() and re.fullmatch(_HOST, d.service.removeprefix("host:")))
    found = sorted(nameable, key=lambda d: (d.service, d.path, d.start, d.ids, d.technique))
    current = _canonical(text if text is not None else _HEAD, path)
    # What one round takes away can show the next what else to drop; each round only shrinks, so this ends.
    for _ in range(10):
        following = _fixed_once(current, found, services or {}, full_scan, legacy_until, path, pages_of)
        if following == current:
            break
        current = following
    load(current, path)
    return current


def _fixed_once(
    text: str,
    detections: Sequence[Detection],
    services: Mapping[str, Service],
    full_scan: bool,
    legacy_until: datetime.date | None,
    path: str,
    pages_of: PagesOf | None,
) -> str:
    manifest = load(text, path)
    blocks = _split(text)
    pending = [index for index, entry in enumerate(manifest.approvals) if entry.status == "pending"]
    settled = [entry for entry in manifest.approvals if entry.status not in ("pending", "removed")]
    assigned: dict[int, list[Detection]] = defaultdict(list)
    missing: dict[str, list[Detection]] = defaultdict(list)
    for detection in detections:
        if any(concerns(entry, detection) and not differences(entry, detection, pages_of) for entry in settled):
            continue
        about = [index for index in pending if concerns(manifest.approvals[index], detection)]
        covering = [index for index in about if not differences(manifest.approvals[index], detection, pages_of)]
        if about:
            assigned[(covering or about)[0]].append(detection)
        else:
            missing[detection.service].append(detection)

    trackers: list[str] = []
    for index, block in enumerate(blocks.trackers):
        if index in assigned:
            trackers.append(_extended(block, blocks.newline, manifest.approvals[index], assigned[index], full_scan))
        elif index not in pending or not full_scan:
            trackers.append(block)
    for service, group in missing.items():
        block = _new_entry(service, group, services.get(service), legacy_until)
        trackers.append(block.replace("\n", blocks.newline))
    return _canonical(blocks._replace(trackers=tuple(trackers)).text(), path)


def _canonical(text: str, path: str) -> str:
    """Head, approvers by id, entries by service or host and then ids; one blank line between them."""
    load(text, path)
    blocks = _split(text)

    def tracker_key(block: str) -> tuple[str, list[str], list[str]]:
        table = tomli.loads(block)["tracker"][0]
        subject = table["service"] if "service" in table else "host:" + table["host"].casefold()
        return subject, sorted(table.get("ids", [])), sorted(table.get("paths", []))

    def approver_key(block: str) -> tuple[str, ...]:
        return _scan(block)[0].path

    return blocks._replace(
        approvers=tuple(sorted(blocks.approvers, key=approver_key)),
        trackers=tuple(sorted(blocks.trackers, key=tracker_key)),
    ).text()


def _unique(items: Iterable[str]) -> list[str]:
    return sorted({_clean(item) for item in items})


def _new_entry(
    service: str, detections: Sequence[Detection], rule: Service | None, legacy_until: datetime.date | None
) -> str:
    first = detections[0]
    about = f"{first.name}." if first.company in (None, first.name) else f"{first.name} ({first.company})."
    if service.startswith("host:"):
        about = (
            "No rule knows this third party: find out who runs it and what it receives. "
            "If it is your own, name it in first_party in tracklint.toml instead."
        )
    if rule is not None:
        about = f"{about} {rule.summary}"
        cookies = ", ".join(f"{one.name} ({one.lifetime})" if one.lifetime else one.name for one in rule.cookies)
        about += f" Cookies: {cookies}." if cookies else ""
    lines = [f"# {line}" for line in textwrap.wrap(_comment(about), _WIDTH - 2)] or ["#"]
    lines.append("[[tracker]]")
    if service.startswith("host:"):
        lines.append(f"host = {_toml(service[5:])}")
    else:
        lines.append(f"service = {_toml(service)}")
    lines.append(f'status = "{"legacy" if legacy_until else "pending"}"')
    category = max((d.category for d in detections if d.category), key=CATEGORIES.index, default=None)
    lines.append(
        f'category = "{category}"' if category else '# category = ""  # essential, functional, analytics or marketing'
    )
    lines.append('# purpose = ""  # what the organisation uses it for')
    lines.append('# owner = ""  # the team that answers for it')
    if category != "essential":
        lines.append('consent = "required"')
    if all(detection.consent.state == "gated" for detection in detections):
        lines.append("gated = true")
    ids = _unique(account for detection in detections for account in _accounts(detection))
    if ids:
        lines.append(f"ids = {_toml(ids)}")
    lines.append(f"paths = {_toml(general_paths(detection.path for detection in detections))}")
    lines.append(f"techniques = {_toml(_unique(detection.technique for detection in detections))}")
    if legacy_until:
        lines.append(f"review_by = {legacy_until.isoformat()}")
    return "\n".join(lines) + "\n"


def _extended(block: str, newline: str, entry: Approval, detections: Sequence[Detection], full_scan: bool) -> str:
    """A pending entry that covers these detections; on a full scan, no more than them."""
    edit = _Entry(block, newline)

    def lists(key: str, kept: Sequence[str], needed: Sequence[str]) -> None:
        before = getattr(entry, key)
        after = [*kept, *(item for item in needed if item not in kept)]
        if after != list(before):
            edit.set(key, after) if after else edit.unset(key)

    ids = _unique(account for detection in detections for account in _accounts(detection))
    lists("ids", [a for a in entry.ids if a in ids] if full_scan else entry.ids, ids)
    if entry.paths:
        paths = sorted({detection.path for detection in detections})
        kept = [g for g in entry.paths if not full_scan or any(glob_matches(g, path) for path in paths)]
        new = [path for path in paths if not any(glob_matches(glob, path) for glob in kept)]
        if new:
            plain = [_unescaped(glob) for glob in kept if not _has_wildcard(glob)]
            general = general_paths([*plain, *new])
            # An entry that a person wrote as a folder stays; single files may become their folder.
            if len(plain) + len(new) > _MOST_PATHS:
                lists("paths", [glob for glob in kept if _has_wildcard(glob)], general)
            else:
                lists("paths", kept, [_escaped(path) for path in new])
        else:
            lists("paths", kept, [])
    if entry.techniques:
        techniques = _unique(detection.technique for detection in detections)
        lists("techniques", [t for t in entry.techniques if not full_scan or t in techniques], techniques)
    if entry.gated and any(detection.consent.state == "ungated" for detection in detections):
        edit.unset("gated")
    if entry.pin:
        hashes = _unique(detection.content_hash for detection in detections)
        lists("content", [h for h in entry.content if not full_scan or h in hashes], hashes)
    category = max((d.category for d in detections if d.category), key=CATEGORIES.index, default=None)
    if entry.category is None and category is not None:
        edit.set("category", category)
    return edit.text


def _escaped(path: str) -> str:
    return re.sub(r"([*?\\])", r"\\\1", _clean(path))


def _unescaped(glob: str) -> str:
    return re.sub(r"\\(.)", r"\1", glob)


def _has_wildcard(glob: str) -> bool:
    return re.search(r"(?<!\\)(?:\\\\)*[*?]", glob) is not None


def general_paths(paths: Iterable[str]) -> list[str]:
    """Globs for files: each by itself up to five, else their common folder, or those of each top folder."""
    files = sorted(set(paths))
    if len(files) <= _MOST_PATHS:
        return [_escaped(path) for path in files]
    groups: dict[str, list[str]] = defaultdict(list)
    for path in files:
        groups[path.split("/", 1)[0] if "/" in path else ""].append(path)
    globs: list[str] = []
    for top, members in groups.items():
        if len(members) == 1:
            globs.append(_escaped(members[0]))
        elif top:
            folders = [path.split("/")[:-1] for path in members]
            common = itertools.takewhile(lambda names: len(set(names)) == 1, zip(*folders, strict=False))
            globs.append(_escaped("/".join(names[0] for names in common)) + "/**")
        else:
            globs += sorted({"*" + _escaped(os.path.splitext(path)[1]) for path in members})
    return sorted(globs)


def diff(old: str | None, new: str, path: str = FILE_NAME) -> str:
    """A unified diff of two texts of the manifest; empty when they are equal."""
    before = (old or "").splitlines(keepends=True)
    lines = difflib.unified_diff(
        before, new.splitlines(keepends=True), "/dev/null" if old is None else f"a/{path}", f"b/{path}"
    )
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


# --- edits: decisions -------------------------------------------------------------------------------------------------


class _Edit:
    """One command on one entry: picks it, checks the answers, writes them."""

    def __init__(self, text: str, path: str) -> None:
        self.manifest = load(text, path)
        self.blocks = _split(text)
        self.path = path
        self.problems: list[Problem] = []

    def problem(self, message: str, line: int = 0) -> None:
        self.problems.append(Problem(self.path, line, message))

    def stop_if_wrong(self) -> None:
        if self.problems:
            raise ManifestError(self.problems)

    def pick(
        self, service: str, statuses: Collection[str], ids: Collection[str] | None, line: int | None, otherwise: str
    ) -> int:
        """The index of the one entry that is meant; raises ManifestError when none or several are."""
        entries = list(enumerate(self.manifest.approvals))
        same = [(i, e) for i, e in entries if service in (e.subject, e.host)]
        if not same:
            known = ", ".join(sorted({e.subject for _, e in entries})) or "none yet"
            self.problem(
                f"no entry for {_comment(service)}; entries: {known}; "
                "tracklint --fix-manifest writes an entry for what the code loads"
            )
            self.stop_if_wrong()
        fitting = [
            (i, e)
            for i, e in same
            if (ids is None or set(ids) <= set(e.ids)) and (line is None or e.line == line) and e.status in statuses
        ]
        if not fitting:
            states = "; ".join(f"line {e.line}: {e.label} is {e.status}" for _, e in same)
            self.problem(
                f"no entry for {_comment(service)} is {' or '.join(statuses)} as asked ({states}); {otherwise}"
            )
        elif len(fitting) > 1:
            choices = "; ".join(f"line {e.line}: {e.label}, {_some(e.paths)}" for _, e in fitting)
            self.problem(
                f"several entries for {_comment(service)} are meant ({choices}); name the ids, or the line, of one"
            )
        self.stop_if_wrong()
        return fitting[0][0]

    def person(self, by: str, today: datetime.date) -> None:
        approver = self.manifest.approvers.get(by)
        if approver is None:
            known = ", ".join(sorted(self.manifest.approvers)) or "nobody yet"
            nearest = _nearest(by, self.manifest.approvers)
            edit = f'did you mean "{nearest}"?' if nearest else f"add [approvers.{_quoted_key(by)}] with name and email"
            self.problem(f'"{_comment(by)}" is nobody in [approvers]; allowed: {known}; {edit}')
        elif approver.until is not None and today > approver.until:
            self.problem(f'"{by}" could approve until {approver.until} only; ask another approver', approver.line)

    def answer(self, key: str, value: str | None, line: int = 0, *, shortest: int = 4) -> None:
        if value is None:
            self.problem(
                f"{key} is missing; allowed: a few words that a reader understands; give it with the command", line
            )
        elif is_placeholder(value, shortest=shortest):
            self.problem(
                f'{key} is a placeholder ("{_comment(value)}"); allowed: a few words that a reader understands; say it',
                line,
            )

    def review(self, review_by: datetime.date | None, today: datetime.date, most: int) -> datetime.date:
        latest = today + datetime.timedelta(days=most)
        if review_by is None:
            return min(_next_year(today), latest)
        if not today < review_by <= latest:
            self.problem(
                f"review_by = {review_by} is not within {most} days; allowed: {today + datetime.timedelta(days=1)} to "
                f"{latest}; choose an earlier or later date"
                if review_by > latest
                else f"review_by = {review_by} is not in the future; allowed: up to {latest}; choose a later date"
            )
        return review_by

    def write(
        self, index: int, values: Mapping[str, str | bool | datetime.date | Sequence[str] | None], unset: Sequence[str]
    ) -> str:
        self.stop_if_wrong()
        edit = _Entry(self.blocks.trackers[index], self.blocks.newline)
        for key, value in values.items():
            if value is not None:
                edit.set(key, value)
        edit.unset(*unset)
        trackers = list(self.blocks.trackers)
        trackers[index] = edit.text
        text = self.blocks._replace(trackers=tuple(trackers)).text()
        load(text, self.path)
        return text


def _next_year(day: datetime.date) -> datetime.date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year + 1, day=28)


_REJECTED = ("rejected_by", "rejected_on", "rejected_reason")


def approve(
    text: str,
    service: str,
    *,
    by: str,
    today: datetime.date,
    purpose: str | None = None,
    owner: str | None = None,
    review_by: datetime.date | None = None,
    category: Category | None = None,
    consent: ConsentRule | None = None,
    consent_reason: str | None = None,
    dpia: str | None = None,
    reference: str | None = None,
    content: Sequence[str] | None = None,
    ids: Collection[str] | None = None,
    line: int | None = None,
    max_review_days: int = 366,
    path: str = FILE_NAME,
) -> str:
    """The text with the pending, legacy or rejected entry of `service` approved; comments stay.

    `ids` or `line` choose between several entries. What is not given must be in the entry already; `review_by` is in a
    year by default. With `content` (the hashes of the loads as they are) the approval is pinned to them.
    Raises ManifestError with all that stands in the way.
    """
    edit = _Edit(text, path)
    index = edit.pick(
        service, ("pending", "legacy", "rejected"), ids, line, "tracklint renew prolongs an approval that there is"
    )
    entry = edit.manifest.approvals[index]
    edit.person(by, today)
    edit.answer("purpose", purpose or entry.purpose, entry.line)
    edit.answer("owner", owner or entry.owner, entry.line, shortest=2)
    kind = category or entry.category
    if kind is None:
        edit.problem(f"category is missing; allowed: {', '.join(CATEGORIES)}; give it with the command", entry.line)
    rule = consent or entry.consent or (None if kind == "essential" else "required")
    if rule in ("opt-out", "exempt"):
        edit.answer("consent_reason", consent_reason or entry.consent_reason, entry.line)
    until = edit.review(review_by, today, max_review_days)
    return edit.write(
        index,
        {
            "status": "approved",
            "category": category,
            "purpose": purpose,
            "owner": owner,
            "consent": rule if rule != entry.consent else None,
            "consent_reason": consent_reason,
            "pin": True if content else None,
            "content": _unique(content) if content else None,
            "approved_by": by,
            "approved_on": today,
            "review_by": until,
            "dpia": dpia,
            "reference": reference,
        },
        _REJECTED,
    )


def renew(
    text: str,
    service: str,
    *,
    by: str,
    today: datetime.date,
    review_by: datetime.date | None = None,
    ids: Collection[str] | None = None,
    line: int | None = None,
    max_review_days: int = 366,
    path: str = FILE_NAME,
) -> str:
    """The text with the approval of `service` given again by `by` today. Raises ManifestError as `approve` does."""
    edit = _Edit(text, path)
    index = edit.pick(
        service, ("approved",), ids, line, "tracklint approve decides on an entry that has no approval yet"
    )
    entry = edit.manifest.approvals[index]
    edit.person(by, today)
    edit.answer("purpose", entry.purpose, entry.line)
    edit.answer("owner", entry.owner, entry.line, shortest=2)
    until = edit.review(review_by, today, max_review_days)
    return edit.write(index, {"approved_by": by, "approved_on": today, "review_by": until}, ())


def retire(
    text: str,
    service: str,
    *,
    by: str,
    reason: str,
    today: datetime.date,
    ids: Collection[str] | None = None,
    line: int | None = None,
    path: str = FILE_NAME,
) -> str:
    """The text with the approved or legacy entry of `service` removed: kept as the record that it was there."""
    edit = _Edit(text, path)
    index = edit.pick(
        service, ("approved", "legacy"), ids, line, "tracklint --fix-manifest drops pending entries that are not needed"
    )
    edit.person(by, today)
    edit.answer("reason", reason)
    return edit.write(index, {"status": "removed", "removed_by": by, "removed_on": today, "removed_reason": reason}, ())


def reject(
    text: str,
    service: str,
    *,
    by: str,
    reason: str,
    today: datetime.date,
    ids: Collection[str] | None = None,
    line: int | None = None,
    path: str = FILE_NAME,
) -> str:
    """The text with the entry of `service` rejected: its loads must go."""
    edit = _Edit(text, path)
    index = edit.pick(
        service, ("pending", "legacy", "approved"), ids, line, "run tracklint --fix-manifest if the code loads it again"
    )
    edit.person(by, today)
    edit.answer("reason", reason)
    return edit.write(
        index,
        {"status": "rejected", "rejected_by": by, "rejected_on": today, "rejected_reason": reason},
        ("approved_by", "approved_on", "review_by"),
    )


# --- files ------------------------------------------------------------------------------------------------------------


def read(path: Path, shown: str | None = None) -> str | None:
    """The text of a manifest with its line ends as they are; None when there is none. ManifestError if not UTF-8."""
    try:
        if stat.S_ISFIFO(path.stat().st_mode):
            raise OSError(errno.EINVAL, "it is a named pipe")  # to open it waits for its other end
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ManifestError([Problem(shown or path.name, line, "not UTF-8; save the file as UTF-8")]) from error


def write_atomically(path: Path, text: str) -> None:
    """Write the file so that any interruption leaves the old one or the new one, whole.

    Keeps the mode; a symbolic link stays one and its target is written. Raises OSError.
    """
    import tempfile  # costs more than reading a manifest

    target = Path(os.path.realpath(path))
    try:
        mode = stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        umask = os.umask(0)
        os.umask(umask)
        mode = 0o666 & ~umask
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    try:
        with open(handle, "wb") as file:
            file.write(_clean(text).encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, mode)
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise
    # The new name should survive a power cut too; not every system lets a folder be synced.
    with contextlib.suppress(OSError):
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextlib.contextmanager
def _locked(target: Path, timeout: float) -> Iterator[None]:
    """Only one process at a time; raises TimeoutError."""
    until = time.monotonic() + timeout
    release = _take(lambda: _lock_folder(target.parent), until, target)
    if release is None:
        lock = target.with_name(f".{target.name}.lock")
        release = _take(lambda: _lock_file(lock), until, target)
    try:
        yield
    finally:
        if release is not None:
            release()


def _take(attempt: Callable[[], Callable[[], None] | None], until: float, target: Path) -> Callable[[], None] | None:
    """Try until the lock is there; gives what releases it, or None where this kind of lock does not exist."""
    while True:
        try:
            return attempt()
        except (BlockingIOError, FileExistsError) as error:
            if time.monotonic() > until:
                held = f" (if none is running, delete {error.filename})" if error.filename else ""
                raise TimeoutError(
                    f"{target}: another tracklint is writing this file{held}; wait for it and run the command again"
                ) from None
            time.sleep(0.02)


def _lock_folder(folder: Path) -> Callable[[], None] | None:
    """A lock on the folder itself leaves no file behind, not even when the process is killed."""
    try:
        import fcntl
    except ImportError:  # Windows
        return None
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise
    except OSError:  # some network file systems
        os.close(handle)
        return None
    return functools.partial(os.close, handle)


def _lock_file(lock: Path) -> Callable[[], None]:
    """A file that only one process can create."""
    with contextlib.suppress(FileNotFoundError):
        # Left by a process that died: no edit takes a minute.
        if time.time() - lock.stat().st_mtime > 60:
            lock.unlink()
    os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    return functools.partial(lock.unlink, missing_ok=True)


def update(path: Path, edit: Callable[[str | None], str], *, timeout: float = 30.0) -> str:
    """Read the manifest, edit it and write it, all under one lock, so that no other process's entry is lost.

    `edit` gets the text, None when there is no file, and gives the new one; what it raises passes through and nothing
    is written. Gives the new text. Raises OSError, and TimeoutError when the lock is held for longer than `timeout`.
    """
    target = Path(os.path.realpath(path))
    with _locked(target, timeout):
        old = read(target, path.name)
        new = edit(old)
        if new != old:
            write_atomically(target, new)
    return new
