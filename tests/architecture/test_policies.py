"""Deny by default, over everything that can be called: event handlers, operations, HTTP routes, pages."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from reflex_base.registry import RegistrationContext
from starlette.routing import Mount, Route

import bizosaas_app.bizosaas_app as root
from bizosaas_app.gateway.http.app import API_PREFIX, build_api, scraper
from bizosaas_app.gateway.http.errors import _refuse_unknown as refuse_unknown
from bizosaas_app.gateway.http.identity import leaving, optional_actor, own_page, signed_in
from bizosaas_app.gateway.http.sqladmin.access import DatabaseConsole
from bizosaas_app.gateway.pipeline import OPERATIONS, SIGNED_IN, Operation
from bizosaas_app.gateway.routes import ROUTES
from bizosaas_app.kernel.permissions import PERMISSIONS, ROLE_PERMISSIONS
from bizosaas_app.kernel.settings import get_settings
from pages.routes import PAGES
from state.policy import INTERNALS, PUBLIC, find_policy

REFUSED = ("setvar", "update_vars_internal")
"""Handlers that Reflex adds to every state; nobody may call them."""

PUBLIC_HANDLERS = {"go_home"}
PUBLIC_ROUTES = {
    ("POST", "/api/v1/auth/login"),
    ("POST", "/api/v1/auth/refresh"),
    ("POST", "/api/v1/auth/register"),
    ("POST", "/api/v1/auth/forgot-password"),
    ("POST", "/api/v1/auth/reset-password"),
    ("GET", "/api/v1/notifications/unsubscribe"),
    ("POST", "/api/v1/notifications/unsubscribe"),
    ("GET", "/.well-known/jwks.json"),
    ("GET", "/health"),
    ("GET", "/health/live"),
    ("GET", "/r/{code}"),
    ("POST", "/webhooks/payments/{public_id}"),
    ("GET", "/c/{token}"),
    ("GET", "/showcase/{slug}"),
    ("GET", "/showcase/{slug}/image.png"),
    ("GET", "/showcase/inter.woff2"),
    ("GET", "/showcase/icon.svg"),
    ("GET", "/sitemap.xml"),
    ("GET", "/approve/{token}"),
    ("POST", "/approve/{token}"),
    ("GET", "/api/docs"),
    ("GET", "/api/docs/swagger-ui-bundle.js"),
    ("GET", "/api/docs/swagger-ui.css"),
    ("GET", "/api/docs/favicon.png"),
}


def handlers() -> dict[str, object]:
    assert root.app is not None
    return {
        name: registered
        for name, registered in RegistrationContext.get().event_handlers.items()
        if name.rpartition(".")[2] not in REFUSED
    }


def test_every_event_handler_declares_who_may_call_it() -> None:
    undeclared = [name for name in handlers() if find_policy(name) is None]
    assert not undeclared


def test_the_check_finds_a_handler_without_a_policy() -> None:
    """The control: Reflex's own `setvar` has none."""
    assert any(name.endswith(".setvar") for name in RegistrationContext.get().event_handlers)
    assert find_policy("reflex___state____state.setvar") is None


def test_handlers_ask_for_permissions_that_exist() -> None:
    asked = {name: find_policy(name) for name in handlers()}
    known = {*PERMISSIONS, PUBLIC, SIGNED_IN}
    assert not {name: rule for name, rule in asked.items() if rule is None or rule.permission not in known}


def test_only_the_named_handlers_are_public() -> None:
    public = {
        name.rpartition(".")[2]
        for name in handlers()
        if name not in INTERNALS and (rule := find_policy(name)) is not None and rule.permission == PUBLIC
    }
    assert public == PUBLIC_HANDLERS


def test_every_operation_asks_for_a_permission_that_exists() -> None:
    known = {*PERMISSIONS, SIGNED_IN}
    assert OPERATIONS
    assert not [
        item.name
        for item in OPERATIONS.values()
        if isinstance(item, Operation) and not {item.permission, *item.also} <= known
    ]


def _flat(dependant: Dependant) -> Iterator[Dependant]:
    for dependency in dependant.dependencies:
        yield dependency
        yield from _flat(dependency)


def served() -> Iterator[tuple[str, set[str], set[object]]]:
    """Give path, methods and guards of every route, those of included routers too."""
    for context in iter_route_contexts(build_api(get_settings()).routes):
        if isinstance(context.original_route, APIRoute) and context.endpoint is not refuse_unknown:
            guards = {dependency.call for dependency in _flat(context.dependant)}
            yield context.path or "", context.methods or set(), guards


def test_every_route_is_guarded_or_named_as_public() -> None:
    routes = list(served())
    assert len(routes) > 30
    unguarded = {
        (method, path)
        for path, methods, guards in routes
        if guards.isdisjoint({signed_in, own_page, optional_actor, leaving, scraper})
        for method in methods
    }
    assert unguarded == PUBLIC_ROUTES


def test_the_only_other_application_is_the_console_behind_its_own_door() -> None:
    routes = [route for route in build_api(get_settings()).routes if isinstance(route, (Mount, Route))]
    foreign = {route.path: route.app for route in routes if not hasattr(getattr(route, "endpoint", None), "__code__")}
    assert {path for path, app in foreign.items() if isinstance(app, DatabaseConsole)} == {"/sqladmin"}
    assert {path for path in foreign if not isinstance(foreign[path], DatabaseConsole)} == set()


def test_every_api_route_stands_under_a_prefix_of_the_route_table() -> None:
    prefixes = tuple(API_PREFIX + group.prefix for group in ROUTES)
    paths = {path for path, _, _ in served() if path.startswith(API_PREFIX)}
    assert len(paths) > 20
    assert not {path for path in paths if not path.startswith(prefixes)}


def test_every_page_opens_through_a_handler_with_a_policy_or_shows_nothing_of_ours() -> None:
    open_pages = {spec.route for spec in PAGES if not spec.on_load}
    assert open_pages == {"/login", "/forgot-password", "/reset-password", "/register", "/unsubscribe", "404"}


def test_every_permission_belongs_to_a_role() -> None:
    held = {permission for permissions in ROLE_PERMISSIONS.values() for permission in permissions}
    assert held == set(PERMISSIONS)
