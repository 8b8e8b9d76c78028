"""Files that people might have, made up: a shop, sensors, and one with everything that is odd."""

import csv
import random
from pathlib import Path

ORDERS, SENSORS, ODD = "trial_orders", "trial_sensors", "trial_odd"
RECORDS = {ORDERS: 500, SENSORS: 300, ODD: 60}


def write_all(folder: Path) -> dict[str, Path]:
    """Every file, by the name of its feed."""
    return {ORDERS: orders(folder), SENSORS: sensors(folder), ODD: odd(folder)}


def orders(folder: Path) -> Path:
    """Orders with a time, an amount, categories, yes and no, missing notes, and a column that SQL calls its own."""
    chance, file = random.Random(1), folder / "orders 2026.csv"  # noqa: S311
    header = ["Order ID", "OrderDate", "Product", "Region", "Quantity", "Unit Price", "Order", "Paid", "Note"]
    rows = [
        [
            *(10_000 + number, f"2026-{chance.randint(1, 6):02}-{chance.randint(1, 28):02} {number % 24:02}:30"),
            *(chance.choice(["Tea", "Coffee", "Cake, small", "Bread"]), chance.choice(["North", "South", "East"])),
            *(chance.randint(1, 9), f"{chance.uniform(1, 30):.2f}", number % 7),
            *(chance.choice(["yes", "no"]), chance.choice(["", "a gift", 'say "hello"'])),
        ]
        for number in range(RECORDS[ORDERS])
    ]
    return write(file, header, rows)


def sensors(folder: Path) -> Path:
    """Semicolons, Windows line ends, Western accents in one byte, decimals behind a comma, times with a zone."""
    chance, file = random.Random(2), folder / "sensors.csv"  # noqa: S311
    lines = ["Zeitpunkt;Gerät;Température (°C);Humidity;Läuft"]
    for number in range(RECORDS[SENSORS]):
        time = f"2026-01-{1 + number % 28:02}T{number % 24:02}:00:00+01:00"
        room = chance.choice(["Küche", "Entrée", "Büro"])
        values = f"{chance.uniform(-5, 30):.1f};{chance.uniform(20, 80):.3f}".replace(".", ",")
        lines.append(f"{time};{room};{values};{chance.choice(['ja', 'nein'])}")
    file.write_bytes("\r\n".join(lines).encode("latin-1"))
    return file


def odd(folder: Path) -> Path:
    """An index without a name, quoted line ends, odd headers, dates of two forms, missing values, no category."""
    header = ["", "Comment?!", "価格", "Début", "Fin ", "2nd value", "sent_at", "ZIP", "Nothing"]
    rows = [
        [
            *(number, f'two\nlines, "{number}"', f"{number + 1},{number * 7 % 1000:03}.5"),
            *(f"{number % 28 + 1}/{number % 12 + 1}/2025", f"{20 + number % 8}.{number % 12 + 1:02}.2025"),
            *("x" * number, "yesterday", f"{number * 991 % 100_000:05}", ""),
        ]
        for number in range(RECORDS[ODD])
    ]
    for row in rows[::3]:
        row[4] = f"2025-03-{number_of(row):02}"
    return write(folder / "odd.csv", header, rows)


def number_of(row: list[object]) -> int:
    return int(str(row[0])) % 28 + 1


def write(file: Path, header: list[str], rows: list[list[object]]) -> Path:
    with file.open("w", newline="", encoding="utf-8") as lines:
        csv.writer(lines).writerows([header, *rows])
    return file
