#!/bin/sh
# Sets up .venv and runs the demo: fills a copy of the example ledger and explains the first rows.
. "$(dirname "$0")/environment.sh"
.venv/bin/pip install --quiet --disable-pip-version-check .
exec .venv/bin/xl-poverty demo "$@"
