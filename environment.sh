# Sourced by demo.sh and test.sh: a virtual environment in .venv, on a bare Debian or Ubuntu with Python >= 3.11.
set -eu
cd "$(dirname "$0")"

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"
    else echo "This needs root once: $*" >&2; return 1; fi
}

debian_packages() {
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

python=${PYTHON:-python3}
if ! command -v "$python" >/dev/null; then debian_packages python3 python3-venv; fi
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python >= 3.11 is needed: PYTHON=python3.x $0" >&2; exit 1; }
if [ ! -x .venv/bin/pip ]; then
    # Debian packs the venv module's pip apart from Python itself
    "$python" -c 'import venv, ensurepip' 2>/dev/null || debian_packages python3-venv
    rm -rf .venv
    "$python" -m venv .venv
fi
