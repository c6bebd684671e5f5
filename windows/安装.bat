@echo off
rem ASCII only: a .bat is read in whatever code page the computer has. The script beside it speaks Chinese.
setlocal
set "here=%~dp0"
set "shell=%SystemRoot%\System32\WindowsPowerShell\v1.0\powershell.exe"
rem started by a 32-bit program, System32 would be the 32-bit one, which does not see all of the registry
if exist "%SystemRoot%\Sysnative\WindowsPowerShell\v1.0\powershell.exe" set "shell=%SystemRoot%\Sysnative\WindowsPowerShell\v1.0\powershell.exe"
if not exist "%here%setup.ps1" goto packed
if not exist "%here%environment.py" goto packed
"%shell%" -NoLogo -NoProfile -ExecutionPolicy Bypass -File "%here%setup.ps1"
set "code=%errorlevel%"
pause
exit /b %code%
:packed
"%shell%" -NoLogo -NoProfile -Command "-join ([char[]](0x8BF7,0x5148,0x628A,0x538B,0x7F29,0x5305,0x5168,0x90E8,0x89E3,0x538B,0xFF0C,0x518D,0x53CC,0x51FB,0x89E3,0x538B,0x51FA,0x6765,0x7684,0x6587,0x4EF6))"
pause
exit /b 1
