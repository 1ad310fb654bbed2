"""Wizards: one pure engine, a declaration for each wizard, and drafts that survive everything but their expiry."""
