#!/bin/sh
set -e

# node's own: a flag, what is not a command, and a file that cannot be executed
if [ "${1#-}" != "$1" ] || [ -z "$(command -v "$1")" ] || { [ -f "$1" ] && ! [ -x "$1" ]; }; then
  set -- node "$@"
fi

exec "$@"
