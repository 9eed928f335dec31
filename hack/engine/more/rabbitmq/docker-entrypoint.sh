#!/bin/sh
# The documented behaviour of the public image's entrypoint. The variables RABBITMQ_DEFAULT_* are read by the server itself.
set -e

case "$1" in
  rabbitmq*)
    if [ "$(id -u)" = 0 ]; then
      if [ "$1" = rabbitmq-server ]; then find /var/lib/rabbitmq ! -user rabbitmq -exec chown rabbitmq {} +; fi
      exec gosu rabbitmq "$0" "$@"
    fi ;;
esac

# variables that have no effect since 3.9, and would go unnoticed
for name in DEFAULT_PASS_FILE DEFAULT_USER_FILE MANAGEMENT_SSL_CACERTFILE SSL_CACERTFILE SSL_CERTFILE SSL_KEYFILE VM_MEMORY_HIGH_WATERMARK; do
  if [ -n "$(printenv "RABBITMQ_$name")" ]; then
    echo "error: RABBITMQ_$name is set but deprecated" >&2
    echo 'error: deprecated environment variables detected; use a configuration file instead' >&2
    exit 1
  fi
done

if [ -n "$RABBITMQ_ERLANG_COOKIE" ] && [ "$1" = rabbitmq-server ]; then
  cookie=/var/lib/rabbitmq/.erlang.cookie
  [ -e "$cookie" ] || printf %s "$RABBITMQ_ERLANG_COOKIE" >"$cookie"
  chmod 600 "$cookie"
fi

exec "$@"
