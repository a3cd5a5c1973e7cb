# Sourced by `denow` once the machine is ready: what its words mean. A command of
# the program comes first, then a task of deno.json, then a command of Deno.
# shellcheck shell=sh disable=SC2154 # denow sets home and called

. "$home/tools/permissions.sh"

# run WORD...: `denow task train` is `denow train`; `denow task` lists the tasks.
run() {
  [ "${1-}" != task ] || [ -z "$(task_command "${2-}")" ] || shift
  case $(task_command "${1-}") in
    *" cli.ts ${1-}") run_program "$@" ;;
    ?*) run_task "$@" ;;
  esac
  case ${1-} in
    '' | help | --help | -h) print_help ;;
    -* | *[./]*) exec deno "$@" ;;
    *)
      is_deno_command "$1" && exec deno "$@"
      # The program says which of its commands may have been meant.
      run_program "$@"
      ;;
  esac
}

# The command of a task in deno.json; nothing where there is no such task.
task_command() {
  case $1 in '' | *[!a-z:]*) return ;; esac
  sed -n "/^    \"$1\": {/,/^    }/s/^ *\"command\": \"\\(.*\\)\",*\$/\\1/p" \
    "$home/deno.json"
}

# run_program COMMAND WORD...: a command of cli.ts, in the caller's folder, by the
# flags of its task. Where the task may read and write everything, this may read
# and write, and start, what the words name.
run_program() {
  flags=$(task_command "$1")
  : "${flags:=--quiet --allow-env=FRPAT_PROGRAM}"
  find_paths "$@"
  set -- "$home/cli.ts" "$@"
  for flag in $flags; do
    case $flag in
      --allow-read) flag=--allow-read=$readable ;;
      --allow-write) flag=--allow-write=$writable ;;
      --allow-run=deno,sbatch) flag=--allow-run=$startable ;;
      --*) ;;
      *) continue ;;
    esac
    set -- "$flag" "$@"
  done
  export FRPAT_PROGRAM="${FRPAT_PROGRAM:-$called}"
  [ "${flags#*--allow-run}" = "$flags" ] || put_linker_aside
  exec deno run --no-prompt --config "$home/deno.json" "$@"
}

# While a variable of the dynamic linker is set, Deno lets a program start others
# only if it may start all. tools/train.sh sets them again.
put_linker_aside() {
  for name in $(env | sed -n 's/^\(LD_[A-Z_]*\)=.*/\1/p'); do
    eval "export FRPAT_$name=\"\$$name\""
    unset "$name"
  done
}

# run_task NAME WORD...: any other task, which Deno runs in the checkout: words
# that name files of the caller's folder get its path.
run_task() {
  name=$1
  shift
  for word; do
    shift
    case $word in
      /* | -*) ;;
      *) [ ! -e "$word" ] || word=$PWD/$word ;;
    esac
    set -- "$@" "$word"
  done
  exec deno task --quiet --config "$home/deno.json" "$name" "$@"
}

print_help() {
  (run_program --help)
  echo
  echo "$called test runs every test; other words are those of Deno, as in" \
    "$called fmt."
}

# Whether Deno has a command of this name.
is_deno_command() {
  case $(NO_COLOR=1 deno --help) in
    *"
  $1 "*) ;;
    *) return 1 ;;
  esac
}
