#!/bin/sh
# What a sweep from `denow` may start, and nothing else: training, with the
# permissions that its own arguments call for, and with the variables of the
# dynamic linker that tools/run.sh put aside.
set -eu
for name in $(env | sed -n 's/^FRPAT_\(LD_[A-Z_]*\)=.*/\1/p'); do
  eval "export $name=\"\$FRPAT_$name\""
done
exec "${0%/*}/../denow" train "$@"
