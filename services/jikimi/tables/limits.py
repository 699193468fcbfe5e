"""How much of anything a file may hold: a reader must outlive the file it reads."""

MIB = 1024 * 1024

FILE_BYTES = 64 * MIB
INFLATED_BYTES = 256 * MIB
"""What a workbook's parts may come to when they are unpacked."""

FREE_BYTES = 16 * MIB
RATIO = 100
"""Above `FREE_BYTES`, parts that unpack to more than `RATIO` times the file are no table of a person's."""

CELLS = 5_000_000
"""The largest area that is laid out as rows and columns."""

COLUMNS = 1000
"""The widest table that is taken for one of a person's."""
