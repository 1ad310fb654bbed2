"""The payment set-up's ties: its buttons ask the provider, and completing it activates the account."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway import payment_runs, payment_views
from bizosaas_app.gateway.contracts.wizards import FinishView, LinkView, PreviewView
from bizosaas_app.gateway.wizard_bindings.binding import Binding, Order, Secrets
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import AppError, InputInvalid
from bizosaas_app.kernel.money import Money
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services.payments import accounts, activation, checks, formats, vaulting
from bizosaas_app.services.payments.accounts import Wish
from bizosaas_app.services.payments.activation import NotReady
from bizosaas_app.services.payments.formats import FIELDS
from bizosaas_app.services.payments.markets import MARKETS, country_name
from bizosaas_app.services.tenants import records
from bizosaas_app.services.wizards import drafts
from bizosaas_app.services.wizards.catalogue.payments import CURRENCIES
from bizosaas_app.services.wizards.conditions import Raw
from models import PaymentAccount, PaymentCheck

Outcome = Mapping[str, Any]

_KIND_OF: Final = {"registration": "webhook", "payment": "payment", "refund": "refund"}
_DONE: Final = {"webhook": "Events are sent to us", "payment": "Collected", "refund": "Given back"}
_STATES: Final = {"not_attempted": "Not attempted", "registered": "Registered", "failed": "Failed"}


async def _keep_secret(actor: Actor, draft_id: UUID, key: str, value: str) -> str:
    """Keep a credential until it is tried; one of the wrong form is refused at once."""
    async with unit_of_work(actor) as session:
        answers = (await drafts.get_draft(session, actor, draft_id)).answers
    fault = formats.problem(str(answers.get("provider", "")), str(answers.get("mode") or "test"), key, value)
    if fault:
        raise InputInvalid({key: fault})
    await vaulting.keep_typed(resources().secrets, actor.tenant_id, draft_id, key, value)
    return formats.mask(value)


async def _forget_secrets(actor: Actor, draft_id: UUID, keys: Iterable[str]) -> None:
    """Forget what was typed; what the account has taken over lies under names of its own."""
    await vaulting.forget_typed(resources().secrets, actor.tenant_id, draft_id, keys)


async def _list_secrets() -> Mapping[UUID, Mapping[UUID, Iterable[str]]]:
    return await vaulting.list_typed(resources().secrets)


async def _credentials(actor: Actor, order: Order) -> Outcome:
    try:
        return await _try_credentials(actor, order)
    except InputInvalid as error:
        return _failed(next(iter(error.fields.values())))
    except AppError as error:
        return _failed(error.message)


async def _try_credentials(actor: Actor, order: Order) -> Outcome:
    """Open the draft's account, or make it what the answers say now, and have the provider take what was typed."""
    wish = _wish(order)
    async with unit_of_work(actor) as session:
        made = await accounts.open_account(session, actor, wish, draft_id=order.draft_id, now=utc_now())
    account = await payment_runs.revise(actor, made.id, wish)
    keys, store = [field.key for field in FIELDS[wish.provider]], resources().secrets
    # What has been taken already is not typed again; what was typed takes its place.
    known = await vaulting.read_credentials(store, account) if account.credentials_id else {}
    typed = await vaulting.read_typed(store, actor.tenant_id, order.draft_id, keys)
    await payment_runs.set_credentials(actor, account.id, {**known, **typed})
    await vaulting.forget_typed(store, actor.tenant_id, order.draft_id, typed)
    async with unit_of_work(actor) as session:
        account = await accounts.get(session, account.id)
    if MARKETS[wish.provider].is_registered_by_hand:
        await payment_runs.make_secret(actor, account, renew=False)
    says = f"{MARKETS[wish.provider].name} takes them" + (" (a sandbox)" if account.is_sandbox else "")
    return {"state": "passed", "says": says}


def _wish(order: Order) -> Wish:
    """Give the account that the answers ask for; raises `InputInvalid` without its name, which no button asks for."""
    if "name" not in order.values:
        raise InputInvalid({"name": "Enter the name of the account first"})
    return Wish(**{name: order.values[name] for name in ("name", "provider", "country", "currency", "mode")})


def _check(field: str) -> Callable[[Actor, Order], Awaitable[Outcome]]:
    kind = _KIND_OF[field]

    async def act(actor: Actor, order: Order) -> Outcome:
        async with unit_of_work(actor) as session:
            account = await accounts.find_by_draft(session, order.draft_id)
            known = await checks.latest(session, account.id) if account else {}
        if account is None:
            return _failed("Check the credentials first")
        if kind == "payment" and activation.is_passed(account, known.get(kind)):
            return _said(known[kind])  # the provider's event was faster than the button: nobody pays twice
        try:
            await payment_runs.begin(actor, account.id, kind)
        except AppError as error:
            return _failed(error.message)
        async with unit_of_work(actor) as session:
            return _said((await checks.latest(session, account.id))[kind])

    return act


