# The commands of the lab. Each is a thin line over `python -m lab`; `make` alone prints this list.
.DEFAULT_GOAL := help
.PHONY: help up down destroy backup restore boxes test-vm status doctor send fetch poll sql quarantine events verify logs login notebook forget check test bench drill

NO_RIGHTS := $(if $(filter-out help,$(MAKECMDGOALS)),$(shell vagrant/rights.sh))
$(if $(NO_RIGHTS),$(error ✗ $(NO_RIGHTS)))

PYTHON := .lab/venv/bin/python
LAB := $(PYTHON) -m lab
# `make X FEED=a b` values go to the command as they stand, spaces, quotes and dollar signs included.
VALUES := FEED FILE NAME ONLY Q SINCE PROVIDER MACHINE SERVICE CHECKOUT LIMIT COUNT LINES TIMES ROWS SECONDS DATES KEY NEWEST TYPES SHEET
export $(VALUES)
# What no recipe looks at was mistyped: `feed=sales` is no FEED.
export MILLRACE_TYPED := $(foreach name,$(.VARIABLES),$(if $(findstring command,$(origin $(name))),$(name)))
# NAME counts only where it is typed: some shells have a variable of that name of their own.
named := $(findstring command,$(origin NAME))
# Of the recipes only: make itself would take `$x` in a query for a variable of its own.
$(foreach name,$(VALUES),$(if $(filter-out undefined,$(origin $(name))),$(eval override $(name) := $$(value $(name)))))

##@ The lab
up: ## bring the lab up: installs what is missing, then prints addresses and what to try (FRESH=1: with new package lists)
	@began=$$(date +%s); vagrant/install.sh && MILLRACE_BEGAN=$$began $(LAB) up $(if $(FRESH),--fresh)

down: $(PYTHON) ## halt the machines; `make up` starts them again
	@$(LAB) down

destroy: $(PYTHON) ## remove what the lab made on this host (ALL=1: all of .lab; CHECKOUT=path or OTHERS=1: other labs)
	@$(LAB) destroy $(if $(ALL),--all) $(if $(CHECKOUT),--checkout "$$CHECKOUT") $(if $(OTHERS),--others)

backup: $(PYTHON) ## all that cannot be made again, into backups/, while it runs (ANYWAY=1: without what is not loaded)
	@$(LAB) backup $(if $(ANYWAY),--anyway)

restore: ## a lab from a backup: FILE=backups/millrace-….tar (YES=1: do not ask; OVER=1: over a lab with records)
	@vagrant/install.sh && $(LAB) restore $(if $(YES),--yes) $(if $(OVER),--over) -- "$$FILE"

##@ Data
status: $(PYTHON) ## machines, services, lag, rows, freshness (JSON=1)
	@$(LAB) status $(if $(JSON),--json)

doctor: $(PYTHON) ## checks of host, machines, services and feeds, each with → the fix (JSON=1)
	@$(LAB) doctor $(if $(JSON),--json)

send: $(PYTHON) ## send a file: FEED=insurance_network FILE=x.csv (AS_NEW=1 or REPLACE=1; SHEET=…)
	@$(LAB) send $(if $(AS_NEW),--as-new) $(if $(REPLACE),--replace) $(if $(SHEET),--sheet "$$SHEET") -- "$$FEED" "$$FILE"

fetch: $(PYTHON) ## real data from a feed's publisher: FEED=hospital (ONLY=…)
	@$(LAB) fetch $(if $(ONLY),--only "$$ONLY") -- "$$FEED"

poll: $(PYTHON) ## ask a live source once, now: FEED=weather
	@$(LAB) poll -- "$$FEED"

sql: $(PYTHON) ## run a query: Q="select …"; or a file of them: make sql < file.sql
	@$(LAB) sql $(if $(Q),-- "$$Q")

quarantine: $(PYTHON) ## what was refused and why (FEED=…, LIMIT=20, JSON=1)
	@$(LAB) quarantine $(if $(FEED),--feed "$$FEED") $(if $(LIMIT),--limit "$$LIMIT") $(if $(JSON),--json)

peek: $(PYTHON) ## newest records of a topic beside what they became: FEED=… (COUNT=10, JSON=1)
	@$(LAB) peek $(if $(COUNT),--count "$$COUNT") $(if $(JSON),--json) -- "$$FEED"

replay: $(PYTHON) ## refused records once more, after a mend: FEED=…
	@$(LAB) replay -- "$$FEED"

