"""Jikimi (지킴이, the keeper): runs a small company's ERP and RPA work, and repairs it by itself."""

__version__ = "0.1.0"
