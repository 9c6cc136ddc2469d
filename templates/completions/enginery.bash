# bash completions for enginery; made by `enginery completion bash`.
_enginery() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} verb='' word skip='' flags='' words='' places='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ -n $skip ]]; then skip=''; continue; fi
    case $word in
    --) compopt -o default 2>/dev/null; return ;;
    --home | --progress | --color | --from | --mirror | --channel | --root | --root-sha256 | --platform | --accept-late | --allow-expired | --to | --mark-bad | --keep-generations | --before | --forget-lease | --from-file | --epoch | --tenant | --entry | --svg | --html | --within | --trust-days | --engine | --since | --export | --source | --quorum | --timeout | --max-step | --interval | --check-every | --lead-epochs | --lead-time | --metrics | --until | --keys-dir | --threshold | --keys | --unit | --expires | --passphrase-file | --tree | --archive | --npm | --archive-root | --probe | --expect | --probe-with | --expect-library | --input | --deltas | --valid-from | --max-future | --max-deployments | --alter-pending | --keep-epochs | --keep-superseded | --key | --signer | --offline-expires | --role | --add-key | --remove-key | --new-keys | --keep-manifests | --receipt | --manager | --command | --account | --folder) skip=1; continue ;;
    -*) continue ;;
    esac
    case "${verb:+$verb }$word" in
    'install' | 'upgrade' | 'check' | 'verify' | 'rollback' | 'prune' | 'use' | 'pin' | 'unpin' | 'which' | 'exec' | 'list' | 'status' | 'schedule' | 'ready' | 'pins' | 'history' | 'observe' | 'watch' | 'hold' | 'unhold' | 'quarantine' | 'quarantine lift' | 'doctor' | 'embed' | 'repo init' | 'repo add' | 'repo deploy' | 'repo retire' | 'repo withdraw' | 'repo rules' | 'repo sign' | 'repo refresh-timestamp' | 'repo rotate-root' | 'repo verify' | 'repo export' | 'repo prune' | 'self-update' | 'service install' | 'service status' | 'service remove' | 'uninstall' | 'completion' | 'repo' | 'service' | 'help') verb="${verb:+$verb }$word" ;;
    esac
  done
  case $prev in
    --home) COMPREPLY=($(compgen -d -- "$cur")); return ;;
    --progress) COMPREPLY=($(compgen -W 'bars json none' -- "$cur")); return ;;
    --color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")); return ;;
    --from) COMPREPLY=($(compgen -d -- "$cur")); return ;;
    --mirror) COMPREPLY=($(compgen -d -- "$cur")); return ;;
    --channel) return ;;
    --root) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    --root-sha256) return ;;
    --platform) return ;;
    --accept-late) return ;;
    --allow-expired) return ;;
    --to) return ;;
    --mark-bad) return ;;
    --keep-generations) return ;;
    --before) return ;;
    --forget-lease) return ;;
    --from-file) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    --epoch) return ;;
    --tenant) return ;;
    --entry) return ;;
    --svg) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    --html) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    --within) return ;;
    --trust-days) return ;;
    --engine) return ;;
    --since) return ;;
    --export) return ;;
    --source) return ;;
    --quorum) return ;;
    --timeout) return ;;
    --max-step) return ;;
    --interval) return ;;
    --check-every) return ;;
    --lead-epochs) return ;;
    --lead-time) return ;;
    --metrics) return ;;
    --until) return ;;
    --keys-dir) COMPREPLY=($(compgen -d -- "$cur")); return ;;
    --threshold) return ;;
    --keys) return ;;
    --unit) return ;;
    --expires) return ;;
    --passphrase-file) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    --tree) COMPREPLY=($(compgen -d -- "$cur")); return ;;
    --archive) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    --npm) return ;;
    --archive-root) return ;;
    --probe) return ;;
    --expect) return ;;
    --probe-with) return ;;
    --expect-library) return ;;
    --input) return ;;
    --deltas) return ;;
    --valid-from) return ;;
    --max-future) return ;;
    --max-deployments) return ;;
    --alter-pending) COMPREPLY=($(compgen -W 'allow deny' -- "$cur")); return ;;
    --keep-epochs) return ;;
    --keep-superseded) return ;;
    --key) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    --signer) return ;;
    --offline-expires) return ;;
    --role) COMPREPLY=($(compgen -W 'root snapshot timestamp' -- "$cur")); return ;;
    --add-key) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    --remove-key) return ;;
    --new-keys) return ;;
    --keep-manifests) return ;;
    --receipt) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    --manager) COMPREPLY=($(compgen -W 'systemd launchd task' -- "$cur")); return ;;
    --command) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    --account) return ;;
    --folder) COMPREPLY=($(compgen -d -- "$cur")); return ;;
  esac
  case $verb in
  '')
    flags='--home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --version -V'
    words='install upgrade check verify rollback prune use pin unpin which exec list status schedule ready pins history observe watch hold unhold quarantine doctor embed self-update uninstall completion repo service help' ;;
  'install')
    flags='--from --mirror --channel --root --root-sha256 --platform --no-deltas --accept-late --allow-expired --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='' ;;
  'upgrade')
    flags='--automatic --stage-only --no-prune --again --no-deltas --accept-late --allow-expired --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='' ;;
  'check')
    flags='--no-deltas --allow-expired --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='' ;;
  'verify')
    flags='--repair --quick --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='' ;;
  'rollback')
    flags='--to --mark-bad --force --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='' ;;
  'prune')
    flags='--keep-generations --before --forget-lease --force --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='' ;;
  'use')
    flags='--dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='' ;;
  'pin')
    flags='--from-file --force --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='' ;;
  'unpin')
    flags='--dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='' ;;
  'which')
    flags='--epoch --tenant --entry --why --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='' ;;
  'exec')
    flags='--epoch --tenant --entry --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='' ;;
  'list')
    flags='--home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='' ;;
  'status')
    flags='--home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='' ;;
  'schedule')
    flags='--svg --html --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='' ;;
  'ready')
    flags='--within --quick --trust-days --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='' ;;
  'pins')
    flags='--engine --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='' ;;
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
    words='' ;;
  'doctor')
    flags='--fix --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='' ;;
  'embed')
    flags='--to --list --verify --extract --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words=''
    places='-f' ;;
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
    flags='--manager --command --account --folder --force --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='watch stage' ;;
  'service status')
    flags='--manager --command --account --folder --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
    words='watch stage' ;;
  'service remove')
    flags='--manager --command --account --folder --force --dry-run -n --home --system --json --yes -y --quiet -q --verbose -v --offline --allow-http --no-progress --progress --color --help -h'
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
  else
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
    [[ -z $places ]] || COMPREPLY+=($(compgen "$places" -- "$cur"))
  fi
}
complete -o filenames -F _enginery enginery
