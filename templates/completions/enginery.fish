# fish completions for enginery; made by `enginery completion fish`.
function __enginery_verb
    set -l words (commandline -opc)
    set -l verb
    set -l skip
    for word in $words[2..-1]
        if test -n "$skip"
            set skip
            continue
        end
        switch $word
            case --home --progress --color --from --mirror --channel --root --root-sha256 --platform --accept-late --allow-expired --to --mark-bad --force --keep-generations --before --forget-lease --from-file --epoch --tenant --entry --svg --html --within --trust-days --engine --since --export --source --quorum --timeout --max-step --interval --check-every --lead-epochs --lead-time --metrics --until --keys-dir --threshold --keys --unit --expires --passphrase-file --tree --archive --npm --archive-root --probe --expect --probe-with --expect-library --input --deltas --valid-from --max-future --max-deployments --alter-pending --keep-epochs --keep-superseded --key --signer --offline-expires --role --add-key --remove-key --new-keys --keep-manifests --receipt --manager --command --account --folder
                set skip 1
                continue
            case '-*'
                continue
        end
        switch (string join ' ' $verb $word)
            case 'install' 'upgrade' 'check' 'verify' 'rollback' 'prune' 'use' 'pin' 'unpin' 'which' 'exec' 'list' 'status' 'schedule' 'ready' 'pins' 'history' 'observe' 'watch' 'hold' 'unhold' 'quarantine' 'quarantine lift' 'doctor' 'embed' 'repo init' 'repo add' 'repo deploy' 'repo retire' 'repo withdraw' 'repo rules' 'repo sign' 'repo refresh-timestamp' 'repo rotate-root' 'repo verify' 'repo export' 'repo prune' 'self-update' 'service install' 'service status' 'service remove' 'uninstall' 'completion' 'repo' 'service' 'help'
                set verb $verb $word
        end
    end
    string join ' ' $verb
end
function __enginery_at
    set -l verb (__enginery_verb)
    test "$verb" = "$argv[1]"
end
function __enginery_names
    set -l command enginery
    set -l words (commandline -opc)
    if string match -q '*/*' -- $words[1]; and not string match -q '*=*' -- $words[1]
        set command (string replace -r '^~/' "$HOME/" -- $words[1])
    end
    type -q $command; or return
    $command __complete fish "$(commandline -cp)" 2>/dev/null </dev/null
