#!/bin/sh
# Installs Enginery from the checkout that this file lies in: the command `enginery`, and the demo channel with three
# versions of a real engine. `./install.sh --help` tells the rest. The last line calls main, so that half a file does nothing.
set -u

usage() {
  cat <<'TEXT'
Usage: ./install.sh [OPTIONS]

Installs Enginery from this checkout, lays out the demo channel (Wasmtime 9, 23 and 36 inside the Wasm pre-initializer
wizer, fetched with npm's own configuration), shows its status and runs the engines of two epochs on one module.
It needs npm with Node 18 or newer; the Node that Enginery itself runs on comes with `npm ci`.

  -y, --yes            ask nothing (also NONINTERACTIVE=1, CI, or no terminal)
  -n, --dry-run        say what would be done and change nothing
  -q, --quiet          errors and results only
      --home DIR       where engines are kept           (ENGINERY_HOME; default ~/.local/share/enginery)
      --bin-dir DIR    where the command is put         (ENGINERY_BIN_DIR; default ~/.local/bin)
      --epoch N        the epoch to observe first       (default 150)
      --no-demo        the command only, no channel
      --no-modify-path leave the shell's start files alone
      --uninstall      remove what the receipt lists, and nothing else
  -h, --help           this text

Exit status: 0 done, 2 usage, 3 refused, 7 something that is needed is missing; else that of the command that failed.
TEXT
}

main() {
  defaults
  read_options "$@"
  settle_places
  if [ "$uninstall" = 1 ]; then
    uninstall
    return
  fi
  check_host
  check_npm
  check_launcher
  confirm_plan
  if [ "$dry_run" = 1 ]; then
    show_plan
    return
  fi
  open_work_folder
  check_executable_places
  install_modules
  install_command
  install_path
  if [ "$demo" = 1 ]; then
    install_demo
    show_demo
  fi
  write_receipt || fail 7 "The receipt could not be written." "Check the owner of $config_dir, and run ./install.sh again."
  farewell
}

# ---- options -----------------------------------------------------------------------------------------------------

defaults() {
  yes=0 dry_run=0 quiet=0 modify_path=1 demo=1 uninstall=0 epoch=150
  home=${ENGINERY_HOME:-} bin_dir=${ENGINERY_BIN_DIR:-}
  changed=0 status=0 work=''
  case ${ENGINERY_YES:-0} in 1 | true) yes=1 ;; esac
  case ${ENGINERY_NO_MODIFY_PATH:-0} in 1 | true) modify_path=0 ;; esac
}

read_options() {
  while [ $# -gt 0 ]; do
    case $1 in
      -y | --yes) yes=1 ;;
      -n | --dry-run) dry_run=1 ;;
      -q | --quiet) quiet=1 ;;
      --no-modify-path) modify_path=0 ;;
      --no-demo) demo=0 ;;
      --uninstall) uninstall=1 ;;
      --home | --bin-dir | --epoch)
        [ $# -ge 2 ] || usage_error "$1 needs a value."
        set_option "$1" "$2"
        shift
        ;;
      --home=* | --bin-dir=* | --epoch=*) set_option "${1%%=*}" "${1#*=}" ;;
      -h | --help)
        usage
        exit 0
        ;;
      *) usage_error "There is no option $1." ;;
    esac
    shift
  done
}

set_option() {
  [ -n "$2" ] || usage_error "$1 needs a value."
  case $1 in
    --home) home=$2 ;;
    --bin-dir) bin_dir=$2 ;;
    --epoch)
      case $2 in *[!0-9]*) usage_error "An epoch is a whole number from 0, not $2." ;; esac
      epoch=$2
      ;;
  esac
}

usage_error() {
  fail 2 "$1" "See ./install.sh --help."
}

