#!/bin/sh
# Builds the books of a new company on a PostgreSQL server of its own and leaves them as one dump.
set -eu
bin=$(echo /usr/lib/postgresql/*/bin)
place=$(mktemp -d)
chown postgres "$place"
server() { su postgres -c "$bin/pg_ctl -D $place/data -o '-k $place -h \"\" -F' -l $place/log -w $1" > /dev/null; }
su postgres -c "$bin/initdb -D $place/data -U jikimi --auth=trust -E UTF8 --locale=C.UTF-8" > /dev/null
server start
su postgres -c "$bin/createdb -h $place -U jikimi books"
printf '[database]\nuri = postgresql://jikimi@/?host=%s\n' "$place" > "$place/trytond.conf"
/opt/jikimi/.venv-erp/bin/python /opt/jikimi/services/tryton/prepare.py \
  --config "$place/trytond.conf" --database books --company 지킴이 --today "$(date +%F)" > /dev/null
su postgres -c "$bin/pg_dump -h $place -U jikimi --no-owner --inserts --rows-per-insert=500 books" | gzip -9n > "$1"
server stop
rm -rf "$place"
