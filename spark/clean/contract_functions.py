"""Functions that contracts call by name: those of feeds/<feed>/transform.py, then of parse.py and derive.py here."""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from inspect import getmembers, isfunction
from types import ModuleType

import pyarrow as pa

from millrace.errors import Refused
from millrace.feed_names import nearest

Function = Callable[..., pa.Array]


@cache
def function_named(module: ModuleType, name: str, feed: str) -> Function:
    """The function of that name, the feed's own before the module's; refuses an unknown one, naming the nearest."""
    known = _public(module) | _own(feed)
    if name not in known:
        file = module.__name__.replace(".", "/")
        raise Refused(
            f"feeds/{feed}/contract.yaml: neither feeds/{feed}/transform.py nor {file}.py has a function {name}; "
            f"{nearest(name, tuple(known))}"
        )
    return known[name]


def call(function: Function, *columns: pa.Array) -> pa.Array:
    """What the function makes of the columns; refuses a result that is no array of their length."""
    found = function(*columns)
    if isinstance(found, pa.ChunkedArray):
        found = found.combine_chunks()
    if not isinstance(found, pa.Array) or len(found) != len(columns[0]):
        what = f"{len(found)} values" if isinstance(found, pa.Array) else f"a {type(found).__name__}"
        module = f"{function.__module__.replace('.', '/')}.py"
        raise Refused(f"{module}: {function.__name__} made {what} of {len(columns[0])}; it must give one for each.")
    return found


def _own(feed: str) -> dict[str, Function]:
    module = f"feeds.{feed}.transform"
    try:
        return _public(import_module(module))
    except ModuleNotFoundError as error:
        if error.name in (module, f"feeds.{feed}"):
            return {}
        raise


def _public(module: ModuleType) -> dict[str, Function]:
    functions = getmembers(module, isfunction)
    return {name: function for name, function in functions if function.__module__ == module.__name__ and name[0] != "_"}