settle_places() {
  case $0 in
    */*) checkout=$(CDPATH='' cd -- "${0%/*}" 2>/dev/null && pwd -P) || checkout='' ;;
    *) checkout=$(pwd -P) ;;
  esac
  if [ -z "$checkout" ] || [ ! -f "$checkout/bin/enginery" ] || [ ! -f "$checkout/package-lock.json" ]; then
    fail 2 "This file does not lie in a checkout of Enginery." "Clone the project and run ./install.sh there."
  fi
  [ -n "${HOME:-}" ] || fail 2 "HOME is not set, so there is no place to install to." "Set HOME and run ./install.sh again."
  config_dir=${XDG_CONFIG_HOME:-$HOME/.config}/enginery
  receipt=$config_dir/receipt.json
  default_home=${XDG_DATA_HOME:-$HOME/.local/share}/enginery
  home=$(absolute "${home:-$default_home}")
  bin_dir=$(absolute "${bin_dir:-$HOME/.local/bin}")
  launcher=$bin_dir/enginery
  env_file=$config_dir/env
  repository=$checkout/manifests/demo
  module=$checkout/templates/demo/sum.wasm
  for place in "$home" "$bin_dir" "$config_dir" "$checkout"; do
    case $place in
      *'
'* | *'	'*) fail 2 "A folder's name holds a line end or a tab." "Choose another folder." ;;
    esac
  done
}

absolute() {
  case $1 in
    /*) printf '%s\n' "$1" ;;
    *) printf '%s/%s\n' "$(pwd -P)" "$1" ;;
  esac
}

# ---- the host ----------------------------------------------------------------------------------------------------

check_host() {
  need_cmd uname mkdir rmdir rm mv cat sed grep find chmod mktemp cmp dirname tail
  case $(uname -s) in
    Linux) check_linux ;;
    Darwin) check_darwin ;;
    MINGW* | MSYS* | CYGWIN*)
      fail 3 "This script is for POSIX systems." "On Windows run: npm ci, then bin\\enginery.cmd in this folder."
      ;;
    *) [ "$demo" = 0 ] || fail 3 "No engine of the demo channel is built for $(uname -s)." "Install the command alone: ./install.sh --no-demo" ;;
  esac
}

check_linux() {
  if [ "$(getconf LONG_BIT 2>/dev/null || echo 64)" = 32 ]; then
    fail 3 "This is a 32-bit userland, on a $(uname -m) kernel; engines are built for 64 bits." "Use a 64-bit system."
  fi
  case $(uname -m) in
    x86_64 | amd64 | aarch64 | arm64 | s390x) ;;
    *) [ "$demo" = 0 ] || fail 3 "No engine of the demo channel is built for $(uname -m)." "Install the command alone: ./install.sh --no-demo" ;;
  esac
  if is_musl && [ "$demo" = 1 ]; then
    fail 3 "This system's C library is musl; the demo channel's engines are built for glibc." "Install the command alone: ./install.sh --no-demo"
  fi
}

# a glibc system may carry musl's loader beside its own; then it is no musl system
is_musl() {
  for loader in /lib64/ld-linux* /lib/ld-linux* /lib/*/ld-linux* /lib/ld64*; do
    [ -e "$loader" ] && return 1
  done
  for loader in /lib/ld-musl-*; do
    [ -e "$loader" ] && return 0
  done
  return 1
}

check_darwin() {
  if [ "$(sysctl -n sysctl.proc_translated 2>/dev/null || echo 0)" = 1 ]; then
    say "This shell runs under Rosetta: what is installed is for Intel, though the processor is an Apple one."
    say "For the other, run: arch -arm64 ./install.sh"
  fi
}

check_npm() {
  need_cmd npm node
  node_version=$(node --version 2>/dev/null) || node_version=''
  node_major=${node_version#v}
  node_major=${node_major%%.*}
  case $node_major in
    '' | *[!0-9]*) fail 7 "The command node does not run." "Install Node 18 or newer with npm, and run ./install.sh again." ;;
  esac
  if [ "$node_major" -lt 18 ]; then
    fail 7 "npm's Node is $node_version; 18 or newer is needed." "Install a newer Node with npm, and run ./install.sh again."
  fi
}

need_cmd() {
  for needed in "$@"; do
    command -v "$needed" >/dev/null 2>&1 && continue
    case $needed in
      npm | node) fail 7 "The command $needed is missing." "Install Node 18 or newer with npm, and run ./install.sh again." ;;
      *) fail 7 "The command $needed is missing." "Install it, and run ./install.sh again." ;;
    esac
  done
}

# ---- the plan ----------------------------------------------------------------------------------------------------

confirm_plan() {
  somebody_is_there || return 0
  show_plan
  ask_to_go_on
}

