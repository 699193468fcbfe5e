"""Keeps the units running."""
