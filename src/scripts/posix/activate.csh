# Activates this environment in csh and tcsh:
#
#   source bin/activate.csh
#
# `deactivate` puts back everything as it was.

# No name is free of what the caller may have under it. So each variable here is a list: ours comes
# first, then `set` and the caller's words, if it was set. What is needed for a moment only:
if ($?_OLD_VIRTUAL_NEW) then
  set _OLD_VIRTUAL_NEW = (. . . . set $_OLD_VIRTUAL_NEW:q)
else
  set _OLD_VIRTUAL_NEW = (. . . .)
endif
set _OLD_VIRTUAL_NEW[1] = __VENV_DIR__
set _OLD_VIRTUAL_NEW[2] = __VENV_PROMPT__
set _OLD_VIRTUAL_NEW[3] = __VENV_BIN_NAME__

if (! -e "$_OLD_VIRTUAL_NEW[1]/pyvenv.cfg" || ! -x "$_OLD_VIRTUAL_NEW[1]/$_OLD_VIRTUAL_NEW[3]/python") then
  /bin/sh -c 'echo "activate: the environment was moved, or its Python is gone; nothing is activated" >&2'
else
  # An environment that is active in this shell goes first.
  if ("x`alias deactivate`" =~ *_OLD_VIRTUAL_*) then
    deactivate
  endif

  # The commands by which deactivate puts back what was, and what that is. First, itself: an alias of
  # the user's that has the same name.
  if ($?_OLD_VIRTUAL_UNDO) then
    set _OLD_VIRTUAL_UNDO = ('unalias deactivate' . . . . set $_OLD_VIRTUAL_UNDO:q)
  else
    set _OLD_VIRTUAL_UNDO = ('unalias deactivate' . . . .)
  endif
  if ("x`alias deactivate`" != x) then
    set _OLD_VIRTUAL_UNDO[2] = "`alias deactivate`"
    set _OLD_VIRTUAL_UNDO[1] = 'alias deactivate $_OLD_VIRTUAL_UNDO[2]:q'
  endif
  set _OLD_VIRTUAL_UNDO[1] = "$_OLD_VIRTUAL_UNDO[1]; unsetenv PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT"
  if ($?PYTHONHOME) then
    set _OLD_VIRTUAL_UNDO[3] = "$PYTHONHOME"
    set _OLD_VIRTUAL_UNDO[1] = "$_OLD_VIRTUAL_UNDO[1]; "'setenv PYTHONHOME "$_OLD_VIRTUAL_UNDO[3]"'
  endif
  if ($?VIRTUAL_ENV) then
    set _OLD_VIRTUAL_UNDO[4] = "$VIRTUAL_ENV"
    set _OLD_VIRTUAL_UNDO[1] = "$_OLD_VIRTUAL_UNDO[1]; "'setenv VIRTUAL_ENV "$_OLD_VIRTUAL_UNDO[4]"'
  endif
  if ($?VIRTUAL_ENV_PROMPT) then
    set _OLD_VIRTUAL_UNDO[5] = "$VIRTUAL_ENV_PROMPT"
    set _OLD_VIRTUAL_UNDO[1] = "$_OLD_VIRTUAL_UNDO[1]; "'setenv VIRTUAL_ENV_PROMPT "$_OLD_VIRTUAL_UNDO[5]"'
  endif

  # Python's own script looks for this name, too. Without PATH the shell still looks in its own path.
  set _OLD_VIRTUAL_UNDO[1] = "$_OLD_VIRTUAL_UNDO[1]; "'setenv PATH "$_OLD_VIRTUAL_PATH[1]"; shift _OLD_VIRTUAL_PATH; if (! $#_OLD_VIRTUAL_PATH) unset _OLD_VIRTUAL_PATH; if ($?_OLD_VIRTUAL_PATH) shift _OLD_VIRTUAL_PATH'
  if (! $?PATH) then
    set path = ($path:q)
    set _OLD_VIRTUAL_UNDO[1] = "$_OLD_VIRTUAL_UNDO[1]; unsetenv PATH"
  endif
  if ($?_OLD_VIRTUAL_PATH) then
    set _OLD_VIRTUAL_PATH = ("$PATH" set $_OLD_VIRTUAL_PATH:q)
  else
    set _OLD_VIRTUAL_PATH = "$PATH"
  endif

  # As Python's own script has it.
  if ("x`alias pydoc`" == x) then
    alias pydoc 'python -m pydoc'
    set _OLD_VIRTUAL_UNDO[1] = "$_OLD_VIRTUAL_UNDO[1]; unalias pydoc"
  endif

  unsetenv PYTHONHOME
  setenv VIRTUAL_ENV "$_OLD_VIRTUAL_NEW[1]"
  setenv VIRTUAL_ENV_PROMPT "$_OLD_VIRTUAL_NEW[2]"

  # In the prompt `!` and, in tcsh, `%`, `^` and backslash are marks, which must be made plain. (csh
  # can't do that itself; 041 is its `!`.)
  if ($?prompt) then
    set _OLD_VIRTUAL_NEW[4] = shown
    if ($?VIRTUAL_ENV_DISABLE_PROMPT) then
      if ("$VIRTUAL_ENV_DISABLE_PROMPT" != "") set _OLD_VIRTUAL_NEW[4] = .
    endif
  endif
  if ("$_OLD_VIRTUAL_NEW[4]" == shown) then
    if ($?tcsh) then
      set _OLD_VIRTUAL_NEW[2] = $_OLD_VIRTUAL_NEW[2]:as,\\,\\\\,:q
      set _OLD_VIRTUAL_NEW[2] = "$_OLD_VIRTUAL_NEW[2]:as/\!/\\!/"
      set _OLD_VIRTUAL_NEW[2] = "$_OLD_VIRTUAL_NEW[2]:as/^/\^/"
      set _OLD_VIRTUAL_NEW[2] = "$_OLD_VIRTUAL_NEW[2]:as/%/%%/"
    else if ("$PATH" != "" && "$VIRTUAL_ENV_PROMPT" =~ *\!*) then
      set _OLD_VIRTUAL_NEW[2] = "`printenv VIRTUAL_ENV_PROMPT | awk -v r='\\\\&' '{ gsub(/\041/, r); print }'`"
    endif
    if ($?_OLD_VIRTUAL_PROMPT) then
      set _OLD_VIRTUAL_PROMPT = ("$prompt" set $_OLD_VIRTUAL_PROMPT:q)
    else
      set _OLD_VIRTUAL_PROMPT = $prompt:q
    endif
    set _OLD_VIRTUAL_UNDO[1] = "$_OLD_VIRTUAL_UNDO[1]; "'set prompt = "$_OLD_VIRTUAL_PROMPT[1]"; shift _OLD_VIRTUAL_PROMPT; if (! $#_OLD_VIRTUAL_PROMPT) unset _OLD_VIRTUAL_PROMPT; if ($?_OLD_VIRTUAL_PROMPT) shift _OLD_VIRTUAL_PROMPT'
    set prompt = "($_OLD_VIRTUAL_NEW[2]) "$prompt:q
  endif

  # PATH comes last: printenv and awk are the user's, whatever the environment installs.
  if ("$PATH" != "") then
    setenv PATH "${VIRTUAL_ENV}/${_OLD_VIRTUAL_NEW[3]}:${PATH}"
  else
    setenv PATH "${VIRTUAL_ENV}/${_OLD_VIRTUAL_NEW[3]}"
  endif
  alias deactivate 'eval "$_OLD_VIRTUAL_UNDO[1]"; set _OLD_VIRTUAL_UNDO = ($_OLD_VIRTUAL_UNDO[6-]:q); if (! $#_OLD_VIRTUAL_UNDO) unset _OLD_VIRTUAL_UNDO; if ($?_OLD_VIRTUAL_UNDO) shift _OLD_VIRTUAL_UNDO; rehash'
  rehash
endif

set _OLD_VIRTUAL_NEW = ($_OLD_VIRTUAL_NEW[5-]:q)
if (! $#_OLD_VIRTUAL_NEW) unset _OLD_VIRTUAL_NEW
if ($?_OLD_VIRTUAL_NEW) shift _OLD_VIRTUAL_NEW
