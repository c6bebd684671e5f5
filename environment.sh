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

# What a file of apt's sources says of a release, for its backports: the same places, the same keys.
backports_of() { # file, codename
    case $1 in
    *.list)
        blank="[[:space:]]"
        sed -n "/cdrom:/d; s/^$blank*deb\($blank.*$blank\)$2\($blank\)/deb\1$2-backports\2/p" "$1" ;;
    *.sources)
        awk -v suite="$2" '
            function end() { if (ours && !off) print text; text = field = ""; ours = off = 0 }
            /^[[:space:]]*$/ { end(); next }
            /^#/ { next }
            /^[^[:space:]]/ { field = tolower($0); sub(/[[:space:]]*:.*/, "", field) }
            field == "suites" {
                line = $0; sub(/^[^[:space:]:]*:/, "", line); count = split(line, words)
                for (i = 1; i <= count; i++) if (words[i] == suite) ours = 1
                next
            }
            field == "enabled" && /:[[:space:]]*[Nn]o/ { off = 1 }
            { text = text $0 "\n" }
            field == "types" { text = text "Suites: " suite "-backports\n" }
            END { end() }' "$1" ;;
    esac
}

# Packages out of the backports of this Debian, where they have them in a version that is `wanted`. The machine's own
# sources and lists of packages stay as they are: apt works on copies.
backported_packages() ( # wanted: a command that is given apt's options; packages
    codename=$(. /etc/os-release; echo "${VERSION_CODENAME:-}")
    folder=$(mktemp -d)
    trap 'as_root rm -rf "$folder"' EXIT
    chmod 755 "$folder" # apt fetches as a user of its own
    mkdir "$folder/sources"
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
        [ -r "$file" ] || continue
        backports_of "$file" "$codename" >"$folder/sources/backports-${file##*/}"
        case $file in /etc/apt/sources.list) ;; *) cp "$file" "$folder/sources/" ;; esac
    done
    as_root cp -a /var/lib/apt/lists "$folder/lists"
    options="-o Dir::Etc::sourceparts=$folder/sources -o Dir::State::lists=$folder/lists
        -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Default-Release=$codename-backports"
    as_root apt-get $options update -qq || true # a source of somebody else's may have no backports
    wanted=$1
    shift
    "$wanted" $options || return 1
    as_root env DEBIAN_FRONTEND=noninteractive apt-get $options install -y -qq --no-install-recommends "$@" >/dev/null
)

python=${PYTHON:-python3}
if ! command -v "$python" >/dev/null; then debian_packages python3 python3-venv; fi
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python >= 3.11 is needed: PYTHON=python3.x $0" >&2; exit 1; }
if [ ! -x .venv/bin/pip ]; then
    # Debian packs the venv module's pip apart from Python itself
    "$python" -c 'import venv, ensurepip' 2>/dev/null || debian_packages python3-venv
    rm -rf .venv
    "$python" -m venv .venv
fi
