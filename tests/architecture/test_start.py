"""What the server takes for granted when it starts."""

from __future__ import annotations

import bizosaas_app.bizosaas_app as root


def test_no_page_makes_classes_of_states_as_it_is_drawn() -> None:
    for route in list(root.app._unevaluated_pages):
        root.app._compile_page(route, save_page=False)
    assert len(root.app._evaluated_pages) > 30
    assert root.app._stateful_pages == {}
