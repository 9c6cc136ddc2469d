#!/bin/sh
# Starts an engine in effect (docs/LAYOUT.md, "Launchers"). Made by Enginery; edits are lost.
# Starts no other program: reads the index of the newest generation, writes a lease, looks for the mark, execs the engine.
# What it cannot answer it hands over to `enginery exec`. Its own variables begin with enginery_, as the engine inherits exported ones.
enginery_home='@HOME@'
enginery_engine='@ENGINE@'
enginery_entry='@ENTRY@'
enginery_command='@COMMAND@'

enginery_main() {
  [ -z "${ENGINERY_TENANT-}" ] || enginery_hand_over "$@"
  enginery_find_index || enginery_hand_over "$@"
  # Where one release answers for every epoch the lease names the epoch only if it is known.
  enginery_find_epoch || enginery_epoch=
  enginery_choose || enginery_hand_over "$@"
  enginery_identify || enginery_hand_over "$@"
  # The lease is there before the mark is looked for: prune does it the other way round, so one of the two sees the other.
  enginery_lease || enginery_hand_over "$@"
  enginery_file=$enginery_home/marks/$enginery_engine@$enginery_version
  if [ -e "$enginery_file" ] || [ -L "$enginery_file" ]; then enginery_hand_over "$@"; fi
  enginery_program=$enginery_home/engines/$enginery_engine/$enginery_version/$enginery_path
  if [ ! -f "$enginery_program" ] || [ ! -x "$enginery_program" ]; then enginery_hand_over "$@"; fi
  enginery_is_sealed || enginery_hand_over "$@"
  export ENGINERY_ENGINE="$enginery_engine" ENGINERY_ENGINE_VERSION="$enginery_version"
  # Whatever else an engine inherits: a passphrase of keys is none of its business.
  unset ENGINERY_PASSPHRASE ENGINERY_PASSPHRASE_FILE
  exec "$enginery_program" "$@"
}

enginery_hand_over() {
  if [ -n "${ENGINERY_COMMAND-}" ]; then enginery_command=$ENGINERY_COMMAND; fi
  if [ ! -f "$enginery_command" ] || [ ! -x "$enginery_command" ]; then
    enginery_command=$(command -v enginery) || enginery_command=
  fi
  if [ -z "$enginery_command" ]; then
    enginery_fail 127 missing 'The enginery program is not found; set ENGINERY_COMMAND to its path.'
  fi
  if [ "$enginery_entry" = '*' ]; then
    exec "$enginery_command" exec --home "$enginery_home" "$enginery_engine" -- "$@"
  fi
  exec "$enginery_command" exec --home "$enginery_home" --entry "$enginery_entry" "$enginery_engine" -- "$@"
}

enginery_fail() {
  echo "enginery: error $2 $3" >&2
  exit "$1"
}

# Of the generation with the highest number; two of that number: another writer was at it, and only the record tells whose counts.
enginery_find_index() {
  [ -f "$enginery_home/VERSION" ] && { read -r enginery_line; } <"$enginery_home/VERSION" || return 1
  case $enginery_line in
  1) enginery_leases=$enginery_home/leases ;;
  2) enginery_find_leases || return 1 ;;
  *) return 1 ;;
  esac
  # A claim behind a link is none that prune looks for.
  [ ! -L "$enginery_leases" ] && [ -d "$enginery_leases" ] || return 1
  enginery_number=
  for enginery_file in "$enginery_home"/generations/*.json; do enginery_number=${enginery_file##*/}; done
  enginery_number=${enginery_number%.json}
  case $enginery_number in '' | *[!0123456789]*) return 1 ;; esac
  enginery_file=$enginery_home/generations/$enginery_number.json
  [ -f "$enginery_file" ] && [ -s "$enginery_file" ] || return 1
  enginery_index=
  for enginery_file in "$enginery_home/index/$enginery_number".*; do
    [ -z "$enginery_index" ] || return 1
    enginery_index=$enginery_file/$enginery_engine
  done
  [ -f "$enginery_index" ]
}