somebody_is_there() {
  [ "$yes" = 0 ] && [ "$dry_run" = 0 ] && [ -z "${CI:-}" ] || return 1
  case ${NONINTERACTIVE:-0} in 1 | true) return 1 ;; esac
  [ -t 0 ] && [ -t 1 ]
}

ask_to_go_on() {
  printf 'Go on? [Y/n] ' >/dev/tty 2>/dev/null || fail 2 "Nobody can be asked." "Run ./install.sh -y"
  read -r answer </dev/tty || answer=n
  case $answer in
    '' | y | Y | yes | Yes | YES) ;;
    *)
      say "Nothing was changed."
      exit 0
      ;;
  esac
}

show_plan() {
  if modules_are_there; then
    tell "node_modules      is there"
  else
    tell "node_modules      npm ci, in $checkout"
  fi
  tell "the command       $launcher"
  if path_needs_change; then
    tell "PATH              a line that sources $env_file, in:"
    start_files | sed 's/^/                    /'
  fi
  if [ "$demo" = 1 ]; then
    tell "the demo channel  $home, from $repository"
    if [ "$dry_run" = 1 ] && modules_are_there; then
      demo_install --dry-run || fail $? "The demo channel could not be planned." "See the message above."
    fi
  fi
  [ "$dry_run" = 0 ] || tell "Nothing was changed."
}

# ---- steps -------------------------------------------------------------------------------------------------------

OURS='made by install.sh of Enginery'

# before anything is done
check_launcher() {
  if [ -e "$launcher" ] && ! grep -q "$OURS" "$launcher" 2>/dev/null; then
    fail 3 "$launcher is there and was not made by this script." "Move it away, or: ./install.sh --bin-dir DIR"
  fi
}

# everything temporary lies in one folder, and the receipt is written whatever happens
open_work_folder() {
  work=$(mktemp -d 2>/dev/null) ||
    fail 7 "No temporary folder can be made in ${TMPDIR:-/tmp}." "Set TMPDIR to a folder that you may write to."
  trap 'status=$?; write_receipt; rm -rf "$work"; exit "$status"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  : >"$work/made"
  if [ -f "$receipt" ]; then
    receipt_entries >"$work/made"
  fi
}

# only before something is made there: a second run leaves even the folders' times alone
check_executable_places() {
  modules_are_there || require_executable "$checkout" "Move the checkout to a file system that allows programs to run."
  if [ "$demo" = 1 ] && [ ! -d "$home" ]; then
    require_executable "$(existing_parent "$home")" "Choose another folder: ./install.sh --home DIR"
  fi
}

require_executable() {
  proof=$(mktemp "$1/.enginery-XXXXXX" 2>/dev/null) || fail 7 "Nothing can be written to $1." "$2"
  printf '#!/bin/sh\nexit 0\n' >"$proof"
  chmod 0700 "$proof"
  ran=0
  "$proof" 2>/dev/null || ran=1
  rm -f "$proof"
  [ "$ran" = 0 ] || fail 3 "$1 lies on a file system mounted noexec: no engine can run from there." "$2"
}

existing_parent() {
  parent=$1
  while [ ! -d "$parent" ]; do parent=$(dirname "$parent"); done
  printf '%s\n' "$parent"
}

modules_are_there() {
  [ -f "$checkout/node_modules/.package-lock.json" ] &&
    [ -z "$(find "$checkout/package-lock.json" -newer "$checkout/node_modules/.package-lock.json" 2>/dev/null)" ]
}

# of this checkout as it is: a pull may have brought newer source
build_is_fresh() {
  [ -f "$checkout/dist/index.js" ] &&
    [ -z "$(find "$checkout/src" "$checkout/package.json" -newer "$checkout/dist/index.js" -type f 2>/dev/null)" ]
}

install_modules() {
  [ -d "$checkout/node_modules" ] || record made "$checkout/node_modules"
  [ -d "$checkout/dist" ] || record made "$checkout/dist"
  if modules_are_there; then
    build_is_fresh || build
    return
  fi
  say "Fetching what Enginery is built on: npm ci"
  if ! (cd "$checkout" && npm ci --no-audit --no-fund --loglevel=error) >"$work/npm.log" 2>&1; then
    cat "$work/npm.log" >&2
    fail 7 "npm ci failed." "See what npm says above; then: (cd $(quoted "$checkout") && npm ci)"
  fi
  changed=1
}

