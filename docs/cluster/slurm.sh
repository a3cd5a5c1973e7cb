#!/bin/sh
# On a login node: a row of a table with three seeds, one GPU and eight hours for each
# run. Runs that need longer are saved, requeued and resumed.
exec ./denow sweep table2/trades table2/trades-frpat --seeds 1,2,3 \
  --out runs/table2 --slurm --slurm-options "--gres=gpu:1 --time=8:00:00"
