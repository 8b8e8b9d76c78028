"""Tables of places and words that the project brings: filled by migrations, read by views, written by nobody else."""

from typing import Any

from sqlalchemy import CHAR, Column, MetaData, Table
from sqlalchemy.dialects.mysql import DECIMAL, INTEGER, SMALLINT, VARCHAR

OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_default_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_0900_bin",
}
metadata = MetaData()

region = Table(
    "region",
    metadata,
    Column("region_code", CHAR(2), primary_key=True, comment="official code of INSEE; 00 for what lies in no region"),
    Column("region_name", VARCHAR(100), nullable=False, comment="its name"),
    Column("map_code", VARCHAR(7), comment="what the map of regions calls it; NULL for what is on no map"),
    comment="Regions of France since 2016",
    **OPTIONS,
)

department = Table(
    "department",
    metadata,
    Column("department", VARCHAR(3), primary_key=True, comment="official code: 01, 2A, 971"),
    Column("department_name", VARCHAR(100), nullable=False, comment="its name"),
    Column("region_code", CHAR(2), nullable=False, comment="the region it lies in"),
    Column("map_code", VARCHAR(7), nullable=False, comment="ISO 3166-2, as the map of departments calls it"),
    Column("population", INTEGER(), comment="people in 2020; NULL where not known"),
    comment="Departments and overseas collectivities of France",
    **OPTIONS,
)

employment_zone = Table(
    "employment_zone",
    metadata,
    Column("zone_code", CHAR(4), primary_key=True, comment="official code of INSEE, zoning of 2020"),
    Column("zone_name", VARCHAR(100), nullable=False, comment="its name"),
    comment="Employment zones of France; those whose code begins with 00 span two regions",
    **OPTIONS,
)

weather_city = Table(
    "weather_city",
    metadata,
    Column("city", VARCHAR(100), primary_key=True, comment="city, as sources without a country name it"),
    Column("country", CHAR(2), nullable=False, comment="country, two letters (ISO 3166)"),
    Column("latitude", DECIMAL(7, 4), nullable=False, comment="degrees north (WGS 84)"),
    Column("longitude", DECIMAL(7, 4), nullable=False, comment="degrees east (WGS 84)"),
    comment="The cities of feeds/weather/cities.csv: where a city lies whose records bring no position",
    **OPTIONS,
)

map_outline = Table(
    "map_outline",
    metadata,
    Column("point", INTEGER(), primary_key=True, autoincrement=False, comment="number of the point"),
    Column("longitude", DECIMAL(5, 2), nullable=False, comment="degrees east (WGS 84)"),
    Column("latitude", DECIMAL(5, 2), nullable=False, comment="degrees north (WGS 84)"),
    comment="Points along the coasts and borders of Europe, to draw places on (Natural Earth, public domain)",
    **OPTIONS,
)

procurement_cpv_division = Table(
    "procurement_cpv_division",
    metadata,
    Column("division", CHAR(2), primary_key=True, comment="first two digits of a CPV code"),
    Column("nature", VARCHAR(11), nullable=False, comment="Travaux, Fournitures or Services"),
    Column("title", VARCHAR(160), nullable=False, comment="what the division is called"),
    comment="Divisions of the common procurement vocabulary",
    **OPTIONS,
)

procurement_flag = Table(
    "procurement_flag",
    metadata,
    Column("flag", VARCHAR(20), primary_key=True, comment="as it stands in procurement.flags"),
    Column("place", SMALLINT(), nullable=False, comment="its place in the list"),
    Column("meaning", VARCHAR(120), nullable=False, comment="what is doubtful"),
    comment="What each flag of a public contract means",
    **OPTIONS,
)

DIMENSION_TABLES = (
    region,
    department,
    employment_zone,
    weather_city,
    map_outline,
    procurement_cpv_division,
    procurement_flag,
)
