#!/bin/sh
# Eight runs over the two slots of the cluster that start.sh starts, disturbed: a task
# is told to stop, another one is killed with the node, and the node is drained for a
# while. All must finish, and their table must be that of a plain sweep, byte for byte.
#
#   tools/slurm/check.sh /tmp/slurm-check      # minutes; needs what start.sh needs
set -eu
folder=$1
cd -- "$(dirname -- "$0")/../.."
mkdir -p "$folder"
eval "$(tools/slurm/start.sh "$folder/cluster")"
trap 'tools/slurm/stop.sh "$folder/cluster"' EXIT
node=$(uname -n)

say() {
  printf '\n--- %s\n' "$*"
}

# sweep NAME WORD...: the same eight runs in a folder of that name.
sweep() {
  name=$1
  shift
  deno task --quiet sweep shapes/trades --set objective.beta=1,2,3,6 \
    --seeds 1,2 --epochs 6 --set batchSize=16 --set data.train=192 \
    --set data.test=64 --set student.width=4 --set evaluation.validation=64 \
    --set evaluation.every=1 --out "$folder/$name" "$@"
}

# until_trained RUN...: waits until each of these runs has a checkpoint.
until_trained() {
  for run; do
    while [ ! -e "$folder/slurm/$run/last.safetensors" ]; do sleep 1; done
  done
}

queue() {
  squeue --noheader --all --format='%i %T %M %R' "$@"
}

sweep slurm --dry-run
sweep slurm --slurm --slurm-options '--time=30'
job=$(squeue --noheader --format=%F | head -n 1)

until_trained shapes-trades-beta=1-seed1
say "task 1 is told to stop, as before its time limit"
# Slurm 22.05 delivers the signal, says that it could not, and would try again.
timeout 3 scancel --signal=USR1 --batch "${job}_1" || true
sleep 15
queue

say "the node is drained: what runs goes on, and nothing starts"
scontrol update NodeName="$node" State=DRAIN Reason=check
sleep 20
queue
sinfo --noheader --format='%N %T'
say "the node is resumed"
scontrol update NodeName="$node" State=RESUME
until_trained shapes-trades-beta=3-seed1

say "the node is lost with what runs on it: Slurm requeues that"
queue --states=RUNNING
scontrol update NodeName="$node" State=DOWN Reason=check
sleep 5
queue
# It is back by itself where slurmd has answered meanwhile.
scontrol update NodeName="$node" State=RESUME || true

while [ -n "$(queue)" ]; do sleep 2; done
say "all tasks have ended"
scontrol --oneliner show job "$job" |
  sed 's/.*ArrayTaskId=\([^ ]*\).*JobState=\([^ ]*\).*Restarts=\([^ ]*\).*ExitCode=\([^ ]*\).*/task \1: \2, \3 restarts, exit code \4/'
grep -h 'to go on\|Stopped and saved' "$folder"/slurm/slurm-*.log || true
sweep slurm --table >"$folder/table.txt"

say "the same runs by a plain sweep"
sweep plain >"$folder/plain.txt"
cat "$folder/plain/table.md"
for table in table.md table.csv; do
  cmp "$folder/plain/$table" "$folder/slurm/$table"
  echo "$table is the same, byte for byte"
done
for run in "$folder"/plain/*-seed*; do
  cmp "$run/last.safetensors" "$folder/slurm/${run##*/}/last.safetensors" &&
    echo "${run##*/}: the same last.safetensors"
done
