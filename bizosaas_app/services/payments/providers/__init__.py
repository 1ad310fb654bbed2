"""The providers: one port, three real ends that speak the documented HTTP APIs."""
