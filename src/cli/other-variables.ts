/** Variables that are no twin of a flag: a secret, and those that others have defined. For docs and the man page. */
export const OTHER_VARIABLES: readonly { readonly name: string; readonly doc: string }[] = [
  {
    name: "ENGINERY_PASSPHRASE",
    doc: "Passphrase of a publisher's private keys. There is no such flag: everybody on the machine can read a command line.",
  },
  {
    name: "ENGINERY_ALARM_TOKEN",
    doc: "Sent by `watch` with each webhook as a bearer token. There is no such flag, and no such key: it is a secret.",
  },
  {
    name: "NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID",
    doc: "Set by systemd for `watch`: whom to tell that it is ready and alive, and how often.",
  },
  {
    name: "ENGINERY_ALARM_KIND, _STATUS, _NAME, _MESSAGE, _MEND, _ENGINE, _VERSION, _SUBJECT, _EPOCH, _EPOCHS_LEFT, _SECONDS_LEFT",
    doc: "Set by `watch` for the alarm command, as far as the alarm has them; ENGINERY_HOME is set as well.",
  },
  {
    name: "ENGINERY_RELEASE, _RELEASE_KEY, _REQUIRE_SIGNATURE, _SELF, _SELF_REPOSITORY, _BIN_DIR, _NO_MODIFY_PATH, _NO_COMPLETIONS",
    doc: "Read by install.sh, whose --help says what each is.",
  },
  { name: "ENGINERY_NODE", doc: "The Node that the command `enginery` is to run with." },
  {
    name: "ENGINERY_COMMAND",
    doc: "The command that launchers hand over to where they cannot answer alone; default: the one that made them.",
  },
  {
    name: "ENGINERY_ENGINE, ENGINERY_ENGINE_VERSION",
    doc: "Set by `exec` for the engine that it runs: what it is called, and which version it is.",
  },
  { name: "NO_COLOR", doc: "Set and not empty: no colours, unless --color always asks for them." },
  { name: "XDG_DATA_HOME, HOME, LOCALAPPDATA", doc: "Where the home is, where neither --home nor --system says it." },
  {
    name: "XDG_CONFIG_HOME, HOME, APPDATA",
    doc: "Where the receipt of install.sh is, where --receipt does not say it.",
  },
  {
    name: "HTTPS_PROXY, HTTP_PROXY, NO_PROXY",
    doc: "The proxy to fetch through, and the hosts to reach without one; in lower case too.",
  },
  { name: "NODE_EXTRA_CA_CERTS", doc: "More certificate authorities, read by Node itself." },
  { name: "npm_config_*", doc: "npm's own configuration says from which registry `npm:` archives come." },
];
