#!/bin/sh
# Sets up .venv and runs all tests; further arguments go to pytest.
#   XL_POVERTY_NO_CALC=1  without LibreOffice: the tests that need Calc are skipped, and say so
#   XL_POVERTY_ROWS=20000 random rows per function in the agreement tests (everyday: 500, fewer where that covers all)
. "$(dirname "$0")/environment.sh"
# from this version on Calc keeps the names of our functions in .xlsx
oldest=25.2
new_enough() { printf '%s\n' "$oldest" "$1" | sort -VC; }
calc_is_there() {
    new_enough "$(soffice --version 2>/dev/null | sed -n 's/^LibreOffice \([0-9.]*\).*/\1/p')" &&
        /usr/bin/python3 -c 'import uno' 2>/dev/null
}
calc="libreoffice-calc python3-uno"
# whether apt would install a Calc that is new enough; it is as old as the older of its packages
calc_is_to_be_had() {
    new_enough "$(LC_ALL=C apt-cache "$@" policy $calc |
        sed -n 's/^  Candidate: \([0-9]*:\)\{0,1\}\([0-9].*\)/\2/p' | sort -V | head -n 1)"
}
install_calc() {
    command -v apt-get >/dev/null || return 1
    as_root apt-get update -qq
    if calc_is_to_be_had; then debian_packages $calc; else backported_packages calc_is_to_be_had $calc; fi
    calc_is_there
}
if [ -z "${XL_POVERTY_NO_CALC:-}" ] && ! calc_is_there && ! install_calc; then
    echo "The tests need LibreOffice Calc $oldest or newer with its UNO bridge for /usr/bin/python3, and neither" \
        "this system's packages nor its backports have it: install it (https://www.libreoffice.org), or leave" \
        "out what needs it: XL_POVERTY_NO_CALC=1 $0" >&2
    exit 1
fi
.venv/bin/pip install --quiet --disable-pip-version-check --editable '.[test]'
# one worker per file: the agreement tests examine their rows once for all cases, with processes of their own; files in
# the order of tests/conftest.py
exec .venv/bin/python -m pytest -n auto --dist loadfile --no-loadscope-reorder "$@"
