@rem Puts back what activate.bat changed. Does nothing where no environment is active.
@if not defined _OLD_VIRTUAL_ACTIVE exit /b 0
@set "PATH=%_OLD_VIRTUAL_PATH%"
@set "PROMPT=%_OLD_VIRTUAL_PROMPT%"
@set "PYTHONHOME=%_OLD_VIRTUAL_PYTHONHOME%"
@set "VIRTUAL_ENV=%_OLD_VIRTUAL_ENV%"
@set "VIRTUAL_ENV_PROMPT=%_OLD_VIRTUAL_ENV_PROMPT%"
@set "_OLD_VIRTUAL_PATH="
@set "_OLD_VIRTUAL_PROMPT="
@set "_OLD_VIRTUAL_PYTHONHOME="
@set "_OLD_VIRTUAL_ENV="
@set "_OLD_VIRTUAL_ENV_PROMPT="
@set "_OLD_VIRTUAL_ACTIVE="
@exit /b 0
