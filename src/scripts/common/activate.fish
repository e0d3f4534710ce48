# Activates this environment in fish:
#
#   source bin/activate.fish
#
# `deactivate` puts back everything as it was.

# An environment that is active in this shell goes first.
if set -q _OLD_VIRTUAL_PATH; and functions -q deactivate
    deactivate
end

# _VENV_UNDO collects the commands by which deactivate puts the variables back.
set -g _VENV_UNDO
for _venv in PATH PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT
    set -g _OLD_VIRTUAL_$_venv $$_venv
    if set -qgx $_venv
        set -a _VENV_UNDO "set -gx $_venv \$_OLD_VIRTUAL_$_venv"
    else if set -qg $_venv
        set -a _VENV_UNDO "set -gu $_venv \$_OLD_VIRTUAL_$_venv"
    else
        set -a _VENV_UNDO "set -e -g $_venv"
    end
    set -a _VENV_UNDO "set -e -g _OLD_VIRTUAL_$_venv"
end

set -e -g PYTHONHOME
set -qUx PYTHONHOME; and set -gx PYTHONHOME "" # hides a universal one; Python takes it for unset
set -gx VIRTUAL_ENV __VENV_DIR__
set -gx VIRTUAL_ENV_PROMPT __VENV_PROMPT__
set _venv __VENV_BIN_NAME__
set -g PATH $VIRTUAL_ENV/$_venv $PATH
set -e _venv

# Gives function $argv[1] the name $argv[2], which no other function keeps.
function _venv_rename
    functions -e $argv[2]
    if functions -q $argv[1]
        functions -c $argv[1] $argv[2]
        functions -e $argv[1]
    end
end

# The user's prompt runs first, while $status and $pipestatus are still those of the last command.
if functions -q fish_prompt; and test -z "$VIRTUAL_ENV_DISABLE_PROMPT"
    _venv_rename fish_prompt _old_virtual_prompt
    set -a _VENV_UNDO '_venv_rename _old_virtual_prompt fish_prompt'
    function fish_prompt
        set -l prompt (_old_virtual_prompt $argv)
        printf '(%s) ' "$VIRTUAL_ENV_PROMPT"
        string join -- \n $prompt
    end
end

# A function of the user's that is called deactivate comes back in the end.
_venv_rename deactivate _old_virtual_deactivate
function deactivate -d 'Deactivates the Python environment'
    for command in $_VENV_UNDO
        eval $command
    end
    _venv_rename _old_virtual_deactivate deactivate
    functions -e _venv_rename
    set -e -g _VENV_UNDO
end
