"""The same tracker, held back in one place and open in another: a gate that is walked around.

Or a gate that holds for both: what a page asks of a service's script does nothing until that script is there.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from tracklint.model import UNSTARTED, Consent, Detection, Hop


def pair_up(detections: Iterable[Detection]) -> list[Detection]:
    """The detections in their order; an open one with a gated one of the same service names it in `consent.broken`.

    A <noscript> twin is compared within its file only. What is broken for a reason of its own keeps that reason first.
    An open call of a service whose script waits in the same file, and is nowhere open, waits with it.
    """
    every = _with_their_scripts(list(detections))
    gated: dict[str, list[Detection]] = {}
    for detection in every:
        waits = detection.consent.state == "gated" and detection.consent.mechanism not in UNSTARTED
        if waits and detection.service != "host:dynamic":
            gated.setdefault(detection.service, []).append(detection)
    return [_told(detection, gated.get(detection.service, ())) for detection in every] if gated else every


# How the script of a service comes into a page.
_SCRIPTS = frozenset({"script-src", "inline-script", "dynamic", "import", "bundle"})


def _with_their_scripts(every: list[Detection]) -> list[Detection]:
    waiting: dict[tuple[str, str], list[Detection]] = {}
    for one in every:
        if one.technique in _SCRIPTS and one.consent.state == "gated" and one.consent.mechanism not in UNSTARTED:
            waiting.setdefault((one.service, one.path), []).append(one)
    if not waiting:
        return every
    here = [one for one in every if one.technique in _SCRIPTS and one.consent.state != "gated"]
    return [_waiting(one, script) if (script := _script_of(one, waiting, here)) is not None else one for one in every]


def _script_of(
    call: Detection, waiting: Mapping[tuple[str, str], Sequence[Detection]], here: Sequence[Detection]
) -> Detection | None:
    """The waiting script without which an open call only fills a list, or fails."""
    if call.technique != "api-call" or call.consent.state != "ungated":
        return None
    scripts = [one for one in waiting.get((call.service, call.path), ()) if same_account(one, call)]
    if not scripts or any(
        one.service == call.service or (one.kind == "tag-manager" and one.path == call.path) for one in here
    ):
        return None
    return min(scripts, key=lambda one: abs(one.line - call.line))


def _waiting(call: Detection, script: Detection) -> Detection:
    held = script.consent
    why = f"it does nothing without the script at {script.path}:{script.line}, which waits"
    hop = Hop(script.path, script.line, "the script that it needs waits for consent here")
    consent = Consent("gated", held.mechanism, held.category, (script.path, script.line), why, (hop, *held.chain))
    return dataclasses.replace(call, consent=consent)


def _told(detection: Detection, gated: Iterable[Detection]) -> Detection:
    consent = detection.consent
    if consent.state != "ungated" or consent.mechanism in ("hint", "consent-mode", "staff", "off"):
        return detection
    same = [other for other in gated if _may_be_twins(other, detection)]
    noscript = consent.mechanism == "noscript"
    if noscript:
        same = [other for other in same if other.path == detection.path]
    if not same:
        return detection
    twin = min(same, key=lambda other: (other.path != detection.path, other.path, abs(other.line - detection.line)))
    waits = "a click" if twin.consent.mechanism == "facade" else "consent"
    place = f"{twin.path}:{twin.line}"
    broken = (
        f"the script at {place} waits for consent, its <noscript> twin does not"
        if noscript
        else f"it waits for {waits} at {place}, but not here"
    )
    if (own := _its_own_reason(consent)) is not None:
        broken = own if noscript else f"{own}; {broken}"
    told = dataclasses.replace(consent, broken=broken, twin=Hop(twin.path, twin.line, twin.consent.mechanism))
    return dataclasses.replace(detection, consent=told)


def _its_own_reason(consent: Consent) -> str | None:
    """What is broken, if it is more telling than that nothing ties the tag to a manager."""
    return None if consent.broken is None or "nothing ties this" in consent.broken else consent.broken


def _may_be_twins(gated: Detection, detection: Detection) -> bool:
    """Whether two loads of a service are of one kind: a picture is no twin of a player, but in <noscript> of a script."""
    pictures = (gated.technique == "image", detection.technique == "image")
    alike = pictures[0] == pictures[1] or detection.consent.mechanism == "noscript"
    return alike and same_account(gated, detection)


def same_account(known: Detection, other: Detection) -> bool:
    """Whether what is known of one detection of a service may be said of another: their accounts do not differ.

    In another file an account that cannot be told may be anybody's; what is done for every account is done for each.
    """
    if known.ids and other.ids:
        return bool(set(known.ids) & set(other.ids))
    return not known.ids or known.path == other.path
