#!/bin/sh
# Starts MariaDB, after it has made the database at the first start.
set -eu
DATA=/var/lib/mysql
RUN=/run/mysqld
SOCKET=$RUN/mysqld.sock

# NAME: prints MARIADB_NAME or MYSQL_NAME, or what is in the file that one of them with _FILE names.
setting() {
  for prefix in MARIADB MYSQL; do
    eval "value=\${${prefix}_$1-} file=\${${prefix}_$1_FILE-}"
    if [ -n "$value" ]; then
      printf %s "$value"
      return
    elif [ -n "$file" ]; then
      cat "$file"
      return
    fi
  done
}

note() {
  echo "$(date -u '+%Y-%m-%d %H:%M:%S+00:00') [Note] [Entrypoint]: $*"
}

# A value as SQL's string, whatever is in it.
quote() {
  printf "'%s'" "$(printf %s "$1" | sed "s/\\\\/\\\\\\\\/g; s/'/''/g")"
}

sql() {
  mariadb --no-defaults --socket=$SOCKET --protocol=socket -uroot "$@"
}

run_scripts() {
  for script in /docker-entrypoint-initdb.d/*; do
    case "$script" in
      *.sh)
        note "running $script"
        if [ -x "$script" ]; then "$script"; else . "$script"; fi
        ;;
      *.sql) note "running $script" && sql --database="$database" < "$script" ;;
      *.sql.gz) note "running $script" && gunzip -c "$script" | sql --database="$database" ;;
      '/docker-entrypoint-initdb.d/*') ;;
      *) note "ignoring $script" ;;
    esac
  done
}

# For this start only, as the server's own would be.
make_certificate() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 3650 -subj '/CN=MariaDB Server' \
    -keyout $RUN/key.pem -out $RUN/certificate.pem 2> /dev/null
}

create_database() {
  root=$(setting ROOT_PASSWORD)
  if [ -n "$(setting RANDOM_ROOT_PASSWORD)" ]; then
    root=$(head -c 24 /dev/urandom | base64 | tr -d '/+=\n')
    note "GENERATED ROOT PASSWORD: $root"
  fi
  if [ -z "$root$(setting ALLOW_EMPTY_ROOT_PASSWORD)$(setting ALLOW_EMPTY_PASSWORD)" ]; then
    cat >&2 <<'END'
[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified
	You need to specify one of MARIADB_ROOT_PASSWORD, MARIADB_ALLOW_EMPTY_ROOT_PASSWORD and MARIADB_RANDOM_ROOT_PASSWORD
END
    exit 1
  fi
  database=$(setting DATABASE) user=$(setting USER) password=$(setting PASSWORD)
  note 'Initializing database files'
  tar -xzf /usr/share/mariadb/new-database.tar.gz -C $DATA
  note 'Starting temporary server'
  "$@" --skip-networking --socket=$SOCKET &
  server=$!
  until sql -e 'SELECT 1' > /dev/null 2>&1; do
    kill -0 $server 2> /dev/null || { echo '[ERROR] [Entrypoint]: Unable to start server.' >&2; exit 1; }
    sleep 1
  done
  if [ -n "$database" ]; then
    note "Creating database $database"
    sql -e "CREATE DATABASE IF NOT EXISTS \`$database\`"
  fi
  if [ -n "$user" ] && [ -n "$password" ]; then
    note "Creating user $user"
    sql -e "CREATE USER $(quote "$user")@'%' IDENTIFIED BY $(quote "$password")"
    if [ -n "$database" ]; then sql -e "GRANT ALL ON \`$database\`.* TO $(quote "$user")@'%'"; fi
  fi
  run_scripts
  # Only these two of the accounts that there are now; another one's empty password would let anybody in.
  sql -e "DELETE FROM mysql.global_priv WHERE User = '' OR (User = 'root' AND Host <> 'localhost'); FLUSH PRIVILEGES;
    CREATE USER root@'%' IDENTIFIED BY $(quote "$root"); GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;
    ALTER USER root@localhost IDENTIFIED BY $(quote "$root")"
  note 'Stopping temporary server'
  kill $server
  wait $server || true
  note 'MariaDB init process done. Ready for start up.'
}

case "${1-}" in
  -*) set -- mariadbd "$@" ;;
esac
case "${1-}" in
  mariadbd | mysqld)
    if [ "$(id -u)" = 0 ]; then
      mkdir -p $RUN
      find $DATA $RUN \! -user mysql -exec chown mysql: '{}' +
      exec setpriv --reuid=mysql --regid=mysql --init-groups -- "$0" "$@"
    fi
    make_certificate
    [ -d $DATA/mysql ] || create_database "$@"
    ;;
esac
exec "$@"
