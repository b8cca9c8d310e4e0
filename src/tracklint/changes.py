"""What is different between two scans: services, account ids and loads that came or went, and gates lost or won.

A load that was only moved or reformatted is the same load. Two scans can be those of two revisions, or a scan and the
JSON report of an earlier one.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, get_args

from tracklint.model import Detection

# The most important first.
ChangeKind = Literal[
    "service added",
    "id added",
    "ungated since",
    "load added",
    "not provable since",
    "service removed",
    "id removed",
    "load removed",
    "re-gated",
    "review due",
    "decision",
    "approver changed",
    "suppression added",
    "not checked",
    "configuration loosened",
]
KINDS: tuple[ChangeKind, ...] = get_args(ChangeKind)


class ChangesError(ValueError):
    """An earlier report cannot be compared with; the message is one line."""


class Change(NamedTuple):
    """One line of what a change does to the site's services."""

    kind: ChangeKind
    label: str  # the service with its ids
    place: str = ""  # path:line, in the newer scan; in the older one for what was removed
    detail: str = ""
    service: str = ""
    ids: tuple[str, ...] = ()


class Load(NamedTuple):
    """As much of a detection as an earlier report tells."""

    id: str
    service: str
    name: str
    category: str | None
    technique: str
    path: str
    line: int
    ids: tuple[str, ...]
    state: str
    why: str = ""

    @property
    def place(self) -> str:
        return f"{self.path}:{self.line}"


def loads_of(detections: Iterable[Detection]) -> list[Load]:
    """The loads themselves: a call that sets one off elsewhere adds nothing that is loaded."""
    return [
        Load(
            one.id,
            one.service,
            one.name,
            one.category,
            one.technique,
            one.path,
            one.line,
            one.ids,
            one.consent.state,
            one.consent.why,
        )
        for one in detections
        if one.loader is None
    ]


def read_report(data: bytes, name: str) -> list[Load]:
    """The loads of a JSON report, version 1. Raises ChangesError for anything else; `name` is for its message."""
    try:
        document = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ChangesError(f"{name}: is not JSON ({error}); give a report written with --format json") from None
    version = document.get("version") if isinstance(document, dict) else None
    if version != 1 or not isinstance(document.get("detections"), list):
        raise ChangesError(f"{name}: is no report of version 1; give a report written with --format json")
    try:
        return [_load(one) for one in document["detections"] if not one.get("loader")]
    except (KeyError, TypeError, AttributeError) as error:
        raise ChangesError(f"{name}: a detection in it is incomplete ({error}); write the report again") from None


def _load(one: Mapping[str, Any]) -> Load:
    consent = one["consent"]
    return Load(
        id=str(one["id"]),
        service=str(one["service"]),
        name=str(one["name"]),
        category=one["category"],
        technique=str(one["technique"]),
        path=str(one["path"]),
        line=int(one["line"]),
        ids=tuple(str(account) for account in one["ids"]),
        state=str(consent["state"]),
        why=str(consent.get("why") or ""),
    )


def compare(before: Sequence[Load], after: Sequence[Load]) -> tuple[Change, ...]:
    """What `after` has that `before` had not, and the other way round; the most important first."""
    pairs, gone, new = _pair(before, after)
    found: list[Change] = [change for old, now in pairs if (change := _consent_change(old, now)) is not None]
    found += _came_or_went(new, before, "added")
    found += _came_or_went(gone, after, "removed")
    return in_order(found)


def in_order(changes: Iterable[Change]) -> tuple[Change, ...]:
    ranks = {kind: rank for rank, kind in enumerate(KINDS)}
    return tuple(sorted(changes, key=lambda one: (ranks.get(one.kind, 99), one.label, _natural(one.place), one.detail)))


def _natural(place: str) -> tuple[str, int]:
    path, _, line = place.rpartition(":")
    return (path, int(line)) if line.isdigit() else (place, 0)


