#!/bin/sh
# Stops what start.sh started in a folder.
set -eu
for daemon in slurmd slurmctld; do
  [ ! -e "$1/$daemon.pid" ] || kill "$(cat "$1/$daemon.pid")"
done
[ ! -e /run/munge/munged.pid ] || kill "$(cat /run/munge/munged.pid)"
