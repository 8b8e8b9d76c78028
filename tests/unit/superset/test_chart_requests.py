"""A chart's recorded request, with a filter put in, is the one that Superset's page sends under that filter."""

import json
from types import SimpleNamespace
from typing import Any

from instruments.browser.asked import Asked, Body, columns_applied
from instruments.browser.assets import Filter, filters_of

URL = "http://superset/api/v1/chart/data?form_data=%7B%22slice_id%22%3A1%7D"
OLD_URL = "http://superset/superset/explore_json/?form_data=%7B%22slice_id%22%3A1%7D"
OLD_BODY = '------Bound\r\nContent-Disposition: form-data; name="form_data"\r\n\r\n{form}\r\n------Bound--\r\n'
DAY = {"col": "day", "op": "TEMPORAL_RANGE", "val": "No filter"}
YEAR = "2020-01-01 : 2021-01-01"


def filter_of(slug: str, short: str) -> Filter:
    (found,) = (one for one in filters_of(slug) if one.short == short)
    return found


REGION, SEX, PERIOD = (filter_of("hospital", short) for short in ("region", "sex", "period"))


def chosen(column: str, value: str) -> Body:
    return {"col": column, "op": "IN", "val": [value]}


def asked(form: Body, *filters: Body) -> Asked:
    body = json.dumps({"force": False, "queries": [{"filters": list(filters), "metrics": ["n"]}], "form_data": form})
    return of(URL, body)


def of(url: str, body: str) -> Asked:
    return Asked(request=SimpleNamespace(url=url, post_data=body), response=None)  # type: ignore[arg-type]


def narrowed(one: Asked, to: Filter, value: str) -> dict[str, Any]:
    return dict(json.loads(one.narrowed(to, value)))


def test_a_filter_joins_those_that_hold() -> None:
    all_sexes = chosen("sex_name", "All")
    sent = narrowed(asked({"extra_form_data": {"filters": [all_sexes]}}, all_sexes, DAY), REGION, "Corse")
    assert sent["form_data"]["extra_form_data"] == {"filters": [all_sexes, chosen("region_name", "Corse")]}
    assert sent["queries"] == [{"filters": [all_sexes, DAY, chosen("region_name", "Corse")], "metrics": ["n"]}]


def test_a_value_takes_the_place_of_the_default() -> None:
    all_sexes = chosen("sex_name", "All")
    before = asked({"extra_form_data": {"filters": [all_sexes]}}, all_sexes)
    sent = narrowed(before, SEX, "Women")
    assert sent["form_data"]["extra_form_data"] == {"filters": [chosen("sex_name", "Women")]}
    assert sent["queries"][0]["filters"] == [chosen("sex_name", "Women")]
    after = of(URL, before.narrowed(SEX, "Women"))
    assert after.has(SEX, "Women") and not after.has(SEX, "All") and after.has(REGION, None)


def test_a_period_leaves_the_conditions_alone() -> None:
    sent = narrowed(asked({"extra_form_data": {}}, DAY), PERIOD, YEAR)
    assert sent["form_data"]["extra_form_data"] == {"time_range": YEAR}
    assert sent["queries"] == [{"filters": [DAY], "metrics": ["n"], "time_range": YEAR}]


def test_the_country_map_sends_its_form_alone() -> None:
    before = of(OLD_URL, OLD_BODY.replace("{form}", json.dumps({"slice_id": 1, "viz_type": "country_map"})))
    after = of(OLD_URL, before.narrowed(REGION, "Corse"))
    assert after.form == before.form | {"extra_form_data": {"filters": [chosen("region_name", "Corse")]}}
    assert (after.request.post_data or "").endswith("\r\n------Bound--\r\n")
    assert after.has(REGION, "Corse")


def test_a_filter_that_superset_refused_is_not_applied() -> None:
    applied, refused = {"column": "region_name"}, {"column": "sex_name", "reason": "not_in_datasource"}
    assert columns_applied({"result": [{"applied_filters": [applied], "rejected_filters": []}]}) == {"region_name"}
    assert columns_applied({"applied_filters": [applied], "rejected_filters": [refused]}) == set()
