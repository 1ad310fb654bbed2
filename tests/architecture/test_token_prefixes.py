"""Every sealed text of ours begins with a prefix from one list: no two kinds share one, and logs hide them all."""

from __future__ import annotations

import re
from pathlib import Path

from bizosaas_app.kernel import token_prefixes

PACKAGE = Path(token_prefixes.__file__).parents[1]


def test_no_two_kinds_of_token_share_a_prefix() -> None:
    assert len(set(token_prefixes.ALL)) == len(token_prefixes.ALL)


def test_no_module_makes_up_a_prefix_of_its_own() -> None:
    strays = {
        path.name: re.findall(r"""["'](bz[a-z]\d_)""", path.read_text())
        for path in PACKAGE.rglob("*.py")
        if path.name != "token_prefixes.py"
    }
    assert {name: found for name, found in strays.items() if found} == {}
