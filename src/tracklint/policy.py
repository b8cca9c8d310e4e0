"""The configuration: `tracklint.toml`, or `[tool.tracklint]` in `pyproject.toml`.

An organisation can keep one file for all its sites. A site's own file names it with `extends` and may then only be
stricter, key by key, unless the organisation's file lists the key in `overridable`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

from tracklint import lazy_re
from tracklint.model import CATEGORIES, Category, Severity

SeverityOverride = Literal["error", "warning", "note", "off"]
ConsentBasis = Literal["required", "opt-out", "exempt"]
ApprovalProof = Literal["none", "author", "signature"]

CONFIG_NAME = "tracklint.toml"
# From lax to strict; the order decides what an extending file may do.
SEVERITIES: tuple[SeverityOverride, ...] = ("off", "note", "warning", "error")
CONSENT_BASES: tuple[ConsentBasis, ...] = ("exempt", "opt-out", "required")
PROOFS: tuple[ApprovalProof, ...] = ("none", "author", "signature")

_CODE = lazy_re.compile(r"TL\d{3}")
_CODE_PREFIX = lazy_re.compile(r"TL\d{0,3}")
_HOST = lazy_re.compile(
    r"(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?::\d+)?"
)
_SLUG = lazy_re.compile(r"[a-z0-9][a-z0-9.-]*")
_MAX_EXTENDS = 8


class PolicyError(Exception):
    """The configuration cannot be used; the message is one line that names file, key and the way out."""


class Files(NamedTuple):
    """Where configurations are read from: the disk, or a revision that stands in its place."""

    read: Callable[[Path], bytes]  # raises OSError
    is_file: Callable[[Path], bool]
    is_folder: Callable[[Path], bool]


DISK = Files(Path.read_bytes, Path.is_file, Path.is_dir)


@dataclass(frozen=True)
class Policy:
    """What the checks hold a repository to. `Policy()` is what applies without any configuration."""

    manifest: str = "tracker-approvals.toml"
    exclude: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    first_party: tuple[str, ...] = ()
    rulesets: tuple[Path, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, SeverityOverride] = field(default_factory=dict)
    require_approval: bool = False
    max_review_days: int = 366
    legacy_days: int = 90
    due_days: int = 30
    approval_proof: ApprovalProof = "none"
    allowed_signers: Path | None = None
    sensitive_pages: tuple[str, ...] = ()
    policy_page: str | None = None
    cmp: str | None = None
    essential_names: tuple[str, ...] = ()
    consent: Mapping[Category, ConsentBasis] = field(default_factory=dict)
    consent_reason: str = ""
    allow_inline_approval: bool = False
    max_file_bytes: int = 20_000_000
    time_limit: int = 60
    jobs: int = 0
    report_unused_suppressions: bool = True
    source: Path | None = None  # the file that was read; None without any
    files: tuple[Path, ...] = ()  # it, and those that it extends
    stated: frozenset[str] = frozenset()  # keys that this file, or one that it extends, sets
    overridable: frozenset[str] = frozenset()  # keys that an extending file may loosen

    def severity_of(self, code: str, default: Severity) -> SeverityOverride:
        return self.severity.get(code, default)

    def consent_basis(self, category: Category) -> ConsentBasis:
        """What a category needs before it may run: "required" unless the configuration says else."""
        return self.consent.get(category, "required")


class Key(NamedTuple):
    """One key of the configuration: how its value is read, and when a change of it is a loosening."""

    name: str
    type: str
    read: Callable[[Any, Path], Any]  # raises ValueError("a list of …"): what was expected
    loosened: Callable[[Any, Any], str | None]  # (organisation's, local) -> what is wrong, or None
    description: str


def _strings(what: str, check: Callable[[str], bool] = bool) -> Callable[[Any, Path], tuple[str, ...]]:
    def read(value: Any, folder: Path) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(item, str) and check(item) for item in value):
            raise ValueError(f"a list of {what}")
        return tuple(dict.fromkeys(value))

    return read


def _hosts(value: Any, folder: Path) -> tuple[str, ...]:
    what = 'a list of host names such as "www.example.org"'
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(what)
    hosts = tuple(dict.fromkeys(item.lower().rstrip(".") for item in value))
    if not all(_HOST.fullmatch(host) for host in hosts):
        raise ValueError(what + ", without a scheme or a path")
    return hosts


def _whole(low: int, high: int, unit: str) -> Callable[[Any, Path], int]:
    def read(value: Any, folder: Path) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"a whole number of {unit} from {low} to {high}")
        return value

    return read


def _boolean(value: Any, folder: Path) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def _one_of(choices: tuple[str, ...]) -> Callable[[Any, Path], str]:
    def read(value: Any, folder: Path) -> str:
        if value not in choices:
            raise ValueError("one of " + ", ".join(f'"{choice}"' for choice in choices))
        return cast(str, value)

    return read


def _inner_path(value: Any, folder: Path) -> str:
    if (
        not isinstance(value, str)
        or not value.strip("./")
        or value.startswith(("/", "~"))
        or "\\" in value
        or re.match(r"[A-Za-z]:", value)
        or ".." in value.split("/")
    ):
        raise ValueError("a path inside the repository, with / between folders")
    return value.removeprefix("./")


def _file(value: Any, folder: Path) -> Path:
    if not isinstance(value, str) or not value:
        raise ValueError("a path, relative to this file")
    return folder / value


def _folders(value: Any, folder: Path) -> tuple[Path, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise ValueError("a list of folders, relative to this file")
    return tuple(folder / item for item in value)


def _slug(value: Any, folder: Path) -> str:
    name = value.removeprefix("cmp:") if isinstance(value, str) else ""
    if not _SLUG.fullmatch(name):
        raise ValueError('the slug of a consent manager, such as "cookiebot"')
    return name


def _text(value: Any, folder: Path) -> str:
    if not isinstance(value, str):
        raise ValueError("a sentence")
    return value.strip()


def _severities(value: Any, folder: Path) -> dict[str, str]:
    levels = ", ".join(f'"{level}"' for level in reversed(SEVERITIES))
    if not isinstance(value, dict):
        raise ValueError(f'a table such as {{ TL204 = "error" }}; levels are {levels}')
    for code, level in value.items():
        if not _CODE.fullmatch(code):
            raise ValueError(f'a table with rule codes such as TL204 as keys; "{code}" is none')
        if level not in SEVERITIES:
            raise ValueError(f"a table whose values are one of {levels}; {code} has {_shown(level)}")
    return dict(value)


def _bases(value: Any, folder: Path) -> dict[str, str]:
    bases = ", ".join(f'"{base}"' for base in reversed(CONSENT_BASES))
    if not isinstance(value, dict):
        raise ValueError(f'a table such as {{ analytics = "required" }}; values are {bases}')
    for category, base in value.items():
        if category not in CATEGORIES:
            raise ValueError(f"a table with categories as keys; {_unknown('category', category, CATEGORIES)}")
        if base not in CONSENT_BASES:
            raise ValueError(f"a table whose values are one of {bases}; {category} has {_shown(base)}")
    return dict(value)


def _never(base: Any, local: Any) -> str | None:
    return None


def _not_grow(base: tuple[str, ...], local: tuple[str, ...]) -> str | None:
    added = [item for item in local if item not in base]
    return f"may not add {_shown(added[0])}" if added else None


def _not_shrink(base: tuple[Any, ...], local: tuple[Any, ...]) -> str | None:
    dropped = [item for item in base if item not in local]
    return f"may not leave out {_shown(str(dropped[0]))}" if dropped else None


def _not_rise(base: int, local: int) -> str | None:
    return f"may not be above {base}" if local > base else None


def _not_drop(base: int, local: int) -> str | None:
    return f"may not be below {base}" if local < base else None


def _not_off(base: bool, local: bool) -> str | None:
    return "may not be turned off" if base and not local else None


def _not_on(base: bool, local: bool) -> str | None:
    return "may not be turned on" if local and not base else None


def _not_weaker(base: str, local: str) -> str | None:
    weaker = PROOFS.index(cast(ApprovalProof, local)) < PROOFS.index(cast(ApprovalProof, base))
    return f'may not be weaker than "{base}"' if weaker else None


def _fixed(base: Any, local: Any) -> str | None:
    return f"is fixed to {_shown(str(base))}" if base is not None and local != base else None


def _unchanged(base: Any, local: Any) -> str | None:
    return None if base == local else "may not be changed"


def _selection(base: tuple[str, ...], local: tuple[str, ...]) -> str | None:
    """No `select` at all selects every rule that is on by default."""
    if not local:
        return None
    if not base:
        return "may not narrow the rules"
    lost = [code for code in base if not any(code.startswith(prefix) for prefix in local)]
    return f"may not leave out {lost[0]}" if lost else None


def _severity_drop(base: Mapping[str, str], local: Mapping[str, str]) -> str | None:
    for code, level in base.items():
        if code not in local:
            return f'may not leave out {code} = "{level}"'
    for code, level in local.items():
        # The rules' own defaults are not known here, so without the organisation's word only a rise to the top is safe.
        floor = base.get(code, "error")
        if SEVERITIES.index(cast(SeverityOverride, level)) < SEVERITIES.index(cast(SeverityOverride, floor)):
            return f'may not set {code} below "{floor}"'
    return None


def _consent_drop(base: Mapping[str, str], local: Mapping[str, str]) -> str | None:
    for category in CATEGORIES:
        floor = cast(ConsentBasis, base.get(category, "required"))
        chosen = cast(ConsentBasis, local.get(category, "required"))
        if CONSENT_BASES.index(chosen) < CONSENT_BASES.index(floor):
            return f'may not loosen {category} from "{floor}" to "{chosen}"'
    return None


def is_simple_glob(pattern: str) -> bool:
    """Whether a pattern can be matched in little time: at most three wildcards between two slashes, and three `**`."""
    parts = pattern.split("/")
    return max(part.count("*") for part in parts) <= 3 and parts.count("**") <= 3


_BACKSLASH = lazy_re.compile(r"\\(?=\*\*)|\\[*?\[\]!#\\ ]|\\")


def with_slashes(pattern: str) -> str:
    """A pattern in which a backslash that escapes nothing, as between folders on Windows, is a slash."""
    return _BACKSLASH.sub(lambda match: "/" if match[0] == "\\" else match[0], pattern)


def _globs(value: Any, folder: Path) -> tuple[str, ...]:
    for item in value if isinstance(value, list) else ():
        if isinstance(item, str) and with_slashes(item) != item:
            raise ValueError(f"a list of patterns with / between folders: {_shown(with_slashes(item))}")
    what = 'patterns as in .gitignore, such as "archive/**", with up to three * between slashes'
    return _strings(what, is_simple_glob)(value, folder)


_codes = _strings(
    "rule codes or their beginnings, such as TL204 or TL2", lambda code: bool(_CODE_PREFIX.fullmatch(code))
)

# One row for each key: its reader, what an extending file may not do with it, and its line in the documentation.
KEYS: tuple[Key, ...] = (
    Key("manifest", "path", _inner_path, _fixed, "The approvals manifest, relative to the root."),
    Key(
        "exclude",
        "list of globs",
        _globs,
        _not_grow,
        "Files to leave out, with .gitignore patterns. They are listed as skipped.",
    ),
    Key(
        "include",
        "list of globs",
        _globs,
        _not_shrink,
        'Files to check although a built-in rule leaves them out, such as "vendor/**".',
    ),
    Key(
        "first_party",
        "list of hosts",
        _hosts,
        _not_grow,
        "The organisation's own hosts. Sub-domains are included. Known without it: those that the site's settings, its servers', its "
        "repository's name, its canonical links, its accessibility statement, its cookie banner or the sender of its "
        "mail name, for all but scripts and frames the others below the same registered name (`static.acornclinic.org` beside "
        "`book.acornclinic.org`) or below the name of whom its packages, its code owners or the badges of its builds "
        "say that it belongs to, a domain of "
        "files or a provider's pages called after one of these (`acornclinic-cdn.net` or `acornclinic.github.io` beside "
        "`acornclinic.org`), and those that all sites of the "
        "NHS or of GOV.UK share.",
    ),
    Key(
        "rulesets",
        "list of folders",
        _folders,
        _unchanged,
        "Folders with more rules, relative to this file. They may replace ours.",
    ),
    Key(
        "select",
        "list of codes",
        _codes,
        _selection,
        "Only these rules; a beginning such as TL2 is enough. Empty: all that are on by default.",
    ),
    Key("ignore", "list of codes", _codes, _not_grow, "Rules that are switched off."),
    Key(
        "severity",
        "table",
        _severities,
        _severity_drop,
        'Other severities: error, warning, note or off, by code: { TL204 = "error" }.',
    ),
    Key(
        "require_approval",
        "boolean",
        _boolean,
        _not_off,
        "A pending entry blocks (TL102 is an error), as in a merge check.",
    ),
    Key("max_review_days", "integer", _whole(1, 3650, "days"), _not_rise, "The longest time from approval to review."),
    Key(
        "legacy_days",
        "integer",
        _whole(0, 3650, "days"),
        _not_rise,
        "How long entries may stay that existed when the manifest was first written.",
    ),
    Key(
        "due_days",
        "integer",
        _whole(0, 3650, "days"),
        _not_drop,
        "How many days before its date a review is announced as due.",
    ),
    Key(
        "approval_proof",
        "none, author or signature",
        _one_of(PROOFS),
        _not_weaker,
        "What must prove an approval: nothing, the commit's author, or its signature.",
    ),
    Key(
        "allowed_signers",
        "path",
        _file,
        _fixed,
        "SSH allowed-signers file for approval_proof, relative to this file. For GPG the keyring is used.",
    ),
    Key(
        "sensitive_pages",
        "list of globs",
        _globs,
        _not_shrink,
        "Pages on which trackers are reported by TL402, such as condition pages and symptom checkers.",
    ),
    Key(
        "policy_page",
        "path",
        _inner_path,
        _fixed,
        "The site's cookie page, to compare with what was found (TL501, TL502).",
    ),
    Key("cmp", "slug", _slug, _fixed, "The site's consent manager, if its tag is not in the repository."),
    Key(
        "essential_names",
        "list of names",
        _strings("names of cookies or storage keys"),
        _not_grow,
        "Cookies and storage keys that the site needs; a * at the end is a prefix (TL304).",
    ),
    Key(
        "consent",
        "table",
        _bases,
        _consent_drop,
        'What a category needs: required, opt-out or exempt: { analytics = "required" }.',
    ),
    Key("consent_reason", "text", _text, _never, "Why a category is opt-out or exempt; needed if any is."),
    Key("allow_inline_approval", "boolean", _boolean, _not_on, "Whether a comment in the code may suppress TL101."),
    Key(
        "max_file_bytes",
        "integer",
        _whole(1024, 2_000_000_000, "bytes"),
        _not_drop,
        "Larger files are not analysed; TL901 reports them, and of one that a browser runs the check is incomplete (exit code 3).",
    ),
    Key(
        "time_limit",
        "integer",
        _whole(1, 3600, "seconds"),
        _not_drop,
        "The most of the processor's time for one file, in seconds; when it runs out, TL901 reports the file, and the check is incomplete (exit code 3).",
    ),
    Key("jobs", "integer", _whole(0, 256, "processes"), _never, "Processes to use; 0 chooses."),
    Key(
        "report_unused_suppressions",
        "boolean",
        _boolean,
        _not_off,
        "Whether a suppression that suppresses nothing is reported (TL108).",
    ),
)
_META = {
    "extends": ("path", "The organisation's file, relative to this one. This file may then only be stricter."),
    "overridable": ("list of keys", "For the organisation's file: keys that a file which extends it may loosen."),
}
_BY_NAME = {key.name: key for key in KEYS}
_NAMES = (*_BY_NAME, *_META)


def describe() -> list[tuple[str, str, str, str]]:
    """Every key as (name, type, default as TOML, description), in the order of the documentation."""
    rows = [(key.name, key.type, _as_toml(getattr(Policy(), key.name)), key.description) for key in KEYS]
    return rows + [(name, kind, "", description) for name, (kind, description) in _META.items()]


def load(root: Path, explicit: Path | None = None, files: Files = DISK) -> Policy:
    """The policy for a tree: `explicit`, or the root's `tracklint.toml` or `[tool.tracklint]`, or the defaults.

    Raises PolicyError for a file that cannot be read, is not TOML, or holds an unknown key or a value of a wrong kind,
    and for a local file that is laxer than the one it extends.
    """
    if explicit is not None:
        return parse(_read(explicit, files), explicit, files)
    own, project = root / CONFIG_NAME, root / "pyproject.toml"
    in_project = (
        files.is_file(project)
        and b"tracklint" in (data := _read(project, files))
        and _tables(data, project) is not None
    )
    if files.is_file(own):
        if in_project:
            raise PolicyError(f"{project}: [tool.tracklint] and {CONFIG_NAME} both exist; keep one of them")
        return parse(_read(own, files), own, files)
    return parse(data, project, files) if in_project else Policy()


def parse(data: bytes, path: Path, files: Files = DISK) -> Policy:
    """The policy in the bytes of one file. `path` names it in messages and is what its relative paths start from.

    Raises PolicyError. In a file called `pyproject.toml` the table `[tool.tracklint]` counts.
    """
    chain: list[tuple[Path, bytes, dict[str, Any]]] = []
    seen: set[Path] = set()
    while True:
        table = _tables(data, path)
        if table is None:
            raise PolicyError(f"{path}: has no table [tool.tracklint]; add it, or name another file")
        _check_names(table, data, path)
        chain.append((path, data, table))
        seen.add(path.resolve())
        if "extends" not in table:
            break
        path = _extended(table["extends"], data, path, files)
        if path.resolve() in seen or len(chain) >= _MAX_EXTENDS:
            raise _error(chain[-1][0], chain[-1][1], "extends", f"leads back to {path.name}; break the circle")
        data = _read(path, files)
    policy = Policy()
    for depth, (path, data, table) in enumerate(reversed(chain)):
        policy = _apply(policy, table, data, path, files, organisation=chain[-depth][0] if depth else None)
    return policy


def loosened(base: Policy, local: Policy) -> list[tuple[str, str]]:
    """Each key in which `local` is laxer than `base`, with what is wrong; not those that base lets others override."""
    found = []
    for key in KEYS:
        # A key without direction binds only once it has been set.
        if key.name in base.overridable or (key.loosened is _fixed and key.name not in base.stated):
            continue
        wrong = key.loosened(getattr(base, key.name), getattr(local, key.name))
        if wrong:
            found.append((key.name, wrong))
    return found


def at_least(base: Policy, local: Policy) -> tuple[Policy, list[tuple[str, str]]]:
    """`local` where it is as strict as `base` or stricter, and `base` in all other keys, which are given with what is
    wrong. So a change may tighten what it is judged by, and not loosen it. A key without direction is base's.
    """
    bound = replace(base, overridable=frozenset(), stated=base.stated | {key.name for key in KEYS})
    wrong = loosened(bound, local)
    named = {name for name, _ in wrong}
    for key in KEYS:
        if key.loosened is _fixed and key.name not in named and getattr(base, key.name) != getattr(local, key.name):
            wrong.append((key.name, "may not be set"))
    back = {name: getattr(base, name) for name, _ in wrong}
    if "consent" in back:
        back["consent_reason"] = base.consent_reason
    return replace(local, **back), wrong


def _apply(
    base: Policy, table: dict[str, Any], data: bytes, path: Path, files: Files, organisation: Path | None
) -> Policy:
    values: dict[str, Any] = {}
    for name, raw in table.items():
        if name in _META:
            continue
        try:
            values[name] = _BY_NAME[name].read(raw, path.parent)
            if name == "allowed_signers" and not files.is_file(values[name]):
                raise _error(path, data, name, f"names {values[name]}, where no file is; mend the path")
            for folder in values[name] if name == "rulesets" else ():
                if not files.is_folder(folder):
                    raise _error(path, data, name, f"names {folder}, where no folder is; mend the path")
        except ValueError as expected:
            raise _error(path, data, name, f"must be {expected}, not {_shown(raw)}") from None
    names = table.get("overridable", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise _error(path, data, "overridable", f"must be a list of keys, not {_shown(names)}")
    for name in names:
        if name not in _BY_NAME:
            raise _error(path, data, "overridable", _unknown("key", name, tuple(_BY_NAME)))
    joined = {name: _join(_BY_NAME[name], getattr(base, name), value) for name, value in values.items()}
    merged = replace(base, **joined, source=path, files=(path, *base.files), stated=base.stated | values.keys())
    if organisation is None:
        merged = replace(merged, overridable=frozenset(names))
    else:
        # A file in between may hand on a liberty, never invent one.
        for name in names:
            if name not in base.overridable:
                raise _error(
                    path, data, "overridable", f"may not name {name}: {organisation} does not let it be loosened"
                )
        for name, wrong in loosened(base, merged):
            raise _error(path, data, name, f"{wrong}: {organisation} allows only stricter values")
        merged = replace(merged, overridable=frozenset(names))
    laxer = [category for category, basis in merged.consent.items() if basis != "required" and category != "essential"]
    if laxer and not merged.consent_reason:
        why = f"makes {laxer[0]} {merged.consent[laxer[0]]} and needs a consent_reason that says why this is lawful"
        raise _error(path, data, "consent", why)
    return merged


def _join(key: Key, base: Any, local: Any) -> Any:
    """What may only grow is joined with the organisation's, so that a site need not repeat it; all else replaces it."""
    if isinstance(local, dict):
        return {**base, **local}
    return tuple(dict.fromkeys((*base, *local))) if key.loosened is _not_shrink else local


