# Needs python3 (3.11 or later, with venv), make, git and curl. Everything else goes into .venv, from the lock.

VENV := .venv
PYTHON := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
UV := var/uv/bin/uv
COMPILE := pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 pyproject.toml

# With the MongoDB of the `make run` of this folder, where no DB_URL is set.
BESIDE_RUN := $(PYTHON) -m tests.support.beside_run

.DEFAULT_GOAL := help

# Values are taken from the environment, into which make puts its variables: in the text of a recipe the shell would
# read them. Only ARGS is such text, so that it can be quoted: ARGS="-k 'walk and not run'".

# What fails beside others on a busy machine is run once more; both outcomes are shown.
AGAIN := -n 2 --last-failed --last-failed-no-failures none

.PHONY: help admin alerts audit backup bench browser bench-hostile bench-letters bench-lists bench-middleware bench-redis bench-start \
	bench-tracing bench-views chaos clients collection fuzz proxy released \
	new restore run sizes smoke seed test lint check format schema graphiql console letters systemd lock install

help: ## This list.
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 25

run: $(INSTALLED) ## Everything at once: stores, mailbox, api, worker. Ctrl-C ends it.
	@$(PYTHON) -c "from settings import config; config.load()"
	@$(MAKE) --no-print-directory graphiql console letters
	@exec $(PYTHON) -m tests.support.run

smoke: $(INSTALLED) ## A walk through a deployment, for pipelines: make smoke URL=https://… MAIL=you@example.com
	@$(PYTHON) -m tests.smoke

seed: $(INSTALLED) ## Demo data for an empty database; PRODUCTS=1000000 for load, SEED=7 for another shop.
	@$(BESIDE_RUN) $(PYTHON) -m tests.support.seed

test: $(INSTALLED) ## The whole suite, on real servers. ARGS="-k walk" passes options to pytest; EXECUTOR=graphql-core.
	@$(PYTHON) -m pytest $(ARGS)

lint: $(INSTALLED) ## Format, lint, types, import contracts, current schema.
	$(VENV)/bin/ruff format --check --quiet
	$(VENV)/bin/ruff check --quiet
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-logo
	$(PYTHON) -m graphql_api.schema --check

check: $(INSTALLED) ## What CI runs: format, lint, types, import contracts, current schema, tests.
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory test || $(MAKE) --no-print-directory test ARGS="$(AGAIN)"
	@$(MAKE) --no-print-directory graphiql console
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target $(addprefix tried-,chaos alerts browser proxy clients) SECONDS=1 SEED=1

tried-%:
	@$(MAKE) --no-print-directory $* || $(MAKE) --no-print-directory $*

alerts: $(INSTALLED) ## A real Prometheus asks the real programs for every alert, every graph and the autoscaler; needs prometheus.
	@$(PYTHON) -m pytest -n 2 tests/alerts/check_rules.py tests/alerts/check_dashboard.py tests/alerts/check_autoscaling.py

proxy: $(INSTALLED) console ## The API behind a real nginx, as deploy/nginx sets it up; needs nginx.
	@$(PYTHON) -m pytest -n 2 tests/proxy/check_*.py

browser: $(INSTALLED) graphiql console ## GraphiQL and the console in a real browser, with screenshots in var/screenshots; needs chromium.
	@$(PYTHON) -m pytest -n 2 tests/browser/check_*.py

chaos: $(INSTALLED) ## Kill, freeze and empty everything while customers shop, then count letters; SECONDS=1200 SEED=7.
	@$(PYTHON) -m tests.chaos

fuzz: $(INSTALLED) ## Random documents, answered by plans and by graphql-core alike, after planted faults were found; DOCUMENTS=20000 SEED=7.
	@$(PYTHON) -m tests.fuzz

clients: $(INSTALLED) ## Clients in TypeScript, for Relay, Python and Postman are generated, compiled and run, and nothing breaks those of the last release; ONLY="lint breaking".
	@$(PYTHON) -m clients $$ONLY

collection: $(INSTALLED) ## Write examples/postman.json, after a change of an example.
	@$(PYTHON) -m clients.collection

released: $(INSTALLED) ## With a release: from now on schema.graphql as it is must not be broken.
	@$(PYTHON) -m clients.released

audit: $(INSTALLED) ## Tools that look for faults, turned on the code and on a running API, a line each; SECONDS=300 of fuzzing.
	@$(PYTHON) -m audit $$ONLY

bench: $(INSTALLED) ## GraphQL beside Apollo, Mercurius, Strawberry and a hand-written endpoint; ONLY=byid PEERS=apollo ROUNDS=3 SCALE=0.1.
	@$(PYTHON) -m benchmarks.graphql

bench-hostile: $(INSTALLED) ## What malformed and costly requests do to somebody else's, and to memory; ROUNDS=5.
	@$(PYTHON) -m benchmarks.hostile

bench-lists: $(INSTALLED) ## Lists of 1,000 and of 1,000,000 products, timed side by side; the first run takes 15 minutes to make them.
	@$(PYTHON) -m benchmarks.lists

