#!/bin/sh
# Fills the variables of the environment, and no others, into the templates.
set -eu
templates=${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates}
suffix=${NGINX_ENVSUBST_TEMPLATE_SUFFIX:-.template}
output=${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}
[ -d "$templates" ] || exit 0
variables=$(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/${\1}/p' | grep -E "${NGINX_ENVSUBST_FILTER:-}" || true)
find "$templates" -follow -type f -name "*$suffix" | while read -r template; do
  path=${template#"$templates"/}
  mkdir -p "$output/$(dirname "$path")"
  envsubst "$variables" < "$template" > "$output/${path%"$suffix"}"
done
