#!/bin/sh
# Installs Enginery: of the checkout that this file lies in, with the demo channel; or, fetched as
#   curl --proto '=https' --tlsv1.2 -sSf https://HOST/install.sh | sh
# the single file of a release for this platform. `--help` tells the rest. The last line calls main, so that half of this
# file does nothing, wherever it is cut.
set -u

# Filled in when a release is made (scripts/release.ts): where it is served, where its channel is, and its key (PEM, in one line).
RELEASE_FROM=''
RELEASE_REPOSITORY=''
RELEASE_KEY=''

# What the single file needs on Linux.
GLIBC_FLOOR='2.28'

usage() {
  cat <<'TEXT'
Usage: ./install.sh [OPTIONS]                    from a checkout
       curl ... | sh -s -- [OPTIONS]             from a release

From a checkout: installs the command and the demo channel (Wasmtime 9, 23 and 36 inside the Wasm pre-initializer wizer,
fetched with npm's own configuration), shows its status and runs the engines of two epochs on one module.
It needs npm with Node 18 or newer; the Node that Enginery itself runs on comes with `npm ci`.

From a release: downloads the single file for this platform, checks its sha256 (always) and the signature over it (where
openssl or node can), and puts a link to it where commands are found. It needs curl or wget, and on Linux glibc 2.28.

  -y, --yes            ask nothing (also NONINTERACTIVE=1, CI, or no terminal)            (ENGINERY_YES)
  -n, --dry-run        say what would be done and change nothing                          (ENGINERY_DRY_RUN)
  -q, --quiet          errors and results only                                            (ENGINERY_QUIET)
      --home DIR       where engines are kept           (ENGINERY_HOME; default ~/.local/share/enginery)
      --bin-dir DIR    where the command is put         (ENGINERY_BIN_DIR; default ~/.local/bin)
      --no-modify-path leave the shell's start files alone                                (ENGINERY_NO_MODIFY_PATH)
      --uninstall      remove what the receipt lists, and nothing else; what was changed since is kept and named
      --purge          with --uninstall: the home and its engines too                     (ENGINERY_PURGE)
  -h, --help           this text

From a checkout:
      --epoch N        the epoch to observe first       (default 150)
      --no-demo        the command only, no channel

From a release:
      --from URL|DIR   where the release is             (ENGINERY_RELEASE; default: as built in)
      --repository URL where later releases are found   (ENGINERY_SELF_REPOSITORY; default: repository beside it)
      --key FILE       the public key of the release    (ENGINERY_RELEASE_KEY; default: as built in)
      --require-signature  stop where the signature cannot be checked                     (ENGINERY_REQUIRE_SIGNATURE)
      --allow-http     take plain http: from other hosts than this one                    (ENGINERY_ALLOW_HTTP)
      --no-completions no completions for bash, zsh and fish                              (ENGINERY_NO_COMPLETIONS)
      --self DIR       where the command itself is kept (ENGINERY_SELF; default ~/.local/share/enginery-self)
      --unmanaged DIR  DIR/enginery and nothing else: no start files, no receipt, no self-update, for images and CI
                                                        (ENGINERY_UNMANAGED_INSTALL)

Exit status: 0 done, 2 usage, 3 refused, 4 signature, 5 hash, 7 something that is needed is missing; else that of the
command that failed.
TEXT
}

# $1: what this shell calls the script; the rest: its words
main() {
  # zsh: words are split and traps are set as in sh
  if [ -n "${ZSH_VERSION:-}" ]; then emulate sh; fi
  script=$1
  shift
  defaults
  read_options "$@"
  settle_places
  if [ "$uninstall" = 1 ]; then
    uninstall
  elif [ "$mode" = checkout ]; then
    install_checkout
  else
    install_release
  fi
}

install_checkout() {
  check_person
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
  keep_receipt
  farewell
}

install_release() {
  check_person
  check_tools
  pick_platform
  [ -n "$unmanaged" ] || check_launcher
  open_work_folder
  fetch_sums
  choose_file
  if somebody_is_there; then
    show_release_plan
    ask_to_go_on
  fi
  if [ "$dry_run" = 1 ]; then
    show_release_plan
    return
  fi
  if [ -n "$unmanaged" ]; then
    place_unmanaged
    return
  fi
  place_file
  place_root
  place_command
  install_completions
  install_path
  keep_receipt
  release_farewell
}

# ---- options -----------------------------------------------------------------------------------------------------

defaults() {
  yes=0 dry_run=0 quiet=0 modify_path=1 demo=1 uninstall=0 epoch=150 purge=0
  allow_http=0 require_signature=0 completions=1
  home=${ENGINERY_HOME:-} bin_dir=${ENGINERY_BIN_DIR:-} self=${ENGINERY_SELF:-}
  from=${ENGINERY_RELEASE:-$RELEASE_FROM} repository_url=${ENGINERY_SELF_REPOSITORY:-$RELEASE_REPOSITORY}
  key=${ENGINERY_RELEASE_KEY:-} unmanaged=${ENGINERY_UNMANAGED_INSTALL:-}
  changed=0 left_with=0 work='' staged='' again='install.sh'
  if is_on ENGINERY_YES "${ENGINERY_YES:-}"; then yes=1; fi
  if is_on ENGINERY_DRY_RUN "${ENGINERY_DRY_RUN:-}"; then dry_run=1; fi
  if is_on ENGINERY_QUIET "${ENGINERY_QUIET:-}"; then quiet=1; fi
  if is_on ENGINERY_NO_MODIFY_PATH "${ENGINERY_NO_MODIFY_PATH:-}"; then modify_path=0; fi
  if is_on ENGINERY_PURGE "${ENGINERY_PURGE:-}"; then purge=1; fi
  if is_on ENGINERY_REQUIRE_SIGNATURE "${ENGINERY_REQUIRE_SIGNATURE:-}"; then require_signature=1; fi
  if is_on ENGINERY_ALLOW_HTTP "${ENGINERY_ALLOW_HTTP:-}"; then allow_http=1; fi
  if is_on ENGINERY_NO_COMPLETIONS "${ENGINERY_NO_COMPLETIONS:-}"; then completions=0; fi
}

is_on() {
  case $2 in
    1 | true) return 0 ;;
    '' | 0 | false) return 1 ;;
    *) usage_error "$1 is $2, which is neither yes nor no; write 1 or 0." ;;
  esac
}

