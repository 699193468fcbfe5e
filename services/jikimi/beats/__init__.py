"""A sign of life: its shape, and what carries it."""
