"""Reflex without us: one state with one handler that counts, for what a click costs at the least."""

from __future__ import annotations

from typing import Final

import reflex as rx
from reflex.constants import Env
from reflex_base.environment import environment
from starlette.types import ASGIApp


class ClickerState(rx.State):
    """A number."""

    clicks: int = 0

    @rx.event
    def click(self) -> None:
        """Count."""
        self.clicks += 1


CLICK: Final = f"{ClickerState.get_full_name()}.click"
SIGN: Final = b"clicks_rx_state_"


def build() -> ASGIApp:
    """Give the application as `reflex run --env prod --backend-only` would."""
    environment.REFLEX_ENV_MODE.set(Env.PROD)
    environment.REFLEX_BACKEND_ONLY.set(True)
    environment.REFLEX_SKIP_COMPILE.set(True)
    app = rx.App()
    app.add_page(lambda: rx.text(ClickerState.clicks), route="/")
    return app()
