#!/bin/sh
# Templates with the values of the variables that are set; others, as nginx's own $host, stay.
set -e
from=${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates} to=${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}
suffix=${NGINX_ENVSUBST_TEMPLATE_SUFFIX:-.template} filter=${NGINX_ENVSUBST_FILTER:-}
[ -d "$from" ] || exit 0
[ -w "$to" ] || { echo "$0: ERROR: $from exists, but $to is not writable"; exit 0; }
defined=$(awk -v filter="$filter" 'BEGIN { for (name in ENVIRON) if (name ~ filter) printf "${%s} ", name }')
find "$from" -follow -type f -name "*$suffix" | while read -r template; do
  output=$to/${template#"$from/"}; output=${output%"$suffix"}
  mkdir -p "$(dirname "$output")"
  echo "$0: Running envsubst on $template to $output"
  envsubst "$defined" <"$template" >"$output"
done
