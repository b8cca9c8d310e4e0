# `make try` shows what tracklint does, `make test` proves that it works. Both set up what they need in .venv.

PYTHON ?= python3
BIN := .venv/bin
# The fixture's approvals have dates; on another day it would show other findings.
FIXTURE_DAY := 2026-06-01

.PHONY: try test update clean browser gnupg

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

test: .venv/.dev tests/browser/node_modules/.ready browser gnupg
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

tests/browser/node_modules/.ready: tests/browser/package.json tests/browser/package-lock.json
	npm ci --prefix tests/browser --no-audit --no-fund --silent
	@touch $@

# The tests look at the audit page in a real browser.
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
	  { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
	    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; } || \
	  { echo 'install Chromium, which tests/test_browser.py needs' >&2; exit 1; }

# They sign commits, with OpenSSH and with GnuPG.
gnupg:
	@{ command -v gpg && command -v ssh-keygen; } >/dev/null || \
	  { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
	    apt-get update -qq && apt-get install -y -qq --no-install-recommends gnupg openssh-client >/dev/null; } || \
	  { echo 'install GnuPG and OpenSSH, which tests/test_approval_proof.py needs' >&2; exit 1; }

clean:
	rm -rf .venv tests/browser/node_modules build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