end
complete -c enginery -f
complete -c enginery -n "__enginery_at ''" -a 'install' -d 'Make the home, pin the trusted root, and lay out every release that the schedule or the names ask for.'
complete -c enginery -n "__enginery_at ''" -a 'upgrade' -d 'Refresh trust, accept the new manifest, stage and probe what is new, commit; then prune.'
complete -c enginery -n "__enginery_at ''" -a 'check' -d 'Ask the repository what `upgrade` would do, and change nothing; exits 10 where there are updates.'
complete -c enginery -n "__enginery_at ''" -a 'verify' -d 'Check signatures, the manifest and every file of every installation again; exits 5 where something is off.'
complete -c enginery -n "__enginery_at ''" -a 'rollback' -d 'Commit a new generation that restates an older one\'s installations and selections, never its schedule.'
complete -c enginery -n "__enginery_at ''" -a 'prune' -d 'Remove what nothing keeps, and say why each of the others stays.'
complete -c enginery -n "__enginery_at ''" -a 'use' -d 'Select a release of an engine that has no schedule.'
complete -c enginery -n "__enginery_at ''" -a 'pin' -d 'Have a tenant use exactly this release, whatever the schedule says.'
complete -c enginery -n "__enginery_at ''" -a 'unpin' -d 'Have a tenant follow the schedule again.'
complete -c enginery -n "__enginery_at ''" -a 'which' -d 'The exact file that is in effect, or an error: never a fallback.'
complete -c enginery -n "__enginery_at ''" -a 'exec' -d 'Run the engine that is in effect, holding a lease on its installation.'
complete -c enginery -n "__enginery_at ''" -a 'list' -d 'What is installed: versions, since which epoch, size and place.'
complete -c enginery -n "__enginery_at ''" -a 'status' -d 'One screen: epoch, what is in effect, what comes next, disk, trust, problems.'
complete -c enginery -n "__enginery_at ''" -a 'schedule' -d 'The deployments, as a table and a time line over epochs; as a picture or a page where asked.'
complete -c enginery -n "__enginery_at ''" -a 'ready' -d 'Prove that every release that work may ask for would run on this host; exits 10 where one would not.'
complete -c enginery -n "__enginery_at ''" -a 'pins' -d 'The tenants that stay on a version.'
complete -c enginery -n "__enginery_at ''" -a 'history' -d 'What was installed, in effect and run, when and by which hash: generations, work, ledger.'
complete -c enginery -n "__enginery_at ''" -a 'observe' -d 'Record the network\'s epoch; one lower than before is refused unless forced.'
complete -c enginery -n "__enginery_at ''" -a 'watch' -d 'Follow the network: record the epoch, take and prove releases ahead of it, raise alarms.'
complete -c enginery -n "__enginery_at ''" -a 'hold' -d 'Stop automatic upgrades: those of `watch` and of `upgrade --automatic`.'
complete -c enginery -n "__enginery_at ''" -a 'unhold' -d 'Let automatic upgrades go on.'
complete -c enginery -n "__enginery_at ''" -a 'quarantine' -d 'Releases known bad on this host, with the reason.'
complete -c enginery -n "__enginery_at ''" -a 'doctor' -d 'Look at the host and the home: permissions, disk, clock, proxy; exits 10 where something needs mending.'
complete -c enginery -n "__enginery_at ''" -a 'embed' -d 'Put installed engines into a section of a host program that is not loaded, or look at those that are there.'
complete -c enginery -n "__enginery_at ''" -a 'self-update' -d 'Take the highest release of Enginery itself, trusted and proved as every engine is.'
complete -c enginery -n "__enginery_at ''" -a 'uninstall' -d 'Remove what the receipt of install.sh lists, and nothing else.'
complete -c enginery -n "__enginery_at ''" -a 'completion' -d 'Print the completions for a shell.'
complete -c enginery -n "__enginery_at ''" -a 'repo' -d 'The verbs of repo.'
complete -c enginery -n "__enginery_at ''" -a 'service' -d 'The verbs of service.'
complete -c enginery -n "__enginery_at ''" -a 'help' -d 'What a verb does and takes.'
complete -c enginery -n "__enginery_at ''" -s V -l version -d 'Print the version.'
complete -c enginery -s h -l help -d 'Print help.'
complete -c enginery -l home -d 'The home: where engines are kept. Default: enginery in XDG_DATA_HOME, else ~/.local/share/enginery; %LOCALAPPDATA%\\enginery on Windows.' -r -F
complete -c enginery -l system -d 'The home of the whole machine, /var/lib/enginery, in place of one\'s own.'
complete -c enginery -l json -d 'Print one JSON document on stdout and nothing else there; nobody is asked anything.'
complete -c enginery -s y -l yes -d 'Take every question as answered with yes.'
complete -c enginery -s q -l quiet -d 'Neither progress nor talk; warnings and errors stay.'
complete -c enginery -s v -l verbose -d 'Tell each step; with a bug of ours, where it is.'
complete -c enginery -l offline -d 'Never touch the network.'
complete -c enginery -l allow-http -d 'Take plain http: from other hosts than this one. Signatures are checked all the same.'
complete -c enginery -l no-progress -d 'Show no progress bars.'
complete -c enginery -l progress -d 'bars on stderr where it is a terminal (the default), JSON Lines on stderr, or none.' -x -a 'bars json none'
complete -c enginery -l color -d 'auto (the default) colours on a terminal, unless NO_COLOR is set.' -x -a 'auto always never'
complete -c enginery -n "__enginery_at 'install'" -a '(__enginery_names)'
complete -c enginery -n "__enginery_at 'install'" -l from -d 'The repository: https:, a folder, or http: on this host. Only the first time.' -r -F
complete -c enginery -n "__enginery_at 'install'" -l mirror -d 'Another place that serves the same repository.' -r -F
complete -c enginery -n "__enginery_at 'install'" -l channel -d 'The channel: what a network\'s operators follow.' -x -a '(__enginery_names)'
complete -c enginery -n "__enginery_at 'install'" -l root -d 'The trusted root, as the publisher gave it. Only the first time.' -r -F
complete -c enginery -n "__enginery_at 'install'" -l root-sha256 -d 'Fingerprint of any version of the trusted root, in place of --root.' -x
complete -c enginery -n "__enginery_at 'install'" -l platform -d 'As linux-x64, darwin-arm64, win32-x64; default: this host\'s.' -x
complete -c enginery -n "__enginery_at 'install'" -l no-deltas -d 'Fetch whole archives, though what is installed would save bytes.'
complete -c enginery -n "__enginery_at 'install'" -l accept-late -d 'Accept a manifest that changes an epoch in which work ran here; the reason is recorded.' -x
complete -c enginery -n "__enginery_at 'install'" -l allow-expired -d 'From a folder only: take an expired timestamp or snapshot; the reason is recorded.' -x
complete -c enginery -n "__enginery_at 'install'" -s n -l dry-run -d 'Say what would be done and change nothing.'
complete -c enginery -n "__enginery_at 'upgrade'" -a '(__enginery_names)'
complete -c enginery -n "__enginery_at 'upgrade'" -l automatic -d 'Say that a timer or a program asks: an operator\'s `hold` stops it then.'
complete -c enginery -n "__enginery_at 'upgrade'" -l stage-only -d 'Fetch, verify and probe; commit nothing.'
complete -c enginery -n "__enginery_at 'upgrade'" -l no-prune -d 'Keep what nothing keeps any more.'
complete -c enginery -n "__enginery_at 'upgrade'" -l again -d 'Go on though a rollback has it hold still.'
complete -c enginery -n "__enginery_at 'upgrade'" -l no-deltas -d 'Fetch whole archives, though what is installed would save bytes.'
complete -c enginery -n "__enginery_at 'upgrade'" -l accept-late -d 'Accept a manifest that changes an epoch in which work ran here; the reason is recorded.' -x
complete -c enginery -n "__enginery_at 'upgrade'" -l allow-expired -d 'From a folder only: take an expired timestamp or snapshot; the reason is recorded.' -x
complete -c enginery -n "__enginery_at 'upgrade'" -s n -l dry-run -d 'Say what would be done and change nothing.'
complete -c enginery -n "__enginery_at 'check'" -a '(__enginery_names)'
complete -c enginery -n "__enginery_at 'check'" -l no-deltas -d 'Fetch whole archives, though what is installed would save bytes.'
complete -c enginery -n "__enginery_at 'check'" -l allow-expired -d 'From a folder only: take an expired timestamp or snapshot; the reason is recorded.' -x
complete -c enginery -n "__enginery_at 'verify'" -a '(__enginery_names)'
complete -c enginery -n "__enginery_at 'verify'" -l repair -d 'Mend what is damaged: from another installation, the cache or the network.'
complete -c enginery -n "__enginery_at 'verify'" -l quick -d 'Sizes and times only; no file is hashed.'
complete -c enginery -n "__enginery_at 'verify'" -s n -l dry-run -d 'Say what would be done and change nothing.'
complete -c enginery -n "__enginery_at 'rollback'" -l to -d 'The generation to restate; default: the one before.' -x -a '(__enginery_names)'
complete -c enginery -n "__enginery_at 'rollback'" -l mark-bad -d 'Quarantine what is left behind, so that nothing installs it again here.' -x
complete -c enginery -n "__enginery_at 'rollback'" -l force -d 'Go against the rule that refuses; the reason is recorded.' -x
complete -c enginery -n "__enginery_at 'rollback'" -s n -l dry-run -d 'Say what would be done and change nothing.'
complete -c enginery -n "__enginery_at 'prune'" -l keep-generations -d 'Keep what the newest N generations name, the newest included.' -x
complete -c enginery -n "__enginery_at 'prune'" -l before -d 'Let go of what was in effect only before this epoch.' -x
complete -c enginery -n "__enginery_at 'prune'" -l forget-lease -d 'Drop a lease of another machine or pid namespace, known to be dead.' -x -a '(__enginery_names)'
complete -c enginery -n "__enginery_at 'prune'" -l force -d 'Go against the rule that refuses; the reason is recorded.' -x
complete -c enginery -n "__enginery_at 'prune'" -s n -l dry-run -d 'Say what would be done and change nothing.'
complete -c enginery -n "__enginery_at 'use'" -a '(__enginery_names)'
complete -c enginery -n "__enginery_at 'use'" -s n -l dry-run -d 'Say what would be done and change nothing.'
complete -c enginery -n "__enginery_at 'pin'" -a '(__enginery_names)'
complete -c enginery -n "__enginery_at 'pin'" -l from-file -d 'Many at once: lines of TENANT ENGINE@VERSION, or the document of `pins --json`.' -r -F
complete -c enginery -n "__enginery_at 'pin'" -l force -d 'Go against the rule that refuses; the reason is recorded.' -x
complete -c enginery -n "__enginery_at 'pin'" -s n -l dry-run -d 'Say what would be done and change nothing.'
complete -c enginery -n "__enginery_at 'unpin'" -a '(__enginery_names)'
complete -c enginery -n "__enginery_at 'unpin'" -s n -l dry-run -d 'Say what would be done and change nothing.'
complete -c enginery -n "__enginery_at 'which'" -a '(__enginery_names)'
complete -c enginery -n "__enginery_at 'which'" -l epoch -d 'Answer for this epoch. A question only: nothing is recorded.' -x
complete -c enginery -n "__enginery_at 'which'" -l tenant -d 'Whose work it is: a pin of this tenant goes before the schedule.' -x -a '(__enginery_names)'
complete -c enginery -n "__enginery_at 'which'" -l entry -d 'The entry point; needed only where the release has several.' -x -a '(__enginery_names)'
complete -c enginery -n "__enginery_at 'which'" -l why -d 'Explain the answer, a sentence a step.'
complete -c enginery -n "__enginery_at 'exec'" -a '(__enginery_names)'
complete -c enginery -n "__enginery_at 'exec'" -l epoch -d 'Answer for this epoch. A question only: nothing is recorded.' -x
complete -c enginery -n "__enginery_at 'exec'" -l tenant -d 'Whose work it is: a pin of this tenant goes before the schedule.' -x -a '(__enginery_names)'
complete -c enginery -n "__enginery_at 'exec'" -l entry -d 'The entry point; needed only where the release has several.' -x -a '(__enginery_names)'
complete -c enginery -n "__enginery_at 'list'" -a '(__enginery_names)'
complete -c enginery -n "__enginery_at 'schedule'" -a '(__enginery_names)'
complete -c enginery -n "__enginery_at 'schedule'" -l svg -d 'Draw the time line into this file; - is stdout.' -r -F
complete -c enginery -n "__enginery_at 'schedule'" -l html -d 'Write a page of how things stand into this file: schedule, pins, disk, trust, problems; - is stdout.' -r -F
complete -c enginery -n "__enginery_at 'ready'" -a '(__enginery_names)'
complete -c enginery -n "__enginery_at 'ready'" -l within -d 'Only releases that begin at most N epochs ahead. Default: all that are scheduled.' -x
complete -c enginery -n "__enginery_at 'ready'" -l quick -d 'Sizes and times only; no file is hashed.'
complete -c enginery -n "__enginery_at 'ready'" -l trust-days -d 'Signed metadata must hold for N more days. Default: 7 for root and targets, 1 for snapshot and timestamp.' -x
complete -c enginery -n "__enginery_at 'pins'" -a '(__enginery_names)'
complete -c enginery -n "__enginery_at 'pins'" -l engine -d 'Only the pins for this engine.' -x -a '(__enginery_names)'
complete -c enginery -n "__enginery_at 'history'" -l engine -d 'Only what tells of this engine.' -x -a '(__enginery_names)'
complete -c enginery -n "__enginery_at 'history'" -l epoch -d 'What was in effect and what ran at this epoch.' -x
complete -c enginery -n "__enginery_at 'history'" -l since -d 'Nothing older: 24h, 7d, 2031-01-01, 2031-01-01T12:00:00Z.' -x
complete -c enginery -n "__enginery_at 'history'" -l export -d 'Write the whole ledger, byte for byte, to a new file or to stdout.' -x
complete -c enginery -n "__enginery_at 'observe'" -l source -d 'Where to read the epoch: file:PATH, command:PROGRAM ARG..., https://... with #/json/pointer, cometbft:https://..., substrate:wss://...' -x
complete -c enginery -n "__enginery_at 'observe'" -l quorum -d 'How many epoch sources must say an epoch or a greater one; default: more than half.' -x
complete -c enginery -n "__enginery_at 'observe'" -l timeout -d 'How long one epoch source may take to answer; default 10.' -x
complete -c enginery -n "__enginery_at 'observe'" -l max-step -d 'Refuse an epoch that lies more than this ahead of the one seen before; default: any is taken.' -x
complete -c enginery -n "__enginery_at 'observe'" -l force -d 'Go against the rule that refuses; the reason is recorded.' -x
complete -c enginery -n "__enginery_at 'observe'" -s n -l dry-run -d 'Say what would be done and change nothing.'
complete -c enginery -n "__enginery_at 'watch'" -l once -d 'One round, then end: 0, or 10 with an alarm. For cron.'
complete -c enginery -n "__enginery_at 'watch'" -l interval -d 'Between two readings of the epoch sources; default 5.' -x
complete -c enginery -n "__enginery_at 'watch'" -l check-every -d 'Between two upgrades, and between two proofs of the same release; default 900.' -x
complete -c enginery -n "__enginery_at 'watch'" -l lead-epochs -d 'The next release must be here and proven this many epochs ahead; default 3.' -x
complete -c enginery -n "__enginery_at 'watch'" -l lead-time -d 'The same as a time, by how long epochs take here; the longer of the two counts.' -x
complete -c enginery -n "__enginery_at 'watch'" -l prune -d 'Prune after its own upgrades, as `upgrade` does.'
complete -c enginery -n "__enginery_at 'watch'" -l metrics -d 'Serve /metrics and /healthz at 127.0.0.1:PORT or unix:/PATH, to this machine alone.' -x
complete -c enginery -n "__enginery_at 'watch'" -l source -d 'Where to read the epoch: file:PATH, command:PROGRAM ARG..., https://... with #/json/pointer, cometbft:https://..., substrate:wss://...' -x
complete -c enginery -n "__enginery_at 'watch'" -l quorum -d 'How many epoch sources must say an epoch or a greater one; default: more than half.' -x
complete -c enginery -n "__enginery_at 'watch'" -l timeout -d 'How long one epoch source may take to answer; default 10.' -x
complete -c enginery -n "__enginery_at 'watch'" -l max-step -d 'Refuse an epoch that lies more than this ahead of the one seen before; default: any is taken.' -x
complete -c enginery -n "__enginery_at 'watch'" -l no-deltas -d 'Fetch whole archives, though what is installed would save bytes.'
complete -c enginery -n "__enginery_at 'watch'" -l allow-expired -d 'From a folder only: take an expired timestamp or snapshot; the reason is recorded.' -x
complete -c enginery -n "__enginery_at 'watch'" -s n -l dry-run -d 'Say what would be done and change nothing.'
complete -c enginery -n "__enginery_at 'hold'" -l until -d 'As 24h, 7d, 2031-01-01, 2031-01-01T12:00:00Z or epoch:4711; left out: until `unhold`.' -x
complete -c enginery -n "__enginery_at 'hold'" -s n -l dry-run -d 'Say what would be done and change nothing.'
complete -c enginery -n "__enginery_at 'unhold'" -s n -l dry-run -d 'Say what would be done and change nothing.'
complete -c enginery -n "__enginery_at 'quarantine'" -a 'lift' -d 'Take a release out of quarantine, to try it again.'
complete -c enginery -n "__enginery_at 'quarantine lift'" -a '(__enginery_names)'
complete -c enginery -n "__enginery_at 'quarantine lift'" -s n -l dry-run -d 'Say what would be done and change nothing.'
complete -c enginery -n "__enginery_at 'doctor'" -l fix -d 'Mend what can be mended without losing anything.'
complete -c enginery -n "__enginery_at 'embed'" -a '(__enginery_names)'
complete -c enginery -n "__enginery_at 'embed'" -F
complete -c enginery -n "__enginery_at 'embed'" -l to -d 'The new file; default: the host\'s name and -engines. With --extract: the folder.' -r -F
complete -c enginery -n "__enginery_at 'embed'" -l list -d 'Say what is embedded in the file.'
complete -c enginery -n "__enginery_at 'embed'" -l verify -d 'Hash what is embedded, and say which releases of the home\'s channel it is.'
complete -c enginery -n "__enginery_at 'embed'" -l extract -d 'Lay out what is embedded below --to, each file checked.'
complete -c enginery -n "__enginery_at 'embed'" -s n -l dry-run -d 'Say what would be done and change nothing.'
complete -c enginery -n "__enginery_at 'repo init'" -F
complete -c enginery -n "__enginery_at 'repo init'" -l channel -d 'The channel; may be left out where the repository has one.' -x
complete -c enginery -n "__enginery_at 'repo init'" -l keys-dir -d 'The folder of private keys; never within the repository.' -r -F
complete -c enginery -n "__enginery_at 'repo init'" -l threshold -d 'How many keys must sign.' -x
complete -c enginery -n "__enginery_at 'repo init'" -l keys -d 'How many root keys to make; default: the threshold.' -x
complete -c enginery -n "__enginery_at 'repo init'" -l unit -d 'What the network calls an epoch: epoch (the default), session, height.' -x
complete -c enginery -n "__enginery_at 'repo init'" -l expires -d 'As 30d, 12h, 90m, or an instant as 2031-01-01T00:00:00Z.' -x
complete -c enginery -n "__enginery_at 'repo init'" -l passphrase-file -d 'Its first line is the passphrase of the keys; else ENGINERY_PASSPHRASE; else a terminal is asked.' -r -F
complete -c enginery -n "__enginery_at 'repo init'" -s n -l dry-run -d 'Say what would be done and change nothing.'
complete -c enginery -n "__enginery_at 'repo add'" -F
complete -c enginery -n "__enginery_at 'repo add'" -l platform -d 'What it runs on: linux-x64, linux-x64-musl, darwin-arm64, win32-x64, or any.' -x
complete -c enginery -n "__enginery_at 'repo add'" -l tree -d 'A folder whose files are the release.' -r -F
complete -c enginery -n "__enginery_at 'repo add'" -l archive -d 'A .tar.zst or .tar.gz, kept as it is.' -r -F
complete -c enginery -n "__enginery_at 'repo add'" -l npm -d 'The archive stays in the npm registry; its hash, pieces and tree are signed here.' -x
complete -c enginery -n "__enginery_at 'repo add'" -l archive-root -d 'The folder within the archive at which the tree begins; default: its top, and for --npm the one folder that npm archives have.' -x
complete -c enginery -n "__enginery_at 'repo add'" -l entry -d 'An entry point; KIND is executable or library. Default: the executable named like the engine, or the only one.' -x
complete -c enginery -n "__enginery_at 'repo add'" -l probe -d 'Arguments with which an executable proves on each host what it is, as --version.' -x
complete -c enginery -n "__enginery_at 'repo add'" -l expect -d 'What the probe\'s output must match; default: the version.' -x
complete -c enginery -n "__enginery_at 'repo add'" -l probe-with -d 'The executable entry point that proves the libraries of the release: started with a library\'s path, it loads it and prints its version.' -x
complete -c enginery -n "__enginery_at 'repo add'" -l expect-library -d 'What --probe-with must print; default: the version, and X.Y for X.Y.0, too.' -x
complete -c enginery -n "__enginery_at 'repo add'" -l guard-files -d 'Have every file of the release checked, hash and all, each time before an executable of it is started.'
complete -c enginery -n "__enginery_at 'repo add'" -l input -d 'Have the file that follows OPTION among an executable\'s arguments checked before each start: from byte OFFSET it must hold one of these bytes. NAME: of that entry point alone.' -x
complete -c enginery -n "__enginery_at 'repo add'" -l deltas -d 'Make deltas from the last K releases of the same engine and platform, for those who have one of them. Default: none.' -x
complete -c enginery -n "__enginery_at 'repo add'" -l channel -d 'The channel; may be left out where the repository has one.' -x
complete -c enginery -n "__enginery_at 'repo add'" -l epoch -d 'The network\'s present epoch: the rules are checked at it.' -x
complete -c enginery -n "__enginery_at 'repo add'" -s n -l dry-run -d 'Say what would be done and change nothing.'
complete -c enginery -n "__enginery_at 'repo deploy'" -F
complete -c enginery -n "__enginery_at 'repo deploy'" -l valid-from -d 'The first epoch that it is in effect for.' -x
complete -c enginery -n "__enginery_at 'repo deploy'" -l epoch -d 'The network\'s present epoch: the rules are checked at it.' -x
complete -c enginery -n "__enginery_at 'repo deploy'" -l channel -d 'The channel; may be left out where the repository has one.' -x
complete -c enginery -n "__enginery_at 'repo deploy'" -s n -l dry-run -d 'Say what would be done and change nothing.'
complete -c enginery -n "__enginery_at 'repo retire'" -F
complete -c enginery -n "__enginery_at 'repo retire'" -l epoch -d 'The network\'s present epoch: the rules are checked at it.' -x
complete -c enginery -n "__enginery_at 'repo retire'" -l channel -d 'The channel; may be left out where the repository has one.' -x
complete -c enginery -n "__enginery_at 'repo retire'" -s n -l dry-run -d 'Say what would be done and change nothing.'
complete -c enginery -n "__enginery_at 'repo withdraw'" -F
complete -c enginery -n "__enginery_at 'repo withdraw'" -l epoch -d 'The network\'s present epoch: the rules are checked at it.' -x
complete -c enginery -n "__enginery_at 'repo withdraw'" -l channel -d 'The channel; may be left out where the repository has one.' -x
complete -c enginery -n "__enginery_at 'repo withdraw'" -s n -l dry-run -d 'Say what would be done and change nothing.'
complete -c enginery -n "__enginery_at 'repo rules'" -F
complete -c enginery -n "__enginery_at 'repo rules'" -l max-future -d 'Most deployments that may lie ahead; none: no limit.' -x
complete -c enginery -n "__enginery_at 'repo rules'" -l max-deployments -d 'Most deployments at all; none: no limit.' -x
complete -c enginery -n "__enginery_at 'repo rules'" -l alter-pending -d 'Whether a deployment that lies ahead may still be altered or removed.' -x -a 'allow deny'
complete -c enginery -n "__enginery_at 'repo rules'" -l keep-epochs -d 'Work may be replayed or disputed N epochs back: operators keep what was in effect then. none: not said.' -x
complete -c enginery -n "__enginery_at 'repo rules'" -l keep-superseded -d 'Operators keep N superseded releases below the one in effect. none: not said.' -x
complete -c enginery -n "__enginery_at 'repo rules'" -l epoch -d 'The network\'s present epoch: the rules are checked at it.' -x
complete -c enginery -n "__enginery_at 'repo rules'" -l channel -d 'The channel; may be left out where the repository has one.' -x
complete -c enginery -n "__enginery_at 'repo rules'" -s n -l dry-run -d 'Say what would be done and change nothing.'
complete -c enginery -n "__enginery_at 'repo sign'" -F
complete -c enginery -n "__enginery_at 'repo sign'" -l keys-dir -d 'The folder of private keys; never within the repository.' -r -F
complete -c enginery -n "__enginery_at 'repo sign'" -l key -d 'A private key file to sign with.' -r -F
complete -c enginery -n "__enginery_at 'repo sign'" -l signer -d 'Signs outside: file and arguments, run without a shell; bytes on stdin, signature on stdout.' -x
complete -c enginery -n "__enginery_at 'repo sign'" -l passphrase-file -d 'Its first line is the passphrase of the keys; else ENGINERY_PASSPHRASE; else a terminal is asked.' -r -F
complete -c enginery -n "__enginery_at 'repo sign'" -l expires -d 'As 30d, 12h, 90m, or an instant as 2031-01-01T00:00:00Z.' -x
complete -c enginery -n "__enginery_at 'repo sign'" -l offline-expires -d 'Of what the offline keys sign (targets, a rotated root); default 365d, or --expires where that is later.' -x
complete -c enginery -n "__enginery_at 'repo sign'" -l epoch -d 'The network\'s present epoch: the rules are checked at it.' -x
complete -c enginery -n "__enginery_at 'repo sign'" -l renew -d 'With nothing new to publish: sign the same again, for a later expiry.'
complete -c enginery -n "__enginery_at 'repo sign'" -l channel -d 'The channel; may be left out where the repository has one.' -x
complete -c enginery -n "__enginery_at 'repo sign'" -s n -l dry-run -d 'Say what would be done and change nothing.'
complete -c enginery -n "__enginery_at 'repo refresh-timestamp'" -F
complete -c enginery -n "__enginery_at 'repo refresh-timestamp'" -l keys-dir -d 'The folder of private keys; never within the repository.' -r -F
complete -c enginery -n "__enginery_at 'repo refresh-timestamp'" -l key -d 'A private key file to sign with.' -r -F
complete -c enginery -n "__enginery_at 'repo refresh-timestamp'" -l signer -d 'Signs outside: file and arguments, run without a shell; bytes on stdin, signature on stdout.' -x
complete -c enginery -n "__enginery_at 'repo refresh-timestamp'" -l passphrase-file -d 'Its first line is the passphrase of the keys; else ENGINERY_PASSPHRASE; else a terminal is asked.' -r -F
complete -c enginery -n "__enginery_at 'repo refresh-timestamp'" -l expires -d 'As 30d, 12h, 90m, or an instant as 2031-01-01T00:00:00Z.' -x
complete -c enginery -n "__enginery_at 'repo refresh-timestamp'" -s n -l dry-run -d 'Say what would be done and change nothing.'
complete -c enginery -n "__enginery_at 'repo rotate-root'" -F
complete -c enginery -n "__enginery_at 'repo rotate-root'" -l role -d 'Whose keys change; root (the default) stands for root and targets.' -x -a 'root snapshot timestamp'
complete -c enginery -n "__enginery_at 'repo rotate-root'" -l add-key -d 'A key file to add, public or private.' -r -F
complete -c enginery -n "__enginery_at 'repo rotate-root'" -l remove-key -d 'A key to remove: its id (8 digits or more), name or file.' -x
complete -c enginery -n "__enginery_at 'repo rotate-root'" -l new-keys -d 'How many keys to make in --keys-dir.' -x
complete -c enginery -n "__enginery_at 'repo rotate-root'" -l keys-dir -d 'The folder of private keys; never within the repository.' -r -F
complete -c enginery -n "__enginery_at 'repo rotate-root'" -l threshold -d 'How many keys must sign.' -x
complete -c enginery -n "__enginery_at 'repo rotate-root'" -l expires -d 'As 30d, 12h, 90m, or an instant as 2031-01-01T00:00:00Z.' -x
complete -c enginery -n "__enginery_at 'repo rotate-root'" -l passphrase-file -d 'Its first line is the passphrase of the keys; else ENGINERY_PASSPHRASE; else a terminal is asked.' -r -F
complete -c enginery -n "__enginery_at 'repo rotate-root'" -s n -l dry-run -d 'Say what would be done and change nothing.'
complete -c enginery -n "__enginery_at 'repo verify'" -F
complete -c enginery -n "__enginery_at 'repo export'" -F
complete -c enginery -n "__enginery_at 'repo export'" -l to -d 'The archive to write, its name ending in .tar.zst or .tar.gz.' -r -F
complete -c enginery -n "__enginery_at 'repo export'" -l channel -d 'The channel; may be left out where the repository has one.' -x
complete -c enginery -n "__enginery_at 'repo export'" -l platform -d 'Only builds for this platform and for any. Default: all.' -x
complete -c enginery -n "__enginery_at 'repo export'" -s n -l dry-run -d 'Say what would be done and change nothing.'
complete -c enginery -n "__enginery_at 'repo prune'" -F
complete -c enginery -n "__enginery_at 'repo prune'" -l keep-manifests -d 'Keep the content that the last N manifests of each channel name; default 10.' -x
complete -c enginery -n "__enginery_at 'repo prune'" -s n -l dry-run -d 'Say what would be done and change nothing.'
complete -c enginery -n "__enginery_at 'self-update'" -l check -d 'Look only, and exit 10 where there is a later release.'
complete -c enginery -n "__enginery_at 'self-update'" -l rollback -d 'Back to the release before.'
complete -c enginery -n "__enginery_at 'self-update'" -l to -d 'This release and no other, older or not.' -x
complete -c enginery -n "__enginery_at 'self-update'" -l again -d 'Go on though a rollback has it hold still.'
complete -c enginery -n "__enginery_at 'self-update'" -l receipt -d 'What install.sh wrote down. Default: enginery/receipt.json in XDG_CONFIG_HOME, else ~/.config/enginery/receipt.json.' -r -F
complete -c enginery -n "__enginery_at 'self-update'" -l no-deltas -d 'Fetch whole archives, though what is installed would save bytes.'
complete -c enginery -n "__enginery_at 'self-update'" -l allow-expired -d 'From a folder only: take an expired timestamp or snapshot; the reason is recorded.' -x
complete -c enginery -n "__enginery_at 'self-update'" -s n -l dry-run -d 'Say what would be done and change nothing.'
complete -c enginery -n "__enginery_at 'service install'" -a 'watch'
complete -c enginery -n "__enginery_at 'service install'" -a 'stage'
complete -c enginery -n "__enginery_at 'service install'" -l manager -d 'Whose files: default that of this system (Linux: systemd, macOS: launchd, Windows: the task scheduler).' -x -a 'systemd launchd task'
complete -c enginery -n "__enginery_at 'service install'" -l command -d 'The program that is started; default: the one that runs.' -r -F
complete -c enginery -n "__enginery_at 'service install'" -l account -d 'With --system: whose processes they are; default enginery.' -x
complete -c enginery -n "__enginery_at 'service install'" -l folder -d 'Where the files go; default: where the manager looks for them.' -r -F
complete -c enginery -n "__enginery_at 'service install'" -l changed-too -d 'Replace, or remove, files that somebody changed, too.'
complete -c enginery -n "__enginery_at 'service install'" -s n -l dry-run -d 'Say what would be done and change nothing.'
complete -c enginery -n "__enginery_at 'service status'" -a 'watch'
complete -c enginery -n "__enginery_at 'service status'" -a 'stage'
complete -c enginery -n "__enginery_at 'service status'" -l manager -d 'Whose files: default that of this system (Linux: systemd, macOS: launchd, Windows: the task scheduler).' -x -a 'systemd launchd task'
complete -c enginery -n "__enginery_at 'service status'" -l command -d 'The program that is started; default: the one that runs.' -r -F
complete -c enginery -n "__enginery_at 'service status'" -l account -d 'With --system: whose processes they are; default enginery.' -x
complete -c enginery -n "__enginery_at 'service status'" -l folder -d 'Where the files go; default: where the manager looks for them.' -r -F
complete -c enginery -n "__enginery_at 'service remove'" -a 'watch'
complete -c enginery -n "__enginery_at 'service remove'" -a 'stage'
complete -c enginery -n "__enginery_at 'service remove'" -l manager -d 'Whose files: default that of this system (Linux: systemd, macOS: launchd, Windows: the task scheduler).' -x -a 'systemd launchd task'
complete -c enginery -n "__enginery_at 'service remove'" -l command -d 'The program that is started; default: the one that runs.' -r -F
complete -c enginery -n "__enginery_at 'service remove'" -l account -d 'With --system: whose processes they are; default enginery.' -x
complete -c enginery -n "__enginery_at 'service remove'" -l folder -d 'Where the files go; default: where the manager looks for them.' -r -F
complete -c enginery -n "__enginery_at 'service remove'" -l changed-too -d 'Replace, or remove, files that somebody changed, too.'
complete -c enginery -n "__enginery_at 'service remove'" -s n -l dry-run -d 'Say what would be done and change nothing.'
complete -c enginery -n "__enginery_at 'uninstall'" -l purge -d 'The home too, with every engine and its ledger.'
complete -c enginery -n "__enginery_at 'uninstall'" -l receipt -d 'What install.sh wrote down. Default: enginery/receipt.json in XDG_CONFIG_HOME, else ~/.config/enginery/receipt.json.' -r -F
complete -c enginery -n "__enginery_at 'uninstall'" -s n -l dry-run -d 'Say what would be done and change nothing.'
complete -c enginery -n "__enginery_at 'completion'" -a 'bash'
complete -c enginery -n "__enginery_at 'completion'" -a 'zsh'
complete -c enginery -n "__enginery_at 'completion'" -a 'fish'
complete -c enginery -n "__enginery_at 'completion'" -a 'powershell'
complete -c enginery -n "__enginery_at 'repo'" -a 'init' -d 'Make a repository: keys, root, an empty channel. In one that exists: one more channel.'
complete -c enginery -n "__enginery_at 'repo'" -a 'add' -d 'Add a release for a platform, from a folder, an archive or the npm registry.'
complete -c enginery -n "__enginery_at 'repo'" -a 'deploy' -d 'Schedule a release: in effect from an epoch on.'
complete -c enginery -n "__enginery_at 'repo'" -a 'retire' -d 'Take a deployment off the schedule: the oldest superseded one, or one that lies ahead where the rules allow.'
complete -c enginery -n "__enginery_at 'repo'" -a 'withdraw' -d 'The stop button: never newly staged, alarmed where in effect; it still runs where it runs.'
complete -c enginery -n "__enginery_at 'repo'" -a 'rules' -d 'Set an engine\'s schedule rules, and how much history operators need.'
complete -c enginery -n "__enginery_at 'repo'" -a 'sign' -d 'Add the signatures that these keys give; when every threshold is met, check the output as a client would and make it visible.'
complete -c enginery -n "__enginery_at 'repo'" -a 'refresh-timestamp' -d 'Sign timestamp and snapshot anew, and nothing else: for a machine, on a timer.'
complete -c enginery -n "__enginery_at 'repo'" -a 'rotate-root' -d 'Propose a root with other keys or another threshold; `repo sign` gives it the old and the new signatures.'
complete -c enginery -n "__enginery_at 'repo'" -a 'verify' -d 'Check the repository as a client would, and every file in it; exits 5 where something is off.'
complete -c enginery -n "__enginery_at 'repo'" -a 'export' -d 'Write a channel as one plain archive: releases laid out, the signed repository, and a script that checks it all.'
complete -c enginery -n "__enginery_at 'repo'" -a 'prune' -d 'Remove content that only old manifests name.'
complete -c enginery -n "__enginery_at 'service'" -a 'install' -d 'Write the files by which systemd, launchd or the task scheduler run `watch`, and `upgrade --stage-only` each hour.'
complete -c enginery -n "__enginery_at 'service'" -a 'status' -d 'Say which files of services are there, and whether they are as they would be written now.'
complete -c enginery -n "__enginery_at 'service'" -a 'remove' -d 'Remove the files of services; those that somebody changed stay.'
complete -c enginery -n "__enginery_at 'help'" -a 'install' -d 'Make the home, pin the trusted root, and lay out every release that the schedule or the names ask for.'
complete -c enginery -n "__enginery_at 'help'" -a 'upgrade' -d 'Refresh trust, accept the new manifest, stage and probe what is new, commit; then prune.'
complete -c enginery -n "__enginery_at 'help'" -a 'check' -d 'Ask the repository what `upgrade` would do, and change nothing; exits 10 where there are updates.'
complete -c enginery -n "__enginery_at 'help'" -a 'verify' -d 'Check signatures, the manifest and every file of every installation again; exits 5 where something is off.'
complete -c enginery -n "__enginery_at 'help'" -a 'rollback' -d 'Commit a new generation that restates an older one\'s installations and selections, never its schedule.'
complete -c enginery -n "__enginery_at 'help'" -a 'prune' -d 'Remove what nothing keeps, and say why each of the others stays.'
complete -c enginery -n "__enginery_at 'help'" -a 'use' -d 'Select a release of an engine that has no schedule.'
complete -c enginery -n "__enginery_at 'help'" -a 'pin' -d 'Have a tenant use exactly this release, whatever the schedule says.'
complete -c enginery -n "__enginery_at 'help'" -a 'unpin' -d 'Have a tenant follow the schedule again.'
complete -c enginery -n "__enginery_at 'help'" -a 'which' -d 'The exact file that is in effect, or an error: never a fallback.'
complete -c enginery -n "__enginery_at 'help'" -a 'exec' -d 'Run the engine that is in effect, holding a lease on its installation.'
complete -c enginery -n "__enginery_at 'help'" -a 'list' -d 'What is installed: versions, since which epoch, size and place.'
complete -c enginery -n "__enginery_at 'help'" -a 'status' -d 'One screen: epoch, what is in effect, what comes next, disk, trust, problems.'
complete -c enginery -n "__enginery_at 'help'" -a 'schedule' -d 'The deployments, as a table and a time line over epochs; as a picture or a page where asked.'
complete -c enginery -n "__enginery_at 'help'" -a 'ready' -d 'Prove that every release that work may ask for would run on this host; exits 10 where one would not.'
complete -c enginery -n "__enginery_at 'help'" -a 'pins' -d 'The tenants that stay on a version.'
complete -c enginery -n "__enginery_at 'help'" -a 'history' -d 'What was installed, in effect and run, when and by which hash: generations, work, ledger.'
complete -c enginery -n "__enginery_at 'help'" -a 'observe' -d 'Record the network\'s epoch; one lower than before is refused unless forced.'
complete -c enginery -n "__enginery_at 'help'" -a 'watch' -d 'Follow the network: record the epoch, take and prove releases ahead of it, raise alarms.'
complete -c enginery -n "__enginery_at 'help'" -a 'hold' -d 'Stop automatic upgrades: those of `watch` and of `upgrade --automatic`.'
complete -c enginery -n "__enginery_at 'help'" -a 'unhold' -d 'Let automatic upgrades go on.'
complete -c enginery -n "__enginery_at 'help'" -a 'quarantine' -d 'Releases known bad on this host, with the reason.'
complete -c enginery -n "__enginery_at 'help'" -a 'doctor' -d 'Look at the host and the home: permissions, disk, clock, proxy; exits 10 where something needs mending.'
complete -c enginery -n "__enginery_at 'help'" -a 'embed' -d 'Put installed engines into a section of a host program that is not loaded, or look at those that are there.'
complete -c enginery -n "__enginery_at 'help'" -a 'self-update' -d 'Take the highest release of Enginery itself, trusted and proved as every engine is.'
complete -c enginery -n "__enginery_at 'help'" -a 'uninstall' -d 'Remove what the receipt of install.sh lists, and nothing else.'
complete -c enginery -n "__enginery_at 'help'" -a 'completion' -d 'Print the completions for a shell.'
complete -c enginery -n "__enginery_at 'help'" -a 'repo' -d 'The verbs of repo.'
complete -c enginery -n "__enginery_at 'help'" -a 'service' -d 'The verbs of service.'
complete -c enginery -n "__enginery_at 'help'" -a 'help' -d 'What a verb does and takes.'
