"""The values that flow between the stages of the pipeline. Frozen, and free of behaviour that needs a file system.

discover -> read -> mask -> parse -> detect -> decide consent -> compare with the manifest -> report
"""

from __future__ import annotations

import bisect
import hashlib
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

Category = Literal["essential", "functional", "analytics", "marketing"]
CATEGORIES: tuple[Category, ...] = ("essential", "functional", "analytics", "marketing")

Technique = Literal[
    "script-src",
    "inline-script",
    "iframe",
    "embed",
    "image",
    "link",
    "css",
    "import",
    "dependency",
    "config",
    "api-call",
    "dynamic",
    "bundle",
    "markdown",
]
TECHNIQUES: tuple[Technique, ...] = (
    "script-src",
    "inline-script",
    "iframe",
    "embed",
    "image",
    "link",
    "css",
    "import",
    "dependency",
    "config",
    "api-call",
    "dynamic",
    "bundle",
    "markdown",
)

ConsentState = Literal["gated", "ungated", "unknown", "not-required"]
Severity = Literal["error", "warning", "note"]

# Mechanisms of what is `gated` because nothing starts it, and not because somebody is asked.
UNSTARTED = frozenset({"absent", "fallback"})
# … and of all that no page is seen to run as things are.
IDLE = UNSTARTED | {"unused", "off"}

Language = Literal[
    "html",  # HTML and every template language whose output is HTML
    "indent",  # Pug, Slim, Haml: markup by indentation
    "markdown",
    "script",  # JavaScript, TypeScript, JSX
    "style",  # CSS, SCSS, Less
    "code",  # PHP classes, Ruby, Python, C#, Java …: HTML only in strings and helper calls
    "data",  # JSON, YAML, TOML, INI, .env
    "other",
]


class Span(NamedTuple):
    """Character offsets into the original text of one file; `end` is exclusive."""

    start: int
    end: int

    def contains(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end


class Position(NamedTuple):
    """1-based line and 1-based column in characters."""

    line: int
    column: int


@dataclass(frozen=True)
class SourceFile:
    """One decoded file. `path` is POSIX and relative to the scanned root; line ends are kept as they are."""

    path: str
    text: str
    language: Language
    dialect: str  # template or script dialect: "jinja", "erb", "php", "tsx" … ; "" when plain

    @cached_property
    def line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", self.text))]

    def position(self, offset: int) -> Position:
        line = bisect.bisect_right(self.line_starts, offset) - 1
        return Position(line + 1, offset - self.line_starts[line] + 1)

    def line_text(self, line: int) -> str:
        """The text of a 1-based line, without its line end."""
        start = self.line_starts[line - 1]
        end = self.line_starts[line] if line < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of an element, of HTML as of Pug or JSX."""

    name: str  # lower-cased
    value: str  # entities decoded; template.FILLER where a template output stands
    span: Span  # the whole attribute
    value_span: Span  # without quotes
    dynamic: bool  # the value holds a template output or is a bound expression (:src, v-bind:src, [src], src={…})


SkipReason = Literal[
    "ignored-by-git",
    "excluded",  # by the configuration
    "vendored",
    "well-known-library",
    "not-served",  # no page uses it, as far as the repository tells
    "lock-file",
    "source-map",
    "binary",
    "symlink-out-of-root",
    "unreadable",
    "encoding",
    "too-large",
    "syntax-error",
    "nesting",
    "time-limit",
    "internal-error",
]
# Files that should have been analysed and were not: reported as TL901; the others are left out by rule.
UNANALYSED: frozenset[SkipReason] = frozenset(
    {"unreadable", "encoding", "too-large", "syntax-error", "nesting", "time-limit", "internal-error"}
)


@dataclass(frozen=True)
class Skipped:
    path: str
    reason: SkipReason
    detail: str = ""
    line: int = 1


@dataclass(frozen=True)
class Hop:
    """One step of the reasoning behind a verdict, from the load outwards."""

    path: str
    line: int
    text: str  # one clause, e.g. "called from init()" or "only if consent.analytics"


@dataclass(frozen=True)
class Consent:
    """Can this load happen before the visitor has made any choice?

    `mechanism` is one word: the slug of a consent manager without "cmp:" (`cookiebot`), or `condition`, `callback`,
    `facade`, `template-condition`, `consent-mode`, `noscript`, `hint`, `none`, `implied`, `fallback` (a second copy that
    waits for the first to fail), `absent` (for elements that no page has, of what nothing uses), …
    `category` is what the visitor is asked for; None for one yes/no or where it cannot be told.
    `broken` names a gate that was meant and does not hold (rule texts use it), else None.
    `twin` is where the same load does wait, and by what mechanism.
    """

    state: ConsentState
    mechanism: str = "none"
    category: Category | None = None
    at: tuple[str, int] | None = None  # path, line of the deciding condition
    why: str = ""
    chain: tuple[Hop, ...] = ()
    broken: str | None = None
    twin: Hop | None = None


@dataclass(frozen=True)
class Detection:
    """One load of one service at one place."""

    service: str  # slug, or "host:<host>"
    name: str
    company: str | None
    category: Category | None  # None: unknown third party
    kind: str
    technique: Technique
    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    start: int  # character offsets of the same span
    end: int
    host: str | None
    url: str | None  # as far as it could be folded; "…" stands for what is not known
    ids: tuple[str, ...]
    consent: Consent
    excerpt: str  # the source line of `line`
    content: str  # the load's own text without white space; `pin` and `id` rest on it
    email: bool = False  # found in an e-mail template
    first_party: bool = False  # a known tracker served from the site's own host
    loader: Detection | None = None  # what this sets off, where that stands in another file
    ordinal: int = 0  # tells apart equal loads of one file

    @cached_property
    def id(self) -> str:
        """Stable while the load itself is not edited: no line number goes into it."""
        key = "\0".join((self.service, self.technique, self.path, ",".join(self.ids), self.content, str(self.ordinal)))
        return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    @cached_property
    def content_hash(self) -> str:
        return "sha256:" + hashlib.sha256(self.content.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Related:
    path: str
    line: int
    text: str


@dataclass(frozen=True)
class Finding:
    code: str
    name: str
    severity: Severity
    path: str
    line: int
    column: int
    message: str
    help: str  # the next step; never empty
    service: str | None = None
    detection: str | None = None  # Detection.id
    end_line: int = 0
    end_column: int = 0
    excerpt: str = ""
    related: tuple[Related, ...] = ()


@dataclass(frozen=True)
class Pages:
    """The pages that a file is part of, sorted. `unknown` says why there may be more, "" if these are all."""

    paths: tuple[str, ...]
    unknown: str = ""


@dataclass(frozen=True)
class Report:
    """Everything a format prints; formats add nothing and decide nothing."""

    root: str
    files: int
    bytes: int
    seconds: float
    ruleset: str  # version of the rules that were applied
    detections: tuple[Detection, ...]
    findings: tuple[Finding, ...]
    suppressed: tuple[tuple[Finding, str], ...] = ()  # with the reason that was given
    skipped: tuple[Skipped, ...] = ()
    blocking: int = 0
    statuses: dict[str, str] = field(default_factory=dict)  # service -> manifest status
    calls: tuple[Detection, ...] = ()  # set off `detections` of other files, which stand for them in all else
