"""Every sentence of `make backup` and `make restore`."""

SETTINGS, PRODUCERS, LOADED, DATABASES, PACKED = (
    "Settings, passwords, feeds of your own",
    "What producers remember, landing folders",
    "What they have sent is loaded",
    "MySQL: millrace and superset",
    "One archive",
)
DONE = "{file} ({size} MB) holds passwords: keep it where only you can read it."
UNREAD_LEFT = "Not in it, as it was not loaded: {what}."
UNREAD = (
    "Records in Kafka are not in MySQL, and a backup would not hold them: {what}. See `make status`; a feed that is "
    "off is switched on with `make feed-on FEED=…`. ANYWAY=1 leaves them out and says so."
)
OF_FEED = "{count:,} of {feed}"
NOT_WRITTEN = "The backup was not made: {why}."

NO_FILE = "Say which backup: make restore FILE=backups/millrace-….tar"
DAMAGED = "{file} is no whole backup of a lab ({why}); nothing was changed."
UNREADABLE = "{file} cannot be unpacked: {why}; nothing was changed."
NEWER = (
    "{file} was made by a newer release ({theirs}, this one is {ours}): bring this checkout to that one with "
    "`git pull`; nothing was changed."
)
FEEDS_MISSING = (
    "The backup has feeds on that have no contract here or in it: {feeds}. Bring their folders into feeds/ first; "
    "nothing was changed."
)
HALF_UP = "Some machines of this lab do not run: `make up`, or `make destroy` for a fresh one; nothing was changed."
HAS_RECORDS = (
    "This lab holds {records:,} records; they, its topics and its dashboards would be replaced by those of {file}. "
    "`make backup` keeps them; OVER=1 says that it is meant."
)
ASKS = "{file} of {made_at} ({records:,} records) takes the place of all that this lab holds. Restore it?"
UNASKED = "Restoring replaces all that this lab holds: say so with YES=1."
DROPPED = "Nothing was changed."
WAS_UNREAD = "When it was made these had not been loaded, and are not in it: {what}. Send them again."

HELD, TOPICS, MEMORY, LOADING, HOST, STARTED = (
    "Stream and producers rest",
    "Topics are made anew",
    "What producers remember, landing folders",
    "MySQL: millrace and superset",
    "Settings, passwords, feeds of your own",
    "All starts, and is brought to this release",
)
HALF_DONE = (
    "From here on, until all is done, the lab is half restored: should it break off, the same `make restore` with"
    " OVER=1 YES=1 does all of it again."
)
RESTORED = (
    "The lab is as it was at {made_at}. What it had of settings and passwords before is in {folder}, if it had any."
)
