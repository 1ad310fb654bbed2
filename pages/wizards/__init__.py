"""Pages of the wizards: one drawing, and an address for each of them."""
