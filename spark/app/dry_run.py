"""A contract tried on an empty batch before its feed starts: finds patterns, dates and functions that cannot work."""

import pyarrow as pa

from millrace.errors import Refused
from spark.clean.clean_batch import clean
from spark.decode.events import decode
from spark.decode.record_fields import Reader

RECORDS = pa.schema(
    {
        "value": pa.binary(),
        "partition": pa.int32(),
        "offset": pa.int64(),
        "timestamp": pa.timestamp("us", "UTC"),
    }
)


def try_contract(reader: Reader) -> None:
    """Refused, naming the contract, where its feed could clean no record."""
    nothing = pa.RecordBatch.from_pylist([], RECORDS)
    try:
        clean(decode(nothing, reader), reader.contract)
    except pa.ArrowException as error:
        why = str(error).splitlines()[0]
        raise Refused(f"feeds/{reader.contract.feed}/contract.yaml cannot be carried out: {why}.") from None
