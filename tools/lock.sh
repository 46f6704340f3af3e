#!/bin/sh
# pyproject.toml → the three locks: hashed, for every Python and platform we run on, naming no index.
set -eu

lock() {
    out=$1
    shift
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 \
        --fork-strategy fewest --generate-hashes --no-annotate --no-header --no-emit-index-url \
        --output-file "$out" "$@"
    echo "  $out: $(grep -c '==' "$out") packages"
}

echo "Locking the newest versions that go together …"
lock requirements-dev.txt pyproject.toml --all-extras --group dev --upgrade
# The smaller two are parts of the first, never other versions.
lock requirements.txt pyproject.toml --constraint requirements-dev.txt
lock requirements-build.txt --group build --constraint requirements-dev.txt
# In an environment of its own: it may disagree with the others.
lock bench/requirements-rivals.txt --group rivals --upgrade
