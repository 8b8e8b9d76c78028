"""Every sentence the commands say to a person. Braces are filled by the command."""

HELP = (
    "Millrace: a streaming data lab on four machines, Kafka → Spark → MySQL → Superset.\n\n"
    "Exit codes: 0 done · 1 refused or something is wrong (one sentence says what to do) · "
    "2 the command was typed wrongly · 130 stopped by Ctrl-C."
)
STOPPED = "Stopped."
UNKNOWN_COMMAND = "There is no command {command!r}; {hint}"
UNKNOWN_OPTION = "There is no option {option}=; {hint}"
UNKNOWN_TARGET = "There is no command `make {command}`; {hint}"
NO_RIGHTS = "You may not use {file}, which belongs to {owner}: run the command as {owner}."
HOST_ONLY = "`{command}` works on the host only: run it in the checkout, not inside a machine."

MACHINE_DOWN = (
    "The {machine} machine does not answer: bring the lab up with `make up`, "
    "or this machine with `vagrant up {machine}`."
)
REMOTE_LATE = "it did not end within {seconds:.0f} s"
REMOTE_FAILED = "`{command}` failed on the {machine} machine: {why}"
COPY_FAILED = (
    "{file} could not be copied to the {machine} machine: see whether its disk is full with "
    "`vagrant ssh {machine} -c 'df -h'`."
)
UNKNOWN_MACHINE = "There is no machine {machine!r}: the lab has {known}."
UNKNOWN_SERVICE = "There is no service {service!r}: the lab has {known}."

MYSQL_DOWN = "MySQL does not answer at {address}: see `make status`, and start the lab with `make up`."
MYSQL_REFUSED = "MySQL refused the query: {why}"
NO_SECRETS = "{file} is missing: it is made by the first `make up` of this checkout."
INCOMPLETE_SECRETS = "{file} has no {name}: `make up` adds it, and tells the machines."

SEND_NEEDS = "Say {missing}: make send FEED={feed} FILE={file}"
FILE_MISSING = "There is no file {file}: check the path (FILE=… is read from the folder you stand in)."
FILE_IS_FOLDER = "{file} is a folder: name one file in it."
FILE_UNREADABLE = "{file} cannot be read: check its permissions."
EITHER_OR = "AS_NEW and REPLACE exclude each other: AS_NEW counts both versions, REPLACE takes the old one out."
NOTHING_SENT = "Nothing was sent: {why}"
STREAM_STOPPED = "The stream of {feed} has stopped, so nothing was sent: {message}"
STREAM_STOPPED_ARRIVING = "The stream of {feed} stopped before everything had landed: {message}"
NOT_LANDED = (
    "{sent:,} records are in Kafka, but {waiting:,} of them have not reached MySQL and nothing moved for {seconds} s: "
    "see `make status` and `make logs SERVICE=millrace-stream`; they are loaded once it runs again."
)
WHY_NOT_LANDED = "{late} The feed is {state}: {message}"
MYSQL_LOST_ARRIVING = (
    "{sent:,} records are in Kafka, but MySQL has not answered for {seconds} s: they are loaded once it runs again; "
    "see `make status`."
)
SENT_BY_OTHERS = "{others:,} of them came from another command that sent the same file meanwhile; none counts twice."
DOES_NOT_ADD_UP = (
    "It does not add up: {sent:,} were sent, {landed:,} are accounted for. See `make logs SERVICE=millrace-stream`."
)
SUM = (
    "{feed}: {sent:,} sent = {loaded:,} loaded + {updated:,} updated + {duplicates:,} duplicates"
    " + {quarantined:,} quarantined"
)
SEE_QUARANTINE = "See why: make quarantine FEED={feed}"
EARLIER = "earlier"
TAKEN_UP = "An interrupted send was taken up: {skipped:,} of {records:,} records were in Kafka before."
SENDING = "sending"
ARRIVING = "arriving"
COPYING = "copying"

STEPS_LEFT = "steps to go: {left}"
STEP_LEFT_OUT = "{step} is not run, as {failed} failed."
STEPS_NOT_RUN = "Not run, or not to the end: {steps}."
STEPS_FAILED = "Failed: {steps}. What is wrong stands above."
STEPS_CLOSING = "── what came of it"
TESTS_STAND = "{done:,} of {total:,} tests"
TESTS_SLOWEST = "The slowest tests:"
TEST_FAILED = "{test} failed in {step}: {why}"
SKIPPED = "Skipped, {count} tests: {why}"
SKIPPED_FOR_DATA = "Skipped, {count} tests: the real data are not in {data}."
ENDS_AFTER_FAILURES = "The run ends, as {count} tests have failed."
ENDS_UNHEALTHY = "The run ends, as the lab is unhealthy: {why}"

