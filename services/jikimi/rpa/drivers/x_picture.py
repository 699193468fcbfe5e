"""A picture of an X display as PNG on the standard output: a program of its own, so that it can be given up on.

Its arguments are parts that are made black first, as X,Y,WIDTH,HEIGHT each. It stands alone, without anything of ours.
"""

import sys

import gi

gi.require_version("Gdk", "3.0")

from gi.repository import Gdk  # noqa: E402 - the version is chosen before

_BLACK = 0x000000FF


def main() -> int:
    """Write the picture; 1 if there is none."""
    root = Gdk.get_default_root_window()
    if root is None:
        return 1
    picture = Gdk.pixbuf_get_from_window(root, 0, 0, root.get_width(), root.get_height())
    for part in sys.argv[1:]:
        x, y, width, height = map(int, part.split(","))
        left, top = max(x, 0), max(y, 0)
        right, bottom = min(x + width, picture.get_width()), min(y + height, picture.get_height())
        if left < right and top < bottom:
            picture.new_subpixbuf(left, top, right - left, bottom - top).fill(_BLACK)
    is_made, data = picture.save_to_bufferv("png", [], [])
    sys.stdout.buffer.write(data)
    return 0 if is_made else 1


if __name__ == "__main__":
    sys.exit(main())
