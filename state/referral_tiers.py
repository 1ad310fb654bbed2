"""A member's way through the tiers of a programme, in words. Pure."""

from __future__ import annotations

from bizosaas_app.gateway.contracts.referral_programs import TierView
from bizosaas_app.gateway.contracts.referrals import MineView
from state import referral_words, words
from state.referral_rows import TierRow


def rows(mine: MineView) -> list[TierRow]:
    """Give every tier, the lowest first, with where the member stands."""
    return [_row(tier, mine) for tier in mine.tiers]


def title(mine: MineView) -> str:
    """Name the tier that the member is in."""
    if mine.tier is not None:
        return mine.tier.name
    return "Not in a tier yet" if mine.tiers else "This programme has no tiers"


def ahead(mine: MineView) -> str:
    """Say what is missing for the next tier."""
    if mine.next_tier is None or mine.missing_for_next is None:
        return "You are in the highest tier." if mine.tier else "Ask who runs the programme what a referral earns."
    missing = words.counted(mine.missing_for_next, "more approved referral", "more approved referrals")
    reward = referral_words.terms(mine.next_tier.reward, mine.currency)
    return f"{missing} to {mine.next_tier.name}, where each earns {reward}."


def percent(mine: MineView) -> int:
    """Give how much of the way from this tier to the next one is done, in percent."""
    if mine.next_tier is None:
        return 100 if mine.tier else 0
    begin = mine.tier.threshold if mine.tier else 0
    way = mine.next_tier.threshold - begin
    return max(0, min(100, round(100 * (mine.counters.approved - begin) / way))) if way > 0 else 0


def _row(tier: TierView, mine: MineView) -> TierRow:
    is_current = mine.tier is not None and tier.key == mine.tier.key
    is_reached = mine.tier is not None and tier.threshold < mine.tier.threshold
    state, label = (
        ("current", "You are here") if is_current else ("reached", "Reached") if is_reached else ("ahead", "")
    )
    return TierRow(
        key=tier.key,
        name=tier.name,
        needs=f"from {words.counted(tier.threshold, 'approved referral', 'approved referrals')}",
        reward=f"{referral_words.terms(tier.reward, mine.currency)} each",
        state=state,
        state_label=label,
    )
