"""Building blocks: arguments in, component out."""
