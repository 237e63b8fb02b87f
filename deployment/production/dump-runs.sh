#!/usr/bin/env bash
# Dump Dagster's database beside the backups of the lake: dump-runs.sh FOLDER. Runs, events and ticks; counts and codes,
# no person. Restore with: pg_restore --clean --if-exists --dbname="$COUNTYLINK_POSTGRES_URL" FOLDER/dagster-….dump
set -euo pipefail
umask 077
folder=${1:?say the folder of backups}
keep_days=14 # as long as the backups of the lake: see countylink-backup.service
target="$folder/dagster-$(date -u +%Y%m%dT%H%M%SZ).dump"
mkdir -p "$folder"
pg_dump --format=custom --file="$target.part" --dbname="${COUNTYLINK_POSTGRES_URL:?is not set}"
pg_restore --list "$target.part" >/dev/null # a dump that cannot be read is no backup
mv "$target.part" "$target"
find "$folder" -maxdepth 1 -name 'dagster-*.dump' -mtime "+$keep_days" -delete
echo "$target"
