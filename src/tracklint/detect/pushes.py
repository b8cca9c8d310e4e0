"""Loads that a script hands to a consent manager's queue: `tarteaucitron.job.push('gtag')`.

The vendor's address stands nowhere in the page then; the job's name tells the service, and an assignment beside it the
account. What holds the queue back is decided where all calls are judged, in `consent/flow.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from tracklint.consent.mechanisms import Mechanisms
from tracklint.detect.load import Load, ScriptPlace, find_ids, host_of
from tracklint.markup import Document
from tracklint.ruleset import Ruleset, Service
from tracklint.script import UNKNOWN, Script


@lru_cache(maxsize=8)
def _mechanisms(ruleset: Ruleset) -> Mechanisms:
    return Mechanisms(ruleset)


def loads(script: Script, ruleset: Ruleset, document: Document | None = None) -> Iterator[Load]:
    """The services that calls of this script put on a queue. Addresses that are pushed are found as addresses."""
    mechanisms = _mechanisms(ruleset)
    for name in mechanisms.push_names:
        if name not in script.text:
            continue
        for call in script.calls(name):
            pushed = mechanisms.pushed(script, call)
            service = mechanisms.service(pushed) if pushed is not None else None
            if pushed is None or service is None:
                continue
            ids = _ids(service, _assigned(pushed.push.ids_from.get(pushed.argument), script, document))
            urls = _assigned(pushed.push.host_from.get(pushed.argument), script, document)
            host = next(filter(None, map(host_of, urls)), service.first_host)
            yield Load(service, "config", script.span(call), ScriptPlace(script, (call,)), host, None, ids)


def _ids(service: Service, values: Sequence[str]) -> tuple[str, ...]:
    return find_ids(service, *values) or tuple(sorted(values))


def _assigned(path: str | None, script: Script, document: Document | None) -> list[str]:
    """What an assignment gives to a setting of the manager, in this script or another of the page."""
    if path is None:
        return []
    for candidate in _scripts(script, document):
        for mention in candidate.occurrences(path.rpartition(".")[2]) or ():
            holder = candidate.parent(mention)
            outer = candidate.parent(holder) if holder is not None else None
            if holder is None or outer is None or outer.type != "assignment_expression":
                continue
            if candidate.dotted(holder) != path or outer.child_by_field_name("left") != holder:
                continue
            value = candidate.fold(outer.child_by_field_name("right"))
            values = value if isinstance(value, list) else [value]
            texts = [one for one in values if isinstance(one, str) and one and UNKNOWN not in one]
            numbers = [str(one) for one in values if isinstance(one, int) and not isinstance(one, bool)]
            if texts or numbers:
                return texts + numbers
    return []


def _scripts(script: Script, document: Document | None) -> Iterator[Script]:
    from tracklint.detect.markup import inline_script  # which finds the loads of scripts through this module

    yield script
    for element in document.elements if document is not None else ():
        if element.tag == "script" and element.content is not None and element.content.start != script.base:
            other = inline_script(document, element) if document is not None else None
            if other is not None:
                yield other
