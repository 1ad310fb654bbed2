"""Product sourcing: from a supplier's file to a priced product in the shop."""
