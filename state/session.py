"""Who is signed in, for the frame around every page. Other states inherit it to know their actor."""

from __future__ import annotations

from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from bizosaas_app.gateway import identity, overview
from bizosaas_app.gateway.contracts.overview import ReadOverview
from bizosaas_app.gateway.contracts.tenants import AccentView
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import NotSignedIn
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.kernel.permissions import PLATFORMS, ROLE_HOME, ROLE_NAMES
from state import words
from state.policy import PUBLIC, SIGNED_IN, policy
from state.rows import BrandRow, Choice


class SessionState(rx.State):
    """The signed-in person as the frame shows them. Nothing here is trusted: it is for drawing only."""

    is_ready: bool = False
    name: str = ""
    first_name: str = ""
    initials: str = ""
    email: str = ""
    role_label: str = ""
    tenant_name: str = ""
    tenant_initials: str = ""
    platform: str = ""
    platform_label: str = ""
    platforms: list[Choice] = []
    permissions: list[str] = []
    home_path: str = "/portal"
    notice: str = ""
    unread_count: int = 0
    brand: BrandRow = {"light": {}, "dark": {}}
    """The shades of the tenant's brand, by theme; nothing where the product's own accent is shown."""

    _next_notice: str = ""
    """What the next page says on opening; one page only."""
    _told_from: str = ""
    """The page that left it there: opened once more before one has gone on, it does not say it itself."""
    _notice_path: str = ""
    """The page that says the present notice."""
    _session_id: str = ""
    """The session that this tab's view state belongs to; the gate sets it."""
    _visit: int = 0
    """Which visit of a page this is, of those in this tab; the gate counts. A load may come again within one."""

    @rx.event
    @policy(SIGNED_IN, page_load=True)
    async def enter(self) -> None:
        """Fill the frame as a page opens."""
        actor = await self._actor()
        frame = await overview.read_frame(actor, ReadOverview())
        self._say_notice()
        self.email = actor.email
        self._call_me(actor.name)
        self.role_label = ROLE_NAMES.get(actor.role, actor.role)
        self.tenant_name = frame.tenant_name
        self.tenant_initials = words.initials(frame.tenant_name)
        self.platform = actor.platform
        self.platform_label = PLATFORMS.get(actor.platform, actor.platform)
        self.platforms = [Choice(value=key, label=PLATFORMS.get(key, key)) for key in actor.allowed_platforms]
        self.permissions = sorted(actor.permissions)
        self.home_path = ROLE_HOME.get(actor.role, "/portal")
        self.unread_count = frame.unread_notifications
        self._wear(frame.accent)
        self.is_ready = True

    def _call_me(self, name: str) -> None:
        """Show the person's name."""
        self.name, self.initials = name, words.initials(name)
        self.first_name = name.split(maxsplit=1)[0] if name else ""

    def _wear(self, accent: AccentView | None) -> None:
        """Have the pages show the tenant's brand."""
        light, dark = (accent.light.variables, accent.dark.variables) if accent else ({}, {})
        self.brand = BrandRow(light=light, dark=dark)

    def _tell_next(self, text: str) -> None:
        """Have the page that is opened after this one say something."""
        self._next_notice, self._told_from = text, self.router.url.path.rstrip("/")

    def _say_notice(self) -> None:
        """Show what waits to be said on the page that opens; opening that page once more leaves it there."""
        path = self.router.url.path.rstrip("/")
        if self._next_notice and path != self._told_from:
            self.notice, self._next_notice, self._notice_path = self._next_notice, "", path
        elif path != self._notice_path:
            self.notice = ""

    @rx.event
    @policy(PUBLIC)
    async def go_home(self) -> EventSpec:
        """Lead a visitor of `/` to their home page, or to the login page."""
        try:
            actor = await self._actor()
        except NotSignedIn:
            return rx.redirect("/login")
        return rx.redirect(ROLE_HOME.get(actor.role, "/portal"))

    @rx.event
    @policy(SIGNED_IN)
    def dismiss_notice(self) -> None:
        """Take the notice away."""
        self.notice = ""

    def _arrive(self) -> None:
        """Put away what an earlier visit of the page has left; the first thing that a load does."""

    def _belongs_to(self, actor: Actor) -> bool:
        """Say whether this view state is still the actor's: what they began must not write into somebody else's."""
        return self._session_id == str(actor.session_id)

    async def _actor(self) -> Actor:
        """Give the verified actor of the socket that sent the current event; raises `NotSignedIn`.

        The handshake's cookie cannot change while the socket is open, so its access token may have run out; it
        still names the session, and the session's record, asked each time, is the authority.
        """
        headers = self.router.headers
        return await identity.authenticate_socket(
            headers.cookie or "",
            bound_session=UUID(self._session_id) if self._session_id else None,
            request_id=str(new_id()),
            address=self.router.session.client_ip,
            user_agent=headers.user_agent,
        )
