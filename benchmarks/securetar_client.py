"""What Home Assistant does with a folder, for `backup.py`: run in an environment that has securetar.

python benchmarks/securetar_client.py pack|unpack HOME PACKED INTO LEFT_OUT...
"""

import sys
import time
from pathlib import Path

from securetar import SecureTarArchive, SecureTarFile, atomic_contents_add

_PASSWORD = "a password"  # noqa: S105 - of a benchmark
_BUFFER = 4 << 20  # as Home Assistant sets it


def main() -> None:
    """Pack or unpack, and print the seconds."""
    doing, home, packed, into, *left_out = sys.argv[1:]
    began = time.monotonic()
    if doing == "pack":
        with (
            SecureTarArchive(Path(packed), "w", bufsize=_BUFFER, password=_PASSWORD) as archive,
            archive.create_tar("home.tar.gz", gzip=True) as tar,
        ):
            atomic_contents_add(tar, Path(home), lambda path: str(path) in left_out, ".")
    else:
        with SecureTarArchive(Path(packed), "r", bufsize=_BUFFER) as archive:
            for member in archive.tar:
                inner = archive.tar.extractfile(member)
                with SecureTarFile(fileobj=inner, gzip=True, bufsize=_BUFFER, password=_PASSWORD) as tar:
                    tar.extractall(into, filter="fully_trusted")
    print(time.monotonic() - began)


if __name__ == "__main__":
    main()
