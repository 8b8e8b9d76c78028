"""What the contract of employment cannot say: codes, quarters, damaged names, parts of zones, figures in doubt."""

from collections.abc import Callable, Mapping
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from feeds.employment.names import folded, place_name
from millrace.reference.code_repair import FIRST_YEAR, LAST_YEAR, padded, whole, within
from millrace.reference.france import OVERSEAS_COLLECTIVITIES, regions, zones

FORMER_REGIONS = {
    "01": "Guadeloupe", "02": "Martinique", "03": "Guyane", "04": "La Réunion", "11": "Île-de-France",
    "21": "Champagne-Ardenne", "22": "Picardie", "23": "Haute-Normandie", "24": "Centre", "25": "Basse-Normandie",
    "26": "Bourgogne", "31": "Nord-Pas-de-Calais", "41": "Lorraine", "42": "Alsace", "43": "Franche-Comté",
    "52": "Pays de la Loire", "53": "Bretagne", "54": "Poitou-Charentes", "72": "Aquitaine", "73": "Midi-Pyrénées",
    "74": "Limousin", "82": "Rhône-Alpes", "83": "Auvergne", "91": "Languedoc-Roussillon",
    "93": "Provence-Alpes-Côte d'Azur", "94": "Corse",
}  # fmt: skip
"""Regions until 2015, by their codes. The publisher still divides zones by them."""
WHOLE = "all"
LAST_DAYS = pa.array([None, "-03-31", "-06-30", "-09-30", "-12-31"])
IN_DOUBT_FROM = 3
"""Seasons move a zone's figures by less than half. One digit too many makes ten times as much."""
FEW = 10
"""Of so few jobs, three times as many are no mistake."""


def zone(texts: pa.StringArray) -> pa.StringArray:
    """An employment zone's code: "101" → "0101", "51" → "0051"."""
    return padded(texts, 4)


def region(texts: pa.StringArray) -> pa.StringArray:
    """A region's code: "1" → "01", "84"."""
    return padded(texts, 2)


def count(texts: pa.StringArray) -> pa.StringArray:
    """A whole number: "821.0" → "821"."""
    return whole(texts)


def quarter(last_day: pa.Date32Array, year: pa.Int16Array, number: pa.Int16Array) -> pa.Date32Array:
    """A quarter's last day, from that day or from year and number; none where they differ or the day is no last one."""
    stated = _quarter_end(year, number)
    own = _quarter_end(pc.year(last_day), pc.quarter(last_day))
    agreed = pc.and_(pc.equal(own, last_day), pc.equal(pc.coalesce(stated, own), own))
    return pc.if_else(pc.is_null(last_day), stated, pc.if_else(agreed, own, None))


def version(
    published: pa.Date32Array, last_day: pa.Date32Array, year: pa.Int16Array, number: pa.Int16Array
) -> pa.Array:
    """The day the figure was published; where the record does not say, its quarter's last day."""
    return pc.coalesce(published, quarter(last_day, year, number))


def zone_name(code: pa.StringArray, text: pa.StringArray) -> pa.StringArray:
    """The zone's name, mended where it was damaged; none where it cannot be, or is another zone's."""
    return _of_pairs(_zone_name, code, text)


def region_name(code: pa.StringArray, text: pa.StringArray) -> pa.StringArray:
    """The region's name, mended where it was damaged; none where it cannot be, or is another region's."""
    return _of_pairs(_region_name, code, text)


def repaired(
    zone: pa.StringArray, zone_text: pa.StringArray, region: pa.StringArray, region_text: pa.StringArray
) -> pa.BooleanArray:
    """Whether the name of the zone or of the region is not as it was sent."""
    zone_differs = pc.not_equal(zone_name(zone, zone_text), zone_text)
    region_differs = pc.not_equal(region_name(region, region_text), region_text)
    return pc.or_(pc.fill_null(zone_differs, False), pc.fill_null(region_differs, False))


