# csh doesn't say where this file lies, but has it open, which Linux tells: this shell, or the one that it
# was forked from for a command. Else the caller has to, by VIRTUAL_ENV_DIR, which is for this one time
# (and here carries the question).
set _OLD_VIRTUAL_NEW[1] = ''
if ($?VIRTUAL_ENV_DIR) then
  set _OLD_VIRTUAL_NEW[1] = "$VIRTUAL_ENV_DIR"
endif
setenv VIRTUAL_ENV_DIR 'd= p=$PPID; for i in 1 2 3; do for f in /proc/$p/fd/*; do f=$(readlink "$f"); case $f in */activate.csh) if [ -e "${f%/*/*}/pyvenv.cfg" ]; then d=${f%/*/*}; fi ;; esac; done; if [ -n "$d" ]; then break; fi; read -r p </proc/$p/stat || break; p=${p##*\) }; p=${p#* }; p=${p%% *}; done 2>/dev/null; printf "%s\n" "$d"'
set _OLD_VIRTUAL_NEW[4] = "`printenv VIRTUAL_ENV_DIR | /bin/sh`"
unsetenv VIRTUAL_ENV_DIR
unset VIRTUAL_ENV_DIR
if ("$_OLD_VIRTUAL_NEW[4]" != "") then
  set _OLD_VIRTUAL_NEW[1] = "$_OLD_VIRTUAL_NEW[4]"
else if ("$_OLD_VIRTUAL_NEW[1]" == "") then
  /bin/sh -c 'echo "activate: this shell does not say where this file lies: set VIRTUAL_ENV_DIR to its environment before" >&2'
endif
set _OLD_VIRTUAL_NEW[4] = .
set _OLD_VIRTUAL_NEW[2] = $_OLD_VIRTUAL_NEW[1]:t:q
