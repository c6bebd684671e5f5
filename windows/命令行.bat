@echo off
rem A window in which xl-poverty is known, for computers that do not allow macros.
setlocal
set "PATH=%LOCALAPPDATA%\xl_poverty\python\Scripts;%PATH%"
cmd /k xl-poverty --help
