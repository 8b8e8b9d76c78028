"""The real files of procurement and sales on the running lab: every record is accounted for, rollups follow exactly."""

import csv
import gzip
import hashlib
import io
import tarfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from instruments.tools import DATA, Sum, Warehouse, printed_sum, run_send, source_of, wait_until
from lab.host import remote
from millrace.contract.contract import load_contract
from millrace.record.identity import file_source
from tests import commerce_figures as figures

CONTRACTS = [
    pytest.param(
        *("data_finance_clean.csv", figures.CONTRACTS_IN_CSV, figures.AMOUNT_IN_CSV, figures.FLAGS_IN_CSV),
        id="csv",
        marks=pytest.mark.full,
    ),
    pytest.param(
        *("decp_aife_2019-04-04.json", figures.CONTRACTS_IN_JSON, figures.AMOUNT_IN_JSON, figures.FLAGS_IN_JSON),
        id="json",
    ),
]
DAYS = 10
"""Daily files of sales in the core; all of them in a full run."""
LONG = 1_200
LANDING = "/var/lib/millrace/landing/sales"


def unpacked(name: str, folder: Path) -> Path:
    """A real file of procurement, unpacked; skips where it is absent."""
    packed = DATA / "procurement" / f"{name}.gz"
    if not packed.is_file():
        pytest.skip(f"the real file ../shared/data/procurement/{name}.gz is not here")
    file = folder / name
    file.write_bytes(gzip.decompress(packed.read_bytes()))
    return file


@pytest.mark.timeout(LONG + 60)
@pytest.mark.parametrize(("name", "records", "amount", "flags"), CONTRACTS)
def test_a_real_file_of_contracts_lands_once(  # noqa: PLR0913, PLR0917
    mysql: Warehouse, tmp_path: Path, name: str, records: int, amount: Decimal, flags: dict[str, int]
) -> None:
    file = unpacked(name, tmp_path)
    source = source_of("procurement", file)
    before = mysql.one("SELECT COUNT(*) FROM procurement WHERE source_id = :source", source=source)
    run = run_send("procurement", file, timeout=LONG)
    assert (run.code, run.err) == (0, "")
    assert printed_sum(run) == Sum(records, records - before, 0, before, 0)

    (found,) = mysql.rows(
        "SELECT COUNT(*) AS n, SUM(counted_amount) AS amount FROM v_procurement WHERE source_id = :source",
        source=source,
    )
    assert found == {"n": records, "amount": amount}
    reasons = mysql.rows(
        "SELECT flags, COUNT(*) AS n FROM v_procurement WHERE source_id = :source AND flags <> '' GROUP BY flags",
        source=source,
    )
    counted: Counter[str] = Counter()
    for row in reasons:
        counted.update(dict.fromkeys(row["flags"].split(","), row["n"]))
    assert counted == flags


def test_refused_contracts_have_their_reasons(mysql: Warehouse, tmp_path: Path, nonce: str) -> None:
    header = "id,type,natureObjetMarche,datePublicationDonnees,Montant,Latitude Acheteur,categorieEtablissement,date"
    lines = [
        f"{nonce}1,Marché,Travaux,09/03/2021,0.01,48.85,PME,032021",
        f"{nonce}2,Marché,Travaux,30/02/2021,10,48.85,PME,032021",
        f"{nonce}3,March\ufffd,Travaux,09/03/2021,10,96.0,PME,032021",
        f"{nonce}4,Marché,Travaux,09/03/2021,sur devis,48.85,TPE,132021",
    ]
    file = tmp_path / f"{nonce}.csv"
    file.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    run = run_send("procurement", file)
    assert printed_sum(run) == Sum(4, 1, 0, 0, 3)
    reasons = mysql.rows(
        "SELECT row_no, column_name, reason FROM v_quarantine_reason WHERE source_id = :source ORDER BY 1, 2",
        source=source_of("procurement", file),
    )
    assert [tuple(row.values()) for row in reasons] == [
        (2, "published_on", "is no date of the form dd/MM/yyyy or yyyy-MM-dd or yyyy-MM-ddXXX"),
        (3, "buyer_latitude", "is above 90"),
        (3, "type", "is none of Marché, Contrat de concession"),
        (4, "amount", "is not a number"),
        (4, "published_month", "is no date of the form Myyyy"),
        (4, "supplier_size", "is none of PME, ETI, GE, NC"),
    ]