bench-letters: $(INSTALLED) ## Letters a second and CPU per letter, beside Node with BullMQ and nodemailer; ROUNDS=5 LETTERS=5000.
	@$(PYTHON) -m benchmarks.letters

bench-middleware: $(INSTALLED) ## CPU that every request costs in ids, log, metrics, headers and limits.
	@$(PYTHON) -m benchmarks.middleware

bench-tracing: $(INSTALLED) ## CPU and memory that tracing costs the API, beside one that does not trace.
	@$(PYTHON) -m benchmarks.tracing

bench-start: $(INSTALLED) ## From the command to ready, and the memory of each process, with what requirements.lock installs; ROUNDS=5.
	@$(PYTHON) -m benchmarks.start

bench-redis: $(INSTALLED) ## Orders a second and how long their letters take while Redis is there, away and frozen; ROUNDS=5 SECONDS=5.
	@$(PYTHON) -m benchmarks.redis_away

bench-views: $(INSTALLED) graphiql console ## Until a browser shows the first view of GraphiQL and of the console; needs chromium. ROUNDS=5.
	@$(PYTHON) -m benchmarks.views

sizes: $(INSTALLED) ## Bytes of documents and indexes, what requests cost, and the arithmetic for 10, 1,000 and 100,000 a second.
	@$(PYTHON) -m benchmarks.sizes

format: $(INSTALLED) ## Format, and mend what the linter can mend.
	$(VENV)/bin/ruff format --quiet
	$(VENV)/bin/ruff check --quiet --fix

schema: $(INSTALLED) ## Write schema.graphql.
	@$(PYTHON) -m graphql_api.schema --write

new: $(INSTALLED) ## An empty slice of the schema with its tests, hooked in: make new SLICE=reviews; ONE=review.
	@$(PYTHON) -m scaffold "$$SLICE" "$$ONE"

graphiql: $(INSTALLED) ## Bundle GraphiQL, once; without Node.js the API runs without it.
	@$(PYTHON) -m graphql_api.graphiql.build || echo "Going on without GraphiQL."

console: $(INSTALLED) ## Bundle the console, once for each state of it and of schema.graphql; without Node.js the API runs without it.
	@$(PYTHON) -m graphql_api.console.build || echo "Going on without the console."

letters: $(INSTALLED) ## A sample of every letter for /dev/mailbox/samples, after a change of a template.
	@$(PYTHON) -m tests.support.letters

admin: $(INSTALLED) ## Make the account of EMAIL=… an administrator's.
	@$(BESIDE_RUN) $(PYTHON) -m schema.users.admin "$$EMAIL"

backup: $(INSTALLED) ## All that MongoDB holds at one moment, into a new folder TO=…; the programs go on.
	@$(BESIDE_RUN) $(PYTHON) -m schema.backup dump "$$TO"

restore: $(INSTALLED) ## A backup FROM=… into the empty database of DB_URL.
	@$(BESIDE_RUN) $(PYTHON) -m schema.backup restore "$$FROM"

systemd: $(INSTALLED) ## Units for systemd, made from the Procfile into deploy/systemd.
	@$(VENV)/bin/honcho export --app postberry --user postberry --shell /bin/sh \
		--template-dir deploy/systemd/templates systemd deploy/systemd

lock: $(UV) ## Resolve the dependencies anew into the lock files; UPGRADE=--upgrade takes the newest.
	$(UV) $(COMPILE) $$UPGRADE --output-file requirements.lock
	$(UV) $(COMPILE) $$UPGRADE --group dev --output-file requirements-dev.lock
	$(UV) $(subst pyproject.toml,audit/requirements.in,$(COMPILE)) $$UPGRADE --output-file audit/requirements.lock
	$(UV) $(subst pyproject.toml,clients/python/requirements.in,$(COMPILE)) $$UPGRADE --output-file clients/python/requirements.lock

install: $(INSTALLED)

# It says that .venv was made here, and as an old one that it is not complete: Make would delete it on Ctrl-C.
.PRECIOUS: $(INSTALLED)

$(INSTALLED): requirements-dev.lock
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Postberry needs Python 3.11 or later: python3 here is $$(python3 --version 2>&1)."; exit 1; }
	@python3 -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "python3 has no venv: on Debian and Ubuntu, apt-get install python3-venv."; exit 1; }
	@test ! -d $(VENV) || test -f $(INSTALLED) || test -L $(VENV) || \
		{ echo "$(VENV) was not made by make, and making it anew would clear it. In production run the programs themselves, as in" \
		"python -m schema.users.admin; for make, use a folder of your own, or remove $(VENV) first."; exit 1; }
	@test ! -L $(VENV) || \
		{ echo "$(VENV) is a link: run make install where it leads, for this would clear what others use."; exit 1; }
	@echo "Installing into $(VENV), which takes about a minute …"
	@python3 -m venv --clear $(VENV)
	@touch -t 197001020000 $@
	@$(PYTHON) -m pip install -qq --disable-pip-version-check --require-hashes --requirement requirements-dev.lock
	@touch $@

$(UV):
	@python3 -m venv var/uv
	@var/uv/bin/pip install -qq uv
