"""What the real files of procurement and sales hold, counted once without the project's own code."""

from decimal import Decimal

CONTRACTS_IN_CSV, CONTRACTS_IN_JSON = 209_891, 4_530
AMOUNT_IN_CSV, AMOUNT_IN_JSON = Decimal("142545155135.15"), Decimal("1440900683.29")
"""Euros, over the amounts that count."""

FLAGS_IN_CSV = {
    "damaged_id": 2,
    "token_amount": 994,
    "negative_amount": 2,
    "filler_amount": 563,
    "huge_amount": 33,
    "lost_characters": 3_074,
}
FLAGS_IN_JSON = {
    "no_id": 7,
    "token_amount": 21,
    "bad_cpv": 3,
    "short_cpv": 90,
    "no_date": 2_493,
    "lost_characters": 3_563,
}
LOST_IN_JSON = 10_746
"""Characters U+FFFD in the whole document."""

SALES, EQUAL_SALES = 541_909, 5_268
REVENUE = Decimal("9747747.934")
CANCELLED, NEGATIVE, UNKNOWN_CUSTOMERS = 9_288, 10_624, 135_080
