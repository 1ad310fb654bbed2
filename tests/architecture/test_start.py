"""What the server takes for granted when it starts."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.support.servers import ROOT

DRAWN = """
import json
import bizosaas_app.bizosaas_app as root
for route in list(root.app._unevaluated_pages):
    root.app._compile_page(route, save_page=False)
print(json.dumps([len(root.app._evaluated_pages), list(root.app._stateful_pages)]))
"""


def test_no_page_makes_classes_of_states_as_it_is_drawn() -> None:
    """In a process of its own: a class that an earlier test had made would not be seen as new."""
    done = subprocess.run([sys.executable, "-c", DRAWN], cwd=ROOT, capture_output=True, text=True, check=True)
    drawn, stateful = json.loads(done.stdout.splitlines()[-1])
    assert drawn > 30
    assert stateful == []
