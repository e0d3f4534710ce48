@rem Activates this environment in cmd.exe:  Scripts\activate.bat
@rem "deactivate" puts back everything as it was.
@rem Every line has its own "@": "echo off" would stay off in a batch file that calls this one.
@setlocal EnableExtensions DisableDelayedExpansion

@rem This file is UTF-8, so the code page is that while the names are read.
@set "_OLD_VIRTUAL_PAGE="
@set "_OLD_VIRTUAL_CHCP=%SystemRoot%\System32\chcp.com"
@for /f "tokens=2 delims=:." %%i in ('"%_OLD_VIRTUAL_CHCP%"') do @set "_OLD_VIRTUAL_PAGE=%%i"
@if defined _OLD_VIRTUAL_PAGE "%_OLD_VIRTUAL_CHCP%" 65001 >nul
@set "_OLD_VIRTUAL_DIR=__VENV_DIR__"
@set "_OLD_VIRTUAL_NAME=__VENV_PROMPT__"
@set "_OLD_VIRTUAL_BIN=__VENV_BIN_NAME__"
@if defined _OLD_VIRTUAL_PAGE "%_OLD_VIRTUAL_CHCP%" %_OLD_VIRTUAL_PAGE% >nul

@if exist "%_OLD_VIRTUAL_DIR%\pyvenv.cfg" if exist "%_OLD_VIRTUAL_DIR%\%_OLD_VIRTUAL_BIN%\python.exe" goto present
@echo activate: the environment was moved, or its Python is gone; nothing is activated>&2
@exit /b 1
:present

@rem What was; over an environment that is active already, what was before that one. Behind the mark "1|"
@rem stands what these names held themselves, for deactivate.bat to put back.
@set "_OLD_VIRTUAL_KEPT=%_OLD_VIRTUAL_ACTIVE%"
@if "%_OLD_VIRTUAL_KEPT:~0,2%"=="1|" goto kept
@set "_OLD_VIRTUAL_KEPT=1|.%_OLD_VIRTUAL_PATH%|.%_OLD_VIRTUAL_PROMPT%|.%_OLD_VIRTUAL_PYTHONHOME%|.%_OLD_VIRTUAL_ENV%|.%_OLD_VIRTUAL_ENV_PROMPT%|.%_OLD_VIRTUAL_ACTIVE%"
@set "_OLD_VIRTUAL_PATH=%PATH%"
@set "_OLD_VIRTUAL_PROMPT=%PROMPT%"
@set "_OLD_VIRTUAL_PYTHONHOME=%PYTHONHOME%"
@set "_OLD_VIRTUAL_ENV=%VIRTUAL_ENV%"
@set "_OLD_VIRTUAL_ENV_PROMPT=%VIRTUAL_ENV_PROMPT%"
:kept

@rem In PROMPT a "$" is doubled.
@set "_OLD_VIRTUAL_OLD=%_OLD_VIRTUAL_PROMPT%"
@if not defined _OLD_VIRTUAL_OLD set "_OLD_VIRTUAL_OLD=$P$G"
@set "_OLD_VIRTUAL_SHOWN=() "
@if defined _OLD_VIRTUAL_NAME set "_OLD_VIRTUAL_SHOWN=(%_OLD_VIRTUAL_NAME:$=$$%) "
@set "_OLD_VIRTUAL_SHOWN=%_OLD_VIRTUAL_SHOWN%%_OLD_VIRTUAL_OLD%"
@if defined VIRTUAL_ENV_DISABLE_PROMPT set "_OLD_VIRTUAL_SHOWN=%_OLD_VIRTUAL_PROMPT%"

@rem A line is expanded before its "endlocal" takes effect, which is how values get out of here. (If
@rem the caller has enabled delayed expansion, cmd then takes "!" out of them.)
@endlocal & set "VIRTUAL_ENV=%_OLD_VIRTUAL_DIR%" & set "VIRTUAL_ENV_PROMPT=%_OLD_VIRTUAL_NAME%" & set "PROMPT=%_OLD_VIRTUAL_SHOWN%" & set "PATH=%_OLD_VIRTUAL_DIR%\%_OLD_VIRTUAL_BIN%" & set "_OLD_VIRTUAL_PATH=%_OLD_VIRTUAL_PATH%" & set "_OLD_VIRTUAL_PROMPT=%_OLD_VIRTUAL_PROMPT%" & set "_OLD_VIRTUAL_PYTHONHOME=%_OLD_VIRTUAL_PYTHONHOME%" & set "_OLD_VIRTUAL_ENV=%_OLD_VIRTUAL_ENV%" & set "_OLD_VIRTUAL_ENV_PROMPT=%_OLD_VIRTUAL_ENV_PROMPT%" & set "_OLD_VIRTUAL_ACTIVE=%_OLD_VIRTUAL_KEPT%"
@set "PATH=%PATH%;%_OLD_VIRTUAL_PATH%"
@set "PYTHONHOME="
@exit /b 0