def _said(check: PaymentCheck) -> Outcome:
    """Give a check as the outcome of a button."""
    if check.state == "passed":
        money = Money(check.amount, check.currency)
        amount = "" if check.kind == "webhook" else f": {money.amount:f} {money.currency}"
        return {"state": "passed", "says": f"{_DONE[check.kind]}{amount}"}
    if check.state == "waiting" and check.action_url:
        return {"state": "waiting", "says": "Pay at the provider's page, then press again", "href": check.action_url}
    if check.state in ("waiting", "running"):
        return {"state": "waiting", "says": "The provider is still at work; press again in a moment"}
    return _failed(check.failure or "It has not passed")


def _failed(says: str) -> Outcome:
    return {"state": "failed", "says": says}


async def _address(session: AsyncSession, _actor: Actor, order: Order) -> PreviewView:
    """Show where events go; for a provider that a person tells it, also where the secret is to be had meanwhile."""
    title = "Address for events"
    account = await accounts.find_by_draft(session, order.draft_id)
    if account is None or account.state == "draft" or account.provider != order.values.get("provider"):
        return PreviewView(title=title, note="Check the credentials first")
    facts = [("Address", payment_views.url_of(account)), ("Status", _STATES[account.webhook_state])]
    if account.webhook_failure:
        facts.append(("Reason", account.webhook_failure))
    if not MARKETS[account.provider].is_registered_by_hand:
        return PreviewView(title=title, facts=facts, tone="bad" if account.webhook_failure else "neutral")
    is_wanted = account.webhook_state != "registered"
    name = MARKETS[account.provider].name
    note = f"Enter address and secret in {name}'s dashboard under Webhooks, with the payment, payment link and refund"
    return PreviewView(
        title=title,
        facts=facts,
        note=f"{note} events; the first event shows that it works.",
        tone="warn",
        secret_path=f"/api/v1/payments/accounts/{account.id}/webhook/secret" if is_wanted else "",
    )


async def _progress(session: AsyncSession, _actor: Actor, order: Order) -> PreviewView:
    account = await accounts.find_by_draft(session, order.draft_id)
    if account is None:
        return PreviewView(title="Still to do", note="Check the credentials first")
    known = await checks.latest(session, account.id)
    lacking = activation.missing(account, known)
    words = activation.WORDS
    facts = [(text.capitalize(), "missing" if name in lacking else "done") for name, text in words.items()]
    note = f"Missing: {', '.join(words[name] for name in lacking)}" if lacking else "All is done: activate the account"
    return PreviewView(title="Before it goes into use", facts=facts, note=note, tone="warn" if lacking else "good")


async def _complete(session: AsyncSession, actor: Actor, order: Order) -> FinishView:
    await activation.make_ready(session, actor)
    found = await accounts.find_by_draft(session, order.draft_id)
    if found is None:
        raise NotReady("Check the credentials first")
    account = await accounts.revise(session, actor, found.id, _wish(order), now=order.now)  # its name may be another
    known = await checks.latest(session, account.id)
    await activation.activate(session, actor, account, known, now=order.now)
    return FinishView(
        title=f"{account.name} takes payments",
        text=f"{MARKETS[account.provider].name} is active in {account.mode} mode.",
        subject=f"payment_account:{account.id}",
        facts=_facts(account),
        links=[LinkView(label="Open the overview", href="/admin")],
    )


def _facts(account: PaymentAccount) -> list[tuple[str, str]]:
    facts = [
        ("Provider", MARKETS[account.provider].name),
        ("Country", country_name(account.country)),
        ("Currency", account.currency),
        ("Mode", account.mode.capitalize()),
    ]
    return [*facts, ("Sandbox", "A sandbox stood in for the provider")] if account.is_sandbox else facts


async def _known(session: AsyncSession, actor: Actor) -> Mapping[str, Raw]:
    """Give the organisation's own currency where some provider takes it: the rest nobody knows but the person."""
    currency = (await records.get_tenant(session, actor.tenant_id)).currency
    return {"currency": currency} if currency in CURRENCIES else {}


BINDING: Final = Binding(
    complete=_complete,
    known=_known,
    previews={"address": _address, "progress": _progress},
    acts={"credentials": _credentials, **{field: _check(field) for field in _KIND_OF}},
    secrets=Secrets(_keep_secret, _forget_secrets, _list_secrets),
)