build() {
  say "Building Enginery: npm run build"
  if ! (cd "$checkout" && npm run build --silent) >"$work/npm.log" 2>&1; then
    cat "$work/npm.log" >&2
    fail 7 "npm run build failed." "See what npm says above; then: (cd $(quoted "$checkout") && npm ci)"
  fi
  changed=1
}

install_command() {
  if ! enginery --version >"$work/version" 2>"$work/version.log"; then
    cat "$work/version.log" >&2
    fail 7 "Enginery does not start here." "Put a Node that it accepts on PATH, or: (cd $(quoted "$checkout") && npm ci)"
  fi
  make_folder "$bin_dir"
  launcher_text >"$work/file"
  write_file "$launcher" 0755
}

launcher_text() {
  printf '#!/bin/sh\n# %s\n' "$OURS"
  if [ "$home" != "$default_home" ]; then
    # shellcheck disable=SC2016 # the launcher expands it
    printf 'ENGINERY_HOME=${ENGINERY_HOME:-%s}\nexport ENGINERY_HOME\n' "$(quoted "$home")"
  fi
  printf 'exec %s "$@"\n' "$(quoted "$checkout/bin/enginery")"
}

install_path() {
  if [ -n "${GITHUB_PATH:-}" ] && ! grep -qxF "$bin_dir" "$GITHUB_PATH" 2>/dev/null; then
    printf '%s\n' "$bin_dir" >>"$GITHUB_PATH"
  fi
  path_needs_change || return 0
  make_folder "$config_dir"
  env_text >"$work/file"
  write_file "$env_file" 0644
  start_files >"$work/start-files"
  while read -r file; do
    case $file in
      *.fish)
        make_folder "$(dirname "$file")"
        fish_text >"$work/file"
        write_file "$file" 0644
        ;;
      # whoever removes the file by hand is still to be able to log in
      *) add_line "$file" "if [ -r $(quoted "$env_file") ]; then . $(quoted "$env_file"); fi" ;;
    esac
  done <"$work/start-files"
}

path_needs_change() {
  [ "$modify_path" = 1 ] || return 1
  [ ! -f "$env_file" ] || return 0
  case ":$PATH:" in *":$bin_dir:"*) return 1 ;; esac
}

# the start files that an interactive shell of this user reads: those that are there, .profile in any case
start_files() {
  printf '%s\n' "$HOME/.profile"
  for file in "$HOME/.bash_profile" "$HOME/.bash_login" "$HOME/.bashrc"; do
    [ ! -f "$file" ] || printf '%s\n' "$file"
  done
  zsh_env=${ZDOTDIR:-$HOME}/.zshenv
  case ${SHELL:-} in
    */zsh) printf '%s\n' "$zsh_env" ;;
    *) [ ! -f "$zsh_env" ] || printf '%s\n' "$zsh_env" ;;
  esac
  fish_dir=${XDG_CONFIG_HOME:-$HOME/.config}/fish/conf.d
  case ${SHELL:-} in
    */fish) printf '%s\n' "$fish_dir/enginery.fish" ;;
    *) [ ! -d "$fish_dir" ] || printf '%s\n' "$fish_dir/enginery.fish" ;;
  esac
}

env_text() {
  printf '# %s: sourced by the start files of shells\n' "$OURS"
  # shellcheck disable=SC2016 # the file expands it
  printf 'case ":${PATH}:" in\n  *:%s:*) ;;\n  *) export PATH=%s:"$PATH" ;;\nesac\n' "$(quoted "$bin_dir")" "$(quoted "$bin_dir")"
}

fish_text() {
  printf '# %s\nfish_add_path --global %s\n' "$OURS" "$(quoted "$bin_dir")"
}

install_demo() {
  [ -f "$repository/root.json" ] || fail 7 "The demo channel is missing: $repository." "Check the checkout out again: git checkout manifests"
  make_folder "$(dirname "$home")"
  if [ ! -e "$home/VERSION" ]; then
    say "Laying out the demo channel in $home"
    [ -d "$home" ] || record home "$home"
  fi
  demo_install --json --yes >"$work/install.json" || demo_failed $?
  if grep -q '"changed": *true' "$work/install.json"; then changed=1; fi
  # a home that knows its epoch keeps it: an observation is never taken back
  if enginery which wasmtime >/dev/null 2>"$work/which.log"; then return; fi
  enginery observe "$epoch" --quiet >/dev/null || fail $? "The epoch could not be recorded." "Run: enginery observe $epoch"
  changed=1
}

