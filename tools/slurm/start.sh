#!/bin/sh
# A cluster of one node with two slots, on this machine, to try Slurm with: starts
# munged, slurmctld and slurmd with a configuration of its own, in the folder that it
# is given. Needs root, in a container, and Debian's packages:
#
#   apt-get install slurm-wlm munge
#   eval "$(tools/slurm/start.sh /tmp/slurm)"     # sets SLURM_CONF
#   tools/slurm/stop.sh /tmp/slurm
set -eu
folder=$1
host=$(uname -n)
mkdir -p "$folder/state" "$folder/spool" /run/munge
chown munge: /run/munge
[ -e /etc/munge/munge.key ] || mungekey --create
runuser -u munge -- munged --force >&2
cat >"$folder/slurm.conf" <<END
ClusterName=try
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmctldPort=16817
SlurmdPort=16818
AuthType=auth/munge
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
MpiDefault=none
KillWait=20
MinJobAge=3600
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
END
export SLURM_CONF="$folder/slurm.conf"
slurmctld >&2
slurmd >&2
for _ in 1 2 3 4 5 6 7 8 9 10; do
  [ "$(sinfo --noheader --format=%T)" != idle ] || break
  sleep 1
done
sinfo >&2
echo "export SLURM_CONF='$SLURM_CONF'"
