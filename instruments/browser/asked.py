"""What a dashboard's charts asked for: the requests, their answers, and how to repeat one, with a filter put in."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from instruments.browser.assets import Filter

# Its unit tests run where there is no browser as well.
if TYPE_CHECKING:
    from playwright.sync_api import APIRequestContext, Page, Request, Response

DATA = ("/api/v1/chart/data", "/superset/explore_json")
FIELD = 'name="form_data"'

Body = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """A chart's request for its data, and the answer."""

    request: Request
    response: Response

    @property
    def form(self) -> Body:
        """What was asked: conditions, time range, chart."""
        body = self.request.post_data
        if self.is_query:
            return dict(json.loads(body or "")["form_data"])
        return _legacy_form(self.request)

    @property
    def queries(self) -> list[Body]:
        """The queries it names."""
        return list(json.loads(self.request.post_data or "")["queries"]) if self.is_query else []

    @property
    def is_query(self) -> bool:
        """Whether it names its queries; the country map sends only its form, in an older way."""
        return "/chart/data" in self.request.url and (self.request.post_data or "").startswith("{")

    def rows(self) -> list[Body]:
        """The rows that the chart was given."""
        return rows_in(self.response.json())

    def has(self, one: Filter, value: str | None) -> bool:
        """Whether it carries the filter over a column with that value alone, or not at all."""
        filters = self.form.get("extra_form_data", {}).get("filters", [])
        chosen = [str(each) for condition in filters if condition["col"] == one.column for each in condition["val"]]
        return chosen == ([] if value is None else [value])

    def narrowed(self, one: Filter, value: str) -> str:
        """The request's body as Superset sends it once the filter has this value, or this time range."""
        if not self.is_query:
            body, form = self.request.post_data or "", json.dumps(with_filter(self.form, one, value))
            head, rest = body.split(FIELD)[0], body.split(FIELD)[1].split("\r\n--", 1)[1]
            return f"{head}{FIELD}\r\n\r\n{form}\r\n--{rest}"
        sent = dict(json.loads(self.request.post_data or ""))
        sent["form_data"] = with_filter(sent["form_data"], one, value)
        sent["queries"] = [_narrowed_query(query, one, value) for query in sent["queries"]]
        return json.dumps(sent, separators=(",", ":"))


def with_filter(form: Body, one: Filter, value: str) -> Body:
    """A chart's form with the state of the filter in it, in place of the one it had."""
    extra, wanted = form.get("extra_form_data", {}), one.mask(value)[one.key]["extraFormData"]
    others = [each for each in extra.get("filters", []) if each["col"] != one.column]
    filters = others + wanted.get("filters", [])
    return form | {"extra_form_data": extra | wanted | ({"filters": filters} if filters else {})}


def _narrowed_query(query: Body, one: Filter, value: str) -> Body:
    if one.column is None:
        return query | {"time_range": value}
    others = [each for each in query["filters"] if (each["col"], each["op"]) != (one.column, "IN")]
    return query | {"filters": others + one.mask(value)[one.key]["extraFormData"]["filters"]}


def rows_in(answer: Body) -> list[Body]:
    """The rows in the answer to a chart."""
    found = answer["result"][0]["data"] if "result" in answer else answer.get("data")
    return list(found or [])


def columns_applied(answer: Body) -> set[str]:
    """The columns whose filters Superset says it applied; none where it refused one."""
    found = answer["result"][0] if "result" in answer else answer
    return set() if found["rejected_filters"] else {str(one["column"]) for one in found["applied_filters"]}


def _legacy_form(request: Request) -> Body:
    """The country map's request names its form in the address or in a form's field."""
    found = parse_qs(urlsplit(request.url).query).get("form_data")
    if found and "datasource" in found[0]:
        return dict(json.loads(found[0]))
    body = request.post_data or ""
    if FIELD in body:
        return dict(json.loads(body.split(FIELD)[1].split("\r\n\r\n", 1)[1].split("\r\n--", 1)[0]))
    return dict(json.loads(parse_qs(body).get("form_data", found or ["{}"])[0]))


def is_cached(answer: Body) -> bool:
    """Whether Superset had it already."""
    found = answer["result"][0] if "result" in answer else answer
    return bool(found.get("is_cached"))


def repeat(
    api: APIRequestContext, asked: Asked, body: str | None = None, *, past_cache: bool = True
) -> tuple[Body, float]:
    """The same request, or one with another body; the answer, and the seconds it took."""
    sent, url = body.encode() if body is not None else asked.request.post_data_buffer, asked.request.url
    headers = {name: value for name, value in asked.request.headers.items() if name != "content-length"}
    if past_cache:
        sent = sent.replace(b'"force":false', b'"force":true') if sent else sent
        url += "&force=true" if "?" in url else "?force=true"
    began = time.perf_counter()
    answer = api.post(url, data=sent, headers=headers)
    seconds = time.perf_counter() - began
    assert answer.ok, f"{answer.status} {answer.text()[:500]}"
    return dict(answer.json()), seconds


@dataclass
class Watch:
    """What a page asked the network for, and what went wrong."""

    host: str
    outside: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def attach(self, page: Page) -> None:
        page.on("requestfinished", self._finished)
        page.on("requestfailed", self._not_finished)
        page.on("response", self._response)

    def of(self, chart_id: int) -> list[Asked]:
        """The requests of a chart, oldest first."""
        return [asked for asked in self.asked if asked.form.get("slice_id") == chart_id]

    def _is_outside(self, url: str) -> bool:
        return urlsplit(url).scheme not in ("data", "blob") and urlsplit(url).netloc != self.host

    def _finished(self, request: Request) -> None:
        if self._is_outside(request.url):
            self.outside.append(request.url)

    def _not_finished(self, request: Request) -> None:
        # Superset's build always asks for a counting pixel; the content security policy stops it in the browser.
        if self._is_outside(request.url) and request.failure != "csp":
            self.outside.append(f"{request.url} ({request.failure})")

    def _response(self, response: Response) -> None:
        if self._is_outside(response.url):
            return
        if response.status >= 400:
            self.failed.append(f"{response.status} {response.url}")
        elif urlsplit(response.url).path.startswith(DATA):
            self.asked.append(Asked(response.request, response))
