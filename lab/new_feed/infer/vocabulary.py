"""Words in a column's name that tell what its numbers are. What is not known is left open."""

NEVER_NEGATIVE = frozenset({
    "age", "amount", "area", "capacity", "count", "distance", "duration", "height", "humidity", "length", "number",
    "particles", "pieces", "population", "price", "quantity", "qty", "size", "speed", "stock", "surface", "total",
    "units", "volume", "weight", "width", "anzahl", "dauer", "gewicht", "menge", "preis", "umsatz", "montant", "nombre",
    "poids", "prix", "quantite", "taille", "vitesse", "cantidad", "importe", "precio", "prezzo", "quantita",
})  # fmt: skip
"""Never below 0, if no value of the file is."""

NO_AMOUNT = frozenset({
    "age", "code", "day", "id", "ids", "index", "key", "lat", "latitude", "line", "lng", "lon", "long", "longitude",
    "month", "no", "nr", "num", "number", "phone", "plz", "postal", "rank", "row", "siren", "siret", "tel", "year",
    "zip", "account", "barcode", "batch", "ean", "epoch", "fips", "gtin", "isbn", "reference", "serial", "sku",
    "timestamp", "annee", "jahr", "jour", "mois", "monat", "numero", "order", "telefon",
})  # fmt: skip
"""Nobody adds these up, nor takes their mean."""

ADDED_UP = frozenset({
    "amount", "count", "quantity", "qty", "revenue", "sales", "total", "units", "volume", "anzahl", "betrag", "menge",
    "umsatz", "montant", "nombre", "quantite", "cantidad", "importe", "quantita",
})  # fmt: skip
"""Their sum is what people ask for first."""

AVERAGED = frozenset({
    "grade", "humidity", "percent", "pressure", "price", "rate", "rating", "ratio", "score", "share", "speed", "stars",
    "temp", "temperature", "bewertung", "feuchte", "preis", "prix", "precio", "prezzo", "vitesse", "latency",
    "voltage", "height", "weight", "width",
})  # fmt: skip
"""Their sum means nothing, their mean does."""
