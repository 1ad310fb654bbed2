"""The parts of the review desk."""
