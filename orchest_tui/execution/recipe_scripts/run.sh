#!/bin/sh
# run.sh FOLDER SCRIPT [ARGUMENT...]: run SCRIPT in FOLDER, with bash where the image has it (which reads BASH_ENV).
# pip's cache is one folder for each user: pip refuses, or locks others out of, a cache that somebody else owns.
PIP_CACHE_DIR="$ORCHEST_TUI_CACHE/$(id -u)"
export PIP_CACHE_DIR
cd "$1" || exit 1
shift
if command -v bash >/dev/null 2>&1; then
    exec bash "$@"
fi
exec sh "$@"
