"""Hospital: sexes are never added up."""

from instruments.tools import Warehouse


def test_a_sum_over_the_sexes_has_no_value(mysql: Warehouse) -> None:
    guarded = "CASE WHEN MIN(sex) = MAX(sex) THEN SUM(hospitalised) END"
    assert mysql.one(f"SELECT {guarded} FROM v_hospital_newest") is None
    assert mysql.one(f"SELECT {guarded} FROM v_hospital_newest WHERE sex = 0") is not None
