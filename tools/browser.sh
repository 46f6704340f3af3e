#!/bin/sh
# Gets a Chromium for the browser test where that is possible, and says so where it is not.
set -u

for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null && exit 0
done
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "No Chromium here: the browser test will be skipped (on Debian: apt-get install chromium)."
    exit 0
fi
echo "Installing chromium for the browser test (once, about a minute) …"
log=.venv/browser.log
export DEBIAN_FRONTEND=noninteractive
if ! {
    timeout 120 apt-get -qq update &&
        timeout 400 apt-get -qq install --yes --no-install-recommends chromium
} >"$log" 2>&1 </dev/null; then
    echo "Chromium could not be installed (see $log): the browser test will be skipped."
fi