read_options() {
  while [ $# -gt 0 ]; do
    case $1 in
      -y | --yes) yes=1 ;;
      -n | --dry-run) dry_run=1 ;;
      -q | --quiet) quiet=1 ;;
      --no-modify-path) modify_path=0 ;;
      --no-completions) completions=0 ;;
      --no-demo) demo=0 ;;
      --uninstall) uninstall=1 ;;
      --purge) purge=1 ;;
      --allow-http) allow_http=1 ;;
      --require-signature) require_signature=1 ;;
      --home | --bin-dir | --epoch | --from | --repository | --key | --self | --unmanaged)
        [ $# -ge 2 ] || usage_error "$1 needs a value."
        set_option "$1" "$2"
        shift
        ;;
      --home=* | --bin-dir=* | --epoch=* | --from=* | --repository=* | --key=* | --self=* | --unmanaged=*)
        set_option "${1%%=*}" "${1#*=}"
        ;;
      -h | --help)
        usage
        exit 0
        ;;
      *) usage_error "There is no option $1." ;;
    esac
    shift
  done
  if [ "$purge" = 1 ] && [ "$uninstall" = 0 ]; then usage_error "--purge is for --uninstall alone."; fi
  if [ -n "$unmanaged" ] && [ "$uninstall" = 1 ]; then usage_error "What is unmanaged has no receipt: remove its file."; fi
}

set_option() {
  [ -n "$2" ] || usage_error "$1 needs a value."
  case $1 in
    --home) home=$2 ;;
    --bin-dir) bin_dir=$2 ;;
    --self) self=$2 ;;
    --unmanaged) unmanaged=$2 ;;
    --from) from=$2 ;;
    --repository) repository_url=$2 ;;
    --key) key=$2 ;;
    --epoch)
      case $2 in *[!0-9]*) usage_error "An epoch is a whole number from 0, not $2." ;; esac
      epoch=$2
      ;;
  esac
}

usage_error() {
  fail 2 "$1" "See $again --help."
}

settle_places() {
  find_checkout
  [ -n "${HOME:-}" ] || fail 2 "HOME is not set, so there is no place to install to." "Set HOME and run $again again."
  config_dir=${XDG_CONFIG_HOME:-$HOME/.config}/enginery
  data_dir=${XDG_DATA_HOME:-$HOME/.local/share}
  receipt=$config_dir/receipt.json
  default_home=$data_dir/enginery
  home=$(absolute "${home:-$default_home}")
  bin_dir=$(absolute "${bin_dir:-$HOME/.local/bin}")
  self=$(absolute "${self:-$data_dir/enginery-self}")
  if [ -n "$unmanaged" ]; then
    [ "$mode" = release ] || usage_error "--unmanaged is for a release."
    unmanaged=$(absolute "$unmanaged")
  fi
  launcher=$bin_dir/enginery
  env_file=$config_dir/env
  repository=$checkout/manifests/demo
  module=$checkout/templates/demo/sum.wasm
  for place in "$home" "$bin_dir" "$config_dir" "$data_dir" "$self" "$unmanaged" "$checkout"; do
    case $place in
      *'
'* | *'	'*) fail 2 "A folder's name holds a line end or a tab." "Choose another folder." ;;
    esac
  done
}

# A checkout is meant where this file lies in one and no release is asked for. Piped into a shell it lies nowhere, whatever
# folder the shell stands in.
find_checkout() {
  checkout='' mode=release
  case $script in
    */install.sh) checkout=$(CDPATH='' cd -- "${script%/*}" 2>/dev/null && pwd -P) || checkout='' ;;
    install.sh) checkout=$(pwd -P) ;;
  esac
  if [ ! -f "$checkout/bin/enginery" ] || [ ! -f "$checkout/package-lock.json" ]; then checkout=''; fi
  if [ -n "$checkout" ]; then again='./install.sh'; fi
  if [ -n "$checkout" ] && [ -z "$from" ]; then mode=checkout; fi
  if [ "$mode$uninstall" = release0 ] && [ -z "$from" ]; then
    fail 2 "This file does not lie in a checkout of Enginery, and nothing says where a release is." "Clone the project and run ./install.sh there, or: $again --from URL"
  fi
}

