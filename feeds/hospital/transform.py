"""What the contract of hospital cannot say: codes as text, counts not gathered, regions, which version is newer."""

import pyarrow as pa
import pyarrow.compute as pc

from millrace.reference.code_repair import FIRST_YEAR, LAST_YEAR, padded, whole, within
from millrace.reference.france import departments

NOT_COUNTED = "NA"
CODES = pa.array(departments())
REGIONS = pa.array([department.region for department in departments().values()])


def department(texts: pa.StringArray) -> pa.StringArray:
    """A department's code: "1" → "01", "2A", "971"."""
    return padded(texts, 2)


def region(texts: pa.StringArray) -> pa.StringArray:
    """A region's code: "1" → "01", "84"."""
    return padded(texts, 2)


def count(texts: pa.StringArray) -> pa.StringArray:
    """A number of people: "111.0" → "111"; the publisher's NA, where a figure was not gathered yet, is none."""
    return whole(pc.if_else(pc.equal(texts, NOT_COUNTED), None, texts))


def region_of(department: pa.StringArray, stated: pa.StringArray) -> pa.StringArray:
    """The region a department lies in; none where the record states another one."""
    found = REGIONS.take(pc.index_in(department, value_set=CODES))
    return pc.if_else(pc.equal(pc.coalesce(stated, found), found), found, None)


def version(published: pa.Date32Array, day: pa.Date32Array) -> pa.Date32Array:
    """The day the figure was published; of a record that does not say, such as a typed one, the day it is about.

    None for a day that cannot be.
    """
    is_possible = pc.is_valid(within(pc.year(day), FIRST_YEAR, LAST_YEAR))
    return pc.if_else(is_possible, pc.coalesce(published, day), None)
