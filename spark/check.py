"""One column of a contract: trimmed text → typed value, or null and one reason why not. Nothing is cut or rounded."""

from decimal import Decimal
from functools import reduce
from operator import add

from pyspark.sql import Column as SparkColumn
from pyspark.sql import functions as F  # noqa: N812

from feeds.column import Column
from feeds.column_type import WHOLE
from spark.shapes import exact_shape, form_shape, number_shape, spark_type, whole

LONG_TEXT = 2**24 - 1
ISO_FORMS = ("yyyy-MM-dd", "yyyy-MM-dd HH:mm:ss")


def typed(column: Column, text: SparkColumn, feed: str) -> SparkColumn:
    """The value in the column's type; null where the text is empty or does not fit the type."""
    kind = column.column_type
    if column.formats:
        return _one_form(column, text, feed).cast(spark_type(kind))
    if kind.is_number:
        number = F.when(text.rlike(exact_shape(kind)), text.try_cast(spark_type(kind)))
        return F.when(F.abs(number) < float("inf"), number) if kind.name == "double" else number
    if kind.name == "boolean":
        word = F.lower(text)
        return F.when(word.isin(*column.true_values), True).when(word.isin(*column.false_values), False)
    if kind.name == "json":
        return F.when(F.try_parse_json(text).isNotNull(), text)
    return F.when(_fits(column, text), text)


def reason(column: Column, text: SparkColumn, value: SparkColumn, feed: str) -> SparkColumn:
    """Why the text is refused, to be read behind the column's name; null when it is accepted."""
    rules = [(value.isNull(), F.coalesce(*_misfit(column, text, feed))), *_limits(column, text, value)]
    refused = reduce(lambda chain, rule: chain.when(*rule), rules[1:], F.when(*rules[0]))
    missing = F.lit("is required and empty" if column.required else None).cast("string")
    return F.when(text.isNull(), missing).otherwise(refused)


def _fits(column: Column, text: SparkColumn) -> SparkColumn:
    length = column.column_type.length
    return F.octet_length(text) <= LONG_TEXT if length is None else F.char_length(text) <= length


def _forms(column: Column, text: SparkColumn, feed: str) -> list[SparkColumn]:
    """The text read in each declared form; the shape guards what Java's parser would take on trust."""
    return [F.when(text.rlike(form_shape(form, feed)), _read_form(text, form)) for form in column.formats]


def _read_form(text: SparkColumn, form: str) -> SparkColumn:
    """ISO forms by the cast, which is many times as fast as a formatter and as strict once the shape is known."""
    if form in ISO_FORMS:
        return text.try_cast("timestamp")
    return F.try_to_timestamp(text, F.lit(form))


def _one_form(column: Column, text: SparkColumn, feed: str) -> SparkColumn:
    """The moment, if exactly one form fits: 03/04/2014 is March or April, and we do not guess."""
    moments = _forms(column, text, feed)
    if len(moments) == 1:
        return moments[0]
    return F.when(_count(moments) == 1, F.coalesce(*moments))


def _count(values: list[SparkColumn]) -> SparkColumn:
    return reduce(add, [value.isNotNull().cast("int") for value in values])


def _misfit(column: Column, text: SparkColumn, feed: str) -> list[SparkColumn]:
    """Reasons for a text that has no value in the column's type; the last one always holds."""
    kind = column.column_type
    if column.formats:
        forms = " or ".join(column.formats)
        twice = F.when(_count(_forms(column, text, feed)) > 1, f"fits more than one of the forms {forms}")
        return [twice, F.lit(f"is no {'date' if kind.name == 'date' else 'date and time'} of the form {forms}")]
    if kind.is_number:
        looks = text.rlike(number_shape(kind))
        return [F.when(looks, _too_long(column)), F.lit(f"is not a {'whole ' if kind.is_whole else ''}number")]
    if kind.name == "boolean":
        return [F.lit(f"is none of {', '.join((*column.true_values, *column.false_values))}")]
    if kind.name == "json":
        return [F.lit("is not valid JSON")]
    return [F.lit(f"is longer than {kind.length} characters" if kind.length else f"is longer than {LONG_TEXT} bytes")]


def _too_long(column: Column) -> SparkColumn:
    kind = column.column_type
    if kind.is_whole:
        least, most = WHOLE[kind.name]
        return F.lit(f"is outside {kind.name}, {least} to {most}")
    if kind.name == "decimal":
        before = (kind.precision or 0) - (kind.scale or 0)
        return F.lit(f"has more than {before} digits before or {kind.scale} behind the point")
    return F.lit("is too large a number")


def _limits(column: Column, text: SparkColumn, value: SparkColumn) -> list[tuple[SparkColumn, SparkColumn]]:
    """What the contract asks beyond the type, as (is broken, reason)."""
    limits: list[tuple[SparkColumn, SparkColumn]] = []
    if column.min is not None:
        limits.append((value < _number(column.min), F.lit(f"is below {column.min}")))
    if column.max is not None:
        limits.append((value > _number(column.max), F.lit(f"is above {column.max}")))
    if column.values is not None:
        limits.append((~value.isin(*column.values), F.lit(f"is none of {', '.join(column.values)}")))
    if column.pattern is not None:
        limits.append((~value.rlike(whole(column.pattern)), F.lit(f"does not match {column.pattern}")))
    return limits


def _number(limit: Decimal) -> SparkColumn:
    return F.lit(int(limit)) if limit == limit.to_integral_value() else F.lit(limit)