def _extended(value: Any, data: bytes, path: Path, files: Files) -> Path:
    if not isinstance(value, str) or not value or "://" in value:
        raise _error(path, data, "extends", f"must be the path of a local file, not {_shown(value)}")
    target = path.parent / value
    if not files.is_file(target):
        raise _error(path, data, "extends", f"names {target}, which does not exist")
    return target


def _check_names(table: dict[str, Any], data: bytes, path: Path) -> None:
    for name in table:
        if name not in _NAMES:
            raise _error(path, data, name, _unknown("key", name, _NAMES), quote=False)


def _unknown(what: str, name: str, allowed: tuple[str, ...]) -> str:
    import difflib  # only for a message

    near = difflib.get_close_matches(name.replace("-", "_"), allowed, 1, 0.5) or difflib.get_close_matches(
        name, allowed, 1, 0
    )
    hint = f'; did you mean "{near[0]}"?' if near else ""
    return f'unknown {what} "{name}"{hint}'


def _read(path: Path, files: Files) -> bytes:
    try:
        return files.read(path)
    except OSError as error:
        raise PolicyError(f"{path}: cannot be read: {error.strerror or error}") from None


def _tables(data: bytes, path: Path) -> dict[str, Any] | None:
    """The configuration's table in one file; None for a `pyproject.toml` without it."""
    import tomli

    try:
        document = tomli.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PolicyError(f"{path}:{line}: is not UTF-8; save it as UTF-8") from None
    except (tomli.TOMLDecodeError, RecursionError) as error:
        raise PolicyError(f"{path}: is not valid TOML: {error}") from None
    if path.name != "pyproject.toml":
        return document
    tool = document.get("tool", {})
    table = tool.get("tracklint") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise PolicyError(f"{path}: tool.tracklint must be a table")
    return table


def _error(path: Path, data: bytes, key: str, text: str, quote: bool = True) -> PolicyError:
    """tomli keeps no positions, so the line is looked for; it is a help and may be missing."""
    pattern = rb"^[ \t]*\[?[ \t]*[\"']?(?:tool\.tracklint\.)?" + re.escape(key.encode("utf-8")) + rb"[\"']?[ \t]*[=.\]]"
    found = re.search(pattern, data, re.MULTILINE)
    place = f"{path}:{data.count(bytes([10]), 0, found.start()) + 1}" if found else str(path)
    return PolicyError(f"{place}: {key} {text}" if quote else f"{place}: {text}")


def _shown(value: Any) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError):
        text = type(value).__name__
    return text if len(text) <= 60 else text[:57] + "…"


def _as_toml(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return "[" + ", ".join(_as_toml(item) for item in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name} = {_as_toml(item)}" for name, item in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False, default=str)


# A key without a field, or a field without a row, would be silently without effect.
if {key.name for key in KEYS} | {"source", "files", "stated", "overridable"} != {item.name for item in fields(Policy)}:
    raise AssertionError("policy.KEYS and policy.Policy disagree")