# Layout 2: leases lie outside the home, where other accounts write too.
enginery_find_leases() {
  [ ! -L "$enginery_home/LEASES" ] && [ -f "$enginery_home/LEASES" ] || return 1
  { IFS= read -r enginery_leases; } <"$enginery_home/LEASES" || return 1
  case $enginery_leases in /*) ;; *) return 1 ;; esac
}

enginery_find_epoch() {
  enginery_epoch=${ENGINERY_EPOCH-}
  if [ -z "$enginery_epoch" ]; then enginery_observed || return 1; fi
  enginery_is_whole "$enginery_epoch"
}

# From 0 to 15 digits: what `[` compares exactly in every shell.
enginery_is_whole() {
  case $1 in '' | 0?* | *[!0123456789]* | ????????????????*) return 1 ;; esac
}

# One line of canonical JSON: {"at":"INSTANT","epoch":N,...
enginery_observed() {
  enginery_no_maximum_age || return 1
  [ -f "$enginery_home/clock/observed.json" ] || return 1
  { IFS= read -r enginery_line; } <"$enginery_home/clock/observed.json" || return 1
  case $enginery_line in '{"at":"'*) ;; *) return 1 ;; esac
  enginery_line=${enginery_line#'{"at":"'}
  enginery_line=${enginery_line#*'"'}
  case $enginery_line in ',"epoch":'*) ;; *) return 1 ;; esac
  enginery_line=${enginery_line#',"epoch":'}
  enginery_epoch=${enginery_line%%[!0123456789]*}
}

# How old an observation is takes a clock, which a shell has not.
enginery_no_maximum_age() {
  [ -z "${ENGINERY_EPOCH_MAX_AGE-}" ] && [ -f "$enginery_home/config.json" ] || return 1
  enginery_row=0
  while read -r enginery_line || [ -n "$enginery_line" ]; do
    enginery_row=$((enginery_row + 1))
    # A shell reads slowly; nobody writes that many lines.
    [ "$enginery_row" -le 1000 ] || return 1
    case $enginery_line in *epochMaxAge* | *'\'*) return 1 ;; esac
  done <"$enginery_home/config.json"
}

# The first deployment (newest first) that has begun answers, or none does: never an older one instead.
enginery_choose() {
  enginery_chosen= enginery_version= enginery_installed= enginery_path= enginery_row=0
  {
    read -r enginery_magic enginery_format enginery_of enginery_name enginery_mode enginery_extent enginery_rows || return 1
    [ "$enginery_magic $enginery_format $enginery_of $enginery_name" = "enginery-index 1 $enginery_number $enginery_engine" ] || return 1
    [ "$enginery_mode" != scheduled ] || [ -n "$enginery_epoch" ] || return 1
    while read -r enginery_from enginery_v enginery_i enginery_tree enginery_name enginery_p; do
      enginery_row=$((enginery_row + 1))
      if [ "$enginery_mode" = scheduled ]; then
        enginery_is_whole "$enginery_from" || return 1
        [ "$enginery_from" -le "$enginery_epoch" ] || continue
      fi
      if [ -z "$enginery_chosen" ]; then
        enginery_chosen=$enginery_from enginery_version=$enginery_v enginery_installed=$enginery_i
      fi
      [ "$enginery_chosen" = "$enginery_from" ] || break
      if [ "$enginery_name" = "$enginery_entry" ]; then
        enginery_path=$enginery_p enginery_installed=$enginery_i
        break
      fi
    done
  } <"$enginery_index"
  case $enginery_version in [!0123456789]* | *[!0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-]*) return 1 ;; esac
  if [ -z "$enginery_chosen" ]; then
    # Rows that were lost may hold the answer.
    [ "$enginery_extent $enginery_rows" = "all $enginery_row" ] || return 1
    enginery_fail 128 nothing-in-effect "No $enginery_engine is in effect at $enginery_epoch."
  fi
  if [ "$enginery_installed" = 0 ]; then
    enginery_fail 128 release-not-installed "$enginery_engine@$enginery_version is in effect and not installed here; install it: enginery install $enginery_engine@$enginery_version"
  fi
  # 2: guarded, and a guard is checked by Node.
  [ "$enginery_installed" = 1 ] || return 1
  case /$enginery_path/ in // | *//* | */../* | */./*) return 1 ;; esac
}

# What lies there, now that it is claimed, is what the index names; one line of canonical JSON, without its end.
enginery_is_sealed() {
  enginery_file=$enginery_home/engines/$enginery_engine/$enginery_version/SEAL.json
  [ ! -L "$enginery_program" ] && [ ! -L "$enginery_file" ] && [ -f "$enginery_file" ] || return 1
  { IFS= read -r enginery_line || [ -n "$enginery_line" ]; } <"$enginery_file" || return 1
  case $enginery_line in *'"tree":"'"$enginery_tree"'"'*) ;; *) return 1 ;; esac
}

# This process, as every reader of the lease can tell whether it still runs.
enginery_identify() {
  [ -f /proc/self/stat ] && [ -f /proc/sys/kernel/random/boot_id ] || return 1
  { IFS= read -r enginery_line; } </proc/self/stat || return 1
  # In a new pid namespace with the old /proc still mounted, its numbers mean other processes.
  [ "${enginery_line%% *}" = "$$" ] || return 1
  enginery_fields ${enginery_line##*') '}
  { read -r enginery_boot; } </proc/sys/kernel/random/boot_id || return 1
  enginery_machine=
  if [ -f /etc/machine-id ]; then { read -r enginery_machine; } </etc/machine-id; fi
  if [ -z "$enginery_machine" ] && { read -r enginery_machine; } </proc/sys/kernel/hostname; then
    enginery_machine=host:$enginery_machine
  fi
  enginery_namespace=
  enginery_namespace_inode || enginery_proc_device
  for enginery_fact in "$enginery_started" "$enginery_boot" "$enginery_machine" "$enginery_namespace"; do
    case $enginery_fact in '' | *[!0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._:+-]*) return 1 ;; esac
  done
}

# What follows the name in /proc/PID/stat: the state is the third field, the start time the twenty-second.
enginery_fields() {
  enginery_started=${20-}
}

# Linux 5.14 and later say the inode of what is open.
enginery_namespace_inode() {
  [ -r /proc/self/ns/pid ] || return 1
  {
    while read -r enginery_key enginery_value; do
      if [ "$enginery_key" = ino: ]; then enginery_namespace=pid:$enginery_value; fi
    done </proc/self/fdinfo/9
  } 9</proc/self/ns/pid
  [ -n "$enginery_namespace" ]
}

# The device number of the mounted /proc, which belongs to one pid namespace.
enginery_proc_device() {
  while read -r enginery_key enginery_key enginery_value enginery_root enginery_place enginery_rest; do
    if [ "$enginery_place" = /proc ]; then enginery_namespace=dev:$enginery_value; fi
  done </proc/self/mountinfo
}

# `$(umask)` would start a process, which takes a fifth of all the time that a launcher takes; Linux 4.7 and later say it here.
enginery_find_umask() {
  {
    while read -r enginery_key enginery_umask; do
      if [ "$enginery_key" = Umask: ]; then return 0; fi
    done
  } </proc/self/status
  return 1
}

# The name is this process's alone: where the file is there already, this process wrote it before it became us again.
enginery_lease() {
  enginery_name=$$-$enginery_started-${enginery_boot%%-*}
  enginery_file=$enginery_leases/$enginery_engine@$enginery_version.$enginery_name.json
  [ ! -L "$enginery_file" ] || return 1
  if [ -f "$enginery_file" ]; then
    enginery_is_ours
    return
  fi
  # A pipe in its place would hold us for ever.
  [ ! -e "$enginery_file" ] || return 1
  enginery_line="{\"boot\":\"$enginery_boot\",\"engine\":\"$enginery_engine\","
  if [ -n "$enginery_epoch" ]; then enginery_line="$enginery_line\"epoch\":$enginery_epoch,"; fi
  enginery_line="$enginery_line\"format\":1,\"id\":\"$enginery_name\",\"machine\":\"$enginery_machine\","
  enginery_line="$enginery_line\"namespace\":\"$enginery_namespace\",\"pid\":$$,\"started\":\"$enginery_started\","
  enginery_line="$enginery_line\"version\":\"$enginery_version\"}"
  enginery_find_umask || enginery_umask=$(umask)
  umask 022
  set -C
  { echo "$enginery_line" >"$enginery_file"; } 2>/dev/null
  enginery_written=$?
  umask "$enginery_umask"
  # Half a lease would keep the release for ever; the one program started here, and only on the way to Node.
  if [ "$enginery_written" != 0 ]; then command rm -f "$enginery_file" 2>/dev/null; fi
  [ "$enginery_written" = 0 ] && enginery_is_ours
}

# In a folder of many accounts another may have made the file, to have it tell of a process that is gone.
enginery_is_ours() {
  [ "$enginery_leases" = "$enginery_home/leases" ] || { [ -f "$enginery_file" ] && [ -O "$enginery_file" ]; } 2>/dev/null
}

# A shell may take functions from its environment (bash): none of them stands for what is meant here.
unset -f command
command unset -f read echo umask '[' 2>/dev/null || :
unset IFS
enginery_main "$@"
