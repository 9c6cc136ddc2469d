# bash completions for enginery; made by `enginery completion bash`.
_enginery() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} verb='' word skip='' flags='' words='' places='' names='' i
  [[ $cur != = ]] || cur=''
  [[ $prev != = ]] || prev=${COMP_WORDS[COMP_CWORD - 2]}
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ $word == = ]]; then continue; fi
    if [[ -n $skip ]]; then skip=''; continue; fi
    case $word in
    --) compopt -o default 2>/dev/null; return ;;
    --home | --progress | --color | --from | --mirror | --channel | --root | --root-sha256 | --platform | --accept-late | --allow-expired | --to | --mark-bad | --force | --keep-generations | --before | --forget-lease | --from-file | --epoch | --tenant | --entry | --svg | --html | --within | --trust-days | --engine | --since | --export | --source | --quorum | --timeout | --max-step | --interval | --check-every | --lead-epochs | --lead-time | --metrics | --until | --keys-dir | --threshold | --keys | --unit | --expires | --passphrase-file | --tree | --archive | --npm | --archive-root | --probe | --expect | --probe-with | --expect-library | --input | --deltas | --valid-from | --max-future | --max-deployments | --alter-pending | --keep-epochs | --keep-superseded | --key | --signer | --offline-expires | --role | --add-key | --remove-key | --new-keys | --keep-manifests | --receipt | --manager | --command | --account | --folder) skip=1; continue ;;
    -*) continue ;;
    esac
    case "${verb:+$verb }$word" in
    'install' | 'upgrade' | 'check' | 'verify' | 'rollback' | 'prune' | 'use' | 'pin' | 'unpin' | 'which' | 'exec' | 'list' | 'status' | 'schedule' | 'ready' | 'pins' | 'history' | 'observe' | 'watch' | 'hold' | 'unhold' | 'quarantine' | 'quarantine lift' | 'doctor' | 'embed' | 'repo init' | 'repo add' | 'repo deploy' | 'repo retire' | 'repo withdraw' | 'repo rules' | 'repo sign' | 'repo refresh-timestamp' | 'repo rotate-root' | 'repo verify' | 'repo export' | 'repo prune' | 'self-update' | 'service install' | 'service status' | 'service remove' | 'uninstall' | 'completion' | 'repo' | 'service' | 'help') verb="${verb:+$verb }$word" ;;
    esac
  done
  case "$verb $prev" in
  *' --home') _enginery_places -d "$cur"; return ;;
  *' --progress') COMPREPLY=($(compgen -W 'bars json none' -- "$cur")); return ;;
  *' --color') COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
  'install --from' | 'install --mirror' | 'repo init --keys-dir' | 'repo add --tree' | 'repo sign --keys-dir' | 'repo refresh-timestamp --keys-dir' | 'repo rotate-root --keys-dir' | 'service install --folder' | 'service status --folder' | 'service remove --folder') _enginery_places -d "$cur"; return ;;
  'install --channel' | 'rollback --to' | 'prune --forget-lease' | 'which --tenant' | 'which --entry' | 'exec --tenant' | 'exec --entry' | 'pins --engine' | 'history --engine') _enginery_names "$2"; return ;;
  'install --root' | 'pin --from-file' | 'schedule --svg' | 'schedule --html' | 'embed --to' | 'repo init --passphrase-file' | 'repo add --archive' | 'repo sign --key' | 'repo sign --passphrase-file' | 'repo refresh-timestamp --key' | 'repo refresh-timestamp --passphrase-file' | 'repo rotate-root --add-key' | 'repo rotate-root --passphrase-file' | 'repo export --to' | 'self-update --receipt' | 'service install --command' | 'service status --command' | 'service remove --command' | 'uninstall --receipt') _enginery_places -f "$cur"; return ;;
  'install --root-sha256' | 'install --platform' | 'install --accept-late' | 'install --allow-expired' | 'upgrade --accept-late' | 'upgrade --allow-expired' | 'check --allow-expired' | 'rollback --mark-bad' | 'rollback --force' | 'prune --keep-generations' | 'prune --before' | 'prune --force' | 'pin --force' | 'which --epoch' | 'exec --epoch' | 'ready --within' | 'ready --trust-days' | 'history --epoch' | 'history --since' | 'history --export' | 'observe --source' | 'observe --quorum' | 'observe --timeout' | 'observe --max-step' | 'observe --force' | 'watch --interval' | 'watch --check-every' | 'watch --lead-epochs' | 'watch --lead-time' | 'watch --metrics' | 'watch --source' | 'watch --quorum' | 'watch --timeout' | 'watch --max-step' | 'watch --allow-expired' | 'hold --until' | 'repo init --channel' | 'repo init --threshold' | 'repo init --keys' | 'repo init --unit' | 'repo init --expires' | 'repo add --platform' | 'repo add --npm' | 'repo add --archive-root' | 'repo add --entry' | 'repo add --probe' | 'repo add --expect' | 'repo add --probe-with' | 'repo add --expect-library' | 'repo add --input' | 'repo add --deltas' | 'repo add --channel' | 'repo add --epoch' | 'repo deploy --valid-from' | 'repo deploy --epoch' | 'repo deploy --channel' | 'repo retire --epoch' | 'repo retire --channel' | 'repo withdraw --epoch' | 'repo withdraw --channel' | 'repo rules --max-future' | 'repo rules --max-deployments' | 'repo rules --keep-epochs' | 'repo rules --keep-superseded' | 'repo rules --epoch' | 'repo rules --channel' | 'repo sign --signer' | 'repo sign --expires' | 'repo sign --offline-expires' | 'repo sign --epoch' | 'repo sign --channel' | 'repo refresh-timestamp --signer' | 'repo refresh-timestamp --expires' | 'repo rotate-root --remove-key' | 'repo rotate-root --new-keys' | 'repo rotate-root --threshold' | 'repo rotate-root --expires' | 'repo export --channel' | 'repo export --platform' | 'repo prune --keep-manifests' | 'self-update --to' | 'self-update --allow-expired' | 'service install --account' | 'service status --account' | 'service remove --account') return ;;
  'repo rules --alter-pending') COMPREPLY=($(compgen -W 'allow deny' -- "$cur")); return ;;
  'repo rotate-root --role') COMPREPLY=($(compgen -W 'root snapshot timestamp' -- "$cur")); return ;;
  'service install --manager' | 'service status --manager' | 'service remove --manager') COMPREPLY=($(compgen -W 'systemd launchd task' -- "$cur")); return ;;
  esac
  case $verb in
  '')
    flags='--home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --version -V'
    words='install upgrade check verify rollback prune use pin unpin which exec list status schedule ready pins history observe watch hold unhold quarantine doctor embed self-update uninstall completion repo service help' ;;
  'install')
    flags='--from --mirror --channel --root --root-sha256 --platform --no-deltas --accept-late --allow-expired --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words=''
    names=1 ;;
  'upgrade')
    flags='--automatic --stage-only --no-prune --again --no-deltas --accept-late --allow-expired --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words=''
    names=1 ;;
  'check')
    flags='--no-deltas --allow-expired --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words=''
    names=1 ;;
  'verify')
    flags='--repair --quick --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words=''
    names=1 ;;
  'rollback')
    flags='--to --mark-bad --force --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='' ;;
  'prune')
    flags='--keep-generations --before --forget-lease --force --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='' ;;
  'use')
    flags='--dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words=''
    names=1 ;;
  'pin')
    flags='--from-file --force --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words=''
    names=1 ;;
  'unpin')
    flags='--dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words=''
    names=1 ;;
  'which')
    flags='--epoch --tenant --entry --why --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words=''
    names=1 ;;
  'exec')
    flags='--epoch --tenant --entry --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words=''
    names=1 ;;
  'list')
    flags='--home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words=''
    names=1 ;;
  'status')
    flags='--home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='' ;;
  'schedule')
    flags='--svg --html --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words=''
    names=1 ;;
  'ready')
    flags='--within --quick --trust-days --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words=''
    names=1 ;;
  'pins')
    flags='--engine --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words=''
    names=1 ;;
  'history')
    flags='--engine --epoch --since --export --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='' ;;
  'observe')
    flags='--source --quorum --timeout --max-step --force --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='' ;;
  'watch')
    flags='--once --interval --check-every --lead-epochs --lead-time --prune --metrics --source --quorum --timeout --max-step --no-deltas --allow-expired --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='' ;;
  'hold')
    flags='--until --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='' ;;
  'unhold')
    flags='--dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='' ;;
  'quarantine')
    flags='--home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='lift' ;;
  'quarantine lift')
    flags='--dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words=''
    names=1 ;;
  'doctor')
    flags='--fix --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='' ;;
  'embed')
    flags='--to --list --verify --extract --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words=''
    places='-f'
    names=1 ;;
  'repo init')
    flags='--channel --keys-dir --threshold --keys --unit --expires --passphrase-file --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words=''
    places='-d' ;;
  'repo add')
    flags='--platform --tree --archive --npm --archive-root --entry --probe --expect --probe-with --expect-library --guard-files --input --deltas --channel --epoch --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words=''
    places='-d' ;;
  'repo deploy')
    flags='--valid-from --epoch --channel --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words=''
    places='-d' ;;
  'repo retire')
    flags='--epoch --channel --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words=''
    places='-d' ;;
  'repo withdraw')
    flags='--epoch --channel --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words=''
    places='-d' ;;
  'repo rules')
    flags='--max-future --max-deployments --alter-pending --keep-epochs --keep-superseded --epoch --channel --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words=''
    places='-d' ;;
  'repo sign')
    flags='--keys-dir --key --signer --passphrase-file --expires --offline-expires --epoch --renew --channel --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words=''
    places='-d' ;;
  'repo refresh-timestamp')
    flags='--keys-dir --key --signer --passphrase-file --expires --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words=''
    places='-d' ;;
  'repo rotate-root')
    flags='--role --add-key --remove-key --new-keys --keys-dir --threshold --expires --passphrase-file --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words=''
    places='-d' ;;
  'repo verify')
    flags='--home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words=''
    places='-d' ;;
  'repo export')
    flags='--to --channel --platform --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words=''
    places='-d' ;;
  'repo prune')
    flags='--keep-manifests --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words=''
    places='-d' ;;
  'self-update')
    flags='--check --rollback --to --again --receipt --no-deltas --allow-expired --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='' ;;
  'service install')
    flags='--manager --command --account --folder --changed-too --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='watch stage' ;;
  'service status')
    flags='--manager --command --account --folder --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='watch stage' ;;
  'service remove')
    flags='--manager --command --account --folder --changed-too --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='watch stage' ;;
  'uninstall')
    flags='--purge --receipt --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='' ;;
  'completion')
    flags='--home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='bash zsh fish powershell' ;;
  'repo')
    flags='--home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='init add deploy retire withdraw rules sign refresh-timestamp rotate-root verify export prune' ;;
  'service')
    flags='--home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='install status remove' ;;
  'help')
    flags='--home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='install upgrade check verify rollback prune use pin unpin which exec list status schedule ready pins history observe watch hold unhold quarantine doctor embed self-update uninstall completion repo service help' ;;
  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$cur"))
    return
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  [[ -z $names ]] || _enginery_names "$2"
  [[ -z $places || ${#COMPREPLY[@]} -gt 0 ]] || _enginery_places "$places" "$cur"
}
_enginery_names() {
  local command=enginery found
  case ${COMP_WORDS[0]} in
  '~/'*) command=$HOME/${COMP_WORDS[0]:2} ;;
  */*) command=${COMP_WORDS[0]} ;;
  esac
  while IFS= read -r found; do
    COMPREPLY+=("$found")
  done < <("$command" __complete bash "${COMP_LINE:0:COMP_POINT}" "$1" 2>/dev/null </dev/null)
}
_enginery_places() {
  local found
  compopt -o filenames 2>/dev/null
  while IFS= read -r found; do
    COMPREPLY+=("$found")
  done < <(compgen "$1" -- "$2")
}
# bash before 4 has no compopt: there every word is quoted as a file's name
if type compopt >/dev/null 2>&1; then complete -F _enginery enginery; else complete -o filenames -F _enginery enginery; fi
