"""The command `jikimi`; also `python -m jikimi`."""

import sys


def main() -> int:
    """Run the command line; `status` is answered without loading anything else, for it must work when all is dead."""
    if "status" in sys.argv[1:4] and not {"--help", "-h"} & set(sys.argv):
        from jikimi.status import reader  # noqa: PLC0415

        return reader.main(sys.argv[1:])
    from jikimi.cli.main import run  # noqa: PLC0415

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
