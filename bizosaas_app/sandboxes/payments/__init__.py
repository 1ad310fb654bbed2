"""A sandbox of Stripe, PayPal and Razorpay: `/stripe`, `/paypal` and `/razorpay` are the base addresses of their APIs.

It knows the credentials of `known.py`, keeps everything in memory, and sends signed events to the registered
addresses. What a person does at a provider is done on the pages that its answers name, or under `/sandbox`.
"""

from bizosaas_app.sandboxes.payments.serving import Sandbox, build

__all__ = ["Sandbox", "build"]