absolute() {
  case $1 in
    /*) printf '%s\n' "$1" ;;
    *) printf '%s/%s\n' "$(pwd -P)" "$1" ;;
  esac
}

# ---- the host ----------------------------------------------------------------------------------------------------

# sudo may leave HOME as it was: what root makes there, its owner could neither change nor remove
check_person() {
  [ -n "${SUDO_UID:-}" ] && [ "$(id -u)" = 0 ] || return 0
  listed=$(ls -ldn -- "$HOME") || return 0
  owner=$(printf '%s\n' "$listed" | awk '{ print $3 }')
  case $owner in
    '' | 0) ;;
    *) fail 3 "This runs as root by sudo, and $HOME belongs to another account." "Run it without sudo; or, to install for root: sudo -H sh, in place of sudo sh." ;;
  esac
}

check_host() {
  need_cmd uname mkdir rmdir rm mv cat sed grep find chmod mktemp cmp dirname tail awk ls
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
    say "For the other, run: arch -arm64 $again"
  fi
}

check_npm() {
  need_cmd npm node
  node_version=$(node --version 2>/dev/null) || node_version=''
  node_major=${node_version#v}
  node_major=${node_major%%.*}
  case $node_major in
    '' | *[!0-9]*) fail 7 "The command node does not run." "Install Node 18 or newer with npm, and run $again again." ;;
  esac
  if [ "$node_major" -lt 18 ]; then
    fail 7 "npm's Node is $node_version; 18 or newer is needed." "Install a newer Node with npm, and run $again again."
  fi
}

need_cmd() {
  for needed in "$@"; do
    command -v "$needed" >/dev/null 2>&1 && continue
    case $needed in
      npm | node) fail 7 "The command $needed is missing." "Install Node 18 or newer with npm, and run $again again." ;;
      *) fail 7 "The command $needed is missing." "Install it, and run $again again." ;;
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
  [ -t 1 ] || return 1
  # piped into the shell, stdin is this file: a person is at the terminal all the same
  [ -t 0 ] || { [ "$mode" = release ] && (: </dev/tty) 2>/dev/null; }
}

ask_to_go_on() {
  printf 'Go on? [Y/n] ' >/dev/tty 2>/dev/null || fail 2 "Nobody can be asked." "Run $again -y"
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
  if [ -h "$launcher" ]; then
    case $(link_of "$launcher") in "$self"/*) return 0 ;; esac
  elif [ ! -e "$launcher" ] || grep -q "$OURS" "$launcher" 2>/dev/null; then
    return 0
  fi
  fail 3 "$launcher is there and was not made by this script." "Move it away, or: $again --bin-dir DIR"
}

# "lrwxrwxrwx 1 owner group size date path -> aim": the only POSIX way to read a link
link_of() {
  listed=$(ls -ld -- "$1") || return 1
  printf '%s\n' "${listed#*"$1 -> "}"
}

# everything temporary lies in one folder (but for what is to be renamed into its place), and the receipt is written once something is made
open_work_folder() {
  work=$(mktemp -d 2>/dev/null) ||
    fail 7 "No temporary folder can be made in ${TMPDIR:-/tmp}." "Set TMPDIR to a folder that you may write to."
  trap 'left_with=$?; [ "$changed" = 0 ] || write_receipt; rm -rf "$work"; [ -z "$staged" ] || rm -f "$staged"; exit "$left_with"' EXIT
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
    7) hint="Check npm's own configuration (npm ping), the disk, and run $again again; what was fetched is kept." ;;
    *) hint="Run $again again; what was fetched is kept." ;;
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
  tell_path
}

tell_path() {
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

# ---- a release ---------------------------------------------------------------------------------------------------

check_tools() {
  need_cmd uname mkdir rmdir rm mv cp cat sed grep chmod mktemp cmp dirname tail ls ln awk wc
  if ! sha256_of /dev/null >/dev/null; then
    fail 7 "No command here computes a sha256, and nothing is installed unchecked." "Install one of sha256sum (coreutils), shasum (perl) or openssl, and run $again again."
  fi
  from=${from%/}
  case $from in
    *'
'* | *'"'* | *' '*) usage_error "--from is $from, which is neither a URL nor a folder." ;;
    https://*) need_downloader ;;
    http://*) check_plain_http ;;
    file://*) from=${from#file://} ;;
    *://*) usage_error "--from is $from; releases come over https, or from a folder." ;;
    *) from=$(absolute "$from") ;;
  esac
  : "${repository_url:=$from/repository}"
}

check_plain_http() {
  need_downloader
  [ "$allow_http" = 0 ] || return 0
  where=${from#http://}
  case ${where%%/*} in
    127.0.0.1 | 127.0.0.1:* | localhost | localhost:* | '[::1]' | '[::1]':*)
      case ${where%%/*} in *@*) ;; *) return 0 ;; esac
      ;;
  esac
  fail 3 "$from is plain http: on another host." "Take https:, or say --allow-http where the way is your own."
}

need_downloader() {
  if command -v curl >/dev/null 2>&1; then
    downloader=curl
  elif command -v wget >/dev/null 2>&1; then
    downloader=other-wget
    if wget --version 2>/dev/null | grep -qi 'gnu wget'; then downloader=wget; fi
  else
    fail 7 "Neither curl nor wget is here." "Install curl, and run $again again."
  fi
}

# fetch NAME FILE BYTES: what the release has under that name, if it is not larger; 22: it has nothing of that name
fetch() {
  case $from in
    /*)
      [ -f "$from/$1" ] || return 22
      cp "$from/$1" "$2" || return
      ;;
    *)
      download "$from/$1" "$2" "$3" || return
      ;;
  esac
  [ "$(wc -c <"$2")" -le "$3" ]
}

# TLS 1.2 at least, and no way back to http:
download() {
  case $downloader in
    curl)
      case $1 in
        https:*) set -- "$@" --proto '=https' --proto-redir '=https' --tlsv1.2 --location ;;
        *) set -- "$@" --proto '=http' ;;
      esac
      to=$2 most=$3 url=$1
      shift 3
      curl -sSf --retry 3 --connect-timeout 30 --max-filesize "$most" -o "$to" "$@" -- "$url" 2>"$work/download.log"
      ;;
    wget)
      LC_ALL=C wget -nv --tries=3 --timeout=30 --max-redirect=0 --secure-protocol=TLSv1_2 -O "$2" -- "$1" 2>"$work/download.log"
      ;;
    *)
      wget -q -T 30 -O "$2" "$1" 2>"$work/download.log"
      ;;
  esac
  came=$?
  [ "$came" != 0 ] || return 0
  # curl ends with 22 and GNU wget with 8 whatever a server, or a proxy, has against it
  if grep -qE '(^| )(403|404|410)([ :]|$)' "$work/download.log"; then return 22; fi
  return 1
}

not_fetched() {
  if [ -s "$work/download.log" ]; then sed 's/^/  /' "$work/download.log" >&2; fi
  if [ "$2" = 22 ]; then
    fail 7 "$from has no $1." "Check --from: it names the folder of a release, in which $1 lies."
  fi
  fail 7 "$1 could not be fetched from $from." "Check the network and the proxy (https_proxy), and run $again again."
}

pick_platform() {
  machine=$(uname -m)
  system=$(uname -s)
  case $system in
    Linux) pick_linux ;;
    Darwin) pick_darwin ;;
    MINGW* | MSYS* | CYGWIN*)
      fail 3 "This script is for POSIX systems." "In PowerShell run: irm $from/install.ps1 | iex"
      ;;
    *) no_build "$system on $machine" ;;
  esac
}

pick_linux() {
  case $machine in
    x86_64 | amd64) cpu=x64 ;;
    aarch64 | arm64) cpu=arm64 ;;
    i?86 | armv* | arm)
      fail 3 "This is a 32-bit system ($machine); Enginery is built for 64 bits." "Use a 64-bit system."
      ;;
    *) no_build "Linux on $machine" ;;
  esac
  if [ "$(getconf LONG_BIT 2>/dev/null || echo 64)" = 32 ]; then
    fail 3 "This is a 32-bit userland, on a $machine kernel; Enginery is built for 64 bits." "Use a 64-bit system."
  fi
  platform=linux-$cpu
  if is_musl; then platform=$platform-musl; else check_glibc; fi
}

# an Intel shell on an Apple processor is no reason to install for Intel
pick_darwin() {
  case $machine in
    arm64) platform=darwin-arm64 ;;
    x86_64)
      platform=darwin-x64
      if [ "$(sysctl -n sysctl.proc_translated 2>/dev/null || echo 0)" = 1 ]; then
        say "This shell runs under Rosetta; what is installed is for the Apple processor beneath."
        platform=darwin-arm64
      fi
      ;;
    *) no_build "macOS on $machine" ;;
  esac
}

no_build() {
  fail 3 "No single file is built for $1." "Where Node 24.20 or newer runs: npm install --global enginery"
}

check_glibc() {
  glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null) || glibc=''
  glibc=${glibc#glibc }
  case $glibc in
    [0-9]*.[0-9]*) ;;
    # what cannot be asked is proved by the first start
    *) return 0 ;;
  esac
  minor=${glibc#*.}
  minor=${minor%%[!0-9]*}
  if [ "${glibc%%.*}" -gt "${GLIBC_FLOOR%%.*}" ]; then return 0; fi
  if [ "${glibc%%.*}" -eq "${GLIBC_FLOOR%%.*}" ] && [ "$minor" -ge "${GLIBC_FLOOR#*.}" ]; then return 0; fi
  fail 3 "This system's glibc is $glibc; $GLIBC_FLOOR is the oldest that Enginery runs on." "Use a newer system (Debian 10, Ubuntu 18.10, RHEL 8 and later have it)."
}

# ---- what is believed --------------------------------------------------------------------------------------------

fetch_sums() {
  fetch SHA256SUMS "$work/SHA256SUMS" 65536 || not_fetched SHA256SUMS $?
  check_signature
  if grep -qvE '^[0-9a-f]{64} [ *][A-Za-z0-9][A-Za-z0-9._+-]*$' "$work/SHA256SUMS" || [ ! -s "$work/SHA256SUMS" ]; then
    fail 5 "SHA256SUMS of $from is no list of hashes." "Check --from, and run $again again."
  fi
}

check_signature() {
  if ! find_key; then
    unsigned "no key is known to check it with" "Give the publisher's: --key FILE"
    return
  fi
  find_verifier
  if [ -z "$verifier" ]; then
    unsigned "neither openssl 3 nor node is here to check it" "Install openssl, and run $again again."
    return
  fi
  fetch SHA256SUMS.sig "$work/SHA256SUMS.sig" 1024
  came=$?
  case $came in
    0) ;;
    22) fail 4 "This release has no signature (SHA256SUMS.sig), and its publisher signs releases." "Do not install it; ask the publisher." ;;
    *) not_fetched SHA256SUMS.sig "$came" ;;
  esac
  if ! verify_signature; then
    fail 4 "The signature over SHA256SUMS is not the publisher's." "Do not install it; ask the publisher."
  fi
  signed="checked by $verifier"
}

# the publisher's key as PEM in $work/key
find_key() {
  if [ -n "$key" ]; then
    [ -f "$key" ] || fail 2 "There is no file $key." "Give the publisher's public key: --key FILE"
    cp "$key" "$work/key"
  elif [ -n "$RELEASE_KEY" ]; then
    printf '%s\n' '-----BEGIN PUBLIC KEY-----' "$RELEASE_KEY" '-----END PUBLIC KEY-----' >"$work/key"
  else
    return 1
  fi
}

find_verifier() {
  verifier=''
  # -rawin came with OpenSSL 3; LibreSSL has no such word
  if command -v openssl >/dev/null 2>&1 && openssl pkeyutl -help 2>&1 | grep -q rawin; then
    verifier=openssl
  elif command -v node >/dev/null 2>&1 && node -e 'require("crypto").verify.call' >/dev/null 2>&1; then
    verifier=node
  fi
}

verify_signature() {
  case $verifier in
    openssl)
      openssl pkeyutl -verify -pubin -inkey "$work/key" -rawin -in "$work/SHA256SUMS" -sigfile "$work/SHA256SUMS.sig" >/dev/null 2>&1
      ;;
    node)
      node -e '
        const { readFileSync: read } = require("fs");
        const [key, sums, signature] = process.argv.slice(1).map((file) => read(file));
        process.exit(require("crypto").verify(null, sums, key, signature) ? 0 : 1);
      ' "$work/key" "$work/SHA256SUMS" "$work/SHA256SUMS.sig" >/dev/null 2>&1
      ;;
  esac
}

# the hash is checked all the same: what is not known then is who wrote the list
unsigned() {
  if [ "$require_signature" = 1 ]; then fail 4 "The signature cannot be checked: $1." "$2"; fi
  if [ "${downloader:-}" = other-wget ]; then
    case $from in
      https:*) fail 4 "This wget may not check certificates, and the signature cannot be checked: $1." "Install curl, or: $2" ;;
    esac
  fi
  tell "The signature is not checked: $1." >&2
  signed='not checked'
}

choose_file() {
  name=$(sed -n "s/^[0-9a-f]\{64\} [ *]\(enginery-[0-9].*-$platform\)\$/\1/p" "$work/SHA256SUMS")
  case $name in
    *'
'*) fail 5 "SHA256SUMS of $from names several files for $platform." "Check --from: it names the folder of one release." ;;
    '')
      tell "It has: $(sed -n 's/^[0-9a-f]\{64\} [ *]\(enginery-[0-9].*\)$/\1/p' "$work/SHA256SUMS" | tr '\n' ' ')" >&2
      no_build "$platform in this release"
      ;;
  esac
  version=${name#enginery-}
  version=${version%"-$platform"}
  expected=$(sum_for "$name")
  placed=$self/placed/enginery-$version
  [ -z "$unmanaged" ] || placed=$unmanaged/enginery
  # `self-update` may have brought this very file already
  if [ -z "$unmanaged" ] && [ -h "$self/bin/enginery" ]; then
    leads=$(link_of "$self/bin/enginery")
    case $leads in "$self/home/engines/enginery/$version"/*) if [ "$(sha256_of "$leads")" = "$expected" ]; then placed=$leads; fi ;; esac
  fi
  remote=$name
  if has_sum "$name.gz" && command -v gzip >/dev/null 2>&1; then remote=$name.gz; fi
  if has_sum "$name.zst" && command -v zstd >/dev/null 2>&1; then remote=$name.zst; fi
}

sum_for() {
  wanted=$1 awk '{ name = substr($0, 67); if (name == ENVIRON["wanted"]) { print substr($0, 1, 64); exit } }' "$work/SHA256SUMS"
}

has_sum() {
  [ -n "$(sum_for "$1")" ]
}

require_sum() {
  sum=$(sha256_of "$1") || sum=''
  if [ -n "$2" ] && [ "$sum" = "$2" ]; then return 0; fi
  fail 5 "$3 is not what SHA256SUMS says: its sha256 is $sum, and should be $2." "Run $again again; if it says so again, ask the publisher."
}

# ---- placing it --------------------------------------------------------------------------------------------------

MOST_BYTES=1073741824

place_file() {
  make_folder "$(dirname "$self")"
  mkdir -p "$self/placed" 2>/dev/null || fail 7 "The folder $self cannot be made." "Check the owner and mode of $(dirname "$self"), or: $again --self DIR"
  record self "$self"
  fetch_file "$self" --self
}

# one file, and nothing that remembers it
place_unmanaged() {
  mkdir -p "$unmanaged" 2>/dev/null || fail 7 "The folder $unmanaged cannot be made." "Check the owner and mode of $(dirname "$unmanaged")."
  fetch_file "$unmanaged" --unmanaged
  if [ "$changed" = 0 ]; then
    say "Everything was there: nothing was changed."
  else
    say "enginery $version is at $placed (signature: $signed). Nothing else was made, and nothing lists it."
  fi
}

# fetch_file FOLDER OPTION: $placed, where it is not there; OPTION is what names another folder
fetch_file() {
  if is_placed; then return 0; fi
  staged=$(mktemp "${placed%/*}/.part-XXXXXX" 2>/dev/null) || fail 7 "Nothing can be written to $1." "Check its owner and mode, or: $again $2 DIR"
  say "Fetching $remote from $from"
  case $remote in
    "$name") fetch "$name" "$staged" "$MOST_BYTES" || not_fetched "$name" $? ;;
    *)
      fetch "$remote" "$work/compressed" "$MOST_BYTES" || not_fetched "$remote" $?
      require_sum "$work/compressed" "$(sum_for "$remote")" "$remote"
      decompress <"$work/compressed" >"$staged" || fail 7 "$remote could not be unpacked into $1." "Check the room on the disk, and run $again again."
      ;;
  esac
  require_sum "$staged" "$expected" "$name"
  chmod 0555 "$staged"
  require_start "$1" "$2"
  # whole on the disk before it has its name
  sync "$staged" 2>/dev/null || sync
  mv -f "$staged" "$placed" || fail 7 "$placed cannot be written." "Check the owner and mode of ${placed%/*}."
  staged=''
  changed=1
}

is_placed() {
  [ -f "$placed" ] && [ ! -h "$placed" ] && [ -x "$placed" ] && [ "$(sha256_of "$placed")" = "$expected" ]
}

decompress() {
  case $remote in
    *.zst) zstd -dcq --memory=512MB ;;
    *) gzip -dc ;;
  esac
}

# require_start FOLDER OPTION: proved before anything leads to it
require_start() {
  answer=$("$staged" --version 2>"$work/version.log")
  began=$?
  if [ "$began" = 0 ] && [ "$answer" = "enginery $version" ]; then return 0; fi
  sed 's/^/  /' "$work/version.log" >&2
  if [ "$began" = 126 ]; then
    fail 3 "$1 lies on a file system from which no program may run (noexec), or the file is none for this system." "Choose another folder: $again $2 DIR"
  fi
  fail 7 "What was fetched does not start here: it ends with $began and says '$answer', not 'enginery $version'." "See above; report it with the output of: uname -a"
}

# what later releases are believed by; one that has updated itself has a newer one
place_root() {
  if ! has_sum root.json || [ -d "$self/home" ]; then return 0; fi
  if [ -f "$self/root.json" ] && [ "$(sha256_of "$self/root.json")" = "$(sum_for root.json)" ]; then return 0; fi
  fetch root.json "$work/root.json" 1048576 || not_fetched root.json $?
  require_sum "$work/root.json" "$(sum_for root.json)" root.json
  if ! { cat "$work/root.json" >"$self/root.json.new" && mv -f "$self/root.json.new" "$self/root.json"; }; then
    fail 7 "$self/root.json cannot be written." "Check the owner and mode of $self."
  fi
  changed=1
}

# What is on PATH leads to self/bin/enginery for good; that one leads to the file in use, and `enginery self-update` moves it.
place_command() {
  mkdir -p "$self/bin" 2>/dev/null || fail 7 "The folder $self/bin cannot be made." "Check the owner and mode of $self."
  lead "$self/bin/enginery" "$placed"
  make_folder "$bin_dir"
  lead "$launcher" "$self/bin/enginery"
  record link "$launcher" within "$self"
}

# lead LINK AIM: one rename; whoever looks finds the old one or the new one
lead() {
  if [ -h "$1" ] && [ "$(link_of "$1")" = "$2" ]; then return 0; fi
  rm -f "$1.new"
  if ! { ln -s "$2" "$1.new" && mv -f "$1.new" "$1"; } 2>/dev/null; then
    fail 7 "$1 cannot be written." "Check the owner and mode of $(dirname "$1")."
  fi
  changed=1
}

install_completions() {
  [ "$completions" = 1 ] || return 0
  if command -v bash >/dev/null 2>&1; then install_completion bash "$data_dir/bash-completion/completions/enginery"; fi
  if command -v zsh >/dev/null 2>&1; then install_completion zsh "$data_dir/zsh/site-functions/_enginery"; fi
  if command -v fish >/dev/null 2>&1; then install_completion fish "$data_dir/fish/vendor_completions.d/enginery.fish"; fi
}

install_completion() {
  if ! "$placed" completion "$1" >"$work/file" 2>/dev/null; then
    say "No completions for $1: enginery completion $1"
    return 0
  fi
  make_folder "$(dirname "$2")"
  write_file "$2" 0644
}

show_release_plan() {
  tell "the release        $version for $platform, from $from"
  tell "its signature      $signed"
  if is_placed; then
    tell "the single file    is there: $placed"
  else
    tell "the single file    $placed, fetched as $remote"
  fi
  if [ -z "$unmanaged" ]; then
    tell "the command        $launcher"
    if path_needs_change; then
      tell "PATH               a line that sources $env_file, in:"
      start_files | sed 's/^/                     /'
    fi
    if [ "$completions" = 1 ]; then tell "completions        for those of bash, zsh and fish that are here, in $data_dir"; fi
    tell "what is made       is listed in $receipt"
  fi
  [ "$dry_run" = 0 ] || tell "Nothing was changed."
}

release_farewell() {
  if [ "$changed" = 0 ]; then
    say "Everything was there: nothing was changed."
  else
    say "enginery $version is installed: $launcher (signature: $signed)."
    say "What was made is listed in $receipt; \`enginery uninstall\` removes it, \`enginery self-update\` takes later releases."
  fi
  tell_path
  case ${SHELL:-} in
    */zsh) if [ "$completions" = 1 ]; then say "For completions, before compinit in .zshrc: fpath=($(quoted "$data_dir/zsh/site-functions") \$fpath)"; fi ;;
  esac
}

