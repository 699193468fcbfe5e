"""The snapshot of how all stands: its shape, and its reader, which needs nothing but Python."""
