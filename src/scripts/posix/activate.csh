# Activates this environment in csh and tcsh:
#
#   source bin/activate.csh
#
# `deactivate` puts back everything as it was.

# An environment that is active in this shell goes first.
set _venv = "`alias deactivate`"
if (($?_venv_undo || $?_OLD_VIRTUAL_PATH) && "$_venv" != "") then
  deactivate
  set _venv = "`alias deactivate`"
endif

# _venv_undo collects the commands by which deactivate puts back what was. First, itself: an alias
# of the user's that has the same name.
if ("$_venv" != "") then
  set _OLD_VIRTUAL_ALIAS = $_venv:q
  set _venv_undo = 'alias deactivate $_OLD_VIRTUAL_ALIAS:q; unset _OLD_VIRTUAL_ALIAS'
else
  set _venv_undo = 'unalias deactivate'
endif
foreach _venv (PATH PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT)
  set _venv_undo = "$_venv_undo; unsetenv $_venv"
  set _venv_old = _OLD_VIRTUAL_$_venv
  if ($_venv == VIRTUAL_ENV_PROMPT) set _venv_old = _OLD_VIRTUAL_ENV_PROMPT # 30 letters at most
  eval 'set _venv_set = $?'$_venv
  if ($_venv_set) then
    eval "set $_venv_old = "'$'"${_venv}:q"
    set _venv_undo = "$_venv_undo; setenv $_venv "'"$'"$_venv_old"'"'"; unset $_venv_old"
  endif
end

# Without PATH the shell still looks in its own path.
if (! $?PATH) then
  set _OLD_VIRTUAL_PATH = ($path:q)
  set _venv_undo = "$_venv_undo; "'set path = ($_OLD_VIRTUAL_PATH:q); unsetenv PATH; unset _OLD_VIRTUAL_PATH'
  set path = ($path:q)
endif

unsetenv PYTHONHOME
setenv VIRTUAL_ENV __VENV_DIR__
setenv VIRTUAL_ENV_PROMPT __VENV_PROMPT__
set _venv = __VENV_BIN_NAME__

# In the prompt `!` and, in tcsh, `%`, `^` and backslash are marks, which must be made plain. (csh
# can't do that itself; 041 is its `!`.)
set _venv_shown = ""
if ($?prompt) then
  set _venv_shown = yes
  if ($?VIRTUAL_ENV_DISABLE_PROMPT) then
    if ("$VIRTUAL_ENV_DISABLE_PROMPT" != "") set _venv_shown = ""
  endif
endif
if ("$_venv_shown" != "") then
  set _venv_shown = $VIRTUAL_ENV_PROMPT:q
  if ($?tcsh) then
    set _venv_shown = $_venv_shown:as,\\,\\\\,:q
    set _venv_shown = "$_venv_shown:as/\!/\\!/"
    set _venv_shown = "$_venv_shown:as/^/\^/"
    set _venv_shown = "$_venv_shown:as/%/%%/"
  else if ("$PATH" != "" && "$_venv_shown" =~ *\!*) then
    set _venv_shown = "`printenv VIRTUAL_ENV_PROMPT | awk -v r='\\\\&' '{ gsub(/\041/, r); print }'`"
  endif
  set _OLD_VIRTUAL_PROMPT = $prompt:q
  set _venv_undo = "$_venv_undo; "'set prompt = $_OLD_VIRTUAL_PROMPT:q; unset _OLD_VIRTUAL_PROMPT'
  set prompt = "($_venv_shown) "$prompt:q
endif

# PATH comes last: printenv and awk are the user's, whatever the environment installs.
if ("$PATH" != "") then
  setenv PATH "${VIRTUAL_ENV}/${_venv}:${PATH}"
else
  setenv PATH "${VIRTUAL_ENV}/${_venv}"
endif
alias deactivate 'eval "$_venv_undo; unset _venv_undo; rehash"'
rehash
unset _venv _venv_old _venv_set _venv_shown
