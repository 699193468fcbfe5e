"""Read a card or bank statement, whatever its format, into lines and faults.

Formats end here: nothing behind the readers knows CSV from XLSX. A row that cannot be read for certain
becomes a fault with its reason; a value is never guessed, and an unreadable amount is never zero.
"""

from jikimi.vouchers.readers.options import ReadOptions
from jikimi.vouchers.readers.statement import read_statement

__all__ = ["ReadOptions", "read_statement"]
