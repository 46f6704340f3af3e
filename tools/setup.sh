#!/bin/sh
# A hashed lock → .venv with its packages and this package, editable.
#
#   tools/setup.sh requirements.txt
#
# One way for every machine: a venv without a pip of its own, filled by the pip outside. So it does
# not matter that Debian splits ensurepip off; it is asked only where pip itself is missing. Nothing
# is compiled: pyvips, which has no wheel, is built as the plain Python that it is (pyvips-binary
# brings the library), with build tools from their own hashed lock instead of build isolation.
set -eu
lock=$1
log=.venv/setup.log
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore PIP_USER=0

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if new_enough "$name"; then
            command -v "$name"
            return
        fi
    done
    fail "Inkreel needs Python 3.11 or newer; ${PYTHON:-python3} is $("${PYTHON:-python3}" --version 2>&1 || true)." \
        "Install one, or name it: make PYTHON=/path/to/python3.12"
}

choose_pip() {
    if "$python" -m pip --python .venv/bin/python --version >/dev/null 2>&1; then
        pip="$python -m pip --python .venv/bin/python"
    elif .venv/bin/python -m pip --version >/dev/null 2>&1 ||
        .venv/bin/python -m ensurepip >/dev/null 2>&1; then
        pip=".venv/bin/python -m pip"
    else
        fail "$python has neither pip (22.3 or newer) nor ensurepip." \
            "On Debian: apt-get install python3-pip"
    fi
}

install() {
    # --no-build-isolation: build tools come from the lock, not unhashed from the index.
    $pip install --quiet --no-build-isolation "$@" >>"$log" 2>&1 && return
    tail -n 25 "$log" >&2
    fail "" "pip could not install the packages; the whole log is in $log." \
        "Is the package index in reach? pip's own settings (pip config list) are used as they are."
}

python=$(find_python)
if ! new_enough .venv/bin/python; then
    rm -rf .venv
    "$python" -m venv --without-pip .venv
fi
choose_pip
echo "Setting up .venv from $lock (once, about a minute) …"
: >"$log"
install --require-hashes --requirement requirements-build.txt
install --require-hashes --requirement "$lock"
install --no-deps --editable .
# As pip does for packages: also where Python is told not to write bytecode, commands start at once.
.venv/bin/python -m compileall -q src
