"""Demo data for development: three customers with their people and ninety days of events."""

from bizosaas_app.services.demo.seeding import ensure

__all__ = ["ensure"]
