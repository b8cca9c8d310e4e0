"""The template of a component's or a controller's own, in frameworks that pair the two by their names alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tracklint import lazy_re
from tracklint.markup import Document

_CODE = lazy_re.compile(r"(?P<folders>(?:.*/)?)(?P<stem>[^/]+?)\.(?:js|ts)")
# Ember keeps classic templates in a tree of their own: app/components/map.js, app/templates/components/map.hbs
_EMBER = lazy_re.compile(
    r"(?P<root>(?:.*/)?(?:app|addon)/)(?:(?P<components>components/)|controllers/)(?P<name>.+)\.(?:js|ts)"
)


def templates_beside(path: str) -> Iterator[str]:
    """Where the template of a script may stand: Angular's, Lightning's and Aurelia's beside it, Ember's there or in its own tree."""
    code = _CODE.fullmatch(path)
    if code is None:
        return
    yield f"{code['folders']}{code['stem']}.html"
    yield f"{code['folders']}{code['stem']}.hbs"
    if code["stem"] in ("component", "controller"):
        yield code["folders"] + "template.hbs"
    ember = _EMBER.fullmatch(path)
    if ember is not None:
        yield f"{ember['root']}templates/{ember['components'] or ''}{ember['name']}.hbs"


def names_in(document: Document, name: str) -> Iterator[int]:
    """The offsets at which a template names a method: `(click)="load()"`, `onclick={load}`, `{{action "load"}}`, `{{on "click" this.load}}`."""
    spelled = re.compile(
        rf"(?:\([\w.:-]{{2,40}}\)|\bon[\w:-]{{2,40}}|[\w-]{{2,40}}\.(?:trigger|delegate|call))\s*=\s*[\"']?\{{?[^\"'<>]{{0,80}}?(?<![\w$-]){re.escape(name)}(?![\w$-])"
        rf"|\b(?:action|on\s+[\"'][\w:-]{{2,40}}[\"'])\s+(?:\(\s*fn\s+)?[\"']?(?:this\.)?{re.escape(name)}(?![\w$-])"
    )
    for match in spelled.finditer(document.file.text):
        if not any(comment.start <= match.start() < comment.end for comment in document.comments):
            yield match.start()
