"""Other places, on this machine: a folder, moto's S3 server, an SFTP server."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import Request, urlopen

import asyncssh

from jikimi.config.load import inherited
from tests.conftest import Until, missing

SECRET = "a-secret-of-the-other-place"
# serves one folder to whoever has the one key that it was given; says nothing but the port
SFTP = """
import asyncio, asyncssh, sys
port, host_key, client_key, folder = sys.argv[1:]

class Server(asyncssh.SSHServer):
    pass

def files(chan):
    return asyncssh.SFTPServer(chan, chroot=folder.encode())

async def main():
    server = await asyncssh.listen("127.0.0.1", int(port), server_factory=Server, server_host_keys=[host_key],
        authorized_client_keys=client_key, sftp_factory=files)
    print(server.get_port(), flush=True)
    await server.wait_closed()

asyncio.run(main())
"""


@dataclass
class Elsewhere:
    """A place off-site.

    Attributes:
        settings: the lines of `[backup.offsite]`.
        environment: what stock restic needs beside the key to work with it. options: its options for that.
    """

    to: str
    settings: str
    options: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    repository: str = ""

    def __post_init__(self) -> None:
        self.repository = self.repository or self.to

    def leave(self) -> None:
        """Be out of reach."""
        raise NotImplementedError

    def come_back(self) -> None:
        """Be in reach again, as it was."""
        raise NotImplementedError

    def restic(self, key: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run stock restic there with the key in *key*."""
        given = {name: value for name, value in inherited().items() if not name.startswith(("AWS_", "RESTIC_"))}
        options = [word for option in self.options for word in ("-o", option)]
        return subprocess.run(
            ["restic", "-r", self.repository, "--password-file", key, "--no-cache", *options, *map(str, words)],
            env=given | self.environment, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip


class Folder(Elsewhere):
    """A mount that can be away."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()
        super().__init__(str(folder), f'to = "{folder}"', repository=str(folder / "restic"))

    def leave(self) -> None:
        self._folder.rename(f"{self._folder}.away")
        self._folder.mkdir()  # the empty mount point

    def come_back(self) -> None:
        self._folder.rmdir()
        Path(f"{self._folder}.away").rename(self._folder)


class S3(Elsewhere):
    """Moto's server, which keeps everything in memory; away means that it is stopped and answers nobody."""

    def __init__(self, folder: Path, until: Until) -> None:
        port = free_port()
        self._child = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=inherited(),
        )  # fmt: skip
        until(lambda: answers(port), 60)
        # what makes a bucket asks nobody who they are there
        request = Request(f"http://127.0.0.1:{port}/books", method="PUT")
        request.add_header("Authorization", "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/s3/aws4_request")
        urlopen(request, timeout=10).close()  # noqa: S310 - http, to this machine
        keys = folder / "s3-credentials"
        keys.write_text(f"[default]\naws_access_key_id = jikimi\naws_secret_access_key = {SECRET}\n")
        super().__init__(
            f"s3:http://127.0.0.1:{port}/books/our-company",
            f'to = "s3:http://127.0.0.1:{port}/books/our-company"\ncredentials_file = "{keys}"',
            environment={"AWS_SHARED_CREDENTIALS_FILE": str(keys)},
        )

    def leave(self) -> None:
        self._child.send_signal(19)  # SIGSTOP: connections are taken, and nothing is ever said

    def come_back(self) -> None:
        self._child.send_signal(18)

    def close(self) -> None:
        self._child.kill()
        self._child.wait()


class Sftp(Elsewhere):
    """An SFTP server that knows one key, and whose own key is known."""

    def __init__(self, folder: Path, until: Until) -> None:
        self._until, self._port = until, free_port()
        self._files = folder / "sftp files"
        self._files.mkdir()
        self._host_key, self.key, self.known_hosts = (
            folder / name for name in ("host key", "client key", "known hosts")
        )
        for path in (self._host_key, self.key):
            write_key(path)
        public = self._host_key.with_suffix(".pub").read_text().split()[:2]
        self.known_hosts.write_text(f"[127.0.0.1]:{self._port} {' '.join(public)}\n")
        to = f"sftp://jikimi@127.0.0.1:{self._port}//books"
        # written as CSV, which is how restic takes options
        args = f"-F none -i '{self.key}' -o BatchMode=yes -o 'UserKnownHostsFile=\"\"{self.known_hosts}\"\"'"
        super().__init__(
            to,
            f'to = "{to}"\nkey_file = "{self.key}"\nknown_hosts = "{self.known_hosts}"',
            options=[f'"sftp.args={args}"'],
        )
        self.come_back()

    def leave(self) -> None:
        self._child.kill()
        self._child.wait()

    def come_back(self) -> None:
        words = [str(self._port), self._host_key, self.key.with_suffix(".pub"), self._files]
        self._child = subprocess.Popen([sys.executable, "-c", SFTP, *map(str, words)], stdout=subprocess.DEVNULL)
        self._until(lambda: answers(self._port), 30)

    close = leave


def write_key(path: Path) -> None:
    """Write a new SSH key to *path*, and the public half beside it."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    path.touch(mode=0o600)
    path.write_bytes(key.export_private_key())
    path.with_suffix(".pub").write_bytes(key.export_public_key())


def free_port() -> int:
    """Return a port that nobody listens on."""
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def answers(port: int) -> bool:
    """Return whether somebody listens there."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@contextmanager
def elsewhere(kind: str, folder: Path, until: Until) -> Iterator[Elsewhere]:
    """Give a place of *kind*: folder, s3, sftp."""
    if kind == "folder":
        yield Folder(folder / "mount")
        return
    if kind == "sftp" and not shutil.which("ssh"):
        missing("ssh")
    place: S3 | Sftp = S3(folder, until) if kind == "s3" else Sftp(folder, until)
    try:
        yield place
    finally:
        place.close()
