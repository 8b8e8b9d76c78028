"""What the contract of sales cannot say by itself: exact amounts, what takes a sale back, what is no article."""

import pyarrow as pa
import pyarrow.compute as pc

CHARGES = ("POST", "DOT", "M", "D", "S", "B", "C2", "CRUK", "BANK CHARGES", "AMAZONFEE")
"""Codes for postage, manual corrections, discounts, samples, bad debt, carriage, commission and fees."""


def amount(quantity: pa.Array, price: pa.Decimal128Array) -> pa.Decimal128Array:
    """Quantity, an int or a bigint, times price, exact to the last digit of the price."""
    digits = 19 if pa.types.is_int64(quantity.type) else 10
    exact = pc.multiply(pc.cast(quantity, pa.decimal128(digits, 0)), price)
    return exact if digits == 19 else pc.cast(exact, pa.decimal128(22, 3))


def is_cancelled(invoice: pa.StringArray) -> pa.BooleanArray:
    """Whether the invoice takes back another one: the shop writes C in front of its number."""
    return pc.starts_with(invoice, "C")


def is_charge(code: pa.StringArray) -> pa.BooleanArray:
    """Whether the code stands for no article, in capitals or not (M and m are both manual corrections)."""
    return pc.is_in(pc.utf8_upper(code), pa.array(CHARGES))


def product(description: pa.StringArray, code: pa.StringArray) -> pa.StringArray:
    """The article as people know it: its description, its code where it has none."""
    return pc.coalesce(description, code)
