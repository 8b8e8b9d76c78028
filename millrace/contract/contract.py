"""The contract of a feed: the one place that knows its columns. Read from feeds/<feed>/contract.yaml."""

from collections.abc import Collection, Mapping
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from millrace.contract.column import GIVEN, MESSAGE, PUBLISHED, Column, Comment, Derived, Name
from millrace.contract.rollup import Rollup
from millrace.errors import Refused
from millrace.feed_names import contract_file, known_feeds, nearest
from millrace.strict_model import Strict, validated
from millrace.yaml_file import read_yaml

VERSION_LENGTH = 12
RESERVED = ("source_id", "row_no", "load_id", "extra", "sent_at", "kafka_partition", "kafka_offset", "loaded_on")


class Topic(Strict):
    """How the feed's topic is made. It is bounded by size, never by time."""

    partitions: int = Field(default=2, ge=1, le=64)
    retention_bytes: int = Field(default=2**31, ge=2**20, description="per partition")


class Shape(Strict):
    """A kind of JSON record that looks like the feed's and is none: a file with one is refused before it is sent."""

    name: str = Field(min_length=1, description="what it is, as people call it, such as `an hourly answer`")
    has: str = Field(
        min_length=1, description="a name, in the way nested values are named, that only such a record has"
    )
    value: str = Field(default="", description="only where that name has this value")
    without: str = Field(default="", description="only where the record has not this name")
    instead: str = Field(min_length=1, description="what to do; goes on behind the colon")

    def fits(self, texts: Mapping[str, str]) -> bool:
        """Whether a record's values by name are of this kind."""
        return self.has in texts and self.value in {"", texts[self.has]} and self.without not in texts


class FileLayout(Strict):
    """How the feed's files are written. A file's ending says which format it has: .csv, .json, .jsonl."""

    formats: tuple[Literal["csv", "json", "jsonl"], ...] = Field(default=("csv",), min_length=1)
    delimiter: str = Field(default=",", min_length=1, max_length=1, description="of bare lines, and of most files")
    other_delimiters: tuple[str, ...] = Field(default=(), description="tried where `delimiter` finds no known header")
    encoding: str = "utf-8"
    fallback_encoding: str | None = Field(default=None, description="tried on a record that is not in `encoding`")
    leading_blank_lines: int = Field(default=0, ge=0, le=10, description="blank lines allowed above the header")
    not_read: tuple[Shape, ...] = Field(default=(), description="kinds of record that are refused by name")
    lines_above: int = Field(default=0, ge=0, le=50, description="lines about the file allowed above the header")
    records: str = Field(
        default="", description="json: the key of the list of records; empty: the document is the list"
    )
    lists: dict[str, dict[str, str]] = Field(
        default={}, description="json: keys of several lists under `records`, each with values its records may lack"
    )


class Published(Strict):
    """How the day a publisher issued a file is found: it decides which version of a key wins, never our clock."""

    name: str = Field(description="regular expression over the file's name, its first group a day as yyyy-MM-dd")
    greatest: Name = Field(description="the date column whose greatest value counts where the name says nothing")


