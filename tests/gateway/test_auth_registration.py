"""Registration: by invitation or referral code, and silent about who has an account."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
from sqlalchemy import text
from sqlmodel import col, select, update

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.accounts import members
from models import AccountToken, Membership, OutboxMessage, ReferralCode, ReferralProgram, User
from tests.support.browser import Browser, letters_of, link_token
from tests.support.world import World

ADMIN = "admin@acme.example"
MIA = "mia@acme.example"
NEW = "nina@new.example"
SECRET = "A-fresh-word-of-mine"


async def invite(world: World, email: str = NEW, role: str = "user") -> str:
    """Invite a person and give the token from the mail that they get."""
    async with Browser() as browser:
        await browser.adopt(world, ADMIN)
        answer = await browser.post("/users/invites", {"email": email, "role": role})
        assert answer.status_code == 201, answer.text
    letter = [item for item in await letters_of(world) if item["To"] == email][-1]
    return link_token(letter)


async def register(browser: Browser, **body: str) -> httpx.Response:
    return await browser.post("/auth/register", {"email": NEW, "password": SECRET, "name": "Nina"} | body)


async def referral_code(world: World, code: str = "ACME2026", tenant: str = "acme-corp", owner: str = MIA) -> str:
    """A code as the referral programme hands it out."""
    system = world.system(tenant)
    async with world.resources.database.unit_of_work(system) as session:
        program = ReferralProgram(
            tenant_id=system.tenant_id,
            name="Friends",
            platform="bizosaas",
            landing_url="https://acme.example/",
            qualifying_event="order.completed",
        )
        session.add(program)
        await session.flush()
        row = ReferralCode(tenant_id=system.tenant_id, program_id=program.id, user_id=world.people[owner], code=code)
        session.add(row)
        await session.flush()
        await session.execute(
            text("select app.claim_referral_code(:code, :tenant_id, :code_id, :program_id, :user_id)"),
            {
                "code": code,
                "tenant_id": system.tenant_id,
                "code_id": row.id,
                "program_id": program.id,
                "user_id": world.people[owner],
            },
        )
    return code


async def test_an_invitation_makes_a_member_in_the_role_it_names(world: World) -> None:
    token = await invite(world, role="tenant_admin")
    async with Browser() as browser:
        answer = await register(browser, invite_token=token)
        assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})
        signed_in = await browser.log_in(NEW, SECRET)
        assert signed_in.status_code == 200
        assert signed_in.json()["user"]["role"] == "tenant_admin"
        assert signed_in.json()["user"]["tenant_slug"] == "acme-corp"


async def test_an_invitation_works_once(world: World) -> None:
    token = await invite(world)
    async with Browser() as browser:
        answers = await asyncio.gather(*(register(browser, invite_token=token) for _ in range(3)))
        assert sorted(answer.status_code for answer in answers) == [202, 422, 422]
        late = await register(browser, invite_token=token)
        assert (late.status_code, late.json()["code"]) == (422, "token_invalid")


async def test_a_second_invitation_voids_the_first_and_an_old_one_expires(world: World) -> None:
    first = await invite(world)
    second = await invite(world)
    async with Browser() as browser:
        assert (await register(browser, invite_token=first)).status_code == 422
        async with world.resources.database.unit_of_work(world.system()) as session:
            await session.exec(
                update(AccountToken).values(
                    created_at=utc_now() - timedelta(days=8), expires_at=utc_now() - timedelta(seconds=1)
                )
            )
        assert (await register(browser, invite_token=second)).status_code == 422


async def test_an_invitation_is_for_the_address_that_it_was_sent_to(world: World) -> None:
    token = await invite(world)
    async with Browser() as browser:
        answer = await register(browser, invite_token=token, email="thief@new.example")
        assert answer.json()["errors"] == [{"field": "email", "message": "The invitation was sent to another address"}]
        assert (await register(browser, invite_token=token, email=NEW.upper())).status_code == 202


async def test_forged_and_foreign_tokens_open_nothing(world: World) -> None:
    token = await invite(world)
    async with Browser() as browser:
        for bent in (token[:-1] + ("A" if token[-1] != "A" else "B"), "bzt1_AA.AA", "nonsense", token.upper()):
            answer = await register(browser, invite_token=bent)
            assert (answer.status_code, answer.json()["code"]) == (422, "token_invalid")
            assert answer.json()["errors"][0]["field"] == "invite_token"
        wrong_use = await browser.post("/auth/reset-password", {"token": token, "password": SECRET})
        assert (wrong_use.status_code, wrong_use.json()["code"]) == (422, "token_invalid")


async def test_a_referral_code_makes_a_plain_member_of_its_tenant(world: World) -> None:
    code = await referral_code(world)
    async with Browser() as browser:
        assert (await register(browser, referral_code=code.lower())).status_code == 202
        body = (await browser.log_in(NEW, SECRET)).json()
    assert (body["user"]["role"], body["user"]["tenant_slug"]) == ("user", "acme-corp")


async def test_an_address_with_an_account_is_answered_alike_and_its_owner_is_told(world: World) -> None:
    code = await referral_code(world)
    pool = world.resources.hash_pool
    async with Browser() as browser:
        before = pool.hashes
        fresh = await register(browser, referral_code=code)
        after_fresh = pool.hashes
        for known in (MIA, "gus@globex.example"):  # one of this tenant, one of another
            answer = await register(browser, referral_code=code, email=known)
            assert (answer.status_code, answer.json()) == (fresh.status_code, fresh.json())
        assert pool.hashes - after_fresh == 2 * (after_fresh - before) == 2
        assert (await browser.log_in(MIA, SECRET)).status_code == 401
    letters = await letters_of(world)
    assert sorted(str(letter["To"]) for letter in letters) == sorted([MIA, "gus@globex.example"])
    assert {str(letter["Subject"]) for letter in letters} == {"You have an account already"}


async def test_a_referral_code_does_not_take_over_an_open_invitation(world: World) -> None:
    code = await referral_code(world)
    await invite(world, role="tenant_admin")
    async with Browser() as browser:
        assert (await register(browser, referral_code=code)).status_code == 202
        assert (await browser.log_in(NEW, SECRET)).status_code == 401


async def test_an_invitation_of_somebody_with_an_account_elsewhere_says_nothing(world: World) -> None:
    token = await invite(world, email="gus@globex.example")
    async with Browser() as browser:
        assert (await register(browser, invite_token=token, email="gus@globex.example")).status_code == 202
        assert (await browser.log_in("gus@globex.example", SECRET)).status_code == 401
    async with world.resources.database.unit_of_work(world.system()) as session:
        user = await members.find_user_by_email(session, "gus@globex.example")
    assert user is not None
    assert user.status == "invited"


async def test_a_code_that_is_not_in_use_is_a_field_error(world: World) -> None:
    code = await referral_code(world)
    async with world.resources.database.unit_of_work(world.system()) as session:
        await session.exec(update(ReferralCode).where(col(ReferralCode.code) == code).values(status="disabled"))
    async with Browser() as browser:
        for dead in (code, "NEVERMADE"):
            answer = await register(browser, referral_code=dead)
            assert answer.status_code == 422
            assert answer.json()["errors"][0]["field"] == "referral_code"


BAD_REGISTRATIONS = (
    ({"password": "too-short"}, "password"),
    ({"password": "x" * 73}, "password"),
    ({"password": NEW}, "password"),
    ({"password": "aaaaaaaaaaaaaa"}, "password"),
    ({"email": "not an address"}, "email"),
    ({"email": "a@b\r\nBcc: c@d.example"}, "email"),
    ({"name": ""}, "name"),
    ({"name": "Nina\nBcc: x"}, "name"),
    ({"referral_code": "ALSO"}, "body"),
    ({"role": "super_admin"}, "role"),
)


async def test_bad_registrations_name_the_field_and_write_nothing(world: World) -> None:
    async with Browser() as browser:
        for body, field in BAD_REGISTRATIONS:
            answer = await register(browser, **({"invite_token": "bzt1_x"} | body))
            assert answer.status_code == 422, body
            assert answer.json()["errors"][0]["field"] == field, body
    async with world.resources.database.unit_of_work(world.system()) as session:
        assert (await session.exec(select(User).where(User.email == NEW))).one_or_none() is None


async def test_no_token_and_no_link_waits_in_the_database(world: World) -> None:
    async with Browser() as browser:
        await browser.adopt(world, ADMIN)
        await browser.post("/users/invites", {"email": NEW})
    async with world.resources.database.unit_of_work(world.system()) as session:
        row = (await session.exec(select(AccountToken))).one()
        owed = (await session.exec(select(OutboxMessage.payload).where(OutboxMessage.topic == "mail"))).all()
        membership = (await session.exec(select(Membership).where(Membership.user_id == row.user_id))).one()
    assert membership.role_key == "user"
    token = link_token((await letters_of(world))[-1])
    assert token not in repr(owed)
    assert token not in repr(row)
