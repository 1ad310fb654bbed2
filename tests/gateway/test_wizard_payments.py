"""The payment set-up as a wizard: three steps, buttons that ask the provider, and an account that is activated once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import select

from bizosaas_app.gateway import job_runner, wizard_rounds, wizards
from bizosaas_app.gateway.contracts.wizards import (
    ContinueStep,
    DraftField,
    DraftId,
    DraftView,
    GoToStep,
    KeepSecret,
    OpenWizard,
    PreviewView,
    SaveAnswers,
)
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import AppError, InputInvalid
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.services.payments import vaulting
from bizosaas_app.services.wizards.operations import DraftClosed
from models import AuditEntry, GamificationEvent, PaymentAccount
from tests.support.payments import ADMIN, CREDENTIALS, MARKET, Till, open_till
from tests.support.world import World

PROVIDERS = ["stripe", "paypal", "razorpay"]


@pytest.fixture(params=PROVIDERS)
async def till(world: World, request: pytest.FixtureRequest) -> AsyncIterator[Till]:
    async with open_till(world, request.param) as made:
        yield made


@pytest.fixture
async def stripe(world: World) -> AsyncIterator[Till]:
    async with open_till(world, "stripe") as made:
        yield made


class Person:
    """An administrator at the payment set-up."""

    def __init__(self, till: Till) -> None:
        self.till = till
        self.view: DraftView

    async def open(self) -> DraftView:
        self.view = await wizards.open_wizard(await self._actor(), OpenWizard(wizard="payments"))
        return self.view

    async def go_on(self, **answers: Any) -> DraftView:
        command = ContinueStep(
            draft_id=self.view.draft_id, answers=answers, seen=self.view.version, step=self.view.step
        )
        self.view = await wizards.continue_step(await self._actor(), command)
        return self.view

    async def choose(self, **changes: Any) -> DraftView:
        country, currency = MARKET[self.till.provider]
        chosen = {"name": "Shop", "provider": self.till.provider, "mode": "test"}
        return await self.go_on(**{**chosen, "country": country, "currency": currency, **changes})

    async def type(self, **fields: str) -> DraftView:
        for key, value in fields.items():
            command = KeepSecret(draft_id=self.view.draft_id, field=key, value=value)
            self.view = await wizards.keep_secret(await self._actor(), command)
        return self.view

    async def press(self, field: str) -> dict[str, Any]:
        """Press a button; give its outcome."""
        command = DraftField(draft_id=self.view.draft_id, field=field)
        self.view = await wizards.act(await self._actor(), command)
        return dict(next(item.answer for item in self.view.fields if item.key == field) or {})

    async def see(self, field: str) -> PreviewView:
        return await wizards.preview(await self._actor(), DraftField(draft_id=self.view.draft_id, field=field))

    async def come_to_the_end(self) -> None:
        """Fill everything, so that only completing is left."""
        await self.open()
        await self.choose()
        await self.type(**CREDENTIALS[self.till.provider])
        await self.press("credentials")
        await self.press("registration")
        await self.go_on()
        await self.pay()
        await self.press("refund")
        await self.till.sandbox.quiet()

    async def complete(self) -> DraftView:
        self.view = await wizards.complete(await self._actor(), DraftId(draft_id=self.view.draft_id))
        return self.view

    async def pay(self) -> dict[str, Any]:
        """Make the test payment, going to the page that is named."""
        outcome = await self.press("payment")
        if outcome["state"] == "waiting":
            async with httpx.AsyncClient(trust_env=False) as buyer:
                await buyer.post(outcome["href"])
            outcome = await self.press("payment")
        return outcome

    async def _actor(self) -> Any:
        return await self.till.world.actor(ADMIN)


async def rows(till: Till, table: Any) -> list[Any]:
    async with till.world.resources.database.unit_of_work(till.world.system()) as session:
        return list((await session.exec(select(table))).all())


async def test_three_steps_lead_to_an_active_account_and_a_second_completion_changes_nothing(till: Till) -> None:
    person = Person(till)
    await person.open()
    assert (await person.choose()).step == "credentials"
    await person.type(**CREDENTIALS[till.provider])
    assert (await person.press("credentials"))["state"] == "passed"
    if till.provider == "razorpay":
        shown = await person.see("address")
        entered = (await till.client.post(shown.secret_path)).raise_for_status().json()
        assert entered["secret"] not in shown.model_dump_json()
        assert [entry.action for entry in await rows(till, AuditEntry)].count("payments.secret_shown") == 1
        async with httpx.AsyncClient(trust_env=False) as dashboard:
            await dashboard.post(f"{till.settings.razorpay_url}/dashboard/webhooks", data=entered)
    else:
        assert (await person.press("registration"))["state"] == "passed"
    assert (await person.go_on()).step == "try"
    assert (await person.pay())["state"] == "passed"
    assert (await person.press("refund"))["state"] == "passed"
    await till.sandbox.quiet()
    assert (await person.see("progress")).tone == "good"

    finished = await person.complete()
    again = await person.complete()

    assert finished.status == "completed"
    assert finished.finish is not None
    assert finished.finish == again.finish
    (account,) = await rows(till, PaymentAccount)
    assert (account.state, account.draft_id) == ("active", person.view.draft_id)
    events = [event.type for event in await rows(till, GamificationEvent)]
    assert events.count("payments.activated") == 1
    assert (await person.see("address")).secret_path == ""


async def test_a_payment_that_its_event_has_settled_is_not_asked_for_again(world: World) -> None:
    """Who has paid is told to press again, and the provider's event may be faster than that."""
    async with open_till(world, "razorpay") as till:
        person = Person(till)
        await person.open()
        await person.choose()
        await person.type(**CREDENTIALS["razorpay"])
        await person.press("credentials")
        entered = (await till.client.post((await person.see("address")).secret_path)).raise_for_status().json()
        await person.go_on()
        waiting = await person.press("payment")
        assert (await person.complete()).problems["payment"] == "Pay at the provider's page, then press again"
        async with httpx.AsyncClient(trust_env=False) as buyer:
            await buyer.post(f"{till.settings.razorpay_url}/dashboard/webhooks", data=entered)
            await buyer.post(waiting["href"])
        await till.sandbox.quiet()
        await till.run_jobs()

        assert (await person.press("payment"))["state"] == "passed"
        assert len(till.part.links) == len(till.part.payments) == 1


