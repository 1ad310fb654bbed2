"""Floor 6: what people see. Pages draw, states act; a page never reaches past its state."""
