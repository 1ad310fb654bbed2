"""The agents' pages, for administrators and for members alike."""
