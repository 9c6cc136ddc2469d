@echo off
rem Starts an engine in effect (docs/LAYOUT.md, "Launchers"). Made by Enginery; edits are lost.
rem Batch files compare numbers of 32 bits only, so the Node path answers. No lease: prune renames first, and a file in use says no.
setlocal DisableDelayedExpansion
set "enginery_command=@COMMAND@"
if defined ENGINERY_COMMAND set "enginery_command=%ENGINERY_COMMAND%"
if "%enginery_command%"=="" set "enginery_command=enginery"
"%enginery_command%" exec --home "@HOME@" @ENTRY@"@ENGINE@" -- %*
