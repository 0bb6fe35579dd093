#!/bin/sh
# Starts PostgreSQL, after it has made the database at the first start.
set -eu

# NAME DEFAULT: sets NAME from the file that NAME_FILE names, or to the default where neither is set.
from_file() {
  eval "value=\${$1-} file=\${$1_FILE-}"
  if [ -n "$value" ] && [ -n "$file" ]; then
    echo "error: both $1 and $1_FILE are set (but are exclusive)" >&2
    exit 1
  fi
  [ -z "$file" ] || value=$(cat "$file")
  export "$1=${value:-$2}"
}

run_scripts() {
  for script in /docker-entrypoint-initdb.d/*; do
    case "$script" in
      *.sh)
        if [ -x "$script" ]; then
          echo "$0: running $script"
          "$script"
        else
          echo "$0: sourcing $script"
          . "$script"
        fi
        ;;
      *.sql) echo "$0: running $script" && sql --dbname "$POSTGRES_DB" -f "$script" ;;
      *.sql.gz) echo "$0: running $script" && gunzip -c "$script" | sql --dbname "$POSTGRES_DB" ;;
      '/docker-entrypoint-initdb.d/*') ;;
      *) echo "$0: ignoring $script" ;;
    esac
    echo
  done
}

# Of the server that listens on the socket only, while the database is being made.
sql() {
  PGPASSWORD=$POSTGRES_PASSWORD psql -v ON_ERROR_STOP=1 --no-psqlrc --username "$POSTGRES_USER" --no-password "$@"
}

create_database() {
  if [ -z "$POSTGRES_PASSWORD" ] && [ "${POSTGRES_HOST_AUTH_METHOD-}" != trust ]; then
    cat >&2 <<'END'
Error: Database is uninitialized and superuser password is not specified.
       You must specify POSTGRES_PASSWORD to a non-empty value for the
       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".

       You may also use "POSTGRES_HOST_AUTH_METHOD=trust" to allow all
       connections without a password. This is *not* recommended.
END
    exit 1
  fi
  password=$(mktemp)
  printf '%s\n' "${POSTGRES_PASSWORD:-unused}" > "$password"
  eval "initdb --username=\"\$POSTGRES_USER\" --pwfile=\"\$password\" ${POSTGRES_INITDB_ARGS-}"
  rm "$password"
  printf '\nhost all all all %s\n' "${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >> "$PGDATA/pg_hba.conf"
  pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w -t 600 start
  [ "$POSTGRES_DB" = postgres ] || sql --dbname postgres --set db="$POSTGRES_DB" <<'END'
CREATE DATABASE :"db";
END
  run_scripts
  pg_ctl -D "$PGDATA" -m fast -w stop
  echo
  echo 'PostgreSQL init process complete; ready for start up.'
  echo
}

case "${1-}" in
  -*) set -- postgres "$@" ;;
esac
if [ "${1-}" = postgres ]; then
  if [ "$(id -u)" = 0 ]; then
    mkdir -p "$PGDATA"
    chmod 700 "$PGDATA"
    find "$PGDATA" \! -user postgres -exec chown postgres '{}' +
    mkdir -p /var/run/postgresql
    chown postgres /var/run/postgresql
    exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$0" "$@"
  fi
  from_file POSTGRES_PASSWORD ''
  from_file POSTGRES_USER postgres
  from_file POSTGRES_DB "$POSTGRES_USER"
  if [ -s "$PGDATA/PG_VERSION" ]; then
    echo
    echo 'PostgreSQL Database directory appears to contain a database; Skipping initialization'
    echo
  else
    create_database
  fi
  # The server has no use for it.
  unset POSTGRES_PASSWORD PGPASSWORD
fi
exec "$@"
