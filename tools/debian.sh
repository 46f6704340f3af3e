#!/bin/sh
# Gets the programs that some tests talk to, where that is possible, and says so where it is not.
set -u

missing=
for name in chromium haproxy redis-server redis-sentinel; do
    command -v "$name" >/dev/null || [ -x "/usr/sbin/$name" ] || missing="$missing $name"
done
for name in chromium-browser google-chrome; do
    command -v "$name" >/dev/null && missing=$(echo "$missing" | sed 's/ chromium//')
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "Not here:$missing. Their tests will be skipped (on Debian: apt-get install$missing)."
    exit 0
fi
echo "Installing$missing for the tests (once, about a minute) …"
log=.venv/debian.log
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086  a list of words
if ! {
    timeout 120 apt-get -qq update &&
        timeout 400 apt-get -qq install --yes --no-install-recommends $missing
} >"$log" 2>&1 </dev/null; then
    echo "Could not install$missing (see $log): their tests will be skipped."
fi
