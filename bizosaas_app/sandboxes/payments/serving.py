"""The sandbox's application: the three providers, and that each answer says what it is."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bizosaas_app.sandboxes.payments.paypal import PayPalSandbox
from bizosaas_app.sandboxes.payments.razorpay import RazorpaySandbox
from bizosaas_app.sandboxes.payments.stripe import StripeSandbox


class Sandbox:
    """An ASGI application that answers as the three providers do."""

    def __init__(self) -> None:
        self.stripe = StripeSandbox()
        self.paypal = PayPalSandbox()
        self.razorpay = RazorpaySandbox()
        self._app = Starlette(
            routes=[
                Mount("/stripe", routes=self.stripe.routes()),
                Mount("/paypal", routes=self.paypal.routes()),
                Mount("/razorpay", routes=self.razorpay.routes()),
            ]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with the header that says what answers."""

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), (b"x-sandbox", b"bizosaas")]
            await send(message)

        await self._app(scope, receive, marked)

    async def quiet(self) -> None:
        """Wait until every event has been sent."""
        for part in (self.stripe, self.paypal, self.razorpay):
            await part.till.quiet()


def build() -> ASGIApp:
    """Give a sandbox with nothing in it."""
    return Sandbox()
