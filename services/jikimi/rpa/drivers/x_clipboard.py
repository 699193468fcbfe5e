"""What was copied last on an X display, on the standard output; a program of its own, as `x_picture` is."""

import sys

import gi

gi.require_version("Gtk", "3.0")

from gi.repository import Gdk, Gtk  # noqa: E402 - the version is chosen before


def main() -> int:
    """Write it; 1 if nothing was copied, or no text."""
    text = Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD).wait_for_text()
    sys.stdout.buffer.write((text or "").encode())
    return 0 if text is not None else 1


if __name__ == "__main__":
    sys.exit(main())
