#!/usr/bin/env bash
# Puts tracklint into an environment of its own and runs the check. The inputs are in the environment; see run.py.
set -euo pipefail

fail() {
  echo "::error title=tracklint::$1"
  exit 2
}

action=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
home="${RUNNER_TEMP:?the runner sets it}/tracklint"

# -I keeps Python from importing modules out of the checkout, which on a pull request is a stranger's.
inside() {
  local python
  for python in "$home/bin/python" "$home/Scripts/python.exe"; do
    if [ -x "$python" ] && "$python" -I -c 'import tracklint' 2>/dev/null; then
      echo "$python"
      return
    fi
  done
  return 1
}

if ! python=$(inside); then
  found=
  for python in python3 python; do
    if "$python" -I -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
      found=$python
      break
    fi
  done
  [ -n "$found" ] || fail "Python 3.10 or newer is needed; put actions/setup-python before this step"
  echo "::group::Install tracklint"
  "$found" -I -m venv --clear "$home" || fail "no virtual environment could be made; put actions/setup-python before this step"
  for python in "$home/bin/python" "$home/Scripts/python.exe"; do
    if [ -x "$python" ]; then
      "$python" -I -m pip install --quiet --disable-pip-version-check "$action" ||
        fail "tracklint could not be installed; the log has pip's reason"
    fi
  done
  echo "::endgroup::"
  python=$(inside) || fail "tracklint was installed and cannot be imported"
fi

exec "$python" -I -X utf8 "$action/action/run.py"