# ---- receipt: what was made, one entry a line --------------------------------------------------------------------

# record KIND PATH [MEMBER TEXT]
record() {
  begins="{\"kind\": \"$1\", \"path\": \"$(json_text "$2")\""
  entry="$begins${3:+, \"$3\": \"$(json_text "${4:-}")\"}}"
  if grep -qxF "$entry" "$work/made"; then return 0; fi
  changed=1
  # what is made anew has one entry, with what it is like now; of a start file each line has its own
  if [ "$1" != line ]; then
    begins=$begins awk 'index($0, ENVIRON["begins"]) != 1' "$work/made" >"$work/others"
    cat "$work/others" >"$work/made"
  fi
  printf '%s\n' "$entry" >>"$work/made"
}

receipt_entries() {
  sed -n 's/^    \({"kind": .*}\),\{0,1\}$/\1/p' "$receipt"
}

keep_receipt() {
  write_receipt || fail 7 "The receipt could not be written." "Check the owner of $config_dir, and run $again again."
}

write_receipt() {
  [ -s "$work/made" ] && [ -z "$unmanaged" ] || return 0
  make_folder "$config_dir"
  {
    printf '{\n  "format": 2,\n'
    if [ "$mode" = checkout ]; then
      printf '  "way": "checkout",\n  "checkout": "%s",\n' "$(json_text "$checkout")"
    else
      printf '  "way": "release",\n  "platform": "%s",\n' "$platform"
      printf '  "self": "%s",\n  "repository": "%s",\n' "$(json_text "$self")" "$(json_text "$repository_url")"
    fi
    printf '  "command": "%s",\n  "home": "%s",\n  "made": [\n' "$(json_text "$launcher")" "$(json_text "$home")"
    sed -e 's/^/    /' -e '$!s/$/,/' "$work/made"
    printf '  ]\n}\n'
  } >"$work/receipt"
  if [ -f "$receipt" ] && cmp -s "$work/receipt" "$receipt"; then return 0; fi
  cat "$work/receipt" >"$receipt.new" && mv -f "$receipt.new" "$receipt"
}

