"""What every drill needs of the running lab."""

from tests.lab.conftest import lab, mysql, nonce  # noqa: F401 - the same fixtures
