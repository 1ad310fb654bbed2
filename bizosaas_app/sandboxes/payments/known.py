"""The credentials that the sandbox knows: none of them opens anything at a real provider."""

from __future__ import annotations

from typing import Final

STRIPE: Final = {
    "sk_test_SandboxFirstAccount00001": "acct_sandbox1",
    "sk_test_SandboxFirstAccount00002": "acct_sandbox1",
    "sk_test_SandboxOtherAccount00001": "acct_sandbox2",
    "sk_live_SandboxFirstAccount00001": "acct_sandbox1",
}
"""Secret key -> account; the second key of the first account is the one after a rotation."""
STRIPE_PUBLISHABLE: Final = "pk_{mode}_SandboxFirstAccount00001"

PAYPAL: Final = {
    "A" + "SandboxClientOne".ljust(79, "1"): {"E" + "SandboxSecretOne".ljust(79, n) for n in "12"},
    "A" + "SandboxClientTwo".ljust(79, "2"): {"E" + "SandboxSecretTwo".ljust(79, "1")},
}
"""Client id -> secrets; the second of an app is the one after a rotation."""

RAZORPAY: Final = {
    "rzp_test_SandboxKey001": "SandboxKeySecret00000001",
    "rzp_test_SandboxKey002": "SandboxKeySecret00000002",
    "rzp_live_SandboxKey001": "SandboxKeySecret00000003",
}
"""Key id -> secret."""
