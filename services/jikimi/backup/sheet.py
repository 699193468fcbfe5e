"""The recovery sheet: one printable page with all that a stranger needs to open the backups on an empty machine."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from html import escape

_PER_LINE = 64
_PAGE = """\
<!doctype html>
<html lang="ko">
<head>
<meta charset="utf-8">
<title>복구 안내문 · Recovery sheet · {company}</title>
<style>
@page {{ size: A4; margin: 14mm }}
body {{ font: 11pt/1.35 "Noto Sans KR", "Malgun Gothic", sans-serif; color: #000; max-width: 182mm; margin: auto }}
h1 {{ font-size: 15pt; margin: 0 0 2mm }}
h2 {{ font-size: 11pt; margin: 4mm 0 1mm }}
p {{ margin: 0 0 1.5mm }}
code, pre {{ font: 10pt/1.3 "D2Coding", "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; white-space: pre-wrap }}
pre, .key {{ border: 1px solid #000; padding: 2mm; margin: 1mm 0; page-break-inside: avoid }}
pre {{ font-size: 7.5pt }}
.key {{ font-size: 12pt }}
</style>
</head>
<body>
<h1>복구 안내문 · Recovery sheet</h1>
<p>{company} · {day}</p>
<p>이 한 장이 있으면 누구나 백업을 열 수 있습니다. 인쇄해서 이 컴퓨터가 아닌 곳(금고 등)에 두고, 파일은 지우세요.<br>
Whoever has this page can open the backups. Print it, keep it away from this machine, and delete the file.</p>
<h2>열쇠 · key</h2>
<div class="key"><code>{key}</code></div>
<p>확인 코드 · code to confirm: <code>{code}</code></p>
<h2>저장소 · repository</h2>
<p><code>{folder}</code> ({engine})</p>
<h2>복구 방법 · how to recover</h2>
{how}
{offsite}
{escrow}
</body>
</html>
"""
_FILE = """\
<p>지킴이 없이도, 어느 컴퓨터에서나 age, zstd, tar로 풀 수 있습니다. key.txt에는 위의 열쇠 한 줄을 적습니다.<br>
Without Jikimi, on any machine with age, zstd and tar; key.txt holds the line above.</p>
<p><code>age --decrypt -i key.txt snapshots/NAME.tar.zst.age | zstd -d | tar x</code></p>
"""
_RESTIC = """\
<p>지킴이 없이도, restic으로 풀 수 있습니다. key.txt에는 위의 열쇠 한 줄을 적습니다.<br>
Without Jikimi, with restic; key.txt holds the line above.</p>
<p><code>restic -r restic --password-file key.txt snapshots</code><br>
<code>restic -r restic --password-file key.txt restore ID --target FOLDER</code></p>
"""
_OFFSITE = """\
<h2>다른 곳의 사본 · copies off-site</h2>
<p><code>{place}</code> ({engine})</p>
<p>위 저장소를 잃었을 때 씁니다. 열쇠가 다릅니다. 그곳에 로그인하는 방법(SSH 열쇠, S3 접근 키)도 따로 보관하세요.<br>
For when the repository above is lost. It has a key of its own; keep what logs you in there (SSH or S3 keys), too.</p>
<div class="key"><code>{key}</code></div>
<p><code>{command}</code></p>
"""
_ESCROW = """\
<h2>저장소 열쇠 파일 · key files of the repository</h2>
<p>저장소에서 config나 keys가 사라졌을 때만 씁니다: 아래 글을 base64로 풀면 이름과 내용이 든 JSON입니다.<br>
Only if <code>config</code> or <code>keys</code> of the repository are lost: base64 of a JSON of names and contents.</p>
<pre>{text}</pre>
"""


@dataclass(frozen=True, slots=True)
class OffsiteSheet:
    """The second repository: where it lies as its engine names it, and the key that opens it."""

    place: str
    engine: str
    key: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on the page.

    Attributes:
        key: the recovery key. code: what its owner types to say that the page is kept.
        escrow: small files without which no key opens the repository.
    """

    company: str
    day: date
    engine: str
    folder: str
    key: str
    code: str
    escrow: Mapping[str, bytes] = field(default_factory=dict)
    offsite: OffsiteSheet | None = None


def sheet_page(sheet: Sheet) -> str:
    """Return the page as HTML; it loads nothing from elsewhere."""
    text = escrow_text(sheet.escrow)
    lines = "\n".join(text[start : start + _PER_LINE] for start in range(0, len(text), _PER_LINE))
    return _PAGE.format(
        company=escape(sheet.company),
        day=sheet.day.isoformat(),
        key=escape(sheet.key),
        code=escape(sheet.code),
        folder=escape(sheet.folder),
        engine=escape(sheet.engine),
        how=_RESTIC if sheet.engine == "restic" else _FILE,
        offsite=_offsite_part(sheet.offsite) if sheet.offsite else "",
        escrow=_ESCROW.format(text=lines) if text else "",
    )


def _offsite_part(offsite: OffsiteSheet) -> str:
    key = "--password-file offsite-key.txt"
    command = f'restic -r "{offsite.place}" {key} restore latest --target FOLDER'
    if offsite.engine != "restic":
        command = "age --decrypt -i offsite-key.txt snapshots/NAME.tar.zst.age | zstd -d | tar x"
    shown = {name: escape(text) for name, text in (("place", offsite.place), ("engine", offsite.engine))}
    return _OFFSITE.format(**shown, key=escape(offsite.key), command=escape(command))


def escrow_text(escrow: Mapping[str, bytes]) -> str:
    """Return *escrow* as text that can be typed or scanned, "" if there is nothing in it."""
    if not escrow:
        return ""
    document = {name: base64.b64encode(data).decode() for name, data in sorted(escrow.items())}
    return base64.b64encode(json.dumps(document, separators=(",", ":")).encode()).decode()


def escrow_from(text: str) -> dict[str, bytes]:
    """Return what *text*, with any white space, holds.

    Raises:
        ValueError: it is not such a text.
    """
    document = json.loads(base64.b64decode("".join(text.split()), validate=True))
    return {str(name): base64.b64decode(data, validate=True) for name, data in document.items()}