_KEYS: tuple[Callable[[Load], tuple[object, ...]], ...] = (
    lambda load: (load.id, load.service, load.ids),
    lambda load: (load.service, load.ids, load.technique, load.path),
    lambda load: (load.service, load.ids, load.technique),
    lambda load: (load.service, load.ids),
)


def _pair(before: Sequence[Load], after: Sequence[Load]) -> tuple[list[tuple[Load, Load]], list[Load], list[Load]]:
    """Which loads are the same one, from the surest sign to the weakest: edited, moved, loaded in another way."""
    pairs: list[tuple[Load, Load]] = []
    gone, new = list(before), list(after)
    for key in _KEYS:
        waiting: dict[tuple[object, ...], list[Load]] = defaultdict(list)
        for load in gone:
            waiting[key(load)].append(load)
        unpaired: list[Load] = []
        paired: set[int] = set()
        for load in new:
            partners = waiting.get(key(load))
            if not partners:
                unpaired.append(load)
                continue
            # Of several, one of the same standing: else a change of order would look like a lost gate.
            partner = next((one for one in partners if one.state == load.state), partners[0])
            partners.remove(partner)
            paired.add(id(partner))
            pairs.append((partner, load))
        gone = [load for load in gone if id(load) not in paired]
        new = unpaired
    return pairs, gone, new


def _consent_change(old: Load, now: Load) -> Change | None:
    if old.state == now.state:
        return None
    kind: ChangeKind
    if now.state == "ungated":
        kind = "ungated since"
    elif now.state == "unknown" and old.state == "gated":
        kind = "not provable since"
    elif now.state == "gated":
        kind = "re-gated"
    else:
        return None
    return _change(kind, now, now.ids, f"was {old.state}, is {now.state}" + (f": {now.why}" if now.why else ""))


def _came_or_went(loads: Sequence[Load], others: Sequence[Load], verb: Literal["added", "removed"]) -> list[Change]:
    """Changes of loads that only one side has; `others` are all loads of the other side."""
    other_services = {load.service for load in others}
    other_ids = {(load.service, account) for load in others for account in load.ids}
    of_service: dict[str, list[Load]] = defaultdict(list)
    of_id: dict[tuple[str, str], list[Load]] = defaultdict(list)
    found: list[Change] = []
    for load in loads:
        unknown_ids = [account for account in load.ids if (load.service, account) not in other_ids]
        if load.service not in other_services:
            of_service[load.service].append(load)
        elif unknown_ids:
            for account in unknown_ids:
                of_id[load.service, account].append(load)
        else:
            kind: ChangeKind = "load added" if verb == "added" else "load removed"
            found.append(_change(kind, load, load.ids, _described(load)))
    for group in of_service.values():
        kind = "service added" if verb == "added" else "service removed"
        ids = tuple(sorted({account for load in group for account in load.ids}))
        found.append(_change(kind, _first(group), ids, _summary(group)))
    for (_, account), group in of_id.items():
        kind = "id added" if verb == "added" else "id removed"
        found.append(_change(kind, _first(group), (account,), _summary(group)))
    return found


def _first(group: Sequence[Load]) -> Load:
    return min(group, key=lambda load: (load.state != "ungated", load.path, load.line))


def _described(load: Load) -> str:
    state = {"gated": "after consent", "ungated": "before consent", "not-required": "needs no consent"}
    return f"{load.category or 'unknown'}, {load.technique}, {state.get(load.state, 'consent not provable')}"


def _summary(group: Sequence[Load]) -> str:
    more = f"; {len(group)} loads" if len(group) > 1 else ""
    return _described(_first(group)) + more


def _change(kind: ChangeKind, load: Load, ids: tuple[str, ...], detail: str) -> Change:
    label = f"{load.name} ({', '.join(ids)})" if ids else load.name
    return Change(kind, label, load.place, detail, load.service, ids)