json_text() {
  printf '%s' "$1" | sed -e 's/\\/\\\\/g' -e 's/"/\\"/g'
}

plain_text() {
  sed -e 's/\\"/"/g' -e 's/\\\\/\\/g'
}

uninstall() {
  [ -f "$receipt" ] || fail 7 "There is no receipt at $receipt." "Nothing was installed by this script, or it was removed already."
  need_cmd sed grep rm rmdir mv cp chmod awk ls dirname
  if somebody_is_there; then
    say "This removes what $receipt lists$([ "$purge" = 0 ] || printf ', and the home with its engines')."
    ask_to_go_on
  fi
  entries=$(receipt_entries | fields | reversed)
  if [ "$purge" = 1 ]; then
    require_no_leases
    entries=$(printf 'home	%s	\n%s\n' "$(json_text "$home")" "$entries")
  fi
  remove_entries
  if [ "$dry_run" = 1 ]; then
    say "Nothing was changed."
    return
  fi
  # last, so that what was interrupted can be said again; then the folders that it lay in
  rm -f "$receipt"
  remove_entries >/dev/null 2>&1
  say "What the receipt listed is removed."
}

# a claim may be of a process that is gone: only the command can tell, where it is there and starts
require_no_leases() {
  outside=
  if [ -f "$home/LEASES" ]; then IFS= read -r outside <"$home/LEASES" || outside=; fi
  if [ -n "$outside" ] && [ ! -d "$outside" ]; then
    fail 6 "There is no folder $outside, in which processes claim what they run of $home." "enginery doctor --home $home tells what makes it."
  fi
  for lease in "$home"/leases/* ${outside:+"$outside"/*}; do
    [ -e "$lease" ] || continue
    if claims_are_over; then return; fi
    fail 6 "Something claims an engine in $home: $lease." "End it and try again; or, which knows who is gone: enginery uninstall --purge"
  done
}

# as those of the runs that an install ends with are
claims_are_over() {
  printf '%s\n' "$entries" | grep -qF "	$(json_text "$launcher")	" || return 1
  ENGINERY_HOME=$home "$launcher" uninstall --purge --dry-run --receipt "$receipt" </dev/null >/dev/null 2>&1
}

remove_entries() {
  printf '%s\n' "$entries" | while IFS='	' read -r kind place more; do
    place=$(printf '%s\n' "$place" | plain_text)
    more=$(printf '%s\n' "$more" | plain_text)
    remove_entry "$kind" "$place" "$more"
  done
}

# kind, path and the third member's text, with tabs between
fields() {
  sed -n -e 's/^{"kind": "\([a-z]*\)", "path": "\(.*\)", "\(text\|sha256\|within\)": "\(.*\)"}$/\1	\2	\4/p' -e t \
    -e 's/^{"kind": "\([a-z]*\)", "path": "\(.*\)"}$/\1	\2	/p'
}

reversed() {
  sed -n '1!G;h;$p'
}

remove_entry() {
  case $2 in
    /*) ;;
    *) return 0 ;;
  esac
  case $2/ in
    */../* | */./*)
      say "kept	$2 (no path that this script writes)"
      return 0
      ;;
  esac
  case $1 in
    file)
      [ -f "$2" ] || return 0
      if [ -h "$2" ] || ! is_unchanged "$2" "$3"; then
        say "kept	$2 (changed since it was made)"
        return 0
      fi
      ;;
    link)
      [ -h "$2" ] || return 0
      case $(link_of "$2") in
        "$3"/*) ;;
        *)
          say "kept	$2 (leads elsewhere by now)"
          return 0
          ;;
      esac
      ;;
    # a pipe or a device could be read without end
    line) [ -f "$2" ] && grep -qxF -e "$3" "$2" 2>/dev/null || return 0 ;;
    folder) [ -d "$2" ] || return 0 ;;
    made)
      [ -d "$2" ] || return 0
      if ! is_of_checkout "$2"; then
        say "kept	$2 (not what this script makes in a checkout)"
        return 0
      fi
      ;;
    self)
      [ -d "$2/placed" ] && [ ! -h "$2" ] || return 0
      if ! holds_only_ours "$2"; then
        say "kept	$2 (holds what this script does not make)"
        return 0
      fi
      ;;
    home)
      [ -f "$2/VERSION" ] && [ ! -h "$2" ] || return 0
      if [ "$purge" = 0 ]; then
        say "kept	$2 (the home; --purge removes it)"
        return 0
      fi
      ;;
    *) return 0 ;;
  esac
  say "$1	$2"
  [ "$dry_run" = 0 ] || return 0
  case $1 in
    file | link) rm -f "$2" ;;
    line) remove_line "$2" "$3" ;;
    # what others put there meanwhile keeps it
    folder) rmdir "$2" 2>/dev/null || : ;;
    made) rm -rf "$2" ;;
    self | home) chmod -R u+w "$2" && rm -rf "$2" ;;
  esac
}

is_of_checkout() {
  case $1 in
    */node_modules | */dist) [ ! -h "$1" ] && grep -q '^  "name": "enginery",$' "${1%/*}/package.json" 2>/dev/null ;;
    *) return 1 ;;
  esac
}

