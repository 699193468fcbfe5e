"""Read the one page of a web archive (MHTML) that holds a table; Excel calls it "single file web page"."""

from email import message_from_bytes

from jikimi.tables.decode import decode
from jikimi.tables.html_table import html_table
from jikimi.tables.refusal import refused
from jikimi.tables.table import Table

NAME = "MHTML"


def mhtml_table(data: bytes) -> Table:
    """Return the rows of the only page in *data* that holds a table.

    Raises:
        FileRefused: there is no such page or more than one, or it cannot be read.
    """
    pages = []
    for part in message_from_bytes(data).walk():
        content = part.get_payload(decode=True) if part.get_content_type() == "text/html" else None
        if isinstance(content, bytes) and b"<table" in content.lower():
            pages.append(content)
    if len(pages) != 1:
        raise refused("save_as_xlsx", name=NAME)
    return html_table(decode(pages[0]))
