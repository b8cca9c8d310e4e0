"""Loads that a script hands to a consent manager's queue: `tarteaucitron.job.push('gtag')`.

The vendor's address stands nowhere in the page then; the job's name tells the service, and an assignment beside it the
account. What holds the queue back is decided where all calls are judged, in `consent/flow.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from tracklint.consent.mechanisms import Mechanisms, Pushed
from tracklint.detect.load import Load, ScriptPlace, find_ids
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
            ids = _ids(pushed, service, script, document)
            place = ScriptPlace(script, (call,))
            yield Load(service, "config", script.span(call), place, service.first_host, None, ids)


def _ids(pushed: Pushed, service: Service, script: Script, document: Document | None) -> tuple[str, ...]:
    """The id that an assignment gives for the job, in this script or another of the page."""
    path = pushed.push.ids_from.get(pushed.argument)
    if path is None:
        return ()
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
                return find_ids(service, *texts) or tuple(sorted(texts + numbers))
    return ()


def _scripts(script: Script, document: Document | None) -> Iterator[Script]:
    from tracklint.detect.markup import inline_script  # which finds the loads of scripts through this module

    yield script
    for element in document.elements if document is not None else ():
        if element.tag == "script" and element.content is not None and element.content.start != script.base:
            other = inline_script(document, element) if document is not None else None
            if other is not None:
                yield other
