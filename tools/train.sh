#!/bin/sh
# What a sweep from `denow` may start, and nothing else: training, with the
# permissions that its own arguments call for.
set -eu
exec "${0%/*}/../denow" train "$@"
