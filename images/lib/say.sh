# How the scripts of this folder speak.

step() { printf '\n== %s  (%d s so far)\n' "$1" "$SECONDS"; }
fail() { printf '%s\n' "$@" >&2; exit 1; }