# the folder of the single files, by what lies in it
holds_only_ours() {
  for each in "$1"/* "$1"/.[!.]* "$1"/placed/* "$1"/placed/.[!.]* "$1"/bin/* "$1"/bin/.[!.]*; do
    [ -e "$each" ] || [ -h "$each" ] || continue
    case ${each#"$1"/} in
      placed | home | bin | root.json | root.json.new | placed/enginery-[0-9]* | placed/.part-* | bin/enginery | bin/enginery.new) ;;
      *) return 1 ;;
    esac
  done
}

is_unchanged() {
  case $2 in
    '') return 1 ;;
    *) [ "$(sha256_of "$1")" = "$2" ] ;;
  esac
}

# whole or not at all, with all else as it was, byte for byte; links that lead to the file stay
remove_line() {
  place=$(real_place "$1")
  if cp -p "$place" "$place.new" 2>/dev/null && without_line "$place" "$2" >"$place.new" && is_all_else "$place" "$2"; then
    if [ -s "$place.new" ]; then mv -f "$place.new" "$place"; else rm -f "$place" "$place.new"; fi
    return
  fi
  rm -f "$place.new"
  say "kept	$1 (it cannot be written anew; take this line out of it: $2)"
}

# bytes, as a start file need not be UTF-8
without_line() {
  LC_ALL=C grep -vxF -e "$2" "$1" || [ $? = 1 ]
}

# where grep finds bytes that no text holds it may say so in place of lines
is_all_else() {
  all=$(LC_ALL=C grep -c '' "$1") || return 1
  gone=$(LC_ALL=C grep -cxF -e "$2" "$1") || return 1
  left=$(LC_ALL=C grep -c '' "$1.new") || left=0
  [ $((gone + left)) = "$all" ]
}

real_place() {
  reached=$1
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
    [ -h "$reached" ] || break
    aim=$(link_of "$reached")
    case $aim in
      /*) reached=$aim ;;
      *) reached=$(dirname "$reached")/$aim ;;
    esac
  done
  printf '%s\n' "$reached"
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
  record file "$1" sha256 "$(sha256_of "$1")"
}

add_line() {
  if grep -qxF "$2" "$1" 2>/dev/null; then return 0; fi
  if [ -s "$1" ] && [ -n "$(tail -c 1 "$1")" ]; then printf '\n' >>"$1"; fi
  printf '%s\n' "$2" >>"$1" 2>/dev/null || {
    say "$1 cannot be written; put this line there: $2"
    return 0
  }
  record line "$1" text "$2"
}

enginery() {
  ENGINERY_HOME=$home "$checkout/bin/enginery" "$@"
}

# with what there is; fails where there is nothing
sha256_of() {
  if command -v sha256sum >/dev/null 2>&1; then
    digest=$(sha256sum <"$1") || return 1
  elif command -v shasum >/dev/null 2>&1; then
    digest=$(shasum -a 256 <"$1") || return 1
  elif command -v openssl >/dev/null 2>&1; then
    digest=$(openssl dgst -sha256 -r <"$1") || return 1
  else
    return 1
  fi
  printf '%s\n' "${digest%% *}"
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

# In braces: cut anywhere before the last of them this is no command, not even one without its words.
{ main "$0" "$@"; }
