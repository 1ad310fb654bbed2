"""The fraud engine's signals in a reviewer's words: what each may mean innocently, and what settles it.

The engine gives scores and reasons; nothing here changes them. `is_evidence` marks findings that hardly have an
innocent explanation; the others are circumstances.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NETWORK: Final = "network_reputation"
"""The one signal that comes from other tenants, as keyed digests and only among those that share."""


@dataclass(frozen=True, slots=True)
class SignalWords:
    """How a signal is said, its usual innocent explanation, and what to look at."""

    label: str
    innocent: str
    look_at: str
    is_evidence: bool = False


SIGNAL_WORDS: Final[dict[str, SignalWords]] = {
    "email_like_referrer": SignalWords(
        "Address like the referrer's",
        "A relative with a similar name",
        "Compare the spelling of both addresses",
        is_evidence=True,
    ),
    "email_repeated": SignalWords(
        "Address referred before", "A returning customer who used another link", "Look for an earlier order of theirs"
    ),
    "email_respelled": SignalWords(
        "Known inbox, spelled anew",
        "Somebody who sorts mail by tags",
        "Ask whether both orders are by one person",
        is_evidence=True,
    ),
    "email_series": SignalWords(
        "Addresses that differ by a number", "Several people with one common name", "Ask for the customers' names"
    ),
    "email_disposable": SignalWords(
        "Throw-away address", "A customer who avoids newsletters", "Ask for a lasting address before paying"
    ),
    "email_role": SignalWords("An office's address", "A company that orders by its office", "Look up the company"),
    "email_random": SignalWords(
        "Random-looking address", "A privacy alias", "Write to the address and wait for a reply"
    ),
    "device_of_referrer": SignalWords(
        "Ordered from the referrer's device",
        "A shared computer at home",
        "Ask who used the device",
        is_evidence=True,
    ),
    "device_reused": SignalWords(
        "Device of other referred accounts",
        "A family computer or a shop's tablet",
        "Compare names and delivery addresses",
    ),
    "device_confirmed": SignalWords(
        "Device of rejected conversions", "A device that was sold on", "Read the earlier decisions", is_evidence=True
    ),
    "payment_of_referrer": SignalWords(
        "Paid by the referrer", "A present that the referrer paid", "Ask who the goods are for", is_evidence=True
    ),
    "payment_reused": SignalWords(
        "Card of other referred accounts", "A family's shared card", "Compare the devices: a family has several"
    ),
    "payment_confirmed": SignalWords(
        "Card of rejected conversions", "A card shared in a household", "Read the earlier decisions", is_evidence=True
    ),
    "member_referred": SignalWords(
        "Referred a member", "A member who joined by another way first", "Compare the dates of joining"
    ),
    "ring_closed": SignalWords(
        "Ring of invitations", "Friends who invited each other", "Follow the ring to who began it", is_evidence=True
    ),
    "agent_automation": SignalWords(
        "Automated browser", "A test of the shop", "Ask whether somebody tested the shop", is_evidence=True
    ),
    "agent_impossible": SignalWords(
        "Impossible browser", "A browser with an unusual privacy setting", "Compare with the customer's later visits"
    ),
    "agent_missing": SignalWords("No browser named", "A shop that does not pass it on", "Check the integration"),
    "address_data_centre": SignalWords(
        "Address of a data centre", "A company's VPN", "See whether other customers of that company order"
    ),
    "address_of_referrer": SignalWords(
        "Address of the referrer", "One household or one office", "Compare device and payment: those should differ"
    ),
    "click_too_fast": SignalWords(
        "Ordered right after the click", "A customer who had chosen before", "Look for earlier visits"
    ),
    "clicks_all_swift": SignalWords(
        "All of them order fast", "A discount link shared at the counter", "Ask the referrer where the link is shared"
    ),
    "spacing_regular": SignalWords("Regular spacing", "Orders of a weekly event", "Look for an event on those days"),
    "value_just_enough": SignalWords(
        "Just over the threshold", "An offer priced near the threshold", "Compare with the price list"
    ),
    "value_repeated": SignalWords("Always the same value", "One product sold over and over", "See what was ordered"),
    "base_narrow": SignalWords("One narrow network", "A campus or a carrier", "Count the devices behind it"),
    "history_undone": SignalWords("Earlier refunds", "A product that is often returned", "Read why they were returned"),
    "history_nearby": SignalWords("Odd neighbours", "Other people on the same network", "Judge this one by itself"),
    "history_evident": SignalWords("Earlier evidence", "One bad case among good ones", "Read the earlier cases"),
    "referrer_new": SignalWords("New referrer", "A new member full of zeal", "Wait for the next orders"),
    NETWORK: SignalWords(
        "Known to other companies", "A customer who returned goods elsewhere", "It never decides alone: weigh the rest"
    ),
}
"""By the engine's code."""


def words_of(code: str) -> SignalWords:
    """Give the words of a signal; one that is new to us speaks for itself."""
    plain = code.replace("_", " ").capitalize()
    return SIGNAL_WORDS.get(code) or SignalWords(plain, "Unknown", "Read what it saw")
