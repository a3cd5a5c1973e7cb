#!/bin/sh
# GNU parallel: a sweep as SHARDS shards, JOBS at a time, on this machine, or on those
# that parallel's --sshlogin names and that share this folder. The words are those of
# sweep.
#
#   SHARDS=8 JOBS=2 docs/cluster/parallel.sh 'shapes/*' --out runs/shapes
set -eu
program=${PROGRAM:-./denow sweep}
parallel --quote --jobs "${JOBS:-2}" --line-buffer --tag \
  $program "$@" --shard "{}/${SHARDS:-8}" ::: $(seq "${SHARDS:-8}") </dev/null
exec $program "$@" --table