VERIFY_FINE = "Every rollup is the sum of its facts, and the ledger counts what the tables hold."
VERIFY_FACTS = (
    "{feed}: the table and the ledger differ by {differing} records; see docs/exactly-once.md,"
    " `make reset FEED={feed}` begins anew."
)
VERIFY_CONTRACT = (
    "{feed}: this release cannot read the contract that its tables were made from, so nothing of it was compared;"
    " `make up` brings the tables to the contract that is there."
)
VERIFY_ROLLUP = (
    "{feed}: {what} is not the sum of its facts in {differing} rows; change its `where` in the contract, and `make up`"
    " makes it anew."
)

NOTHING_IN_QUARANTINE = "Nothing is in quarantine."
NOTHING_IN_QUARANTINE_OF = "Nothing of {feed} is in quarantine."
QUARANTINE_MORE = "{shown:,} newest of {total:,} shown; more with LIMIT=…"

QUERY_MISSING = (
    'Which query? `make sql Q="select …"`, or `make sql < file.sql`; '
    "a client opens with `vagrant ssh mysql -c 'sudo mysql millrace'`."
)

SENT_AND_LOST = (
    "Kafka has lost records of {files} before they were loaded, and nothing in archive/ brings them back: "
    "send again; what is loaded already counts once."
)
AND_OTHERS = " and {others:,} others"
NO_LANDING_FOLDER = "There is no folder {folder}: switch the feed on with `make feed-on FEED={feed}`."
SYSTEMCTL_FAILED = "`{command}` failed: {why}"

SUPERSET_LOGIN = "Superset{signed}"
MYSQL_LOGIN = "MySQL, database millrace (TLS, signed by .lab/ca.pem)"
KAFKA_LOGIN = "Kafka ({protocol}, {mechanism}){signed}"
SIGNED = ", signed by .lab/ca.pem"
CLIENT_FILES = "The same stands in {java}, for clients of Kafka's own library, and in {kcat}: `kcat -F {kcat} -L`."

TOPICS_CREATED = "Created: {names}."
TOPICS_THERE = "Every topic is there."
TOPICS_RESIZED = "What their partitions keep is fitted to the disk: {names}."
SEALS_REQUIRED = "Records must be sealed."
OLDER_PRODUCERS = (
    "Processes of an older release may still send (numbers {processes}): end them, or wait. Until then records need no "
    "seal."
)

SIMULATED = "{feed}: {sent}; {rows:,} records of this seed are in Kafka."
FIRST_FAILED = "The first records of {feeds} are not all sent; what is wrong stands above, and the service tries again."
DEMO_SAMPLE_SENT = "{feed}: {records:,} sample records sent."
DEMO_SAMPLE_THERE = "{feed}: its sample was sent before."

READY_LATE = "The machines run, but after {seconds} s {what}: see `make status` and `make logs`, then `make up` again."
READY_NO_MYSQL = "MySQL does not answer yet"
READY_NO_STREAM = "the streaming application does not run yet"
READY_NO_ROWS = "{feed} has {rows:,} of its first {wanted:,} records"
READY_NO_DASHBOARD = "Superset does not show the insurance dashboard yet"

NEW_FEED_NO_FILE = "Name the file that the feed is made from: FILE=my.csv."
NEW_FEED_DATES = "DATES={dates} is none of {known}."
NEW_FEED_ASK = "{column}: {example} may be read in two ways in every record: day-first, month-first, or text to keep it"
NEW_FEED_AMBIGUOUS = (
    "The column {column} may have its day or its month first in every record, such as {example}: "
    "say DATES=day-first or DATES=month-first, or DATES=text to leave it as it stands."
)
NEW_FEED_READ = "{file}: {records}; {written}."
NEW_FEED_COLUMNS = "Proposed columns"
NEW_FEED_UNTYPED = "{count:,} more columns are kept in `extra`; add those you need to the contract."
NEW_FEED_DOUBTS = "Columns in doubt"
NEW_FEED_OR = " or "
NEW_FEED_FIRST = "The first {count:,} as they will be stored: raw → stored, where that differs"
NEW_FEED_WRITTEN = "Written"
NEW_FEED_NEXT = "Next"
NEW_FEED_TRY = (
    ("feeds/{feed}/contract.yaml", "look at it; before the feed is up everything in it may change"),
    ("make check", "tells what does not fit together"),
    ("make up", "makes topic, tables and dashboard"),
    ("make send FEED={feed} FILE={file}", "the whole file"),
)

NOTEBOOK_STARTS = "JupyterLab on the spark machine"
NOTEBOOK = (
    "Open {address}\n"
    "Its log-in page asks for the token {token}\n"
    "The project's notebooks are in examples/; save yours beside that folder, it is renewed every time.\n"
    "Stop it with `make notebook OFF=1`."
)
NOTEBOOK_OFF = "JupyterLab is off. `make notebook` starts it again, with your notebooks."
