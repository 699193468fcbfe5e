"""GNOME's libraries in the versions that are meant; they come with the system (Debian's python3-gi), not from PyPI."""

import gi

gi.require_version("Atspi", "2.0")

from gi.repository import Atspi, Gio, GLib  # noqa: E402 - the version is chosen before

__all__ = ["Atspi", "GLib", "Gio"]
