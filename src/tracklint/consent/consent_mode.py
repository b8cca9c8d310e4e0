"""Google Consent Mode and its kind: tags that load at once and are told what they may do.

The script is fetched before any choice, so the load is not gated. But where a call that denies by default comes in time
on the same page, the vendor sets no cookies, or sends nothing. Which calls do that stands in `[[hold]]`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

from tree_sitter import Node

from tracklint.consent.mechanisms import is_call
from tracklint.consent.page import Standing, standing
from tracklint.detect.load import Load, ScriptPlace
from tracklint.detect.script import calls_in_strings
from tracklint.model import Span
from tracklint.ruleset import Array, CallPattern, Exact, Hold, Manager, Object, Pattern, Service, glob_matches
from tracklint.script import Script, known_value

if TYPE_CHECKING:
    from tracklint.project import Project


_NOT_TOLD = "is not in the repository"
_STEPS = 1500  # of reasoning on whether one call can run before a choice


class _Site(NamedTuple):
    """A call (or assignment) somewhere in the project."""

    script: Script
    node: Node
    standing: Standing
    state: str  # open, unknown: it may run before any choice; gated, dead: not

    @property
    def at(self) -> tuple[str, int]:
        return self.script.file.path, self.script.line(self.node)

    @property
    def place(self) -> str:
        return "{}:{}".format(*self.at)


def consent_mode(project: Project, load: Load, here: Standing) -> dict[str, Any] | None:
    """Fields of the verdict on an open load that a signal holds, or was meant to hold; None when there is no signal."""
    if load.service is None:
        return None
    failed: tuple[_Site, Manager, str] | None = None
    for manager in project.ruleset.managers.values():
        for hold in manager.holds:
            if hold.services and load.service.slug not in hold.services:
                continue
            for site in _relevant(project, hold, load, here):
                problem = _problem(project, hold, site, load, load.service, here)
                if not problem:
                    effect = "sends nothing" if hold.effect == "silent" else "stores no cookies"
                    why = f"{load.service.name} is contacted before any choice, but {effect} until the visitor agrees"
                    return {"mechanism": "consent-mode", "at": site.at, "why": f"{why} ({manager.name}, {site.place})"}
                if site.state == "open":
                    failed = failed or (site, manager, problem)
    if failed is None:
        return None
    site, manager, problem = failed
    return {"broken": f"{manager.name}: {problem}", "at": site.at, "why": f"{manager.name}: {problem} ({site.place})"}


# ------------------------------------------------------------------------------------------------------ finding calls

_SITES: WeakKeyDictionary[Project, dict[tuple[str, str], tuple[_Site, ...]]] = WeakKeyDictionary()


def _sites(project: Project, text: str, here: Standing) -> list[_Site]:
    """The places where a call pattern, or an assignment `=name`, stands; other whole pages are of no concern."""
    known = _SITES.setdefault(project, {})
    assigned = text[1:] if text.startswith("=") else None
    words = (assigned.partition("*")[0],) if assigned is not None else _words(_pattern(text))
    found: list[_Site] = []
    for path in project.paths_with(words):
        if path not in here.places and project.is_whole_page(path):
            continue
        if (text, path) not in known:
            known[text, path] = ()
            sites = (
                _assignments(project, path, assigned) if assigned is not None else _calls(project, path, _pattern(text))
            )
            known[text, path] = tuple(sites)
        found += known[text, path]
    return found


@lru_cache(maxsize=512)
def _pattern(text: str) -> CallPattern:
    return CallPattern.parse(text)


def _calls(project: Project, path: str, pattern: CallPattern) -> Iterator[_Site]:
    for script in project.scripts_of(path):
        for call in script.calls(pattern.last):
            if is_call(script, call, pattern):
                yield _site(project, script, call)
        if script.origin is None:
            for inner, call, span in calls_in_strings(script, project.ruleset, pattern.last):
                if is_call(inner, call, pattern):
                    yield _site(project, inner, call, span)


def _assignments(project: Project, path: str, name: str) -> Iterator[_Site]:
    """`window['ga-disable-G-…'] = value` where the value is not known to be false."""
    literal = name.partition("*")[0]
    for script in project.scripts_of(path):
        position = script.text.find(literal)
        while position >= 0:
            node = script.enclosing(script.node_at(position), {"assignment_expression"})
            left = node.child_by_field_name("left") if node is not None else None
            right = node.child_by_field_name("right") if node is not None else None
            if node is not None and left is not None and right is not None:
                written = script.dotted(left).strip("\ue000")
                assigned = glob_matches(name, written) or (
                    written in ("", "[]", "?") and literal in script.text_of(left)
                )
                if assigned and project.flow(script).evaluate(right).truth is not False:
                    yield _site(project, script, node)
            position = script.text.find(literal, position + len(literal))


def _site(project: Project, script: Script, node: Node, span: Span | None = None) -> _Site:
    with project.budget.apart(_STEPS):  # a question of its own, whose answer is kept
        reach = project.flow(script).reach(node)
    start = span.start if span is not None else script.base + node.start_byte
    line = script.file.position(start).line if span is not None else script.line(node)
    where = standing(script.file.path, line, start, reach.hops, project)
    return _Site(script, node, where, reach.state)


def _words(pattern: CallPattern) -> tuple[str, ...]:
    """Texts that stand in every file with such a call."""
    found = [part for part in pattern.callee.split(".") if part != "*"]
    queue: list[Pattern] = list(pattern.arguments)
    while queue:
        one = queue.pop()
        if isinstance(one, Exact):
            found += [piece for piece in one.text.split("*") if piece not in ("true", "false")]
        elif isinstance(one, Array):
            queue += one.items
        elif isinstance(one, Object):
            found += [key for key, _ in one.entries]
            queue += [value for _, value in one.entries]
    return tuple(dict.fromkeys(word for word in found if word))


def _relevant(project: Project, hold: Hold, load: Load, here: Standing) -> list[_Site]:
    """The calls of a hold on the page of a load."""
    sites = _sites(project, hold.call if hold.call is not None else f"={hold.assignment}", here)
    own = [_also_on(project, site, here) for site in sites if site.state in ("open", "unknown")]
    related = [site for site in own if site.standing.before(here) is not None]
    if not related and not hold.late_after and load.technique in ("import", "api-call"):
        related = own  # an option of the SDK's own start, which may stand in another module
    without_region = [site for site in related if not _is_regional(site)]
    return without_region or related


def _also_on(project: Project, site: _Site, here: Standing) -> _Site:
    """A place of a part that several pages include, as it stands on the page of a load."""
    path = site.script.file.path
    if site.standing.before(here) is not None or project.is_whole_page(path):
        return site
    places = dict(site.standing.places)
    for user, offset in project.included_at(path, here.places):
        line = project.text_of(user).count("\n", 0, offset) + 1
        places.setdefault(user, (line, offset))
    return site._replace(standing=Standing(places))


def _is_regional(site: _Site) -> bool:
    value = _object(site)
    return isinstance(value, dict) and "region" in value


def _object(site: _Site) -> object:
    arguments = site.script.arguments(site.node) if site.node.type == "call_expression" else []
    return site.script.fold(arguments[-1]) if arguments else None


# --------------------------------------------------------------------------------------------------- whether they hold


def _problem(project: Project, hold: Hold, site: _Site, load: Load, service: Service, here: Standing) -> str:
    """Why a hold does not hold; "" when it does."""
    granted = _granted(project, hold, site, service)
    if (not granted or granted.endswith(_NOT_TOLD)) and _is_late(project, hold, site, load, here):
        return "the default is set after the first tag"
    if granted:
        return granted
    for text in hold.release:
        for other in _sites(project, text, here):
            if other.state != "open" or other.node.id == site.node.id:
                continue
            if other.standing.before(site.standing) is not None and _releases(project, hold, other):
                return f"it is released before any choice ({other.place})"
    return ""


def _is_late(project: Project, hold: Hold, site: _Site, load: Load, here: Standing) -> bool:
    late = [other for text in hold.late_after for other in _sites(project, text, here)]
    together = [order for other in late if (order := other.standing.before(site.standing)) is not None]
    if any(together):
        return True
    return not together and not _is_own_start(project, load, site) and here.before(site.standing) is True


def _is_own_start(project: Project, load: Load, site: _Site) -> bool:
    """Whether the hold is an option of the call that starts the service; until then its loader only keeps what it is told."""
    place = load.place
    if load.technique == "import":
        return True
    callee = site.node.child_by_field_name("function")
    if load.service is not None and callee is not None:
        last = site.script.dotted(callee).rpartition(".")[2]
        starts = (one for one in project.ruleset.calls(last) if one.service == load.service.slug)
        if any(is_call(site.script, site.node, one) for one in starts):
            return True
    return (
        isinstance(place, ScriptPlace)
        and place.script is site.script
        and any(node.start_byte <= site.node.start_byte and site.node.end_byte <= node.end_byte for node in place.nodes)
    )


def _granted(project: Project, hold: Hold, site: _Site, service: Service) -> str:
    if not hold.denied:
        return ""
    values = _values(project, site)
    if values is None:
        return f"what its default says {_NOT_TOLD}"
    wanted = _keys(hold, service)
    told = [key for key in wanted if key in values]
    for key in told:
        value = values[key]
        if value is None:
            return f"what the default says of `{key}` {_NOT_TOLD}"
        if value != hold.value:
            return f"the default of `{key}` is {value!r}"
    if wanted and not told:
        return f"the default does not deny `{wanted[0]}`"
    return ""


def _keys(hold: Hold, service: Service) -> Sequence[str]:
    """The keys that have to be denied for a service: those of its category; for a tag manager any that track."""
    tracking = [key for key, category in hold.denied.items() if category in ("analytics", "marketing")]
    if service.kind == "tag-manager":
        return tracking
    return [key for key, category in hold.denied.items() if category == service.category] or tracking


def _values(project: Project, site: _Site) -> dict[str, object] | None:
    """The keys of the call's object with what they are before any choice; None for a value that cannot be told."""
    arguments = site.script.arguments(site.node)
    if not arguments:
        return None
    last = arguments[-1]
    if last.type == "object":
        flow = project.flow(site.script)
        found: dict[str, object] = {}
        for pair in last.named_children:
            value = pair.child_by_field_name("value") if pair.type == "pair" else None
            if value is not None:
                told = flow.evaluate(value)
                found[site.script.key_of(pair)] = told.value if told.kind == "known" else None
        if found:
            return found
    folded = known_value(site.script.fold(last))
    return dict(folded) if isinstance(folded, dict) else None


