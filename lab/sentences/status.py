"""Every sentence about how a running lab is: those of `make status`, and of `make events`."""

STATUS_FINE = "Everything runs."
NO_REASON = "no reason given, see `make logs SERVICE=millrace-stream`"
MYSQL_OFF = "the mysql machine is down"
SERVICE_SILENT = "{service} does not answer at {address}: make logs SERVICE={unit}"
STREAM_SILENT = "the streaming application does not run, or does not reach MySQL: make logs SERVICE=millrace-stream"
WAITS_WITHOUT_REASON = "{lag:,} records wait, the oldest for {seconds:.0f} s: make logs SERVICE=millrace-stream"
NO_TABLES = "no tables"
FEED_HAS_NO_TABLES = "feed {feed} is switched on and has no tables: `make up` makes them"
FEED_UNKNOWN_TO_STREAM = "feed {feed} has never been started: make logs SERVICE=millrace-stream"
FEED_NOT_RUNNING = "feed {feed} is {state}: {message}"
NO_LEDGER = "the ledger cannot be read: {why}"
MACHINE_SILENT = "machine {machine} does not answer at {address}: make up"
DISK_FULL = (
    "the disk of machine {machine} is {share:.0%} full: vagrant ssh {machine} -c 'sudo du -xh / | sort -h | tail', "
    "and make room"
)
UNIT_FAILED = "{unit} has failed on machine {machine}: make logs MACHINE={machine}"
DISK_FILLS = (
    "the disk of machine {machine} is {share:.0%} full: see docs/troubleshooting.md, no space left, before it is"
)
MEMORY_FILLS = (
    "{share:.0%} of machine {machine}'s memory is in use: "
    "give it more `memory` in lab.local.yml, then make down and make up"
)
SINCE = "SINCE={asked} is no time: say 90m, 2h or 7d for so long ago, or 2026-11-28 20:05 (UTC)."
NO_EVENTS = "Nothing has happened."
CLOCK_OFF = (
    "the clock of machine {machine} is {seconds:+.1f} s off this one's: see that both are kept by the network "
    "(vagrant ssh {machine} -c timedatectl)"
)