async def test_the_organisations_own_currency_stands_there_and_nothing_that_is_guessed(stripe: Till) -> None:
    view = await Person(stripe).open()
    assert {field.key: field.answer for field in view.fields if field.answer} == {"mode": "test", "currency": "EUR"}
    assert not any(field.guess for field in view.fields)
    assert not view.has_assist


async def test_answers_that_do_not_fit_are_told_beside_their_field(stripe: Till) -> None:
    person = Person(stripe)
    await person.open()
    assert set((await person.go_on()).problems) >= {"name", "provider", "country"}
    stayed = await person.choose(country="IL", currency="ILS")
    assert stayed.step == "account"
    assert stayed.problems["country"] == "Stripe opens no accounts in Israel"
    await person.choose()

    with pytest.raises(InputInvalid) as refused:
        await person.type(secret_key="sk_live_" + "a" * 24)
    assert refused.value.fields == {"secret_key": "This is a live key, and the account is in test mode"}
    stayed = await person.go_on()
    assert stayed.problems["credentials"] == "Check credentials first"


async def test_credentials_that_nobody_knows_leave_the_step_open(stripe: Till) -> None:
    person = Person(stripe)
    await person.open()
    await person.choose()
    await person.type(**{**CREDENTIALS["stripe"], "secret_key": "sk_test_NobodyKnowsThisKey00001"})

    outcome = await person.press("credentials")

    assert outcome == {"state": "failed", "says": "Stripe does not know this secret key"}
    assert "Stripe does not know" in (await person.go_on()).problems["credentials"]


