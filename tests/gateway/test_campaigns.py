"""Campaigns over HTTP: tried out, launched once, sent, steered, and what becomes of each message."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from bizosaas_app.gateway import job_runner
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import UpstreamFailed
from bizosaas_app.kernel.mail import MailUnclear
from bizosaas_app.services.campaigns import sending
from bizosaas_app.services.campaigns.schedules import Schedule
from tests.support.api import api_client
from tests.support.boards import arena
from tests.support.campaigns import ADMIN, MAIL, MEMBERS, MIA, NOAH, OLGA, Office, office, wish

__all__ = ["arena", "office"]

TABLES = ("campaigns", "campaign_channels", "campaign_sends", "audit_log", "outbox", "gamification_events")


async def counted(office: Office) -> list[int]:
    """How many rows each table has that a launch writes to, and how many jobs wait."""
    tables = (*TABLES, "jobs.procrastinate_jobs")
    return [int((await office.sql(f"select count(*) from {table}"))[0]) for table in tables]  # noqa: S608  # our own names


async def facts(office: Office, kind: str) -> list[Any]:
    return list(await office.sql("select properties from gamification_events where type = :kind", kind=kind))


async def test_a_campaign_launched_over_http_arrives_as_a_mail_to_each_of_its_members(office: Office) -> None:
    launched = await office.launch()
    assert (launched["status"], launched["counts"]["pending"]) == ("active", 3)
    await office.work()
    assert office.reached() == MEMBERS
    letter = next(letter for letter in office.mails() if letter["To"] == MIA)
    assert letter["Subject"] == "Hello Mia"
    assert "News from Acme-Corp." in letter.get_content()
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    after = await office.get(f"/{launched['id']}")
    assert (after["status"], after["counts"]["sent"], after["next_at"]) == ("completed", 3, None)


async def test_a_dry_run_says_who_gets_what_and_when_and_who_is_left_out_and_writes_nothing(office: Office) -> None:
    await office.sql("update users set status = 'suspended' where email = :email", email=OLGA)
    await stop_mails(office, NOAH)
    before = await counted(office)
    asked = wish(audience={"roles": ["user"], "statuses": []}, shown=10)
    plan = (await office.post("/dry-run", **{k: v for k, v in asked.items() if k != "draft_id"})).json()
    assert (plan["people"], plan["send_count"], plan["left_out_count"]) == (3, 1, 2)
    (send,) = plan["sends"]
    assert (send["email"], send["subject"], send["text"]) == (MIA, "Hello Mia", "News from Acme-Corp.")
    assert datetime.fromisoformat(send["at"]) <= utc_now()
    reasons = {item["email"]: (item["reason"], item["detail"]) for item in plan["left_out"]}
    assert reasons == {
        NOAH: ("unsubscribed", "Does not want campaigns this way"),
        OLGA: ("not_active", "The account is suspended"),
    }
    assert await counted(office) == before
    assert office.mails() == []


async def stop_mails(office: Office, email: str) -> None:
    """Choose no campaigns by mail, as the person would."""
    headers = (await office.arena.world.sign_in(email)).headers
    choice = {"kind": "campaign", "in_app": True, "by_mail": False}
    async with api_client(office.arena.world.resources.settings, headers=headers) as client:
        answer = await client.put("/api/v1/notifications/preferences", json={"preferences": [choice]})
    assert answer.status_code == 200


async def test_two_launches_of_one_draft_at_once_are_one_campaign(office: Office) -> None:
    draft = str(uuid4())
    answers = await asyncio.gather(*(office.post(**wish(draft_id=draft, name=f"Try {n}")) for n in range(3)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    before = await counted(office)
    again = await office.post(**wish(draft_id=draft, name="Another name", channels=[]) | {"channels": [MAIL]})
    assert again.json()["name"] == answers[0].json()["name"]
    assert await counted(office) == before
    await office.work()
    assert office.reached() == MEMBERS
    assert len(await facts(office, "campaign.launched")) == 1


async def test_what_became_of_a_campaign_stands_in_the_ledger_once(office: Office) -> None:
    launched = await office.launch()
    for _ in range(2):
        await office.tick()
    (event,) = await facts(office, "campaign.launched")
    assert event == {"campaign_id": launched["id"], "sends": 3, "left_out": 0}
    delivered = await facts(office, "campaign.delivered")
    assert {item["recipient_id"] for item in delivered} == {str(office.person(email)) for email in MEMBERS}
    assert len(delivered) == 3
    assert await facts(office, "campaign.completed") == [{"campaign_id": launched["id"]}]
    owners = await office.sql("select distinct user_id from gamification_events where type = 'campaign.delivered'")
    assert owners == [None], "whoever is written to has done nothing yet"
    value = await office.sql("select value from gamification_events where type = 'campaign.launched'")
    assert [int(item) for item in value] == [100]


async def test_several_workers_send_each_message_once(office: Office) -> None:
    launched = await office.launch(channels=[MAIL, {"kind": "console", "text": "{name}"}])
    await office.sql("delete from jobs.procrastinate_jobs")
    resources = office.arena.world.resources
    await office.tick()
    await asyncio.gather(*(job_runner.run_waiting(resources) for _ in range(3)))
    assert office.reached() == MEMBERS
    assert await office.counts(launched) == {"sent": 6}


async def test_who_stops_the_mails_after_the_launch_gets_none(office: Office) -> None:
    launched = await office.launch()
    await stop_mails(office, MIA)
    await office.work()
    assert office.reached() == [NOAH, OLGA]
    send = (await office.sends(launched))[MIA]
    assert (send["status"], send["reason"], send["attempts"]) == ("skipped", "unsubscribed", 0)


async def test_the_link_in_a_mail_keeps_the_next_campaign_away(office: Office) -> None:
    await office.launch()
    await office.work()
    letter = next(letter for letter in office.mails() if letter["To"] == NOAH)
    link = letter["List-Unsubscribe"].strip("<>")
    async with api_client(office.arena.world.resources.settings) as stranger:
        path = link.partition("localhost:8000")[2]
        assert (await stranger.post(path)).json() == {"stopped": ["Campaigns"]}
    second = await office.launch()
    assert second["counts"]["pending"] == 2
    assert (await office.sends(second))[NOAH]["reason"] == "unsubscribed"


async def test_only_those_who_have_chosen_it_get_a_campaign_for_those_who_opted_in(office: Office) -> None:
    refused = await office.post(**wish(audience={"opted_in_only": True}))
    assert refused.status_code == 422
    assert "Has not asked for campaigns by mail" in refused.json()["errors"][0]["message"]
    headers = (await office.arena.world.sign_in(MIA)).headers
    choice = {"kind": "campaign", "in_app": False, "by_mail": True}
    async with api_client(office.arena.world.resources.settings, headers=headers) as client:
        await client.put("/api/v1/notifications/preferences", json={"preferences": [choice]})
    await office.launch(audience={"opted_in_only": True})
    await office.work()
    assert office.reached() == [MIA]


async def test_nothing_goes_while_a_campaign_is_paused_and_all_of_it_after_it_is_resumed(office: Office) -> None:
    launched = await office.launch()
    assert (await office.act(launched, "pause")).json()["status"] == "paused"
    assert (await office.act(launched, "pause")).status_code == 200
    await office.tick()
    assert office.mails() == []
    assert (await office.act(launched, "resume")).json()["status"] == "active"
    await office.work()
    assert office.reached() == MEMBERS


async def test_a_suspended_organisation_sends_nothing_until_it_is_active_again(office: Office) -> None:
    launched = await office.launch()
    await office.sql("update tenants set status = 'suspended' where slug = 'acme-corp'")
    await office.tick()
    assert office.mails() == []
    assert await office.sql("select id from jobs.procrastinate_jobs") == [], "a job that leaves itself has no end"
    await office.sql("update tenants set status = 'active' where slug = 'acme-corp'")
    await office.tick()
    assert office.reached() == MEMBERS
    assert await office.counts(launched) == {"sent": 3}


async def test_what_is_not_out_when_a_campaign_is_cancelled_never_goes(office: Office) -> None:
    launched = await office.launch()
    answer = (await office.act(launched, "cancel")).json()
    assert (answer["stopped"], answer["campaign"]["status"]) == (3, "cancelled")
    await office.tick()
    assert office.mails() == []
    assert await office.counts(launched) == {"cancelled": 3}
    for verb in ("pause", "resume", "cancel"):
        refused = await office.act(launched, verb)
        assert (refused.status_code, refused.json()["code"]) == (409, "campaign_over")
    send = (await office.sends(launched))[MIA]
    refused = await office.post(f"/{launched['id']}/sends/{send['id']}/retry")
    assert (refused.status_code, refused.json()["code"]) == (409, "campaign_over")


async def test_a_cap_counts_the_messages_of_every_campaign(office: Office) -> None:
    await office.launch(audience={"roles": ["tenant_admin"]}, schedule={"cap": {"messages": 1, "days": 7}})
    await office.launch()
    capped = {"cap": {"messages": 2, "days": 7}}
    second = await office.launch(schedule=capped)
    assert await office.counts(second) == {"pending": 3}
    third = await office.launch(schedule=capped)
    assert datetime.fromisoformat(third["next_at"]) > utc_now() + timedelta(days=6, hours=23)
    ends = (utc_now() + timedelta(days=2)).isoformat()
    refused = await office.post(**wish(schedule={**capped, "ends_at": ends}))
    assert "as many messages as the cap allows" in refused.json()["errors"][0]["message"]


async def test_a_cap_holds_at_the_moment_of_sending_too(office: Office) -> None:
    first = await office.launch(schedule={"cap": {"messages": 1, "days": 7}})
    await office.act(first, "pause")
    second = await office.launch()
    await office.work()
    assert await office.counts(second) == {"sent": 3}
    await office.act(first, "resume")
    await office.tick()
    assert office.reached() == MEMBERS, "the paused campaign's messages have to wait for a week now"
    view = await office.get(f"/{first['id']}")
    assert view["counts"]["pending"] == 3
    assert datetime.fromisoformat(view["next_at"]) > utc_now() + timedelta(days=6)


async def test_hours_are_those_of_the_organisations_clock(office: Office) -> None:
    await office.sql("update tenants set timezone = 'Pacific/Auckland' where slug = 'acme-corp'")
    now = utc_now()
    soon = now + timedelta(hours=3)
    local = {name: (now + timedelta(hours=13 + hours)).strftime("%H:%M") for name, hours in (("from", 3), ("until", 5))}
    launched = await office.launch(schedule={"send_from": local["from"], "send_until": local["until"]})
    # Auckland is thirteen hours ahead in November.
    assert launched["schedule"]["timezone"] == "Pacific/Auckland"
    assert abs(datetime.fromisoformat(launched["next_at"]) - soon) < timedelta(minutes=1)
    await office.make_due()
    await office.tick()
    assert office.mails() == [], "an hour that does not allow it is waited for even when the message is due"
    assert await office.counts(launched) == {"pending": 3}


async def test_what_is_late_for_the_campaigns_end_is_left_out(office: Office) -> None:
    launched = await office.launch()
    await office.sql("update campaigns set starts_at = now() - interval '2 days', ends_at = now() - interval '1 day'")
    await office.tick()
    assert office.mails() == []
    assert {send["reason"] for send in (await office.sends(launched)).values()} == {"no_time_left"}
    assert (await office.get(f"/{launched['id']}"))["status"] == "completed"
    assert await facts(office, "campaign.completed") == [], "nothing arrived"


async def test_a_mail_server_that_is_away_is_tried_later_each_time_and_then_a_person_may_try(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_away = [True]
    mailer = type(office.arena.world.resources.mailer)
    write = mailer.send

    async def send(self: Any, letter: Any) -> None:
        if is_away[0]:
            raise UpstreamFailed("The mail server did not take the message")
        await write(self, letter)

    monkeypatch.setattr(mailer, "send", send)
    launched = await office.launch(audience={"roles": ["tenant_admin"]})
    for attempt in range(1, sending.ATTEMPTS.tries + 1):
        await office.tick()
        view = (await office.sends(launched))[ADMIN]
        assert (view["attempts"], view["reason"]) == (attempt, "upstream_failed")
        if attempt < sending.ATTEMPTS.tries:
            wait = datetime.fromisoformat(view["due_at"]) - utc_now()
            assert timedelta(seconds=-5) < wait - timedelta(minutes=4 ** (attempt - 1)) < timedelta(minutes=4**attempt)
        await office.make_due()
    assert (view["status"], view["detail"]) == ("failed", "The mail server did not take the message")
    assert (await office.get(f"/{launched['id']}"))["status"] == "completed"
    assert [item["reason"] for item in await facts(office, "campaign.failed")] == ["upstream_failed"]
    is_away[0] = False
    again = await office.post(f"/{launched['id']}/sends/{view['id']}/retry")
    assert (again.status_code, again.json()["status"]) == (200, "active")
    await office.work()
    assert office.reached() == [ADMIN]
    assert await office.counts(launched) == {"sent": 1}
    refused = await office.post(f"/{launched['id']}/sends/{view['id']}/retry")
    assert (refused.status_code, refused.json()["code"]) == (409, "send_not_failed")


async def test_a_mail_whose_sender_died_is_in_doubt_and_is_not_sent_again_by_itself(office: Office) -> None:
    launched = await office.launch(channels=[MAIL, {"kind": "console", "text": "x"}])
    await office.sql(
        "update campaign_sends set status = 'running', attempts = 1, claimed_at = now() - interval '1 hour'"
        " where user_id = :user_id",
        user_id=office.person(MIA),
    )
    await office.tick()
    page = await office.get(f"/{launched['id']}/sends", q="mia")
    ended = {item["channel"]: (item["status"], item["reason"]) for item in page["items"]}
    assert ended == {"email": ("failed", "interrupted"), "console": ("sent", None)}
    assert office.reached() == [NOAH, OLGA]


async def test_a_campaign_whose_worker_died_after_its_last_message_ends_all_the_same(office: Office) -> None:
    launched = await office.launch()
    await office.work()
    await office.sql("update campaigns set status = 'active', ended_at = null")
    await office.tick()
    assert (await office.get(f"/{launched['id']}"))["status"] == "completed"


async def test_a_message_that_fails_in_a_campaign_cancelled_meanwhile_is_cancelled(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    launched = await office.launch(audience={"roles": ["tenant_admin"]})

    async def send(self: Any, letter: Any) -> None:
        assert (await office.act(launched, "cancel")).status_code == 200
        raise UpstreamFailed("The mail server did not take the message")

    monkeypatch.setattr(type(office.arena.world.resources.mailer), "send", send)
    await office.work()
    view = (await office.sends(launched))[ADMIN]
    assert (view["status"], view["reason"]) == ("cancelled", "cancelled")
    assert view["detail"] == "The campaign was cancelled. Before that: The mail server did not take the message"


async def test_what_a_dead_worker_held_of_a_cancelled_campaign_ends_and_is_told(office: Office) -> None:
    launched = await office.launch(
        audience={"roles": ["tenant_admin"]}, channels=[MAIL, {"kind": "console", "text": "x"}]
    )
    await office.sql(
        "update campaign_sends set status = 'running', attempts = 1, claimed_at = now() - interval '1 hour'"
    )
    await office.act(launched, "cancel")
    await office.tick()
    page = await office.get(f"/{launched['id']}/sends")
    ended = {item["channel"]: (item["status"], item["reason"]) for item in page["items"]}
    assert ended == {"email": ("failed", "interrupted"), "console": ("cancelled", "cancelled")}
    assert [item["reason"] for item in await facts(office, "campaign.failed")] == ["interrupted"]


async def test_a_mail_that_may_have_gone_is_not_sent_again_by_itself(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def send(self: Any, letter: Any) -> None:
        raise MailUnclear

    monkeypatch.setattr(type(office.arena.world.resources.mailer), "send", send)
    launched = await office.launch(audience={"roles": ["tenant_admin"]})
    await office.work()
    view = (await office.sends(launched))[ADMIN]
    assert (view["status"], view["reason"], view["attempts"]) == ("failed", "mail_unclear", 1)
    assert "it may have arrived" in view["detail"]
    assert [item["reason"] for item in await facts(office, "campaign.failed")] == ["mail_unclear"]


async def test_a_failed_message_is_not_taken_up_again_after_the_campaigns_end(office: Office) -> None:
    launched = await office.launch(audience={"roles": ["tenant_admin"]})
    await office.sql("update campaign_sends set status = 'failed', reason = 'upstream_failed'")
    await office.sql("update campaigns set starts_at = now() - interval '2 days', ends_at = now() - interval '1 day'")
    send = (await office.sends(launched))[ADMIN]
    refused = await office.post(f"/{launched['id']}/sends/{send['id']}/retry")
    assert (refused.status_code, refused.json()["code"]) == (409, "campaign_over")
    assert await office.counts(launched) == {"failed": 1}


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"name": ""}, "name"),
        ({"channels": []}, "channels"),
        ({"channels": [MAIL, MAIL]}, "channels.1.kind"),
        ({"channels": [{**MAIL, "subject": "{who}"}]}, "channels.0.subject"),
        ({"channels": [{**MAIL, "subject": "two\nlines"}]}, "channels.0.subject"),
        ({"channels": [{**MAIL, "kind": "pigeon"}]}, "channels.0.kind"),
        ({"budget": "10.00"}, "budget"),
        ({"budget": "10.00", "channels": [{**MAIL, "budget": "9.99"}]}, "budget"),
        ({"budget": "0.001", "channels": [{**MAIL, "budget": "0.001"}]}, "channels.0.budget"),
        ({"schedule": {"send_from": "25:00"}}, "schedule.send_from"),
        ({"schedule": {"days": []}}, "schedule.days"),
        ({"schedule": {"quiet_from": "22:00"}}, "schedule.quiet_until"),
        (
            {"schedule": {"send_from": "09:00", "send_until": "10:00", "quiet_from": "08:00", "quiet_until": "11:00"}},
            "schedule.quiet_from",
        ),
        ({"schedule": {"cap": {"messages": 0, "days": 7}}}, "schedule.cap_messages"),
        ({"schedule": {"ends_at": "2020-01-01T00:00:00Z"}}, "schedule.ends_at"),
        ({"schedule": {"starts_at": "2100-01-01T00:00:00Z"}}, "schedule.starts_at"),
        (
            {"audience": {"roles": ["user"], "joined_from": "2026-02-01", "joined_until": "2026-01-01"}},
            "audience.joined_from",
        ),
        ({"audience": {"roles": ["user"], "joined_until": "2000-01-01"}}, "audience"),
        ({"audience": {"roles": ["super_admin"]}}, "audience.roles.0"),
        ({"mood": "bright"}, "mood"),
        ({"draft_id": "x"}, "draft_id"),
    ],
)
async def test_a_wish_that_cannot_be_met_names_its_field(office: Office, fields: dict[str, Any], named: str) -> None:
    answer = await office.post(**wish(**fields))
    assert answer.status_code == 422, answer.text
    assert named in [error["field"] for error in answer.json()["errors"]], answer.json()
    assert (await office.get())["total"] == 0


async def test_an_audience_is_chosen_by_role_joining_and_what_the_ledger_holds(office: Office) -> None:
    await office.arena.score(MIA, 5)
    undone = await office.arena.score(NOAH, 5)
    await office.arena.reverse(undone)

    async def meant(**audience: Any) -> list[str]:
        asked = {k: v for k, v in wish(audience=audience).items() if k != "draft_id"}
        return sorted(item["email"] for item in (await office.post("/dry-run", **asked)).json()["sends"])

    assert await meant() == sorted([ADMIN, *MEMBERS])
    assert await meant(roles=["tenant_admin"]) == [ADMIN]
    assert await meant(activity={"days": 30}) == [MIA]
    assert await meant(activity={"days": 30, "at_least": 2}) == []
    assert await meant(activity={"days": 30, "event": "order.completed"}) == []
    assert await meant(roles=["user"], activity={"has": False, "days": 30}) == [NOAH, OLGA]
    joined = (utc_now() - timedelta(days=30)).date()
    assert await meant(joined_from=str(joined - timedelta(days=1))) == sorted([ADMIN, *MEMBERS])
    assert await meant(joined_until=str(joined - timedelta(days=2))) == []


async def test_lists_are_searched_sorted_and_paged(office: Office) -> None:
    for name in ("Alpha", "beta", "Gamma"):
        await office.launch(name=name, goal="Sell" if name == "beta" else "")
    first = await office.get(sort="name", limit=2)
    rest = await office.get(sort="name", limit=2, cursor=first["next_cursor"])
    assert [item["name"] for item in first["items"] + rest["items"]] == ["Alpha", "beta", "Gamma"]
    assert (first["total"], rest["next_cursor"]) == (3, None)
    assert [item["name"] for item in (await office.get(q="sell"))["items"]] == ["beta"]
    assert (await office.get(status=["paused"]))["items"] == []
    campaign = first["items"][0]
    assert list(await office.sends(campaign, sort="-name", limit=2)) == [OLGA, NOAH]
    assert list(await office.sends(campaign, q="MIA")) == [MIA]
    assert (await office.client.get(f"/campaigns/{campaign['id']}/sends", params={"sort": "x"})).status_code == 422


async def test_another_organisations_campaign_is_not_there(office: Office) -> None:
    launched = await office.launch()
    headers = (await office.arena.world.sign_in("admin@globex.example")).headers
    async with api_client(office.arena.world.resources.settings, headers=headers) as client:
        paths = [f"/api/v1/campaigns/{launched['id']}{rest}" for rest in ("", "/sends")]
        assert [(await client.get(path)).status_code for path in paths] == [404, 404]
        for verb in ("pause", "resume", "cancel", f"sends/{uuid4()}/retry"):
            assert (await client.post(f"/api/v1/campaigns/{launched['id']}/{verb}")).status_code == 404
        assert (await client.get("/api/v1/campaigns")).json()["total"] == 0


async def test_a_split_adds_up_to_the_cent_in_the_organisations_currency(office: Office) -> None:
    answer = (await office.post("/split", budget="100", weights=[1, 1, "1"])).json()
    assert [share["amount"] for share in answer["shares"]] == ["33.34", "33.33", "33.33"]
    assert {share["currency"] for share in answer["shares"]} == {"EUR"}
    assert (await office.post("/split", budget="1", weights=[0])).json()["errors"][0]["field"] == "weights"


async def test_an_audience_is_planned_beside_the_event_loop(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[threading.Thread] = []
    allows = Schedule.allows

    def spied(self: Schedule, moment: datetime) -> bool:
        threads.append(threading.current_thread())
        return allows(self, moment)

    monkeypatch.setattr(Schedule, "allows", spied)
    await office.launch()
    assert threads
    assert threading.main_thread() not in threads


async def test_a_start_to_come_sends_nothing_before(office: Office) -> None:
    starts = datetime.now(UTC) + timedelta(days=3)
    launched = await office.launch(schedule={"starts_at": starts.isoformat()})
    await office.tick()
    assert office.mails() == []
    assert datetime.fromisoformat(launched["next_at"]) == starts
