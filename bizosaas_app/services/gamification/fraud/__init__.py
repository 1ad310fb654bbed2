"""Fraud detection: named signals, a score, and a decision that can be explained and replayed."""