async def test_a_draft_that_changes_its_provider_changes_its_account(stripe: Till) -> None:
    person = Person(stripe)
    await person.open()
    await person.choose()
    await person.type(**CREDENTIALS["stripe"])
    await person.press("credentials")
    await person.press("registration")
    stripe.provider = "paypal"
    await person.go_on()
    back = GoToStep(draft_id=person.view.draft_id, step="account")
    person.view = await wizards.go_to_step(await stripe.world.actor(ADMIN), back)
    await person.choose()
    await person.type(**CREDENTIALS["paypal"])

    assert (await person.press("credentials"))["state"] == "passed"

    await stripe.run_jobs()
    store = stripe.world.resources.secrets
    kept = [await store.get(name) or "" for name in await store.names() if name.startswith("payments/")]
    assert not [text for text in kept if "sk_test_" in text or "whsec_" in text]
    (account,) = await rows(stripe, PaymentAccount)
    assert (account.provider, account.state, sorted(account.hints)) == (
        "paypal",
        "verified",
        ["client_id", "client_secret"],
    )


async def test_nothing_is_completed_while_something_is_missing(stripe: Till) -> None:
    person = Person(stripe)
    await person.open()
    await person.choose()
    await person.type(**CREDENTIALS["stripe"])
    await person.press("credentials")
    await person.press("registration")
    await person.go_on()
    assert (await person.see("progress")).note == "Missing: a test payment, its refund"

    assert (await person.complete()).status == "open"
    assert set(person.view.problems) == {"payment", "refund"}
    assert [account.state for account in await rows(stripe, PaymentAccount)] == ["verified"]


async def test_what_was_typed_is_forgotten_once_the_provider_has_taken_it(stripe: Till) -> None:
    person = Person(stripe)
    await person.open()
    await person.choose()
    await person.type(**CREDENTIALS["stripe"])
    await person.press("credentials")
    assert not await typed(stripe)

    # Pressed again without typing anything, what is known is tried again.
    assert (await person.press("credentials"))["state"] == "passed"
    with pytest.raises(AppError):
        await person.type(nothing="x")


async def test_what_was_typed_is_forgotten_with_its_draft_and_what_was_taken_over_stays(stripe: Till) -> None:
    person = Person(stripe)
    await person.open()
    await person.choose()
    await person.type(**CREDENTIALS["stripe"])
    await person.press("credentials")
    account = (await rows(stripe, PaymentAccount))[0]
    await person.type(publishable_key=CREDENTIALS["stripe"]["publishable_key"])
    assert await typed(stripe)

    await wizards.discard(await stripe.world.actor(ADMIN), DraftId(draft_id=person.view.draft_id))
    await stripe.run_jobs()

    assert not await typed(stripe)
    assert await vaulting.read_credentials(stripe.world.resources.secrets, account) == CREDENTIALS["stripe"]


async def test_what_was_typed_for_another_provider_is_forgotten_on_completion(world: World) -> None:
    async with open_till(world, "paypal") as till:
        person = Person(till)
        await person.open()
        await person.choose(provider="stripe", country="DE", currency="EUR")
        await person.type(**CREDENTIALS["stripe"])
        person.view = await wizards.go_to_step(
            await world.actor(ADMIN), GoToStep(draft_id=person.view.draft_id, step="account")
        )
        await person.choose()
        await person.type(**CREDENTIALS["paypal"])
        for button in ("credentials", "registration"):
            await person.press(button)
        await person.go_on()
        await person.pay()
        await person.press("refund")
        await till.sandbox.quiet()
        assert await typed(till)

        assert (await person.complete()).status == "completed"
        await till.run_jobs()

        assert not await typed(till)


