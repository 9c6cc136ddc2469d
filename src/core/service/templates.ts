/* The text of templates/services/, so that it is there wherever the program is; test/core/service-templates.test.ts makes it anew. */
export const SERVICE_TEMPLATES = {
  "launchd/org.enginery.stage.plist": `<?xml version="1.0" encoding="UTF-8"?>
<!-- Made by \`enginery service install\`, which makes it anew as long as nobody changes it. -->
<!-- @MARK@ -->
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>org.enginery.stage</string>
  <key>ProgramArguments</key>
  <array>
    <string>@COMMAND@</string>
    <string>upgrade</string>
    <string>--stage-only</string>
    <string>--automatic</string>
    <string>--yes</string>
    <string>--home</string>
    <string>@HOME@</string>
  </array>
@SYSTEM@  <key>UserName</key>
@SYSTEM@  <string>@ACCOUNT@</string>
  <key>StartInterval</key>
  <integer>3600</integer>
  <key>ProcessType</key>
  <string>Background</string>
  <key>StandardOutPath</key>
  <string>@LOGS@/enginery-stage.log</string>
  <key>StandardErrorPath</key>
  <string>@LOGS@/enginery-stage.log</string>
</dict>
</plist>
`,
  "launchd/org.enginery.watch.plist": `<?xml version="1.0" encoding="UTF-8"?>
<!-- Made by \`enginery service install\`, which makes it anew as long as nobody changes it. -->
<!-- @MARK@ -->
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>org.enginery.watch</string>
  <key>ProgramArguments</key>
  <array>
    <string>@COMMAND@</string>
    <string>watch</string>
    <string>--home</string>
    <string>@HOME@</string>
  </array>
@SYSTEM@  <key>UserName</key>
@SYSTEM@  <string>@ACCOUNT@</string>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ThrottleInterval</key>
  <integer>10</integer>
  <key>ProcessType</key>
  <string>Background</string>
  <key>StandardOutPath</key>
  <string>@LOGS@/enginery-watch.log</string>
  <key>StandardErrorPath</key>
  <string>@LOGS@/enginery-watch.log</string>
</dict>
</plist>
`,
  "systemd/enginery-stage.service": `# Made by \`enginery service install\`, which makes it anew as long as nobody changes it: what you change belongs into a drop-in, \`systemctl edit enginery-stage\`.
# @MARK@
[Unit]
Description=Enginery fetches and proves what comes next, and commits nothing
Documentation=man:enginery(1)
@SYSTEM@Wants=network-online.target
@SYSTEM@After=network-online.target

[Service]
Type=oneshot
# --automatic: an operator's hold stops it
ExecStart=@COMMAND@ upgrade --stage-only --automatic --yes --home @HOME_WORD@
EnvironmentFile=-@SECRETS@
# somebody else is at it: the next time will do
SuccessExitStatus=6
UMask=0022
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
Nice=10
@SYSTEM@User=@ACCOUNT@
@SYSTEM@Group=@ACCOUNT@
@SYSTEM@CapabilityBoundingSet=
@SYSTEM@PrivateTmp=yes
@SYSTEM@PrivateDevices=yes
@SYSTEM@ProtectHome=yes
@SYSTEM@ProtectSystem=strict
@SYSTEM@ProtectClock=yes
@SYSTEM@ProtectControlGroups=yes
@SYSTEM@ProtectHostname=yes
@SYSTEM@ProtectKernelLogs=yes
@SYSTEM@ProtectKernelModules=yes
@SYSTEM@ProtectKernelTunables=yes
@SYSTEM@RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
@SYSTEM@ReadWritePaths=@HOME@
@SYSTEM@ReadWritePaths=-/run/enginery/leases
`,
  "systemd/enginery-stage.timer": `# Made by \`enginery service install\`, which makes it anew as long as nobody changes it: what you change belongs into a drop-in, \`systemctl edit enginery-stage.timer\`.
# @MARK@
[Unit]
Description=Enginery looks each hour for what comes next
Documentation=man:enginery(1)

[Timer]
OnCalendar=hourly
# not every node of a network in the same second
RandomizedDelaySec=15min
Persistent=true

[Install]
WantedBy=timers.target
`,
  "systemd/enginery-watch.service": `# Made by \`enginery service install\`, which makes it anew as long as nobody changes it: what you change belongs into a drop-in, \`systemctl edit enginery-watch\`.
# @MARK@
# What it follows (epochSources) is in the home's config.json; secrets, as ENGINERY_ALARM_TOKEN=..., are in @SECRETS@, mode 0600.
[Unit]
Description=Enginery follows the network
Documentation=man:enginery(1)
@SYSTEM@Wants=network-online.target
@SYSTEM@After=network-online.target

[Service]
Type=notify
# systemd-notify speaks for it, which is another process
NotifyAccess=all
ExecStart=@COMMAND@ watch --home @HOME_WORD@
ExecReload=/bin/kill -HUP $MAINPID
EnvironmentFile=-@SECRETS@
# ready after the first epoch, and the network may be away when the machine starts
TimeoutStartSec=infinity
WatchdogSec=5min
Restart=on-failure
RestartSec=10s
# an alarm of alarmExit is for a person: starting again would only raise it again
RestartPreventExitStatus=10
TimeoutStopSec=10s
UMask=0022
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
@SYSTEM@User=@ACCOUNT@
@SYSTEM@Group=@ACCOUNT@
@SYSTEM@CapabilityBoundingSet=
@SYSTEM@PrivateTmp=yes
@SYSTEM@PrivateDevices=yes
@SYSTEM@ProtectHome=yes
@SYSTEM@ProtectSystem=strict
@SYSTEM@ProtectClock=yes
@SYSTEM@ProtectControlGroups=yes
@SYSTEM@ProtectHostname=yes
@SYSTEM@ProtectKernelLogs=yes
@SYSTEM@ProtectKernelModules=yes
@SYSTEM@ProtectKernelTunables=yes
@SYSTEM@RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
@SYSTEM@ReadWritePaths=@HOME@
# where it claims what it proves, if the home's leases lie there
@SYSTEM@ReadWritePaths=-/run/enginery/leases

[Install]
WantedBy=@WANTED_BY@
`,
  "windows/enginery-stage.xml": `<?xml version="1.0" encoding="UTF-16"?>
<!-- Made by \`enginery service install\`, which makes it anew as long as nobody changes it. -->
<!-- @MARK@ -->
<Task version="1.3" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Enginery fetches and proves what comes next, and commits nothing</Description>
  </RegistrationInfo>
  <Triggers>
    <TimeTrigger>
      <Repetition>
        <Interval>PT1H</Interval>
      </Repetition>
      <StartBoundary>2026-01-01T00:07:00</StartBoundary>
      <Enabled>true</Enabled>
      <RandomDelay>PT15M</RandomDelay>
    </TimeTrigger>
  </Triggers>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <RunOnlyIfNetworkAvailable>false</RunOnlyIfNetworkAvailable>
    <ExecutionTimeLimit>PT2H</ExecutionTimeLimit>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>3</Count>
    </RestartOnFailure>
  </Settings>
  <Actions>
    <Exec>
      <Command>"@COMMAND@"</Command>
      <Arguments>upgrade --stage-only --automatic --yes --home "@HOME@"</Arguments>
    </Exec>
  </Actions>
</Task>
`,
  "windows/enginery-watch.xml": `<?xml version="1.0" encoding="UTF-16"?>
<!-- Made by \`enginery service install\`, which makes it anew as long as nobody changes it. -->
<!-- @MARK@ -->
<Task version="1.3" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Enginery follows the network</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
    </LogonTrigger>
  </Triggers>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <RunOnlyIfNetworkAvailable>false</RunOnlyIfNetworkAvailable>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>999</Count>
    </RestartOnFailure>
  </Settings>
  <Actions>
    <Exec>
      <Command>"@COMMAND@"</Command>
      <Arguments>watch --home "@HOME@"</Arguments>
    </Exec>
  </Actions>
</Task>
`,
} as const;
