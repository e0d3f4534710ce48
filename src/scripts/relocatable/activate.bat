@for %%i in ("%~dp0..") do @set "_OLD_VIRTUAL_DIR=%%~fi"
@for %%i in ("%_OLD_VIRTUAL_DIR%") do @set "_OLD_VIRTUAL_NAME=%%~nxi"