# refuses a home that follows another channel; one that is there takes what this channel has published since
demo_install() {
  there=0
  [ ! -e "$home/VERSION" ] || there=1
  enginery install --from "$repository" --channel demo --root "$repository/root.json" "$@" || return
  [ "$there" = 0 ] || enginery upgrade --no-prune "$@"
}

demo_failed() {
  case $1 in
    4) hint="The demo channel may have been made anew, with other keys; then start afresh: ./install.sh --uninstall, then ./install.sh" ;;
    3) hint="A home follows one channel; choose another folder: ./install.sh --home DIR" ;;
    7) hint="Check npm's own configuration (npm ping), the disk, and run ./install.sh again; what was fetched is kept." ;;
    *) hint="Run ./install.sh again; what was fetched is kept." ;;
  esac
  cat "$work/install.json" >&2
  fail "$1" "The demo channel could not be laid out." "$hint"
}

show_demo() {
  enginery status || fail $? "The status could not be shown." "Run: enginery doctor"
  cat <<'TEXT'

One module, two epochs. It computes 40 + 2 in a constant expression, which Wasmtime learnt between version 23 and 36:
what is a module at one epoch is none at the other, and only the engine in effect then can tell.
TEXT
  # what runs is recorded, and a second run is to change nothing
  if [ "$changed" = 0 ]; then
    show_epoch 50
    show_epoch 250
    return
  fi
  run_epoch 50 1 "constant expression required"
  run_epoch 250 0 "40 + 2 = 42"
}

show_epoch() {
  printf '\n$ enginery exec wasmtime --epoch %s -- --allow-wasi -o /dev/null templates/demo/sum.wasm\n' "$1"
  engine=$(enginery which wasmtime --epoch "$1") || fail $? "No engine answers for epoch $1." "Run: enginery status"
  printf '  runs %s\n' "$engine"
}

run_epoch() {
  show_epoch "$1"
  # the engine's own compile cache has no place among what this script leaves behind
  RUST_BACKTRACE=0 XDG_CACHE_HOME=$work enginery exec wasmtime --epoch "$1" -- --allow-wasi -o /dev/null "$module" >"$work/run" 2>&1
  ran=$?
  sed -n '/./s/^/  /p' "$work/run"
  printf '  exit %s\n' "$ran"
  if [ "$ran" != "$2" ] || ! grep -qF "$3" "$work/run"; then
    fail 1 "The engine of epoch $1 did not answer as it should." "Run: enginery verify"
  fi
}

farewell() {
  if [ "$changed" = 0 ]; then
    say "
Everything was there: nothing was changed."
  else
    say "
Enginery is installed. What was made is listed in $receipt; ./install.sh --uninstall removes it."
  fi
  case ":$PATH:" in
    *":$bin_dir:"*)
      found=$(command -v enginery) || found=''
      case $found in "$launcher" | '') ;; *) say "Another enginery comes first on PATH: $found" ;; esac
      ;;
    *)
      if [ "$modify_path" = 1 ]; then
        say "For this shell, run: . $(quoted "$env_file")"
      else
        say "Put it on PATH: export PATH=$(quoted "$bin_dir"):\"\$PATH\""
      fi
      ;;
  esac
}

# ---- receipt: what was made, one entry a line --------------------------------------------------------------------

record() {
  entry="{\"kind\": \"$1\", \"path\": \"$(json_text "$2")\"${3:+, \"text\": \"$(json_text "$3")\"}}"
  changed=1
  grep -qxF "$entry" "$work/made" || printf '%s\n' "$entry" >>"$work/made"
}

receipt_entries() {
  sed -n 's/^    \({"kind": .*}\),\{0,1\}$/\1/p' "$receipt"
}

write_receipt() {
  [ -s "$work/made" ] || return 0
  make_folder "$config_dir"
  {
    printf '{\n  "format": 1,\n  "checkout": "%s",\n  "made": [\n' "$(json_text "$checkout")"
    sed -e 's/^/    /' -e '$!s/$/,/' "$work/made"
    printf '  ]\n}\n'
  } >"$work/receipt"
  if [ -f "$receipt" ] && cmp -s "$work/receipt" "$receipt"; then return 0; fi
  cat "$work/receipt" >"$receipt.new" && mv "$receipt.new" "$receipt"
}

