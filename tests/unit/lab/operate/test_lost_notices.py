"""What people are told of files that Kafka has lost and that nothing here still has."""

import pytest

from lab.operate.landing_folder import lost_notices


@pytest.mark.parametrize(
    ("names", "files"),
    [
        (["a.csv"], "a.csv"),
        (["a.csv", "b.csv", "c.csv"], "a.csv, b.csv, c.csv"),
        ([f"{number}.csv" for number in range(5_000)], "0.csv, 1.csv, 2.csv and 4,997 others"),
    ],
)
def test_one_sentence_names_the_first(names: list[str], files: str) -> None:
    (notice,) = lost_notices("shop", names)
    assert (notice.feed, notice.place, notice.name, notice.kind) == ("shop", "sent", "", "trouble")
    assert notice.message == (
        f"Kafka has lost records of {files} before they were loaded, and nothing in archive/ brings them back: "
        "send again; what is loaded already counts once."
    )


def test_where_nothing_is_lost_nothing_is_told() -> None:
    assert lost_notices("shop", []) == []
