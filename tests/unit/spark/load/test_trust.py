"""A query that began before it was said where records without a seal end begins anew when it is."""

from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from millrace.record.seal import Trust
from spark.load.micro_batch import BatchLoader
from spark.topic.feed_topic import Unavailable
from spark.topic.offset_range import OffsetRange
from tests.unit.spark.records import OLDER, SEAL


class BeginsError(Exception):
    """The load begins."""


@pytest.mark.parametrize(
    ("trust", "said", "error"),
    [
        (OLDER, None, BeginsError),
        (OLDER, (), Unavailable),
        (OLDER, ((0, 7),), Unavailable),
        (Trust(SEAL, ((0, 7),)), None, BeginsError),
        (Trust(SEAL), None, BeginsError),
    ],
)
def test_no_load_begins_with_what_was_believed_before(
    trust: Trust, said: tuple[tuple[int, int], ...] | None, error: type[Exception], tmp_path: Path
) -> None:
    settings: Any = None
    ledger = Mock(older_ends=Mock(return_value=said), begin_load=Mock(side_effect=BeginsError))
    topic = Mock(uuid="one")
    topic.name = "shares"
    loader = BatchLoader(settings, Mock(trust=trust), ledger, topic, tmp_path, {})
    with pytest.raises(error):
        loader._load(Mock(), OffsetRange({0: 0}, {0: 1}), None)
    assert [call.args for call in ledger.older_ends.mock_calls] == ([("one",)] if trust.older is None else [])