json_text() {
  printf '%s' "$1" | sed -e 's/\\/\\\\/g' -e 's/"/\\"/g'
}

plain_text() {
  sed -e 's/\\"/"/g' -e 's/\\\\/\\/g'
}

uninstall() {
  [ -f "$receipt" ] || fail 7 "There is no receipt at $receipt." "Nothing was installed by this script, or it was removed already."
  if somebody_is_there; then
    say "This removes what $receipt lists, the engines of the demo channel among it."
    ask_to_go_on
  fi
  entries=$(receipt_entries | fields | reversed)
  remove_entries
  if [ "$dry_run" = 1 ]; then
    say "Nothing was changed."
    return
  fi
  # last, so that what was interrupted can be said again; then the folders that it lay in
  rm -f "$receipt"
  remove_entries >/dev/null
  say "What the receipt listed is removed."
}

remove_entries() {
  printf '%s\n' "$entries" | while IFS='	' read -r kind path line; do
    path=$(printf '%s\n' "$path" | plain_text)
    line=$(printf '%s\n' "$line" | plain_text)
    remove_entry "$kind" "$path" "$line"
  done
}

# kind, path and the line's text, with tabs between
fields() {
  sed -n -e 's/^{"kind": "\(line\)", "path": "\(.*\)", "text": "\(.*\)"}$/\1	\2	\3/p' -e t \
    -e 's/^{"kind": "\([a-z]*\)", "path": "\(.*\)"}$/\1	\2/p'
}

reversed() {
  sed -n '1!G;h;$p'
}

remove_entry() {
  case $1 in
    file) [ -e "$2" ] || return 0 ;;
    line) grep -qxF "$3" "$2" 2>/dev/null || return 0 ;;
    folder | made) [ -d "$2" ] || return 0 ;;
    home) [ -f "$2/VERSION" ] || return 0 ;;
    *) return 0 ;;
  esac
  say "$1	$2"
  [ "$dry_run" = 0 ] || return 0
  case $1 in
    file) rm -f "$2" ;;
    line) remove_line "$2" "$3" ;;
    # what others put there meanwhile keeps it
    folder) rmdir "$2" 2>/dev/null || : ;;
    made) case $2 in */node_modules | */dist) rm -rf "$2" ;; esac ;;
    home) chmod -R u+w "$2" && rm -rf "$2" ;;
  esac
}

remove_line() {
  # the file is written over, not replaced: it may be a link, and its mode stays
  kept=$(grep -vxF "$2" "$1"; printf x)
  printf '%s' "${kept%x}" >"$1"
  [ -s "$1" ] || rm -f "$1"
}

# ---- small things ------------------------------------------------------------------------------------------------

make_folder() {
  [ ! -d "$1" ] || return 0
  make_folder "$(dirname "$1")"
  mkdir "$1" 2>/dev/null || fail 7 "The folder $1 cannot be made." "Check the owner and mode of $(dirname "$1")."
  record folder "$1"
}

# replaces a file by rename with $work/file, where it is not like that already
write_file() {
  if cmp -s "$work/file" "$1"; then return 0; fi
  if ! { cat "$work/file" >"$1.new" && chmod "$2" "$1.new" && mv -f "$1.new" "$1"; } 2>/dev/null; then
    fail 7 "$1 cannot be written." "Check the owner and mode of $(dirname "$1")."
  fi
  record file "$1"
}

add_line() {
  if grep -qxF "$2" "$1" 2>/dev/null; then return 0; fi
  if [ -s "$1" ] && [ -n "$(tail -c 1 "$1")" ]; then printf '\n' >>"$1"; fi
  printf '%s\n' "$2" >>"$1" 2>/dev/null || {
    say "$1 cannot be written; put this line there: $2"
    return 0
  }
  record line "$1" "$2"
}

enginery() {
  ENGINERY_HOME=$home "$checkout/bin/enginery" "$@"
}

quoted() {
  printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"
}

say() {
  [ "$quiet" = 1 ] || tell "$@"
}

tell() {
  printf '%s\n' "$*"
}

fail() {
  printf 'install.sh: %s\n  %s\n' "$2" "$3" >&2
  exit "$1"
}

main "$@"
