"""The evaluation of the agents, and what their runtime costs."""
