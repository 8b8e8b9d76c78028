"""Public contracts as DECP publishes them in CSV, damage included. Buyers, suppliers and amounts are made up.

Record n is published on day (n-1) div PER_DAY after START, weekends left out.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import count
from math import asin, cos, radians, sin, sqrt

from millrace.feed_names import FOLDER
from millrace.seeded_random import chance, choose

VERSION = 1
FEED = "procurement"
START = date(2022, 1, 3)
"""The first simulated day, a Monday soon after the published file ends, so that both fit one chart.

Simulated time never asks the clock: the same record always has the same day.
"""
PER_DAY = 120
NATURES = ("Services", "Services", "Services", "Travaux", "Travaux", "Travaux", "Fournitures", "Fournitures")
SIZES = ("PME", "PME", "PME", "PME", "PME", "ETI", "ETI", "GE", "NC", "NC")
PRICES = ("Révisable", "Révisable", "Ferme", "Ferme", "Ferme et actualisable")
BUYERS = (
    "Ville de {} (simulée)",
    "Département, {} (simulé)",
    "Centre hospitalier, {} (simulé)",
    "Office de l'eau, {} (simulé)",
)
BOUGHT = {
    "Travaux": (
        "Travaux de construction",
        "Travaux de menuiserie",
        "Travaux routiers",
        "Travaux d'assainissement",
        "Travaux de peinture",
        "Travaux d'isolation",
        "Travaux de couverture",
    ),
    "Services": (
        "Services d'architecture, services de construction, services d'ingénierie et services d'inspection",
        "Services de nettoyage de bâtiments",
        "Services liés aux déchets et aux ordures",
        "Services d'assurance",
        "Services de gardiennage",
        "Services de formation de personnel",
        "Réalisation et entretien d'espaces verts",
    ),
    "Fournitures": (
        "Consommables médicaux",
        "Produits alimentaires divers",
        "Électricité",
        "Fournitures de bureau",
        "Fournitures scolaires",
        "Mobilier de bureau",
        "Véhicules à moteur",
    ),
}
DAMAGE = {
    "id": 0.002,
    "token": 0.006,
    "filler": 0.003,
    "letters": 0.01,
    "buyer position": 0.05,
    "supplier position": 0.03,
}
"""Share of records with each kind of damage, near to that of the published ones."""
NEAR = 0.6
"""Of suppliers; they lie within some tens of kilometres of the buyer."""
EARTH_KM = 6371


@dataclass(frozen=True)
class Place:
    """A city."""

    name: str
    latitude: float
    longitude: float


def records(seed: int, after: int = 0) -> Iterator[dict[str, str]]:
    """The endless run of a seed, from record number `after` + 1: header → raw text."""
    for number in count(after):
        yield record(seed, number)


def record(seed: int, number: int) -> dict[str, str]:
    """One published contract."""
    nature = choose(NATURES, seed, number, "nature")
    published = day_of(number)
    city = choose(cities(), seed, number, "city")
    buyer = choose(BUYERS, seed, number, "buyer").format(city.name)
    supplier = supplier_of(seed, number, city)
    knows_buyer = not is_damaged(seed, number, "buyer position")
    knows_supplier = not is_damaged(seed, number, "supplier position")
    distance = published_distance(city, supplier) if knows_buyer and knows_supplier else ""
    return {
        "id": identifier(seed, number, published),
        "type": "Contrat de concession" if chance(seed, number, "type") < 0.002 else "Marché",
        "natureObjetMarche": nature,
        "referenceCPV": choose(BOUGHT[nature], seed, number, "cpv"),
        "datePublicationDonnees": f"{published:%d/%m/%Y}",
        "Montant": amount(seed, number),
        "formePrix": choose(PRICES, seed, number, "price"),
        "nomAcheteur": buyer.replace("é", "\ufffd") if is_damaged(seed, number, "letters") else buyer,
        "Latitude Acheteur": str(city.latitude) if knows_buyer else "",
        "Longitude Acheteur": str(city.longitude) if knows_buyer else "",
        "categorieEtablissement": choose(SIZES, seed, number, "size"),
        "distanceAcheteurEtablissement": distance,
        "Latitude Etablissement": str(supplier.latitude) if knows_supplier else "",
        "Longitude Etablissement": str(supplier.longitude) if knows_supplier else "",
        "date": f"{published:%m%Y}",
    }


def day_of(number: int) -> date:
    """The working day on which the record of that number (from 0) is published."""
    weeks, weekday = divmod(number // PER_DAY, 5)
    return START + timedelta(weeks=weeks, days=weekday)


def identifier(seed: int, number: int, published: date) -> str:
    """The contract's id; a spreadsheet made some a rounded number, which several contracts share."""
    if is_damaged(seed, number, "id"):
        return f"{published.year / 1000:.3f}1E+15".replace(".", ",")
    return f"{published.year}S{number + 1:08d}00"


def amount(seed: int, number: int) -> str:
    """Euros, from a thousand to some ten million, most of them near to a hundred thousand."""
    if is_damaged(seed, number, "token"):
        return "0.01"
    if is_damaged(seed, number, "filler"):
        return choose(("9999999.0", "9.9999999E7", "3.9999996E7"), seed, number, "nines")
    middle = sum(chance(seed, number, "amount", turn) for turn in range(3)) / 3
    euros = round(10 ** (3 + 4.2 * middle), 2)
    return f"{round(euros / 10**7, 4)}E7" if euros >= 10**7 else str(euros)


def supplier_of(seed: int, number: int, buyer: Place) -> Place:
    """Where the supplier is: around the buyer's city, or around any other."""
    is_near = chance(seed, number, "near") < NEAR
    city = buyer if is_near else choose(cities(), seed, number, "supplier city")
    north, east = (chance(seed, number, "supplier", side) - 0.5 for side in ("north", "east"))
    return Place(city.name, round(city.latitude + 0.5 * north, 6), round(city.longitude + 0.7 * east, 6))


def published_distance(buyer: Place, supplier: Place) -> str:
    """Kilometres, with the publisher's own mistake: latitude and longitude are exchanged."""
    north = radians(supplier.longitude - buyer.longitude)
    east = radians(supplier.latitude - buyer.latitude)
    across = cos(radians(buyer.longitude)) * cos(radians(supplier.longitude)) * sin(east / 2) ** 2
    return str(2 * EARTH_KM * asin(sqrt(sin(north / 2) ** 2 + across)))


def is_damaged(seed: int, number: int, kind: str) -> bool:
    """Whether the record has that kind of damage."""
    return chance(seed, number, "damage", kind) < DAMAGE[kind]


@cache
def cities() -> tuple[Place, ...]:
    """The cities of feeds/procurement/cities.csv."""
    with (FOLDER / FEED / "cities.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    return tuple(Place(line["city"], float(line["latitude"]), float(line["longitude"])) for line in lines)
