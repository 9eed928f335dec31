# shellcheck shell=bash disable=SC2154 # sourced by more.sh
# Contract: docker-library/rabbitmq: Dockerfile, entrypoint and README, with management where the tag says so.
major=$(grep -oE '^[0-9]+' <<<"$tag" || echo 4) uid=999 gid=999
if ((major <= 3)); then on bookworm; else on trixie; fi
whole rabbitmq-server gosu locales tzdata
[[ $tag != *alpine* ]] || uid=100 gid=101
ids rabbitmq $uid $gid
ln -s /usr/sbin/gosu "$R/usr/local/bin/"
# Without Debian's wrapper, which takes the log away. The other programs keep theirs: it makes them the server's user.
# shellcheck disable=SC2016 # the shell of the image expands it
printf '#!/bin/sh\nexec /usr/lib/rabbitmq/bin/rabbitmq-server "$@"\n' >"$R/usr/local/bin/rabbitmq-server"; chmod 755 "$R/usr/local/bin/rabbitmq-server"
have=$(basename "$(echo "$R"/usr/lib/rabbitmq/lib/rabbitmq_server-*)"); have=${have#rabbitmq_server-}
[[ ! $tag =~ ^([0-9]+\.[0-9]+) || $have == "${BASH_REMATCH[1]}".* ]] || say "note: it has RabbitMQ $have"
rm -rf "$R"/etc/rabbitmq "$R"/var/{lib,log}/rabbitmq
mkdir -p "$R"/etc/rabbitmq/conf.d "$R"/var/{lib,log}/rabbitmq
printf '%s\n' 'loopback_users.guest = false' 'log.console = true' >"$R/etc/rabbitmq/conf.d/10-defaults.conf"
plugins=rabbitmq_prometheus ports=(4369 5671 5672 15691 15692 25672)
if [[ $tag == *management* ]]; then plugins=rabbitmq_management,$plugins ports+=(15671 15672)
else echo 'management_agent.disable_metrics_collector = true' >"$R/etc/rabbitmq/conf.d/20-management_agent.disable_metrics_collector.conf"; fi
echo "[$plugins]." >"$R/etc/rabbitmq/enabled_plugins"
chown -R $uid:$gid "$R"/etc/rabbitmq "$R"/var/{lib,log}/rabbitmq; chmod -R a+rX "$R/etc/rabbitmq"
chmod 1777 "$R"/etc/rabbitmq{,/conf.d} "$R"/var/{lib,log}/rabbitmq
command install -m 755 "$here/more/rabbitmq/docker-entrypoint.sh" "$R/usr/local/bin/"
settings=(); for port in "${ports[@]}"; do settings+=(--config.exposedports "$port/tcp"); done
image --config.env "PATH=$P" --config.env RABBITMQ_DATA_DIR=/var/lib/rabbitmq --config.env "RABBITMQ_VERSION=$have" \
  --config.env RABBITMQ_HOME=/usr/lib/rabbitmq --config.env RABBITMQ_LOGS=- --config.env HOME=/var/lib/rabbitmq --config.env LANG=C.UTF-8 --config.env LC_ALL=C.UTF-8 \
  --config.volume /var/lib/rabbitmq --config.entrypoint docker-entrypoint.sh --config.cmd rabbitmq-server "${settings[@]}"
