"""What fraudsters do, through the engine on a real database."""

from __future__ import annotations

from bizosaas_app.services.gamification.fraud import scoring
from tests.support.fraud import Desk, codes_of, desk

__all__ = ["desk"]

MIA = "mia@acme.example"


async def test_an_honest_stranger_passes_and_the_decision_can_be_replayed(desk: Desk) -> None:
    await desk.generate(MIA, device="mia-phone", payment="mia-card", address="81.2.3.4")
    verdict, row = await desk.track_row(await desk.attempt(MIA, 1))
    assert (verdict.decision, verdict.score) == ("allow", 0)
    again = scoring.replay(row.fraud_inputs)
    assert (again.score, again.decision, again.reasons) == (verdict.score, verdict.decision, verdict.reasons)


async def test_an_order_from_the_referrers_own_device_is_blocked(desk: Desk) -> None:
    await desk.generate(MIA, device="mia-phone")
    verdict = await desk.track(await desk.attempt(MIA, 1, device="mia-phone"))
    assert verdict.decision == "block"
    assert codes_of(verdict) == {"device_of_referrer"}