async def test_a_secret_that_is_taken_away_or_that_a_closed_draft_refuses_is_not_kept(stripe: Till) -> None:
    person = Person(stripe)
    await person.open()
    await person.choose()
    await person.type(**CREDENTIALS["stripe"])
    actor = await stripe.world.actor(ADMIN)
    await wizards.clear_field(actor, DraftField(draft_id=person.view.draft_id, field="secret_key"))
    assert [name.rpartition("/")[2] for name in await typed(stripe)] == ["publishable_key"]
    await wizards.discard(actor, DraftId(draft_id=person.view.draft_id))
    await stripe.run_jobs()

    with pytest.raises(DraftClosed):
        await person.type(**CREDENTIALS["stripe"])
    with pytest.raises(DraftClosed):
        await person.press("credentials")

    assert not await typed(stripe)
    assert await rows(stripe, PaymentAccount) == []


async def test_a_draft_that_expires_forgets_what_was_typed(stripe: Till) -> None:
    person = Person(stripe)
    await person.open()
    await person.choose()
    await person.type(**CREDENTIALS["stripe"])
    await wizard_rounds.expire(stripe.world.system(), utc_now() + timedelta(days=31))
    await stripe.run_jobs()
    assert not await typed(stripe)


async def test_what_no_job_has_forgotten_is_found_by_the_nightly_sweep(stripe: Till) -> None:
    """The job of a draft may have failed for good, or a row may be gone without one."""
    person, store = Person(stripe), stripe.world.resources.secrets
    await person.open()
    await person.choose()
    await person.type(**CREDENTIALS["stripe"])
    of_open = await typed(stripe)
    lost = new_id()
    for tenant_id in (stripe.world.tenants["acme-corp"], stripe.world.tenants["globex"], new_id()):
        await vaulting.keep_typed(store, tenant_id, lost, "secret_key", "sk_test_lost")
    taken_over = f"payments/{stripe.world.tenants['acme-corp']}/{lost}/{new_id()}"
    await store.put(taken_over, "{}")

    await sweep(stripe)
    assert await typed(stripe) == of_open
    assert taken_over in await store.names()

    await wizards.discard(await stripe.world.actor(ADMIN), DraftId(draft_id=person.view.draft_id))
    await stripe.execute("delete from jobs.procrastinate_jobs")
    await sweep(stripe)
    assert await typed(stripe) == []


async def sweep(till: Till) -> None:
    """Let the clock strike."""
    app = job_runner.build_app(till.world.resources)
    async with app.open_async():
        await app.tasks["round.wizards.sweep"].defer_async(timestamp=0)
    await till.run_jobs()
    async with till.world.resources.database.unit_of_work(till.world.system()) as session:
        assert (await session.execute(text("select count(*) from jobs.procrastinate_jobs"))).scalar_one() == 0


async def test_a_name_that_was_changed_after_the_check_is_the_accounts(stripe: Till) -> None:
    person = Person(stripe)
    await person.come_to_the_end()
    view = person.view
    renamed = SaveAnswers(draft_id=view.draft_id, seen=view.version, answers={"name": "Web shop"})
    person.view = await wizards.save(await stripe.world.actor(ADMIN), renamed)

    finish = (await person.complete()).finish

    assert finish is not None
    assert finish.title == "Web shop takes payments"
    assert [account.name for account in await rows(stripe, PaymentAccount)] == ["Web shop"]


async def test_an_account_without_a_name_is_not_checked(stripe: Till) -> None:
    person = Person(stripe)
    await person.open()
    await person.choose()
    await person.type(**CREDENTIALS["stripe"])
    nameless = SaveAnswers(draft_id=person.view.draft_id, seen=person.view.version, answers={"name": " "})
    person.view = await wizards.save(await stripe.world.actor(ADMIN), nameless)
    assert await person.press("credentials") == {"state": "failed", "says": "Enter the name of the account first"}


async def typed(till: Till) -> list[str]:
    """Name what stands in the store of secrets because it was typed."""
    store = till.world.resources.secrets
    return [name for name in await store.names() if "/typed/" in name]
