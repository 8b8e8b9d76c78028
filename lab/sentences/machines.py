"""Every sentence of the commands that make and remove machines."""

PROVIDER = "Provider: {provider} ({why})."
WANTS_ROOT = "Building a box needs root and there is no sudo: run `make boxes` as root."
NO_LINUX = (
    "Boxes are built on Linux or WSL2: run `make boxes` there, or name a file or URL and its sha256 under boxes in "
    "lab.local.yml."
)
UNKNOWN_PROVIDER = "There is no provider {provider!r}: choose lxc, libvirt or virtualbox."
BOX_FAILED = "The {provider} box of {release} was not built: the whole log is {log}. Its last lines:\n{tail}"
BOX_TOOLS = "Building a {provider} box needs {tools}: install the packages {packages}."
BOX_DONE = "{file}  {size} MB  sha256 {sha256}"

NO_VAGRANT = "Vagrant is not installed: `make up` installs it on Debian; elsewhere see its maker's page."
VAGRANT_FAILED = (
    "`{command}` failed: mend what its last lines say, then `make up` goes on from here; "
    "the whole log is {log}.\n{tail}"
)
VAGRANT_LATE = "`{command}` has not answered for {seconds:.0f} s: see whether another Vagrant command runs."
JOB_FAILED = "{what} failed, see {log}; the others go on, Ctrl-C stops them."
WAITS = "{who} waits for {address}, which has not let it in for 30 s; it goes on waiting."
WAITED = (
    "{who} waited in vain for {address}: see with `make status` whether it is up, and whether this host's firewall "
    "lets the machines reach each other; the whole log is {log}."
)
FORGET_FAILED = (
    "The kafka machine did not forget {feed} (exit code {code}): what is wrong stands above; the same `make forget` "
    "goes on from here."
)
HOLDER = "`{command}` (process {process}, since {since:%H:%M})"
MACHINES_BUSY = "{holder} is at the machines: wait until it is done, or stop it with Ctrl-C where it runs."
INTERRUPTED = "Stopped; `make up` goes on from here."

STEP = "[bold]step {number} of {total}:[/] {title}"
STEP_BOXES = "boxes"
STEP_MACHINES = "machines"
STEP_PROVISION = "provisioning"
STEP_DATA = "first data"
STEP_INSTALL = "host packages"
BOXES_THERE = "there already"
NOTHING_CHANGED = "nothing changed"
BUILDING = "building {what}"
STARTING = "starting {what}"
STARTING_ANEW = "starting anew for a folder that is new: {what}"
PROVISIONING = "provisioning {what}"
ROWS = "{rows:,} of {wanted:,} rows"

READY = "[bold green]The lab is up.[/]"
SIGN_IN = "Sign in as [bold]viewer[/]; `make login` shows the password."
TRY = "Things to try"
TRY_SEND = ("make send FEED={feed} FILE={sample}", "a file through the whole pipeline")
TRY_SQL = ('make sql Q="select feed, table_rows, quarantined from v_feed_health"', "ask MySQL what has arrived")
TRY_KAFKA = ("vagrant ssh kafka -c 'kafka-console-consumer.sh --topic {feed} --max-messages 3'", "see it on Kafka")
TRY_FEED_ON = ("make feed-on FEED={feed}", "switch a feed on")

HALTED = "The machines are halted; `make up` starts them again."
REMOVED = "Removed {what}."
NOTHING_TO_REMOVE = "There was nothing to remove."
KEPT = "Kept: {folder} (passwords); `make destroy ALL=1` removes it too."
KEPT_DOWNLOADS = (
    "Kept: {folder}, the boxes and downloads that all checkouts share; `{root}rm -r {folder}` removes them."
)
UNKNOWN_CHECKOUT = "There is no lab of {checkout} on this host; the labs here: {known}."
NO_OTHERS = "none"

VM_PROVIDER = "`make test-vm` needs libvirt and QEMU: install libvirt-daemon-system, qemu-system-x86, vagrant-libvirt."
VM_AGAIN = "provisioning again"
VM_ASK = "asking MySQL"
VM_CHANGED = "The second provision in the virtual machine changed something: {recap}"
VM_DONE = (
    "[bold green]The virtual machine works:[/] made from its box, provisioned, and provisioned again with changed=0."
)
