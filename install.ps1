# Installs Enginery of a release on Windows: the single file for this platform. In PowerShell 5.1 or later:
#   irm https://HOST/install.ps1 | iex
# or, with options:  & ([scriptblock]::Create((irm https://HOST/install.ps1))) -DryRun   (-WhatIf is the same)
# Where PowerShell 5.1 says that it could not create a secure channel, first:
#   [Net.ServicePointManager]::SecurityProtocol = 'Tls12'
# Its sha256 is always checked, the signature over it where openssl 3 or node is here. No administrator is needed. The last line
# calls the one function, so that half of this file does nothing.

[CmdletBinding(SupportsShouldProcess)]
param(
  [string]$From = $env:ENGINERY_RELEASE,
  [string]$Repository = $env:ENGINERY_SELF_REPOSITORY,
  [string]$Key = $env:ENGINERY_RELEASE_KEY,
  [string]$Self = $env:ENGINERY_SELF,
  [switch]$DryRun,
  [switch]$Yes,
  [switch]$NoModifyPath,
  [switch]$RequireSignature,
  [switch]$Uninstall
)

function Install-Enginery {
  param($From, $Repository, $Key, $Self, $DryRun, $Yes, $NoModifyPath, $RequireSignature, $Uninstall)

  Set-StrictMode -Version 3.0
  $ErrorActionPreference = 'Stop'
  # what a program ends with is looked at where it is called
  $PSNativeCommandUseErrorActionPreference = $false
  # it would keep this from looking at the release as well
  if ($WhatIfPreference) { $DryRun = $true; $WhatIfPreference = $false }
  # Windows PowerShell draws a bar for every kilobyte
  $ProgressPreference = 'SilentlyContinue'

  # Filled in when a release is made (scripts/release.ts).
  $RELEASE_FROM = ''
  $RELEASE_REPOSITORY = ''
  $RELEASE_KEY = ''

  function Stop-Installing([int]$Status, [string]$What, [string]$Mend) {
    [Console]::Error.WriteLine("install.ps1: $What`n  $Mend")
    $failure = New-Object System.Exception("install.ps1: $What")
    $failure.Data['status'] = $Status
    throw $failure
  }

  function Test-On([string]$Name) {
    $value = [Environment]::GetEnvironmentVariable($Name)
    switch -CaseSensitive ($value) {
      { $_ -in '1', 'true' } { return $true }
      { $_ -in $null, '', '0', 'false' } { return $false }
      default { Stop-Installing 2 "$Name is $value, which is neither yes nor no." 'Write 1 or 0.' }
    }
  }

  function Get-Sha256([string]$File) {
    (Get-FileHash -Algorithm SHA256 -LiteralPath $File).Hash.ToLowerInvariant()
  }

  # Answers false where the release has nothing of that name.
  function Get-Part([string]$Name, [string]$File) {
    if (Test-Path -LiteralPath $script:from -PathType Container) {
      $source = Join-Path $script:from $Name
      if (-not (Test-Path -LiteralPath $source -PathType Leaf)) { return $false }
      Copy-Item -LiteralPath $source -Destination $File
      return $true
    }
    try {
      $answer = Invoke-WebRequest -UseBasicParsing -MaximumRedirection 5 -Uri "$($script:from)/$Name" -OutFile $File -PassThru
    } catch {
      $response = $_.Exception | Select-Object -ExpandProperty Response -ErrorAction SilentlyContinue
      if ($null -ne $response -and [int]$response.StatusCode -eq 404) { return $false }
      Stop-Installing 7 "$Name could not be fetched from $($script:from): $($_.Exception.Message)" 'Check the network and the proxy, and run install.ps1 again.'
    }
    # Windows PowerShell follows a redirect off https
    $last = $answer.BaseResponse | Select-Object -ExpandProperty ResponseUri -ErrorAction SilentlyContinue
    if ($script:from.StartsWith('https:') -and $last -and $last.Scheme -ne 'https') {
      Stop-Installing 3 "$($script:from) leads off https, to $last." 'Ask the publisher.'
    }
    return $true
  }

  function Get-Platform {
    $machine = $env:PROCESSOR_ARCHITEW6432
    if (-not $machine) { $machine = $env:PROCESSOR_ARCHITECTURE }
    switch ($machine) {
      'AMD64' { return 'win32-x64' }
      # Windows on Arm runs programs for x64
      'ARM64' { return 'win32-x64' }
      'x86' { Stop-Installing 3 'This is a 32-bit system; Enginery is built for 64 bits.' 'Use a 64-bit system.' }
      default { Stop-Installing 3 "No single file is built for Windows on $machine." 'Where Node 24.20 or newer runs: npm install --global enginery' }
    }
  }

  function Get-Verifier {
    $openssl = Get-Command openssl -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    if ($openssl -and ((& $openssl.Source version) -match '^OpenSSL ([3-9]|\d\d)\.')) { return @('openssl', $openssl.Source) }
    $node = Get-Command node -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    if ($node) { return @('node', $node.Source) }
    return $null
  }

  function Test-Signature([string]$Work) {
    $pem = Join-Path $Work 'key.pem'
    if ($Key) {
      if (-not (Test-Path -LiteralPath $Key -PathType Leaf)) { Stop-Installing 2 "There is no file $Key." "Give the publisher's public key: -Key FILE" }
      Copy-Item -LiteralPath $Key -Destination $pem
    } elseif ($RELEASE_KEY) {
      Set-Content -LiteralPath $pem -Encoding Ascii -Value @('-----BEGIN PUBLIC KEY-----', $RELEASE_KEY, '-----END PUBLIC KEY-----')
    } else {
      return Write-Unsigned 'no key is known to check it with' "Give the publisher's: -Key FILE"
    }
    $verifier = Get-Verifier
    if (-not $verifier) { return Write-Unsigned 'neither openssl 3 nor node is here to check it' 'Install openssl, and run install.ps1 again.' }
    $sums = Join-Path $Work 'SHA256SUMS'
    $signature = "$sums.sig"
    if (-not (Get-Part 'SHA256SUMS.sig' $signature)) {
      Stop-Installing 4 'This release has no signature (SHA256SUMS.sig), and its publisher signs releases.' 'Do not install it; ask the publisher.'
    }
    if ($verifier[0] -eq 'openssl') {
      & $verifier[1] pkeyutl -verify -pubin -inkey $pem -rawin -in $sums -sigfile $signature | Out-Null
    } else {
      $check = "const { readFileSync: read } = require('fs'); const [key, sums, signature] = process.argv.slice(1).map((file) => read(file)); process.exit(require('crypto').verify(null, sums, key, signature) ? 0 : 1);"
      & $verifier[1] -e $check $pem $sums $signature | Out-Null
    }
    if ($LASTEXITCODE -ne 0) { Stop-Installing 4 "The signature over SHA256SUMS is not the publisher's." 'Do not install it; ask the publisher.' }
    "checked by $($verifier[0])"
  }

  # The hash is checked all the same: what is not known then is who wrote the list.
  function Write-Unsigned([string]$Why, [string]$Mend) {
    if ($RequireSignature) { Stop-Installing 4 "The signature cannot be checked: $Why." $Mend }
    [Console]::Error.WriteLine("The signature is not checked: $Why.")
    'not checked'
  }

  function Read-Sums([string]$File) {
    $sums = @{}
    foreach ($line in Get-Content -LiteralPath $File) {
      if ($line -cnotmatch '^([0-9a-f]{64}) [ *]([A-Za-z0-9][A-Za-z0-9._+-]*)$') {
        Stop-Installing 5 "SHA256SUMS of $($script:from) is no list of hashes." 'Check -From, and run install.ps1 again.'
      }
      $sums[$Matches[2]] = $Matches[1]
    }
    $sums
  }

  # By a rename that replaces: whoever looks finds the old one or the new one.
  function Set-Whole([string]$File, [string]$Text) {
    if ((Test-Path -LiteralPath $File) -and ([IO.File]::ReadAllText($File) -ceq $Text)) { return }
    $staged = "$File.new"
    [IO.File]::WriteAllText($staged, $Text, (New-Object System.Text.UTF8Encoding($false)))
    if (Test-Path -LiteralPath $File) { [IO.File]::Replace($staged, $File, [NullString]::Value) } else { [IO.File]::Move($staged, $File) }
    $script:changed = $true
  }

  # Through the registry: [Environment] would write down what %VARIABLES% mean today, and lose that they are some.
  function Open-Environment { [Microsoft.Win32.Registry]::CurrentUser.CreateSubKey('Environment') }

  function Get-OwnPath($Key) {
    [string]$Key.GetValue('Path', '', [Microsoft.Win32.RegistryValueOptions]::DoNotExpandEnvironmentNames)
  }

  function Set-OwnPath($Key, [string[]]$Folders) {
    $kind = [Microsoft.Win32.RegistryValueKind]::ExpandString
    if ($Key.GetValueNames() -contains 'Path') { $kind = $Key.GetValueKind('Path') }
    $Key.SetValue('Path', ($Folders -join ';'), $kind)
    # taking away what is not there tells the programs that run of the change
    [Environment]::SetEnvironmentVariable('ENGINERY_NOTHING', [NullString]::Value, 'User')
  }

  function Add-ToPath([string]$Folder) {
    $key = Open-Environment
    try {
      $own = @((Get-OwnPath $key) -split ';' | Where-Object { $_ })
      if ($own -contains $Folder) { return }
      Set-OwnPath $key (@($Folder) + $own)
    } finally { $key.Dispose() }
    $env:Path = "$Folder;$env:Path"
    $script:changed = $true
    if ($env:GITHUB_PATH) { Add-Content -LiteralPath $env:GITHUB_PATH -Value $Folder }
  }

  function Remove-FromPath([string]$Folder) {
    $key = Open-Environment
    try {
      $own = @((Get-OwnPath $key) -split ';' | Where-Object { $_ })
      if ($own -contains $Folder) { Set-OwnPath $key @($own | Where-Object { $_ -ne $Folder }) }
    } finally { $key.Dispose() }
  }

  function Confirm-Plan {
    if ($Yes -or $env:CI -or (Test-On 'NONINTERACTIVE') -or [Console]::IsInputRedirected -or -not [Environment]::UserInteractive) { return }
    $answer = Read-Host 'Go on? [Y/n]'
    if ($answer -notmatch '^(y|yes)?$') {
      Write-Host 'Nothing was changed.'
      throw 'The answer was no.'
    }
  }

  function Uninstall-Enginery {
    if (-not (Test-Path -LiteralPath $receipt)) { Stop-Installing 7 "There is no receipt at $receipt." 'Nothing was installed by this script, or it was removed already.' }
    # Get-Content of 5.1 takes UTF-8 for the system's own code page
    $entries = @(([IO.File]::ReadAllText($receipt) | ConvertFrom-Json).made)
    if (-not $DryRun) {
      Write-Host "This removes what $receipt lists."
      Confirm-Plan
    }
    foreach ($entry in $entries) {
      Write-Host "$($entry.kind)`t$($entry.path)"
      if ($DryRun) { continue }
      switch ($entry.kind) {
        'environment' { Remove-FromPath $entry.path }
        'self' {
          $isOurs = ($entry.path -eq $Self) -and (Test-Path -LiteralPath (Join-Path $entry.path 'placed'))
          $isLink = $isOurs -and ((Get-Item -LiteralPath $entry.path -Force).Attributes -band [IO.FileAttributes]::ReparsePoint)
          if (-not $isOurs -or $isLink) { Write-Host "kept`t$($entry.path) (not as this script makes it)"; continue }
          Get-ChildItem -LiteralPath $entry.path -Recurse -Force -File | ForEach-Object { $_.IsReadOnly = $false }
          try { Remove-Item -LiteralPath $entry.path -Recurse -Force } catch {
            Stop-Installing 6 "$($entry.path) cannot be removed: $($_.Exception.Message)" 'A program that runs cannot be deleted: end it, and run install.ps1 -Uninstall again.'
          }
        }
        default { Write-Host "kept`t$($entry.path) (this script makes no $($entry.kind))" }
      }
    }
    if ($DryRun) { Write-Host 'Nothing was changed.'; return }
    Remove-Item -LiteralPath $receipt
    Write-Host 'What the receipt listed is removed.'
  }

  $script:changed = $false
  foreach ($pair in @(@('ENGINERY_DRY_RUN', 'DryRun'), @('ENGINERY_YES', 'Yes'), @('ENGINERY_NO_MODIFY_PATH', 'NoModifyPath'), @('ENGINERY_REQUIRE_SIGNATURE', 'RequireSignature'))) {
    if (Test-On $pair[0]) { Set-Variable -Name $pair[1] -Value $true }
  }
  if (-not ($env:LOCALAPPDATA -and $env:APPDATA)) { Stop-Installing 2 'LOCALAPPDATA or APPDATA is not set, so there is no place to install to.' 'Set it, or run this as a person who has a profile.' }
  if (-not $Self) { $Self = Join-Path $env:LOCALAPPDATA 'enginery-self' }
  $receipt = Join-Path (Join-Path $env:APPDATA 'enginery') 'receipt.json'
  if ($Uninstall) { return Uninstall-Enginery }

  if (-not $From) { $From = $RELEASE_FROM }
  if (-not $From) { Stop-Installing 2 'Nothing says where a release is.' 'Say it: -From URL' }
  $script:from = $From.TrimEnd('/')
  $isFolder = Test-Path -LiteralPath $script:from -PathType Container
  $isOwnHost = $script:from -match '^http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/|$)'
  if (-not ($isFolder -or $isOwnHost -or $script:from -match '^https://[^@]*$')) {
    Stop-Installing 3 "$($script:from) is neither https: nor a folder." 'Take https:, or a folder.'
  }
  [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
  if (-not $Repository) { $Repository = $RELEASE_REPOSITORY }
  if (-not $Repository) { $Repository = "$($script:from)/repository" }

  $platform = Get-Platform
  $work = Join-Path ([IO.Path]::GetTempPath()) ('enginery-' + [Guid]::NewGuid().ToString('N'))
  New-Item -ItemType Directory -Path $work | Out-Null
  try {
    $list = Join-Path $work 'SHA256SUMS'
    if (-not (Get-Part 'SHA256SUMS' $list)) { Stop-Installing 7 "$($script:from) has no SHA256SUMS." 'Check -From: it names the folder of a release.' }
    $signed = Test-Signature $work
    $sums = Read-Sums $list
    $names = @($sums.Keys | Where-Object { $_ -cmatch "^enginery-[0-9].*-$platform\.exe$" })
    if ($names.Count -ne 1) { Stop-Installing 3 "This release has $($names.Count) single files for $platform." 'Check -From: it names the folder of one release.' }
    $name = $names[0]
    $version = $name.Substring('enginery-'.Length, $name.Length - 'enginery-'.Length - "-$platform.exe".Length)
    $placed = Join-Path (Join-Path $Self 'placed') "enginery-$version.exe"
    $bin = Join-Path $Self 'bin'
    $command = Join-Path $bin 'enginery.cmd'
    $isPlaced = (Test-Path -LiteralPath $placed -PathType Leaf) -and ((Get-Sha256 $placed) -ceq $sums[$name])

    Write-Host "the release        $version for $platform, from $($script:from)"
    Write-Host "its signature      $signed"
    Write-Host "the single file    $placed"
    Write-Host "the command        $command"
    if (-not $NoModifyPath) { Write-Host "PATH               $bin, of your own environment" }
    if ($DryRun) { Write-Host 'Nothing was changed.'; return }
    Confirm-Plan

    New-Item -ItemType Directory -Force -Path (Split-Path $placed), $bin, (Split-Path $receipt) | Out-Null
    if (-not $isPlaced) {
      $staged = Join-Path (Split-Path $placed) (".part-" + [Guid]::NewGuid().ToString('N') + '.exe')
      try {
        if (-not (Get-Part $name $staged)) { Stop-Installing 7 "$($script:from) has no $name." 'Check -From: it names the folder of a release.' }
        $sum = Get-Sha256 $staged
        if ($sum -cne $sums[$name]) { Stop-Installing 5 "$name is not what SHA256SUMS says: its sha256 is $sum, and should be $($sums[$name])." 'Run install.ps1 again; if it says so again, ask the publisher.' }
        $answer = & $staged --version
        if ($answer -cne "enginery $version") { Stop-Installing 7 "What was fetched does not start here: it says '$answer', not 'enginery $version'." 'Report it with the version of Windows.' }
        # a program that runs may be renamed, never replaced
        if (Test-Path -LiteralPath $placed) { Move-Item -LiteralPath $placed -Destination "$placed.old-$([Guid]::NewGuid().ToString('N'))" }
        [IO.File]::Move($staged, $placed)
        $script:changed = $true
      } finally {
        if (Test-Path -LiteralPath $staged) { Remove-Item -LiteralPath $staged -Force }
      }
    }
    if ($sums.ContainsKey('root.json') -and -not (Test-Path -LiteralPath (Join-Path $Self 'home'))) {
      $root = Join-Path $work 'root.json'
      if (-not (Get-Part 'root.json' $root)) { Stop-Installing 7 "$($script:from) has no root.json." 'Check -From.' }
      if ((Get-Sha256 $root) -cne $sums['root.json']) { Stop-Installing 5 'root.json is not what SHA256SUMS says.' 'Run install.ps1 again; if it says so again, ask the publisher.' }
      Set-Whole (Join-Path $Self 'root.json') ([IO.File]::ReadAllText($root))
    }
    # Of one length, whatever it leads to: when the program ends, cmd reads on behind the line that it has read, in whatever the file is by then.
    # By its own place: cmd reads a file in the console's code page, and a person's folder may have letters that it would take for others.
    Set-Whole $command ("@`"%~dp0..\placed\enginery-$version.exe`" %*".PadRight(254) + "`r`n")
    $made = @(@{ kind = 'self'; path = $Self })
    if (-not $NoModifyPath) {
      Add-ToPath $bin
      $made += @{ kind = 'environment'; path = $bin }
    }
    $document = [ordered]@{ format = 2; way = 'release'; platform = $platform; self = $Self; repository = $Repository; command = $command; made = $made }
    Set-Whole $receipt (($document | ConvertTo-Json -Depth 4) + "`n")
    if ($script:changed) {
      Write-Host "enginery $version is installed: $command (signature: $signed). What was made is listed in $receipt."
    } else {
      Write-Host 'Everything was there: nothing was changed.'
    }
  } finally {
    Remove-Item -LiteralPath $work -Recurse -Force -ErrorAction SilentlyContinue
  }
}

# In braces: cut anywhere before the last of them this is no command, not even one without its words.
& { Install-Enginery $From $Repository $Key $Self $DryRun.IsPresent $Yes.IsPresent $NoModifyPath.IsPresent $RequireSignature.IsPresent $Uninstall.IsPresent }
