"""Each dashboard opens without an error, draws every chart, says what it shows, and asks nobody outside."""

import pytest

from instruments.browser.assets import SLUGS
from instruments.tools import Warehouse
from tests.browser.conftest import Visits
from tests.browser.visit import WINDOWS, Visit

# Charts with nothing to show while this query finds nothing.
MAY_BE_EMPTY = {("pipeline-health", "Quarantine by reason"): "SELECT COUNT(*) FROM v_quarantine"}
WHO_DECIDES = {
    "overview": "Whoever opens the lab",
    "pipeline-health": "Whoever runs the lab",
    "insurance": "State regulators and benefit managers",
    "hospital": "Planners of a health agency",
    "employment": "Regional economists",
    "procurement": "Public buyers",
    "weather": "The operations planner of a power grid",
    "sales": "Shop managers",
}


def test_every_chart_is_drawn(dashboard: Visit, mysql: Warehouse) -> None:
    """One that was given no rows says so; where there are some by now, it is given them."""
    lacking = {title: lacks for title, shown in dashboard.shown.items() if (lacks := shown.lacks())}
    for chart in dashboard.charts:
        query, shown = MAY_BE_EMPTY.get((dashboard.slug, chart.title)), dashboard.shown[chart.title]
        if query and shown.is_empty and not shown.rows:
            are_some = bool(mysql.one(query))
            assert bool(dashboard.rows_again(chart)) >= are_some
            del lacking[chart.title]
    assert set(dashboard.shown) == {chart.title for chart in dashboard.charts}
    assert lacking == {}


def test_every_chart_has_its_sentence_below(dashboard: Visit) -> None:
    assert [title for title, shown in dashboard.shown.items() if not shown.has_sentence] == []


def test_nothing_went_wrong(dashboard: Visit) -> None:
    assert dashboard.trouble == []
    assert dashboard.dashboard.watch.failed == []


def test_nothing_is_asked_from_outside(dashboard: Visit) -> None:
    assert dashboard.dashboard.watch.outside == []


@pytest.mark.parametrize("width", WINDOWS)
def test_the_page_is_not_wider_than_the_window(dashboard: Visit, width: int) -> None:
    assert dashboard.widths[width] <= width


def test_the_first_sentence_names_who_decides(dashboard: Visit) -> None:
    assert set(WHO_DECIDES) == set(SLUGS)
    assert f"{WHO_DECIDES[dashboard.slug]} decide" in dashboard.first_sentence


def test_the_viewer_finds_no_button_to_edit(dashboard: Visit) -> None:
    assert dashboard.edit_buttons == 0


def test_the_overview_leads_to_every_other_dashboard(visits: Visits) -> None:
    assert {f"/superset/dashboard/{slug}/" for slug in SLUGS if slug != "overview"} <= visits.of("overview").links
