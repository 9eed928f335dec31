#!/bin/sh
# The image's own server listens at IPv6, too, unless somebody has changed it.
set -e
file=/etc/nginx/conf.d/default.conf
[ -f /proc/net/if_inet6 ] && [ -w "$file" ] && [ "$(grep -c 'listen' "$file")" = 1 ] && grep -q 'listen       80;' "$file" || exit 0
sed -i 's/listen       80;/listen       80;\n    listen  [::]:80;/' "$file"
