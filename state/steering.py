"""Acts on a thing that runs by itself: it pauses, goes on or ends, and the page says what came of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import reflex as rx
from pydantic import ValidationError

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import AppError
from state.area import Next, refusal
from state.named import NamedState


class SteeringState(NamedState, mixin=True):
    """A thing that a page's address names and that can be steered. A class that takes it names its `GUARD`."""

    is_busy: bool = False

    async def _steer(self, work: Callable[[Actor], Awaitable[str]], *after: Next) -> AsyncIterator[Next]:
        """Do something to the thing; tell what `work` says came of it, or why it could not be done.

        Whatever came of it, the thing is read again, and `after` has the page's other parts read as well.
        """
        self.is_busy = True
        yield None
        try:
            said: Next = rx.toast.success(await work(await self._actor()))
        except (AppError, ValidationError) as error:
            said = refusal(error)
        finally:
            self.is_busy = False
            await self._reread()
        yield [said, *after]
