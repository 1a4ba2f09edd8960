# Two commands do all the set-up on a fresh Debian or Ubuntu: `make run`, `make test`.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
# Of the sample estate that `make run` shows; two minutes of waiting on two cores.
RECORDS ?= 20000
SUDO := $(shell [ "$$(id -u)" = 0 ] || command -v sudo)
# Debian packages: the ODBC manager, PostgreSQL's and MariaDB's driver and server (the
# sample estate and the tests run both), SQLite's driver and FreeTDS, the free driver of
# SQL Server (the tests run them), and Python's own venv module.
SYSTEM := unixodbc odbc-postgresql postgresql \
  odbc-mariadb mariadb-server-core mariadb-client-core libsqliteodbc tdsodbc $(shell $(PYTHON) -c "import ensurepip" 2>/dev/null || echo python3-venv)

.PHONY: run test test-real test-mssql test-kill nights lint bench screenshots system lock clean

run: $(VENV)/ready ## install, then two nights over the sample estate
	$(BIN)/kntc demo --records $(RECORDS) --nights 2

test: $(VENV)/ready lint ## install, then lint, types, import rules and the whole suite
	$(BIN)/pytest -n 2 --dist loadfile -m "not real and not kill and not mssql"

test-real: $(VENV)/ready ## the real input in ../shared/data
	$(BIN)/pytest -m real

test-mssql: $(VENV)/ready ## sources on a SQL Server of yours (KNTC_TEST_MSSQL_URL)
	$(BIN)/pytest -m mssql

test-kill: $(VENV)/ready ## SIGKILL at every enumerated point
	$(BIN)/pytest -n 2 -m kill

nights: $(VENV)/ready ## ten nights of the sample estate against its oracle
	$(BIN)/python -m benchmarks.nights --records 100000 --nights 10

lint: $(VENV)/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/ready ## records a second, CPU by step, peak memory
	$(BIN)/python -m benchmarks.path

screenshots: $(VENV)/ready ## pictures of the UI for docs/ (installs chromium)
	@command -v chromium >/dev/null || (echo "installing Debian's chromium"; \
	  $(SUDO) apt-get update -q && $(SUDO) apt-get install -y -q --no-install-recommends chromium fonts-noto-core)
	$(BIN)/python -m benchmarks.screenshots

system: ## Debian packages that are missing
	@missing=$$(for p in $(SYSTEM); do \
	  dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q "install ok installed" || echo $$p; done); \
	if [ -n "$$missing" ]; then \
	  echo "installing Debian packages:" $$missing; \
	  $(SUDO) apt-get update -q && \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $$missing; \
	fi

# uv installs the locked packages (pip takes two minutes for the same); it is itself
# taken from the lock, with its hash. Where the registry's certificate is signed by an
# authority that only this machine knows, uv asks the machine; else pip does the work.
$(VENV)/ready: requirements.txt pyproject.toml | system
	$(PYTHON) -m venv $(VENV)
	sed -n '/^uv==/,/^[^ ]/{/^uv==/p;/^ /p}' requirements.txt > $(VENV)/uv.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt
	export VIRTUAL_ENV=$(VENV); lock="--require-hashes requirements.txt"; \
	$(BIN)/uv pip sync -q $$lock 2>/dev/null \
	  || $(BIN)/uv pip sync -q --system-certs $$lock \
	  || $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements.txt
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install -q --no-deps --no-build-isolation -e .
	touch $@

lock: ## hashed requirements without index addresses
	uv pip compile pyproject.toml --extra dev --generate-hashes --no-emit-index-url \
	  --no-header --no-annotate --universal --python-version 3.11 -o requirements.txt

clean:
	rm -rf $(VENV) build dist *.egg-info
