# `make try` shows what tracklint does, `make test` proves that it works. Both set up what they need in .venv.

PYTHON ?= python3
BIN := .venv/bin
# The fixture's approvals have dates; on another day it would show other findings.
FIXTURE_DAY := 2026-06-01

.PHONY: try test update clean tools

try: .venv/.run
	@echo
	@echo 'The website of an invented clinic, tests/fixtures/clinic-site, as of $(FIXTURE_DAY):'
	@echo '  $$ cd tests/fixtures/clinic-site && tracklint'
	@echo
	@cd tests/fixtures/clinic-site && code=0 && \
	  { TRACKLINT_TODAY=$(FIXTURE_DAY) ../../../$(BIN)/tracklint || code=$$?; } && \
	  if [ $$code -ne 1 ]; then echo "expected exit code 1, not $$code" >&2; exit 1; fi
	@echo
	@echo 'That was exit code 1, so a commit or a pull request with this code would be refused, as it should be.'
	@echo 'Each finding says what, where, why and what to do. To see more:'
	@echo '  . $(BIN)/activate && cd tests/fixtures/clinic-site'
	@echo '  tracklint explain templates/partials/tag-manager.njk:9   why a load counts as before consent'
	@echo '  tracklint explain TL201                                  what a rule means'
	@echo '  tracklint explain hotjar                                 who receives the data'
	@echo '  tracklint --fix-manifest --diff                          what the manifest lacks'

test: .venv/.dev tools tests/browser/node_modules/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	TRACKLINT_BROWSER=required $(BIN)/python -m pytest -q

update: .venv/.dev
	$(BIN)/python tools/update_docs.py
	UPDATE_GOLDENS=1 $(BIN)/python -m pytest -q tests/test_clinic_site.py
	UPDATE_GOLDENS=1 $(BIN)/python -m pytest -q tests/test_action.py -k shows_what_it_adds
	UPDATE_GOLDENS=1 $(BIN)/python -m pytest -q tests/test_pre_commit.py -k walkthrough

.venv/.run: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/.dev: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ .venv/.run

tests/browser/node_modules/.ready: tests/browser/package.json tests/browser/package-lock.json | tools
	npm ci --prefix tests/browser --no-audit --no-fund --silent
	@touch $@

# What the tests run that pip and npm do not bring: a browser, shells, signatures.
tools:
	@missing=; \
	for tool in gpg:gnupg ssh-keygen:openssh-client zsh:zsh fish:fish npm:npm; do \
	  command -v $${tool%:*} >/dev/null || missing="$$missing $${tool#*:}"; \
	done; \
	command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
	  missing="$$missing chromium"; \
	test -z "$$missing" || \
	  { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
	    apt-get update -qq && apt-get install -y -qq --no-install-recommends $$missing >/dev/null; } || \
	  { echo "the tests need these, please install them:$$missing" >&2; exit 1; }

clean:
	rm -rf .venv tests/browser/node_modules build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
