"""Methods of the object that a function makes at once, or that `new` makes, called from another file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tracklint.ruleset import load
from tracklint.scan import scan
from tracklint.source import Tree

RULES = load()
PAGE = (
    '<!doctype html><html><body><script src="/js/maps.js"></script><script src="/js/start.js"></script></body></html>'
)
LOADS = (
    "var tag = document.createElement('script'); tag.src = 'https://maps.googleapis.com/maps/api/js?callback=' + "
    "(options || {}).callback; document.body.appendChild(tag);"
)
MODULES = {
    "this": f"var siteMaps = (function () {{ this.fetchMaps = function (options) {{ {LOADS} }}; return this; }})();",
    "new function": f"var siteMaps = new function () {{ this.fetchMaps = function (options) {{ {LOADS} }}; }};",
    "returned": f"var siteMaps = (function () {{ return {{ fetchMaps: function (options) {{ {LOADS} }} }}; }})();",
    "revealed": f"var siteMaps = (function () {{ function go(options) {{ {LOADS} }} return {{ fetchMaps: go }}; }})();",
    "by a name": f"var siteMaps = (function () {{ var own = {{}}; own.fetchMaps = function (options) {{ {LOADS} }}; return own; }}());",
    "of window": f"window.siteMaps = (function () {{ return {{ fetchMaps: function (options) {{ {LOADS} }} }}; }})();",
    "constructor": f"function Maps() {{ this.fetchMaps = function (options) {{ {LOADS} }}; }}\nvar siteMaps = new Maps();",
    "class": f"class Maps {{ fetchMaps(options) {{ {LOADS} }} }}\nvar siteMaps = new Maps();",
}
ANSWERED = "document.cookie.indexOf('cookie_consent=accepted') > -1"


def verdicts(files: Mapping[str, str], path: str = "js/maps.js") -> set[str]:
    contents = {name: text.encode() for name, text in {"index.html": PAGE, **files}.items()}
    paths = tuple(sorted(contents))
    tree = Tree(Path("/site"), paths, paths, (), contents.__getitem__, lambda name: len(contents[name]))
    return {
        one.consent.state
        for one in scan(tree, RULES, jobs=1).detections
        if one.path == path and one.service == "google-maps"
    }


@pytest.mark.parametrize("module", MODULES.values(), ids=MODULES)
def test_the_call_in_another_file_decides(module: str) -> None:
    start = "$(function () { siteMaps.fetchMaps({ callback: 'drawMap' }); });"
    assert verdicts({"js/maps.js": module, "js/start.js": start}) == {"ungated"}
    asked = f"$(function () {{ if ({ANSWERED}) siteMaps.fetchMaps(); }});"
    assert verdicts({"js/maps.js": module, "js/start.js": asked}) == {"gated"}


def test_another_objects_method_of_that_name_is_none_of_its_calls() -> None:
    start = "$(function () { others.fetchMaps(); });"
    assert verdicts({"js/maps.js": MODULES["this"], "js/start.js": start}) == {"unknown"}


def test_a_function_that_an_option_names_as_callback_runs_when_the_script_is_in() -> None:
    draws = "function drawSiteMap() { new google.maps.Map(document.getElementById('map'), {}); }"
    start = f"$(function () {{ siteMaps.fetchMaps({{ callback: 'drawSiteMap' }}); }});\n{draws}"
    assert verdicts({"js/maps.js": MODULES["this"], "js/start.js": start}, "js/start.js") == {"ungated"}
    asked = f"$(function () {{ if ({ANSWERED}) siteMaps.fetchMaps({{ callback: 'drawSiteMap' }}); }});\n{draws}"
    assert verdicts({"js/maps.js": MODULES["this"], "js/start.js": asked}, "js/start.js") == {"gated"}
