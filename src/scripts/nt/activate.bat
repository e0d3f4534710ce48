@rem Activates this environment in cmd.exe:  Scripts\activate.bat
@rem "deactivate" puts back everything as it was.
@rem Every line has its own "@": "echo off" would stay off in a batch file that calls this one.
@setlocal EnableExtensions DisableDelayedExpansion

@rem This file is UTF-8, so the code page is that while the names are read.
@set "_venv_page="
@set "_venv_chcp=%SystemRoot%\System32\chcp.com"
@for /f "tokens=2 delims=:." %%i in ('"%_venv_chcp%"') do @set "_venv_page=%%i"
@if defined _venv_page "%_venv_chcp%" 65001 >nul
@set "_venv_dir=__VENV_DIR__"
@set "_venv_name=__VENV_PROMPT__"
@set "_venv_bin=__VENV_BIN_NAME__"
@if defined _venv_page "%_venv_chcp%" %_venv_page% >nul

@rem What was; over an environment that is active already, what was before that one.
@if not defined _VENV_ACTIVE set "_OLD_VIRTUAL_PATH=%PATH%"
@if not defined _VENV_ACTIVE set "_OLD_VIRTUAL_PROMPT=%PROMPT%"
@if not defined _VENV_ACTIVE set "_OLD_VIRTUAL_PYTHONHOME=%PYTHONHOME%"
@if not defined _VENV_ACTIVE set "_OLD_VIRTUAL_ENV=%VIRTUAL_ENV%"
@if not defined _VENV_ACTIVE set "_OLD_VIRTUAL_ENV_PROMPT=%VIRTUAL_ENV_PROMPT%"

@rem In PROMPT a "$" is doubled.
@set "_venv_old=%_OLD_VIRTUAL_PROMPT%"
@if not defined _venv_old set "_venv_old=$P$G"
@set "_venv_shown=() "
@if defined _venv_name set "_venv_shown=(%_venv_name:$=$$%) "
@set "_venv_shown=%_venv_shown%%_venv_old%"
@if defined VIRTUAL_ENV_DISABLE_PROMPT set "_venv_shown=%_OLD_VIRTUAL_PROMPT%"

@rem A line is expanded before its "endlocal" takes effect, which is how values get out of here. (If
@rem the caller has enabled delayed expansion, cmd then takes "!" out of them.)
@endlocal & set "VIRTUAL_ENV=%_venv_dir%" & set "VIRTUAL_ENV_PROMPT=%_venv_name%" & set "PROMPT=%_venv_shown%" & set "_venv_bin=%_venv_dir%\%_venv_bin%" & set "_OLD_VIRTUAL_PATH=%_OLD_VIRTUAL_PATH%" & set "_OLD_VIRTUAL_PROMPT=%_OLD_VIRTUAL_PROMPT%" & set "_OLD_VIRTUAL_PYTHONHOME=%_OLD_VIRTUAL_PYTHONHOME%" & set "_OLD_VIRTUAL_ENV=%_OLD_VIRTUAL_ENV%" & set "_OLD_VIRTUAL_ENV_PROMPT=%_OLD_VIRTUAL_ENV_PROMPT%"
@set "PATH=%_venv_bin%;%_OLD_VIRTUAL_PATH%"
@set "PYTHONHOME="
@set "_venv_bin="
@set "_VENV_ACTIVE=1"
@exit /b 0