def daily_files() -> dict[str, bytes]:
    """Name → content of the 305 daily files of sales; skips where they are absent."""
    archive = DATA / "sales" / "online_retail_by_day.tar.gz"
    if not archive.is_file():
        pytest.skip("the real files ../shared/data/sales/online_retail_by_day.tar.gz are not here")
    with tarfile.open(archive) as members:
        opened = {Path(one.name).name: members.extractfile(one) for one in members if one.name.endswith(".csv")}
        return {name: content.read() for name, content in opened.items() if content is not None}


@dataclass(frozen=True)
class Counted:
    """What lines of sales hold, counted from the files' text alone."""

    lines: int
    amount: Decimal
    cancelled: int
    negative: int
    unknown: int
    equal: int


ALL_DAYS = Counted(
    *(figures.SALES, figures.REVENUE, figures.CANCELLED, figures.NEGATIVE, figures.UNKNOWN_CUSTOMERS),
    equal=figures.EQUAL_SALES,
)


def counted_in(contents: Iterable[bytes]) -> Counted:
    rows = [row for content in contents for row in csv.DictReader(io.StringIO(content.decode("utf-8")))]
    return Counted(
        len(rows),
        sum((Decimal(row["Quantity"]) * Decimal(row["UnitPrice"]) for row in rows), Decimal(0)),
        sum(row["InvoiceNo"].startswith("C") for row in rows),
        sum(int(row["Quantity"]) < 0 for row in rows),
        sum(not row["CustomerID"] for row in rows),
        len(rows) - len({tuple(row.values()) for row in rows}),
    )


@pytest.mark.timeout(2 * LONG + 300)
@pytest.mark.parametrize("days", [DAYS, pytest.param(305, marks=pytest.mark.full)])
def test_a_folder_of_daily_sales_lands_whole_through_the_landing_folder(
    mysql: Warehouse, tmp_path: Path, days: int
) -> None:
    every = daily_files()
    files = dict(sorted(every.items())[:days])
    assert len(files) == days
    sources = [file_source("sales", hashlib.sha256(content).hexdigest()) for content in files.values()]
    among = f"source_id IN ({', '.join(map(str, sources))})"
    archive = tmp_path / "by-day.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))
    remote.put("kafka", archive, "/tmp/by-day.tar.gz")  # noqa: S108 - on the machine
    remote.run("kafka", f"tar -xzf /tmp/by-day.tar.gz -C {LANDING} --no-same-owner && rm /tmp/by-day.tar.gz")

    expected = counted_in(files.values())
    assert (expected == ALL_DAYS) == (days == len(every))
    lines = f"SELECT COUNT(*) FROM v_sales WHERE {among}"
    wait_until(lambda: mysql.one(lines) == expected.lines, "every line is a row", LONG)
    wait_until(
        lambda: remote.run("kafka", f"ls {LANDING} | grep -c csv || true").strip() == "0",
        "every file is archived",
        LONG,
    )
    columns = "invoice_no, stock_code, description, quantity, sold_at, unit_price, customer_id, region"
    (found,) = mysql.rows(
        "SELECT COUNT(*) AS n, SUM(amount) AS amount, SUM(is_cancelled) AS cancelled, SUM(quantity < 0) AS negative,"
        f" SUM(customer_id IS NULL) AS unknown, COUNT(*) - (SELECT COUNT(*) FROM (SELECT 1 FROM v_sales WHERE {among}"
        f" GROUP BY {columns}) AS other) AS equal FROM v_sales WHERE {among}"
    )
    assert Counted(*found.values()) == expected


@pytest.mark.parametrize(
    ("feed", "rollup", "count"),
    [
        (feed, rollup.name, next(measure.name for measure in rollup.measures if measure.sum == "1"))
        for feed in ("procurement", "sales")
        for rollup in load_contract(feed).rollups
    ],
)
def test_rollups_count_what_the_facts_hold(mysql: Warehouse, feed: str, rollup: str, count: str) -> None:
    where = "flags <> ''" if rollup == "procurement_flagged" else "TRUE"
    # One statement sees one moment, however fast the simulators are.
    (found,) = mysql.rows(
        f"SELECT (SELECT SUM({count}) FROM {rollup}) AS rollup, (SELECT COUNT(*) FROM v_{feed} WHERE {where}) AS facts"
    )
    assert found["rollup"] == found["facts"]


def test_sums_follow_the_facts(mysql: Warehouse) -> None:
    (found,) = mysql.rows(
        "SELECT (SELECT SUM(amount_sum) FROM procurement_by_month) AS contracts,"
        " (SELECT SUM(counted_amount) FROM v_procurement) AS contract_facts,"
        " (SELECT SUM(amount_sum) FROM sales_by_hour) AS sales, (SELECT SUM(amount) FROM v_sales) AS sale_facts"
    )
    assert (found["contracts"], found["sales"]) == (found["contract_facts"], found["sale_facts"])
