@echo off
rem Starts Drydock and opens it in the browser. Options as --lan go to the server.
title Drydock
pushd "%~dp0"
py -3 -c "from http.server import ThreadingHTTPServer" >nul 2>nul
if not errorlevel 1 goto launcher
python -c "from http.server import ThreadingHTTPServer" >nul 2>nul
if not errorlevel 1 goto python
node --version >nul 2>nul
if not errorlevel 1 goto node
echo This computer has neither Python 3.7 (or newer) nor Node.js. Install one of them, from
echo https://www.python.org/downloads/ or https://nodejs.org/, and start this again.
goto end
:launcher
py -3 serve.py --open %*
goto end
:python
python serve.py --open %*
goto end
:node
node serve.mjs --open %*
:end
popd
pause
