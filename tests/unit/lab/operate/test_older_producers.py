"""Producers that began before there was a key are found by what they were started with."""

from pathlib import Path

from lab.operate.older_producers import older_producers

KAFKA, KEY = b"MILLRACE_KAFKA=kafka:9092", b"MILLRACE_RECORD_KEY=x"


def test_who_has_kafka_and_no_key_is_of_an_older_release(tmp_path: Path) -> None:
    processes = {
        "11": [b"HOME=/", KAFKA],
        "7": [KAFKA, b"HOME=/"],
        "12": [KAFKA, KEY],
        "13": [KEY, KAFKA],
        "14": [b"HOME=/", b"NO_" + KAFKA],
        "15": [],
        "self": [KAFKA],
    }
    for name, variables in processes.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "environ").write_bytes(b"\0".join([*variables, b""]))
    (tmp_path / "16").mkdir()
    assert older_producers(tmp_path) == [7, 11]
