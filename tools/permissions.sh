# Sourced by `denow`: which paths a command of the program may read and write. It
# may read the checkout and Deno's cache; it may write the data sets' cache, and
# `runs` where a run goes there. Beyond that it may use what its words name: a
# folder with all that is in it, and of a file its folder, as a new file is written
# beside the old one and then takes its place.
# shellcheck shell=sh disable=SC2154 # denow sets home, caches and deno_cache

# A sweep may start what trains, and Slurm's sbatch where it is told to.

# find_paths COMMAND WORD...: sets `readable`, `writable` and `startable`, lists
# for Deno.
find_paths() {
  startable=$home/tools/train.sh
  readable='' writable='' out='' option=''
  for path in "$home" "$(git_folder)" "$deno_cache"; do may_read "$path"; done
  may_write "$caches/frpat"
  command=$1
  shift
  for word; do
    case $word in
      --data | --out | --set | --source) option=$word && continue ;;
      --data=* | --out=* | --set=* | --source=* | --corruptions=*)
        option=${word%%=*} word=${word#*=}
        ;;
      --slurm) startable=$startable,sbatch && continue ;;
      -*) option='' && continue ;;
    esac
    case $option in
      --data | --source | --corruptions) may_read "$word" ;;
      --set) named_value "${word#*=}" ;;
      --out) out=$word ;;
      *) named_path "$word" ;;
    esac
    option=''
  done
  case $command in
    train | sweep) may_write "${out:-runs}" ;;
    *) [ -z "$out" ] || may_write "$(folder_of "$out")" ;;
  esac
}

# The value of a setting: a path, an object with paths, or anything else, such as 1,2,3.
named_value() {
  case $1 in
    '{'* | '['*) named_in_json "$1" && return ;;
    *,*) [ -e "$1" ] || return 0 ;;
  esac
  may_read "$1"
}

# The texts of a JSON value that can be paths: with a slash or a dot, or those that exist.
named_in_json() {
  rest=$1
  while [ "$rest" != "${rest#*\"}" ]; do
    rest=${rest#*\"}
    text=${rest%%\"*}
    rest=${rest#*\"}
    case $text in
      */* | *.*) may_read "$text" ;;
      ?*) [ ! -e "$text" ] || may_read "$text" ;;
    esac
  done
}

# A word that is no option: a path, a recipe, or the value of another option, such
# as clean,pgd-20.
named_path() {
  case $1 in
    *,*) [ -e "$1" ] || return 0 ;;
    [a-z]*=*) may_read "${1#*=}" ;;
  esac
  case $command in
    train | sweep) may_read "$1" && return ;;
  esac
  if [ -d "$1" ]; then
    may_write "$1"
    return
  fi
  case $1 in
    *.safetensors | *.pt | *.pth) may_write "$(folder_of "$1")" ;;
    *) may_read "$1" ;;
  esac
}

may_read() {
  path=$(without_comma "$1")
  [ -z "$path" ] || readable=${readable:+$readable,}$path
}

may_write() {
  may_read "$1"
  [ -z "$path" ] || writable=${writable:+$writable,}$path
}

folder_of() {
  case $1 in
    /*/*) printf '%s\n' "${1%/*}" ;;
    /*) echo / ;;
    */*) printf '%s\n' "${1%/*}" ;;
    *) echo . ;;
  esac
}

# Deno takes a comma for the end of a path: of a path with one this is the nearest
# folder without.
without_comma() {
  case $1 in
    *,*) folder_of "${1%%,*}" ;;
    *) printf '%s\n' "$1" ;;
  esac
}

# Where git keeps the commit of this checkout if that is a worktree of another.
git_folder() {
  [ -f "$home/.git" ] || return 0
  read -r _ folder <"$home/.git"
  echo "${folder%/worktrees/*}"
}
