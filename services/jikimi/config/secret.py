"""A secret: where it is kept, never what it is."""

from pathlib import Path

from jikimi.errors import NotWell
from jikimi.text import Text


class NoSecret(NotWell):
    """The file that should hold a secret cannot be used."""

    what = Text("비밀 파일을 읽을 수 없습니다: {file}: {why}", "the file with the secret cannot be read: {file}: {why}")
    remedy = Text(
        "이 파일에 비밀 한 줄을 쓰거나, 설정에서 파일 이름을 고치세요",
        "write the secret into this file as its one line, or correct the file's name in the settings",
    )


class Secret:
    """A secret that is read each time it is used, so that a new one counts at once.

    Args:
        value: what the environment gave; it wins over the file.
        file: where else it lies; None means that there is no secret unless *value* is one.
    """

    def __init__(self, value: str = "", file: Path | None = None) -> None:
        self._value, self._file = value, file

    def __bool__(self) -> bool:
        return bool(self._value or self._file)

    def __repr__(self) -> str:
        return f"Secret({'given' if self._value else self._file})"

    def read(self) -> str:
        """Return the secret without the line's end, "" if there is none.

        Raises:
            NoSecret: the file is missing, empty or no text.
        """
        if self._value or self._file is None:
            return self._value
        try:
            text = self._file.read_text(encoding="utf-8-sig").strip("\r\n")
        except OSError as error:
            raise NoSecret(file=self._file, why=error.strerror or type(error).__name__) from None
        except UnicodeDecodeError:
            raise NoSecret(file=self._file, why="not UTF-8") from None
        if not text:
            raise NoSecret(file=self._file, why="empty")
        return text
