"""One column of a contract: texts become values, or are refused."""

from typing import Any

import pyarrow as pa
import pytest
from pydantic import ValidationError

from millrace.contract.column import Column
from spark.clean.refusal_reasons import typed


def boolean(true: list[str], false: list[str]) -> Column:
    words: dict[str, Any] = {"true": true, "false": false}
    return Column.model_validate({"from": "is", "name": "is_so", "type": "boolean", "comment": "x"} | words)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ΑΛΗΘΉΣ", True),
        ("αληθής", True),
        ("ΨΕΥΔΉΣ", False),
        ("Ψευδής", False),
        ("İ", True),
        ("STRASSE", False),
        ("I", None),
    ],
)
def test_a_word_for_true_or_false_may_have_any_case(text: str, expected: bool | None) -> None:
    column = boolean(["αληθής", "İ"], ["ΨΕΥΔΉΣ", "Straße"])
    assert typed(column, pa.array([text, None])).to_pylist() == [expected, None]


def test_words_that_differ_in_case_alone_are_one() -> None:
    with pytest.raises(ValidationError, match=r"is_so: a text cannot stand for both true and false"):
        boolean(["Straße"], ["STRASSE"])