events: $(PYTHON) ## what has happened to the lab (FEED=…, SINCE=2h, LIMIT=50, JSON=1)
	@$(LAB) events $(if $(FEED),--feed "$$FEED") $(if $(SINCE),--since "$$SINCE") $(if $(LIMIT),--limit "$$LIMIT") $(if $(JSON),--json)

verify: $(PYTHON) ## whether rollups are the sums of their facts, and facts what the ledger counts (JSON=1)
	@$(LAB) verify $(if $(JSON),--json)

logs: $(PYTHON) ## the services' journals (SERVICE=…, MACHINE=…, FOLLOW=1, LINES=200)
	@$(LAB) logs $(if $(SERVICE),--service "$$SERVICE") $(if $(MACHINE),--machine "$$MACHINE") $(if $(FOLLOW),--follow) \
		$(if $(LINES),--lines "$$LINES")

login: $(PYTHON) ## addresses, users and passwords of Superset, MySQL and Kafka
	@$(LAB) login

notebook: $(PYTHON) ## JupyterLab on the spark machine, with a notebook per kind of data (OFF=1 stops it)
	@$(LAB) notebook $(if $(OFF),--off)

##@ A feed's life
feed-on: $(PYTHON) ## switch a feed on: FEED=…; writes lab.local.yml
	@$(LAB) feed-on -- "$$FEED"

feed-off: $(PYTHON) ## switch a feed off: FEED=…; what it has brought stays
	@$(LAB) feed-off -- "$$FEED"

reset: $(PYTHON) ## start a feed over: FEED=… (YES=1: do not ask)
	@$(LAB) reset $(if $(YES),--yes) -- "$$FEED"

forget: $(PYTHON) ## remove a feed of your own for good, with all it has brought: FEED=… (YES=1: do not ask)
	@$(LAB) forget $(if $(YES),--yes) -- "$$FEED"

##@ Your own feed
.PHONY: new-feed
new-feed: $(PYTHON) ## a feed from a file (CSV, Excel, ODS, Parquet, JSON lines): FILE=my.csv NAME=shop (KEY=…, NEWEST=…, DATES=day-first, TYPES="zip=text", SHEET=…)
	@$(LAB) new-feed $(if $(named),--name "$$NAME") $(if $(KEY),--key "$$KEY") \
		$(if $(NEWEST),--newest "$$NEWEST") $(if $(DATES),--dates "$$DATES") $(if $(TYPES),--types "$$TYPES") $(if $(SHEET),--sheet "$$SHEET") -- "$$FILE"

##@ Work on Millrace
check: ## lint, types, unit and local Spark tests; needs no lab
	@vagrant/install.sh requirements/dev.txt && $(LAB) check

test: ## every change's tests; brings the lab up if it is not (ALL=1: at full length, for a release)
	@vagrant/install.sh requirements/dev.txt && $(LAB) test $(if $(ALL),--all)

bench: ## what this machine reaches, in figures (NAME=send|producers|drain|start|freshness|rates|growth|seen|dashboards|commands|up, TIMES=3, ROWS=200000, SECONDS=60, JSON=1)
	@vagrant/install.sh requirements/dev.txt >&2 && $(LAB) bench $(if $(JSON),--json) $(if $(TIMES),--times "$$TIMES") \
		$(if $(ROWS),--rows "$$ROWS") $(if $(SECONDS),--seconds "$$SECONDS") \
		$(if $(named),-- $$NAME)

drill: ## break the lab while records stream in, and look whether all adds up (NAME=one, LIST=1, JSON=1)
	@vagrant/install.sh requirements/dev.txt >&2 && $(LAB) drill $(if $(LIST),--list) $(if $(JSON),--json) \
		$(if $(named),-- $$NAME)

boxes: $(PYTHON) ## build the machines' boxes (PROVIDER=lxc, libvirt or virtualbox)
	@$(LAB) boxes $(if $(PROVIDER),--provider "$$PROVIDER")

test-vm: ## one real machine under emulation: up, provisioned twice, its service tested
	@vagrant/install.sh requirements/dev.txt libvirt && $(LAB) test-vm

help: ## this list
	@awk 'BEGIN { FS = ":.*## "; print "make …" } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.DEFAULT:
	@if [ -x $(PYTHON) ]; then $(PYTHON) -m lab.makefile $@; else echo "✗ There is no command \`make $@\`; \`make\` lists them." >&2; exit 2; fi

$(PYTHON):
	@vagrant/install.sh
