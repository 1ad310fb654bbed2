"""The review desk: conversions that wait for a person, and all that bears on the decision about one of them."""
