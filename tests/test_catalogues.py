"""A library's catalogue of map tiles, out of which a site takes what it names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tracklint.ruleset import load
from tracklint.scan import scan
from tracklint.source import Tree

RULES = load()
NAMES = ["Plain", "Hills", "Roads", "Rails", "Coast", "Lakes", "Towns", "Parks"]
ASK = "L.Tiles.prototype.init = function (name) { var all = L.Tiles.all; L.tileLayer(all[name].url); };"


def catalogue(names: list[str] = NAMES, ask: str = ASK) -> str:
    rows = "".join(
        f"{name}: {{ url: 'https://{{s}}.{name.lower()}-tiles.net/{{z}}/{{x}}/{{y}}.png', options: {{ credit: "
        f"'<img src=\"https://logo.{name.lower()}-tiles.net/a.png\">' }}, variants: {{ Day: {{}}, "
        f"Night: {{ url: 'https://{{s}}.{name.lower()}-night.net/{{z}}/{{x}}/{{y}}.png' }} }} }},\n"
        for name in names
    )
    return f"(function (L) {{ {ask} L.Tiles.all = {{ {rows} }}; }})(L);"


def hosts(files: Mapping[str, str]) -> set[str | None]:
    contents = {path: text.encode() for path, text in files.items()}
    paths = tuple(sorted(contents))
    tree = Tree(Path("/site"), paths, paths, (), contents.__getitem__, lambda path: len(contents[path]))
    return {one.host for one in scan(tree, RULES, jobs=1).detections if one.path == "js/tiles.js"}


ALL = {
    f"{start}{name.lower()}-{end}.net"
    for name in NAMES
    for start, end in (("", "tiles"), ("", "night"), ("logo.", "tiles"))
}


def test_only_the_row_that_another_file_names_is_loaded() -> None:
    found = hosts({"js/tiles.js": catalogue(), "js/map.js": "new L.Tiles('Hills').addTo(map);"})
    assert found == {"hills-tiles.net", "hills-night.net", "logo.hills-tiles.net"}


@pytest.mark.parametrize("path", ["js/map.js", "app/models/maps.rb", "templates/map.php"])
def test_a_named_variant_leaves_the_others(path: str) -> None:
    found = hosts({"js/tiles.js": catalogue(), path: "layer: 'Roads.Day'"})
    assert found == {"roads-tiles.net", "logo.roads-tiles.net"}
    assert "roads-night.net" in hosts({"js/tiles.js": catalogue(), path: "layer: 'Roads.Night'"})


@pytest.mark.parametrize(
    "files",
    [
        {},  # nobody knows what is asked for
        {"README.md": "`new L.Tiles('Hills')`"},
        {"js/map.js": "for (var name in L.Tiles.all) add(name, 'Hills');"},
        {"js/tiles.js": catalogue(ask=f"{ASK} for (var one in L.Tiles.all) add(one);"), "js/map.js": "show('Hills')"},
        {"js/tiles.js": catalogue(ask=f"{ASK} add(L.Tiles.all);"), "js/map.js": "show('Hills')"},
    ],
)
def test_a_catalogue_that_may_be_taken_whole_is_told_whole(files: dict[str, str]) -> None:
    assert hosts({"js/tiles.js": catalogue(), **files}) == ALL


def test_of_few_rows_each_has_its_use() -> None:
    found = hosts({"js/tiles.js": catalogue(NAMES[:3]), "js/map.js": "new L.Tiles('Hills')"})
    assert "plain-tiles.net" in found
