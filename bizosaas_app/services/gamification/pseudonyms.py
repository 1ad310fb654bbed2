"""Pseudonyms: a friendly name that tells nothing about its bearer and stays the same. Pure."""

from __future__ import annotations

from typing import Final

_ADJECTIVES: Final = (
    "Agile Amber Azure Bold Brave Bright Brisk Calm Candid Clever Coral Cosmic Crimson Daring Deft Eager Early "
    "Fearless Gentle Glad Golden Happy Hardy Humble Indigo Ivory Jade Jolly Keen Kind Lively Lucky Lunar Mellow "
    "Merry Mighty Nimble Noble Olive Patient Plucky Polar Proud Quick Quiet Rapid Royal Rustic Scarlet Serene "
    "Silver Smart Solar Steady Sunny Swift Tidy Trusty Velvet Vivid Warm Wise Witty Zesty"
)
_ANIMALS: Final = (
    "Badger Bear Beaver Bison Bobcat Buffalo Camel Caribou Cheetah Condor Cougar Crane Dolphin Eagle Egret Falcon "
    "Ferret Finch Fox Gazelle Gecko Gibbon Heron Hornbill Ibex Ibis Impala Jackdaw Jaguar Kestrel Kiwi Koala Lark "
    "Lemur Leopard Lion Lynx Macaw Manta Marmot Marten Moose Narwhal Ocelot Orca Oriole Osprey Otter Owl Panda "
    "Panther Pelican Penguin Puffin Puma Raven Robin Salmon Seal Sparrow Stork Swan Tiger Walrus"
)
ADJECTIVES: Final = tuple(_ADJECTIVES.split())
ANIMALS: Final = tuple(_ANIMALS.split())
_NUMBERS: Final = 900


def pseudonym(digest: bytes) -> str:
    """Give the name that a keyed digest of at least 8 bytes draws, such as `Amber Otter 427`."""
    drawn = int.from_bytes(digest[:8])
    drawn, adjective = divmod(drawn, len(ADJECTIVES))
    drawn, animal = divmod(drawn, len(ANIMALS))
    return f"{ADJECTIVES[adjective]} {ANIMALS[animal]} {100 + drawn % _NUMBERS}"