class Contract(Strict):
    """A feed: where it comes from, its columns in the table's order, what is computed from them."""

    feed: Name
    title: str = Field(min_length=1)
    description: Comment
    family: Name
    mode: Literal["append", "upsert"]
    key: tuple[Name, ...] = ()
    newest_by: Name | None = None
    topic: Topic = Topic()
    source: FileLayout = FileLayout()
    published: Published | None = None
    ignore: tuple[str, ...] = Field(default=(), description="header names dropped, such as unnamed index columns")
    columns: tuple[Column, ...] = Field(min_length=1)
    derived: tuple[Derived, ...] = ()
    rollups: tuple[Rollup, ...] = ()

    def __hash__(self) -> int:
        """Short, so that what is made of a contract can be remembered under it."""
        return hash(self.version)

    @cached_property
    def version(self) -> str:
        """A digest of all that the contract says, so that every change of it is another version."""
        return sha256(self.model_dump_json(by_alias=True, exclude_defaults=True).encode()).hexdigest()[:VERSION_LENGTH]

    @property
    def names(self) -> tuple[str, ...]:
        """Every typed column of the fact table, in its order: those of the source, then the derived ones."""
        return tuple(c.name for c in self.columns) + tuple(d.name for d in self.derived)

    @property
    def former_names(self) -> dict[str, str]:
        """Of renamed columns, the former name and the one they have now."""
        found = {c.was: c.name for c in self.columns if c.was}
        return found | {d.was: d.name for d in self.derived if d.was}

    @property
    def required_headers(self) -> tuple[str, ...]:
        """Of a required column the name that people know best; any of its names will do."""
        return tuple(c.from_ for c in self.columns if c.required and c.from_ not in GIVEN)

    def missing_headers(self, names: Collection[str]) -> tuple[str, ...]:
        """The required headers that are not among a source's names, under none of the names they may have."""
        required = (c for c in self.columns if c.required and c.from_ not in GIVEN)
        return tuple(c.from_ for c in required if not set(c.headers) & set(names))

    @property
    def typed_columns(self) -> tuple[Column, ...]:
        """The columns a person types into a bare line, in this order."""
        return tuple(c for c in self.columns if c.from_ not in GIVEN)

    @property
    def keeps_message(self) -> bool:
        """Whether the whole record is a column, so that nothing has to be kept in `extra`."""
        return any(c.from_ == MESSAGE for c in self.columns)

    def column(self, name: str) -> Column | Derived:
        """The column of that name; KeyError where the contract has none."""
        found: dict[str, Column | Derived] = {c.name: c for c in self.columns}
        return (found | {d.name: d for d in self.derived})[name]

    @model_validator(mode="before")
    @classmethod
    def _needs_no_number(cls, content: Any) -> Any:
        """Contracts once kept their version by hand; it says nothing any more."""
        return {k: v for k, v in content.items() if k != "version"} if isinstance(content, dict) else content

    @model_validator(mode="after")
    def _names_are_free(self) -> "Contract":
        wrong = [name for name in self.former_names if name in (*self.names, *RESERVED)]
        if wrong:
            raise ValueError(f"was: {wrong[0]} is the name of a column that there is")
        _refuse_twice("column", [*self.names, *RESERVED])
        _refuse_twice("header", [*(name for c in self.columns for name in c.headers), *self.ignore])
        _refuse_twice("table", [self.feed, f"{self.feed}_staging", *(r.name for r in self.rollups)])
        return self

    @model_validator(mode="after")
    def _names_exist(self) -> "Contract":
        source_names = [c.name for c in self.columns]
        named = [("key", name, list(self.names)) for name in self.key]
        named += [("newest_by", self.newest_by, list(self.names))] if self.newest_by else []
        named += [(f"derived {d.name}", name, source_names) for d in self.derived for name in d.of]
        named += [("published", self.published.greatest, source_names)] if self.published else []
        named += [(f"rollup {r.name}", name, list(self.names)) for r in self.rollups for name in sorted(r.reads)]
        for key, name, known in named:
            if name not in known:
                raise ValueError(f"{key} names the column {name}, which does not exist; {nearest(name, known)}")
        return self

    @model_validator(mode="after")
    def _mode_has_what_it_needs(self) -> "Contract":
        if self.mode == "append" and (self.key or self.newest_by):
            raise ValueError("key and newest_by are for mode: upsert; appended rows are known by source and number")
        if self.mode == "upsert" and not (self.key and self.newest_by):
            raise ValueError("mode: upsert needs a key and newest_by, the publisher's date that decides")
        for name in (*self.key, *([self.newest_by] if self.newest_by else [])):
            if not self.column(name).required:
                raise ValueError(f"{name} decides which record wins, so it must be required")
        return self

    @model_validator(mode="after")
    def _published_is_found(self) -> "Contract":
        if self.published is None:
            if any(c.from_ == PUBLISHED for c in self.columns):
                raise ValueError(f"a column reads {PUBLISHED}, so `published` must say how the day is found")
        elif not getattr(self.column(self.published.greatest), "formats", ()):
            raise ValueError(f"published names {self.published.greatest}, which is no date column of the source")
        return self

    @model_validator(mode="after")
    def _rollup_keys_are_never_null(self) -> "Contract":
        for rollup in self.rollups:
            for key in rollup.by:
                if isinstance(key, str) and not (self.column(key).required or self.column(key).column_type.is_text):
                    raise ValueError(f"rollup {rollup.name}: {key} may be NULL; make it required, or compute the key")
        return self


def _refuse_twice(what: str, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"the {what} {', '.join(twice)} stands twice")


def read_contract(path: Path) -> Contract:
    """The contract in that file; its folder must carry the feed's name."""
    contract = validated(Contract, read_yaml(path), f"{path.parent.name}/{path.name}")
    if contract.feed != path.parent.name:
        raise Refused(f"{path}: the feed is called {contract.feed}, its folder {path.parent.name}; give both one name.")
    return contract


@cache
def load_contract(feed: str) -> Contract:
    """The contract of a feed; refuses an unknown one, naming the nearest."""
    return read_contract(contract_file(feed))


def all_contracts() -> dict[str, Contract]:
    """Every feed's contract, by name."""
    return {feed: load_contract(feed) for feed in known_feeds()}
