@rem Puts back what activate.bat changed. Does nothing where no environment is active.
@if not "%_OLD_VIRTUAL_ACTIVE:~0,2%"=="1|" exit /b 0
@set "PATH=%_OLD_VIRTUAL_PATH%"
@set "PROMPT=%_OLD_VIRTUAL_PROMPT%"
@set "PYTHONHOME=%_OLD_VIRTUAL_PYTHONHOME%"
@set "VIRTUAL_ENV=%_OLD_VIRTUAL_ENV%"
@set "VIRTUAL_ENV_PROMPT=%_OLD_VIRTUAL_ENV_PROMPT%"

@rem What these names held before stands behind a dot each.
@for /f "tokens=2 delims=|" %%a in ("%_OLD_VIRTUAL_ACTIVE%") do @set "_OLD_VIRTUAL_PATH=%%a"
@for /f "tokens=3 delims=|" %%a in ("%_OLD_VIRTUAL_ACTIVE%") do @set "_OLD_VIRTUAL_PROMPT=%%a"
@for /f "tokens=4 delims=|" %%a in ("%_OLD_VIRTUAL_ACTIVE%") do @set "_OLD_VIRTUAL_PYTHONHOME=%%a"
@for /f "tokens=5 delims=|" %%a in ("%_OLD_VIRTUAL_ACTIVE%") do @set "_OLD_VIRTUAL_ENV=%%a"
@for /f "tokens=6 delims=|" %%a in ("%_OLD_VIRTUAL_ACTIVE%") do @set "_OLD_VIRTUAL_ENV_PROMPT=%%a"
@for /f "tokens=6* delims=|" %%a in ("%_OLD_VIRTUAL_ACTIVE%") do @set "_OLD_VIRTUAL_ACTIVE=%%b"
@set "_OLD_VIRTUAL_PATH=%_OLD_VIRTUAL_PATH:~1%"
@set "_OLD_VIRTUAL_PROMPT=%_OLD_VIRTUAL_PROMPT:~1%"
@set "_OLD_VIRTUAL_PYTHONHOME=%_OLD_VIRTUAL_PYTHONHOME:~1%"
@set "_OLD_VIRTUAL_ENV=%_OLD_VIRTUAL_ENV:~1%"
@set "_OLD_VIRTUAL_ENV_PROMPT=%_OLD_VIRTUAL_ENV_PROMPT:~1%"
@set "_OLD_VIRTUAL_ACTIVE=%_OLD_VIRTUAL_ACTIVE:~1%"
@exit /b 0
