"""Campaigns: planned for members of the tenant, launched once, sent message by message, steered while they run."""
