"""Every sentence of the commands that ask publishers."""

BUSY = "The data of {feed} are being fetched already; wait until that is done."
FETCHING = "Fetching {what}: {publisher}, {licence}."
BYTES = "fetching"
PLACES = "places"
NOTHING_NEW = "{feed}: nothing new at {host} since it was last fetched{day}; nothing was sent."
SAME_CONTENT = "{feed}: {file} holds what was sent before; nothing was sent."
WAITING = "{why} Waiting {seconds} s."
SLOWED = (
    "its simulator has sent {rows:,} records and adds {rate:.2g} a second now, half as many after each further "
    "{halves_every:,}: `simulators` in lab.yml says so, that disks do not fill."
)
MEANWHILE = "{why} Meanwhile the simulator of {feed} goes on."
NOTHING_BY_ITSELF = "Name one with ONLY=…: {files}."

NO_HISTORY = "The publisher of {feed} gives no past to fetch: `make poll FEED={feed}` asks for the present."
KEPT = "{why} The fetched file is kept as {file}."

NO_POLLER = "lab.yml has no poller for {feed}: add it under pollers, then `make up`."
NO_API = "{feed} has no live source to ask: its publisher gives files, see `make fetch FEED={feed}`."
TOO_OFTEN = (
    "{places} places every {every} s are more questions than {publisher} allows: "
    "set every to {least} or more under pollers in lab.yml."
)
ROUND = "{feed}: {answered} of {places} places answered, {new} new observations."
POLLER = "The poller is {state} since {since} ({message})."
POLLER_NEVER = "No poller has run yet."
