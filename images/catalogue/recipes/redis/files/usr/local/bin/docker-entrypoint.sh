#!/bin/sh
# Starts redis-server as the user redis. Options, or a configuration file, alone are meant for it.
set -eu
case "${1-}" in
  -* | *.conf) set -- redis-server "$@" ;;
esac
if [ "$1" = redis-server ]; then
  # The container's own network keeps strangers away; without this only the container itself could connect.
  shift
  case "${1-}" in
    '' | -*) set -- --protected-mode no --bind '* -::*' "$@" ;;
    *) config=$1 && shift && set -- "$config" --protected-mode no "$@" ;;
  esac
  set -- redis-server "$@"
  if [ "$(id -u)" = 0 ]; then
    find . \! -user redis -exec chown redis '{}' +
    exec setpriv --reuid=redis --regid=redis --init-groups -- "$@"
  fi
fi
exec "$@"
