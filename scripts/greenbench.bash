# bash completion for greenbench.                 -*- shell-script -*-
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Commands and options come from the program's own --help, benchmarks and
# parameters from `greenbench list --json`: what is offered is what this
# greenbench and its plugins have.

# The lines between "commands:" and the next empty one.
_greenbench_commands() { # PROGRAM
  "$1" --help 2>/dev/null |
    sed -n '/^commands:$/,/^$/s/^  \([a-z][a-z ]*[a-z]\)  .*/\1/p'
}

_greenbench_options() { # PROGRAM COMMAND...
  "$@" --help 2>/dev/null | sed -n \
    's/^  \(-[A-Za-z]\), \(--[a-z0-9-]*\).*/\1 \2/p
     s/^      \(--[a-z0-9-]*\).*/\1/p'
}

_greenbench_takes_value() { # OPTION PROGRAM COMMAND...
  "${@:2}" --help 2>/dev/null |
    grep -q -e "^  \(-., \|    \)$1 [^ ]" -e "^  $1, --[a-z0-9-]* [^ ]"
}

# ids, or id.parameter=
_greenbench_listed() { # PROGRAM id|parameter
  "$1" list --json 2>/dev/null |
    grep -o '"\(id\|name\)": *"[a-z0-9_.]*"\|"meters":' | tr -d '":,' |
    awk -v what="$2" '
      $1 == "meters" { exit } # benchmarks come before them
      $1 == "id" { id = $2; if (what == "id") print id }
      $1 == "name" && what == "parameter" { print id "." $2 "=" }'
}

# $@: options of compgen, then the word
_greenbench_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "${@:1:$#-1}" -- "${!#}" | sort -u)
}

_greenbench_value() { # OPTION CURRENT PROGRAM
  local before='' words
  case "$1" in
    -b | --bench) words=$(_greenbench_listed "$3" id) ;;
    -p | --param)
      words=$(_greenbench_listed "$3" parameter)
      compopt -o nospace 2>/dev/null
      ;;
    --suite) words='quick default full green500 network precise' ;;
    -e | --energy)
      words='auto none meter external powercap perf hwmon cray_pm nvml rocm papi
        redfish ipmi replay model'
      ;;
    --lang) words='en zh' ;;
    --weights) words='equal time energy power' ;;
    --methodology) words='1.2 2.0 3.0-draft' ;;
    --language) words='c c++ fortran' ;;
    --kind) words='benchmark meter' ;;
    --metric) words='performance time power energy efficiency edp' ;;
    -o | --output | --fixtures | --resume | --plugin-path | --beside | --reference)
      _greenbench_files -d "$2"
      return
      ;;
    --claims | --carbon | --stated | --facility | --baseline-facility | --tariff | --baseline-tariff)
      _greenbench_files -d -f -X '!*.yaml' "$2"
      return
      ;;
    --html | --markdown | --hdf5 | --csv | --openmetrics | --github | --github-smaller | \
      --samples-csv | --green500 | --db | --sign | --signers)
      _greenbench_files -f "$2"
      return
      ;;
    *) return ;;
  esac
  case "$1,$2" in # lists: the last word of them
    -b,*,* | --bench,*,* | -e,*,* | --energy,*,* | --metric,*,*) before=${2%,*}, ;;
  esac
  mapfile -t COMPREPLY < <(
    compgen -P "$before" -W "$words" -- "${2#"$before"}")
}

# What may stand in the place of an argument.
_greenbench_argument() { # CURRENT COMMAND...
  case "${*:2}" in
    report | compare | grade | score | bundle | 'plugin new' | 'history add' | 'history gate') _greenbench_files -d "$1" ;;
    'plugin check') _greenbench_files -d -f -X '!*.so' "$1" ;;
    claim)
      _greenbench_files -d -f -X '!*.yaml' "$1"
      mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(
        compgen -f -X '!*.tar.zst' -- "$1")
      ;;
    validate) _greenbench_files -d -f -X '!*.tar.zst' "$1" ;;
    run | carbon | '') _greenbench_files -d -f -X '!*.yaml' "$1" ;;
  esac
}

_greenbench() {
  local program=${COMP_WORDS[0]} current=${COMP_WORDS[COMP_CWORD]}
  local previous=${COMP_WORDS[COMP_CWORD - 1]}
  local commands command=() words=() i
  COMPREPLY=()
  commands=$(_greenbench_commands "$program")

  # --option=value comes as three words.
  if [ "$current" = = ]; then
    current=
  elif [ "$previous" = = ] && [ "$COMP_CWORD" -ge 2 ]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi

  i=1
  [ "${COMP_WORDS[1]}" != help ] || i=2
  words=("${COMP_WORDS[@]:i:COMP_CWORD-i}")
  if grep -qx -- "${words[*]:0:2}" <<<"$commands" && [ "${#words[@]}" -ge 2 ]; then
    command=("${words[@]:0:2}")
  elif [ "${#words[@]}" -ge 1 ] && grep -qx -- "${words[0]}" <<<"$commands"; then
    command=("${words[0]}")
  elif [ "${#words[@]}" -eq 1 ] && grep -q -- "^${words[0]} " <<<"$commands"; then
    # The second word of a command: `plugin` was there.
    mapfile -t COMPREPLY < <(compgen -W \
      "$(sed -n "s/^${words[0]} //p" <<<"$commands")" -- "$current")
    return
  fi

  if [ "$i" = 2 ]; then
    [ "${#command[@]}" -gt 0 ] || mapfile -t COMPREPLY < <(compgen -W \
      "$(cut -d ' ' -f 1 <<<"$commands" | sort -u)" -- "$current")
  elif [[ $previous == -* ]] && [ "$COMP_CWORD" -gt 1 ] &&
    _greenbench_takes_value "$previous" "$program" "${command[@]:-run}"; then
    _greenbench_value "$previous" "$current" "$program"
  elif [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W \
      "$(_greenbench_options "$program" "${command[@]:-run}")" -- "$current")
  else
    _greenbench_argument "$current" "${command[@]}"
    if [ "$COMP_CWORD" = 1 ]; then
      mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W \
        "help $(cut -d ' ' -f 1 <<<"$commands" | sort -u)" -- "$current")
    fi
  fi
}
complete -F _greenbench greenbench
