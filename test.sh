#!/bin/sh
# Sets up .venv and runs all tests; further arguments go to pytest.
#   XL_POVERTY_NO_CALC=1  without LibreOffice: the tests that need Calc are skipped, and say so
#   XL_POVERTY_ROWS=20000 random rows per function in the agreement tests (everyday: 500, fewer where that covers all)
. "$(dirname "$0")/environment.sh"
calc_is_there() { command -v soffice >/dev/null && /usr/bin/python3 -c 'import uno' 2>/dev/null; }
if [ -z "${XL_POVERTY_NO_CALC:-}" ] && ! calc_is_there; then
    debian_packages libreoffice-calc python3-uno
fi
.venv/bin/pip install --quiet --disable-pip-version-check --editable '.[test]'
# one worker per file: the agreement tests examine their rows once for all cases, with processes of their own
exec .venv/bin/python -m pytest -n auto --dist loadfile "$@"