def part(code: pa.StringArray, name: pa.StringArray, record: pa.Int32Array) -> pa.StringArray:
    """Which part of a zone within its region: the former region's code, else the file's own record number, else all.

    None where a former region's name is none of those there were.
    """
    codes = pa.array(FORMER_REGIONS)
    names = pa.array([folded(former) for former in FORMER_REGIONS.values()])
    by_name = codes.take(pc.index_in(_of_pairs(_folded, name, name), value_set=names))
    unnamed = pc.coalesce(pc.binary_join_element_wise("#", pc.cast(record, pa.string()), ""), pa.scalar(WHOLE))
    return pc.coalesce(code, pc.if_else(pc.is_null(name), unnamed, by_name))


def misplaced(zone: pa.StringArray, region: pa.StringArray) -> pa.BooleanArray:
    """Whether the zone, by its code, does not lie in that region."""
    return pc.equal(_of_pairs(_misplaced, zone, region), "yes")


def in_doubt(
    jobs: pa.Int32Array, jobs_adjusted: pa.Int32Array, payroll: pa.Array, payroll_adjusted: pa.Array
) -> pa.BooleanArray:
    """Whether a seasonally adjusted figure is three times the raw one or more, or a third of it or less."""
    enough = pc.greater(pc.max_element_wise(jobs, jobs_adjusted), FEW)
    jobs_apart = pc.and_(enough, _are_apart(jobs, jobs_adjusted))
    return pc.or_(pc.fill_null(jobs_apart, False), pc.fill_null(_are_apart(payroll, payroll_adjusted), False))


def _quarter_end(year: pa.Array, number: pa.Array) -> pa.Date32Array:
    ends = LAST_DAYS.take(pc.cast(within(number, 1, 4), pa.int32()))
    years = pc.utf8_lpad(pc.cast(within(year, FIRST_YEAR, LAST_YEAR), pa.string()), 4, "0")
    return pc.cast(pc.binary_join_element_wise(years, ends, ""), pa.date32())


def _are_apart(one: pa.Array, other: pa.Array) -> pa.BooleanArray:
    one, other = pc.cast(one, pa.float64()), pc.cast(other, pa.float64())
    greater, less = pc.max_element_wise(one, other), pc.min_element_wise(one, other)
    apart = pc.and_(pc.greater(greater, 0), pc.greater_equal(greater, pc.multiply(less, IN_DOUBT_FROM)))
    return pc.and_(apart, pc.and_(pc.is_valid(one), pc.is_valid(other)))


def _of_pairs(ask: Callable[[str | None, str | None], str | None], one: pa.Array, other: pa.Array) -> pa.StringArray:
    """The answer for each row, asked once per distinct pair: a file has some hundreds of them."""
    pairs = pa.StructArray.from_arrays([one, other], ["one", "other"])
    keys = pc.binary_join_element_wise(one, other, "\x1f", null_handling="replace", null_replacement="\x00")
    encoded = keys.dictionary_encode()
    firsts = pc.index_in(pa.array(range(len(encoded.dictionary)), pa.int32()), value_set=encoded.indices)
    distinct = pairs.take(firsts).to_pylist()
    return pa.array([ask(pair["one"], pair["other"]) for pair in distinct], pa.string()).take(encoded.indices)


@cache
def _zone_names() -> Mapping[str, str]:
    return {zone.code: zone.name for zone in zones().values()}


@cache
def _region_names() -> Mapping[str, str]:
    return {region.code: region.name for region in regions().values() if region.code != OVERSEAS_COLLECTIVITIES}


def _zone_name(code: str | None, text: str | None) -> str | None:
    return place_name(code, text, _zone_names())


def _region_name(code: str | None, text: str | None) -> str | None:
    return place_name(code, text, _region_names()) if code in _region_names() else None


def _folded(text: str | None, _same: str | None) -> str | None:
    return folded(text) if text else None


def _misplaced(zone: str | None, region: str | None) -> str | None:
    if zone is None or region is None:
        return "no"
    known = zones().get(zone)
    lies_in = known.regions if known else (zone[:2],)
    return "no" if region in lies_in or "00" in lies_in else "yes"
