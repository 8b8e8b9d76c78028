"""One record of a JSON source, header → text."""

from millrace.contract.column import GIVEN
from millrace.record.json_record import NotJson, flatten, read_object


def read_record(text: str) -> dict[str, str]:
    """An object's values by dotted name, see record.json_record. Raises NotJson also where one has a name of ours."""
    texts = flatten(read_object(text))
    for given in GIVEN:
        if given in texts:
            raise NotJson(f"has a value called {given}, which is a name of Millrace's own")
    return texts
