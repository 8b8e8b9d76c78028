"""Places of France: whole, the same in MySQL's migrations, and those of the published lists."""

import csv
import re
from pathlib import Path

import pytest

from millrace.reference.france import OVERSEAS_COLLECTIVITIES, departments, regions, zones

ROOT = Path(__file__).parents[4]
GEO = ROOT.parent / "shared" / "data" / "geo"
EMPLOYMENT = GEO.parent / "employment" / "data_emploie_clean.csv"
needs_data = pytest.mark.skipif(not GEO.exists(), reason="the real slices are not on this machine (../shared/data)")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def inserted(table: str, migration: str) -> set[tuple[str, ...]]:
    """The rows a migration puts into a table; the word NULL for what is not known."""
    sql = (ROOT / "sql" / "migrations" / f"{migration}.sql").read_text(encoding="utf-8")
    found = re.search(rf"REPLACE INTO {table} \(.*?\) VALUES\n(.*?);\n", sql, re.DOTALL)
    assert found, f"{migration} fills {table}"
    lines = [line.strip().rstrip(",")[1:-1] for line in found[1].splitlines()]
    values = [re.findall(r"'((?:[^']|'')*)'|(\w+)", line) for line in lines]
    return {tuple(text.replace("''", "'") or word for text, word in line) for line in values}


def test_there_are_101_departments_and_six_collectivities_in_18_regions() -> None:
    places = departments().values()
    assert sum(place.region != OVERSEAS_COLLECTIVITIES for place in places) == 101
    assert len(places) == 107
    assert {place.region for place in places} == set(regions())
    assert len(regions()) == 18 + 1
    assert all(place.population for place in places if place.region != OVERSEAS_COLLECTIVITIES)


def test_every_department_has_its_own_place_on_the_map() -> None:
    codes = [place.map_code for place in departments().values()]
    assert len(set(codes)) == len(codes)
    assert {departments()[code].map_code for code in ("01", "2A", "971", "974")} == {"FR-01", "FR-2A", "FR-GP", "FR-RE"}


def test_zones_lie_in_the_region_of_their_code_but_those_that_span_two() -> None:
    assert len(zones()) == 305
    for zone in zones().values():
        assert zone.regions == (zone.code[:2],) or (zone.code.startswith("00") and len(zone.regions) == 2)


def test_mysql_is_given_the_same_places() -> None:
    assert inserted("region", "0004_france") == {(r.code, r.name, r.map_code or "NULL") for r in regions().values()}
    assert inserted("department", "0004_france") == {
        (d.code, d.name, d.region, d.map_code, str(d.population or "NULL")) for d in departments().values()
    }
    assert inserted("employment_zone", "0005_employment_zones") == {(z.code, z.name) for z in zones().values()}


@needs_data
def test_departments_are_those_of_the_published_lists() -> None:
    populations = {row["depID"]: int(float(row["Total_pop"])) for row in rows(GEO / "population_par_departement.csv")}
    published = rows(GEO / "departements-france.csv")
    assert len(published) == 101
    for row in published:
        code = row["IdDepartement"].zfill(2)
        place = departments()[code]
        assert (place.name, place.population) == (row["NomDepartement"], populations[code])
        assert place.region == row["CodeRegion"].zfill(2)
        assert regions()[place.region].name == row["NomRegionDepartement"]


@needs_data
def test_zones_are_those_of_the_published_series() -> None:
    published = {
        (row["code_zone_d_emploi"].zfill(4), row["zone_d_emploi"], row["code_region"].zfill(2))
        for row in rows(EMPLOYMENT)
    }
    assert published == {(zone.code, zone.name, region) for zone in zones().values() for region in zone.regions}
