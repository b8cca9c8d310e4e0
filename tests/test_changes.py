"""What counts as a change between two scans: what happens to the visitor, not where the code stands."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracklint.changes import KINDS, ChangesError, Load, compare, read_report

GA = Load("1", "google-analytics", "Google Analytics", "analytics", "script-src", "a.html", 3, ("G-A1",), "gated")
HOTJAR = Load("2", "hotjar", "Hotjar", "analytics", "dynamic", "a.html", 9, ("123456",), "ungated")


def kinds(before: Sequence[Load], after: Sequence[Load]) -> list[str]:
    return [change.kind for change in compare(before, after)]


def but(load: Load, **values: object) -> Load:
    return load._replace(**values)  # type: ignore[arg-type]


def test_moving_editing_and_reformatting_is_no_change() -> None:
    assert kinds([GA, HOTJAR], [but(HOTJAR, line=1), but(GA, line=70)]) == []
    assert kinds([GA], [but(GA, id="9")]) == []
    assert kinds([GA], [but(GA, id="9", path="b.html")]) == []
    assert kinds([GA], [but(GA, id="9", path="b.html", technique="inline-script")]) == []


def test_services_ids_and_loads_come_and_go() -> None:
    second = but(GA, id="3", ids=("G-B2",))
    copy = but(GA, id="4", path="b.html")
    assert kinds([GA], [GA, HOTJAR]) == ["service added"]
    assert kinds([GA], [GA, second]) == ["id added"]
    assert kinds([GA], [GA, copy]) == ["load added"]
    assert kinds([GA, HOTJAR], [GA]) == ["service removed"]
    assert kinds([GA, second], [GA]) == ["id removed"]
    assert kinds([GA, copy], [GA]) == ["load removed"]
    assert kinds([GA], [second]) == ["id added", "id removed"]


def test_a_new_service_is_one_change_however_often_it_is_loaded() -> None:
    (change,) = compare([], [but(HOTJAR, id=str(number), line=number) for number in range(1, 6)])
    assert (change.label, change.place) == ("Hotjar (123456)", "a.html:1")
    assert change.detail == "analytics, dynamic, before consent; 5 loads"


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("gated", "ungated", ["ungated since"]),
        ("unknown", "ungated", ["ungated since"]),
        ("not-required", "ungated", ["ungated since"]),
        ("gated", "unknown", ["not provable since"]),
        ("ungated", "gated", ["re-gated"]),
        ("unknown", "gated", ["re-gated"]),
        ("ungated", "unknown", []),
        ("gated", "not-required", []),
    ],
)
def test_gates_are_lost_and_won(before: str, after: str, kind: list[str]) -> None:
    assert kinds([but(GA, state=before)], [but(GA, state=after)]) == kind
    # Also when the snippet itself was edited.
    assert kinds([but(GA, state=before)], [but(GA, id="9", state=after)]) == kind


def test_a_change_of_order_is_no_lost_gate() -> None:
    open_twin, gated_twin = but(GA, id="5", state="ungated"), but(GA, id="6")
    assert kinds([open_twin, gated_twin], [but(gated_twin, id="7"), but(open_twin, id="8")]) == []


loads = st.lists(
    st.builds(
        Load,
        id=st.sampled_from("abcdefgh"),
        service=st.sampled_from(["google-analytics", "hotjar"]),
        name=st.just("Service"),
        category=st.just("analytics"),
        technique=st.sampled_from(["script-src", "dynamic"]),
        path=st.sampled_from(["a.html", "b.html"]),
        line=st.integers(1, 5),
        ids=st.sampled_from([(), ("G-A1",), ("G-A1", "G-B2")]),
        state=st.sampled_from(["gated", "ungated", "unknown", "not-required"]),
    ),
    max_size=8,
)


@given(loads, loads)
def test_nothing_changes_against_itself_and_both_directions_agree(before: list[Load], after: list[Load]) -> None:
    assert compare(before, before) == ()
    there, back = compare(before, after), compare(after, before)
    assert {change.kind for change in there} <= set(KINDS)

    def count(changes: Sequence[object], verb: str) -> int:
        return sum(1 for change in changes if str(getattr(change, "kind", "")).endswith(verb))

    assert count(there, "added") == count(back, "removed")


@pytest.mark.parametrize("data", [b"", b"\xff", b"[]", b"{}", b'{"version": 2}', b"[" * 100_000])
def test_what_is_no_report_is_refused_with_the_way_out(data: bytes) -> None:
    with pytest.raises(ChangesError, match="--format json"):
        read_report(data, "old.json")


def test_an_incomplete_report_is_refused() -> None:
    data = json.dumps({"version": 1, "detections": [{"id": "1"}]}).encode()
    with pytest.raises(ChangesError, match=r"old\.json: a detection in it is incomplete"):
        read_report(data, "old.json")
