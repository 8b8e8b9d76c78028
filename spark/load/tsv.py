"""Arrow batches → lines for LOAD DATA: tabs between fields, backslash escapes, NULL as \\N, empty text as nothing."""

from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

FORMAT = r"CHARACTER SET utf8mb4 FIELDS TERMINATED BY '\t' ESCAPED BY '\\' LINES TERMINATED BY '\n'"
"""How LOAD DATA must be told to read these lines."""

NULL = r"\N"
TAB, NOTHING, LINE_END = (pa.scalar(text, pa.large_string()) for text in ("\t", "", "\n"))
SPECIAL = r"[\\\t\n\r\x00]"
ESCAPES = (("\\", r"\\"), ("\t", r"\t"), ("\n", r"\n"), ("\r", r"\r"), ("\0", r"\0"))


def write_lines(batch: pa.RecordBatch, file: BinaryIO) -> None:
    """Appends the batch, one line per row and its columns in their order, to a file opened for bytes."""
    fields = [_as_text(column) for column in batch.columns]
    joined = pc.binary_join_element_wise(*fields, TAB, null_handling="replace", null_replacement=NULL)
    lines = pc.binary_join_element_wise(joined, NOTHING, LINE_END)
    offsets, content = lines.buffers()[1:]
    ends = pa.Array.from_buffers(pa.int64(), len(lines) + 1, [None, offsets], offset=lines.offset)
    file.write(content.slice(ends[0].as_py(), ends[-1].as_py() - ends[0].as_py()))


def _as_text(column: pa.Array) -> pa.LargeStringArray:
    """The column as MySQL reads it: booleans 1 and 0, dates in ISO form, texts escaped."""
    if pa.types.is_dictionary(column.type):
        return _as_text(column.dictionary).take(column.indices)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return _escape(column.cast(pa.large_string()))
    if pa.types.is_boolean(column.type):
        return column.cast(pa.int8()).cast(pa.large_string())
    return column.cast(pa.large_string())


def _escape(texts: pa.LargeStringArray) -> pa.LargeStringArray:
    """Most texts need nothing; one look at the whole column spares them five passes."""
    if not pc.any(pc.match_substring_regex(texts, SPECIAL)).as_py():
        return texts
    for sign, escaped in ESCAPES:
        texts = pc.replace_substring(texts, sign, escaped)
    return texts
