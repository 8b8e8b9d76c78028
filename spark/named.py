"""Functions that contracts call by name: every public function of spark/parse.py and spark/derive.py."""

from collections.abc import Callable
from inspect import getmembers, isfunction
from types import ModuleType

from pyspark.sql import Column

from feeds.errors import Refused
from feeds.validation import nearest


def function_named(module: ModuleType, name: str, feed: str) -> Callable[..., Column]:
    """The module's function of that name; refuses an unknown one, naming the nearest."""
    known = {
        key: value
        for key, value in getmembers(module, isfunction)
        if value.__module__ == module.__name__ and key[0] != "_"
    }
    if name not in known:
        file = module.__name__.replace(".", "/")
        raise Refused(f"feeds/{feed}/contract.yaml: {file}.py has no function {name}; {nearest(name, tuple(known))}")
    return known[name]
