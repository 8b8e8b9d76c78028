"""The first example counts what its guide says, and the guide shows what it prints."""

from pathlib import Path

from pyspark.sql import SparkSession

from spark.jobs.wordcount import count_words
from tests.spark.kafka import kafka_frame

GUIDE = Path(__file__).parents[2] / "docs" / "wordcount.md"


def typed_in_the_guide() -> list[bytes]:
    return [line[2:].encode() for line in GUIDE.read_text().splitlines() if line.startswith("> ")]


def shown_in_the_guide() -> list[tuple[str, int]]:
    cells = [line.strip("|").split("|") for line in GUIDE.read_text().splitlines() if line.startswith("|")]
    return [(word.strip(), int(count)) for word, count in cells[1:]]


def test_the_guide_shows_its_own_counts(spark: SparkSession) -> None:
    counted = count_words(kafka_frame(spark, typed_in_the_guide())).collect()
    assert [(row.word, row["count"]) for row in counted] == shown_in_the_guide()


def test_words_are_letters_and_digits_in_any_language(spark: SparkSession) -> None:
    values = ["L'été, l'ÉTÉ! 2016".encode(), b"", None, b" -- "]
    counted = count_words(kafka_frame(spark, values)).collect()
    assert {row.word: row["count"] for row in counted} == {"l'été": 2, "2016": 1}