def _releases(project: Project, hold: Hold, site: _Site) -> bool:
    """Whether a call really ends a hold before any choice: an update that denies does not."""
    if not hold.denied:
        return True
    arguments = site.script.arguments(site.node) if site.node.type == "call_expression" else []
    binding = site.script.binding(arguments[-1]) if arguments and arguments[-1].type == "identifier" else None
    given = binding.value if binding is not None else arguments[-1] if arguments else None
    if given is None or given.type != "object":
        folded = _object(site)
        return not isinstance(folded, dict) or any(
            isinstance(folded.get(key), str) and folded[key] != hold.value for key in hold.denied
        )
    flow = project.flow(site.script)
    with project.budget.apart(_STEPS):
        return any(
            flow.reach(value).state == "open"
            for pair in given.named_children
            if pair.type == "pair" and site.script.key_of(pair) in hold.denied
            for value in _alternatives(pair.child_by_field_name("value"))
            if isinstance(told := site.script.fold(value), str) and told != hold.value
        )


def _alternatives(value: Node | None) -> Iterator[Node]:
    """What an expression can be: `yes ? "granted" : "denied"` is either."""
    pending = [value]
    while pending:
        one = pending.pop()
        if one is None:
            continue
        if one.type == "parenthesized_expression":
            pending += one.named_children
        elif one.type == "ternary_expression":
            pending += [one.child_by_field_name("consequence"), one.child_by_field_name("alternative")]
        else:
            yield one
