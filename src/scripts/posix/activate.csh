# Activates this environment in csh and tcsh:
#
#   source bin/activate.csh
#
# `deactivate` puts back everything as it was.

# An environment that is active in this shell goes first.
set _OLD_VIRTUAL_NAME = "`alias deactivate`"
if (($?_OLD_VIRTUAL_UNDO || $?_OLD_VIRTUAL_PATH) && "$_OLD_VIRTUAL_NAME" != "") then
  deactivate
  set _OLD_VIRTUAL_NAME = "`alias deactivate`"
endif

# _OLD_VIRTUAL_UNDO collects the commands by which deactivate puts back what was. First, itself: an alias
# of the user's that has the same name.
if ("$_OLD_VIRTUAL_NAME" != "") then
  set _OLD_VIRTUAL_ALIAS = $_OLD_VIRTUAL_NAME:q
  set _OLD_VIRTUAL_UNDO = 'alias deactivate $_OLD_VIRTUAL_ALIAS:q; unset _OLD_VIRTUAL_ALIAS'
else
  set _OLD_VIRTUAL_UNDO = 'unalias deactivate'
endif
foreach _OLD_VIRTUAL_NAME (PATH PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT)
  set _OLD_VIRTUAL_UNDO = "$_OLD_VIRTUAL_UNDO; unsetenv $_OLD_VIRTUAL_NAME"
  set _OLD_VIRTUAL_OLD = _OLD_VIRTUAL_$_OLD_VIRTUAL_NAME
  if ($_OLD_VIRTUAL_NAME == VIRTUAL_ENV_PROMPT) set _OLD_VIRTUAL_OLD = _OLD_VIRTUAL_ENV_PROMPT # 30 letters at most
  eval 'set _OLD_VIRTUAL_SET = $?'$_OLD_VIRTUAL_NAME
  if ($_OLD_VIRTUAL_SET) then
    eval "set $_OLD_VIRTUAL_OLD = "'$'"${_OLD_VIRTUAL_NAME}:q"
    set _OLD_VIRTUAL_UNDO = "$_OLD_VIRTUAL_UNDO; setenv $_OLD_VIRTUAL_NAME "'"$'"$_OLD_VIRTUAL_OLD"'"'"; unset $_OLD_VIRTUAL_OLD"
  endif
end

# Without PATH the shell still looks in its own path.
if (! $?PATH) then
  set _OLD_VIRTUAL_PATH = ($path:q)
  set _OLD_VIRTUAL_UNDO = "$_OLD_VIRTUAL_UNDO; "'set path = ($_OLD_VIRTUAL_PATH:q); unsetenv PATH; unset _OLD_VIRTUAL_PATH'
  set path = ($path:q)
endif

# As Python's own script has it.
set _OLD_VIRTUAL_NAME = "`alias pydoc`"
if ("$_OLD_VIRTUAL_NAME" == "") then
  alias pydoc 'python -m pydoc'
  set _OLD_VIRTUAL_UNDO = "$_OLD_VIRTUAL_UNDO; unalias pydoc"
endif

unsetenv PYTHONHOME
setenv VIRTUAL_ENV __VENV_DIR__
setenv VIRTUAL_ENV_PROMPT __VENV_PROMPT__
set _OLD_VIRTUAL_NAME = __VENV_BIN_NAME__

# In the prompt `!` and, in tcsh, `%`, `^` and backslash are marks, which must be made plain. (csh
# can't do that itself; 041 is its `!`.)
set _OLD_VIRTUAL_SHOWN = ""
if ($?prompt) then
  set _OLD_VIRTUAL_SHOWN = yes
  if ($?VIRTUAL_ENV_DISABLE_PROMPT) then
    if ("$VIRTUAL_ENV_DISABLE_PROMPT" != "") set _OLD_VIRTUAL_SHOWN = ""
  endif
endif
if ("$_OLD_VIRTUAL_SHOWN" != "") then
  set _OLD_VIRTUAL_SHOWN = $VIRTUAL_ENV_PROMPT:q
  if ($?tcsh) then
    set _OLD_VIRTUAL_SHOWN = $_OLD_VIRTUAL_SHOWN:as,\\,\\\\,:q
    set _OLD_VIRTUAL_SHOWN = "$_OLD_VIRTUAL_SHOWN:as/\!/\\!/"
    set _OLD_VIRTUAL_SHOWN = "$_OLD_VIRTUAL_SHOWN:as/^/\^/"
    set _OLD_VIRTUAL_SHOWN = "$_OLD_VIRTUAL_SHOWN:as/%/%%/"
  else if ("$PATH" != "" && "$_OLD_VIRTUAL_SHOWN" =~ *\!*) then
    set _OLD_VIRTUAL_SHOWN = "`printenv VIRTUAL_ENV_PROMPT | awk -v r='\\\\&' '{ gsub(/\041/, r); print }'`"
  endif
  set _OLD_VIRTUAL_PROMPT = $prompt:q
  set _OLD_VIRTUAL_UNDO = "$_OLD_VIRTUAL_UNDO; "'set prompt = $_OLD_VIRTUAL_PROMPT:q; unset _OLD_VIRTUAL_PROMPT'
  set prompt = "($_OLD_VIRTUAL_SHOWN) "$prompt:q
endif

# PATH comes last: printenv and awk are the user's, whatever the environment installs.
if ("$PATH" != "") then
  setenv PATH "${VIRTUAL_ENV}/${_OLD_VIRTUAL_NAME}:${PATH}"
else
  setenv PATH "${VIRTUAL_ENV}/${_OLD_VIRTUAL_NAME}"
endif
alias deactivate 'eval "$_OLD_VIRTUAL_UNDO; unset _OLD_VIRTUAL_UNDO; rehash"'
rehash
unset _OLD_VIRTUAL_NAME _OLD_VIRTUAL_OLD _OLD_VIRTUAL_SET _OLD_VIRTUAL_SHOWN
