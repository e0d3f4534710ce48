# Activates this environment in fish:
#
#   source bin/activate.fish
#
# `deactivate` puts back everything as it was. (`builtin`: functions of the user's may have any name.)

begin
    # Local to this block: what the caller has under these names stays.
    builtin set -l _OLD_VIRTUAL_DIR __VENV_DIR__
    builtin set -l _OLD_VIRTUAL_SHOWN __VENV_PROMPT__
    builtin set -l _OLD_VIRTUAL_BIN __VENV_BIN_NAME__
    builtin set -l _OLD_VIRTUAL_NAME
    builtin set -l _OLD_VIRTUAL_VALUE
    builtin set -l _OLD_VIRTUAL_UNDO

    builtin set _OLD_VIRTUAL_BIN $_OLD_VIRTUAL_DIR/$_OLD_VIRTUAL_BIN
    if not builtin test -e $_OLD_VIRTUAL_DIR/pyvenv.cfg -a -x $_OLD_VIRTUAL_BIN/python
        builtin echo 'activate: the environment was moved, or its Python is gone; nothing is activated' >&2
        builtin test -n ''
    else
        # An environment that is active in this shell goes first.
        if builtin set -q _OLD_VIRTUAL_PATH; and builtin functions -q deactivate
            deactivate
        end

        # The commands by which deactivate puts the variables back. Python's own script looks for the
        # last two, which are set below.
        for _OLD_VIRTUAL_NAME in PATH PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT _OLD_VIRTUAL_{PATH,PYTHONHOME}
            builtin set _OLD_VIRTUAL_VALUE (builtin string escape -- $$_OLD_VIRTUAL_NAME)
            if builtin set -qgx $_OLD_VIRTUAL_NAME
                builtin set -a _OLD_VIRTUAL_UNDO "builtin set -gx $_OLD_VIRTUAL_NAME $_OLD_VIRTUAL_VALUE"
            else if builtin set -qg $_OLD_VIRTUAL_NAME
                builtin set -a _OLD_VIRTUAL_UNDO "builtin set -gu $_OLD_VIRTUAL_NAME $_OLD_VIRTUAL_VALUE"
            else
                builtin set -a _OLD_VIRTUAL_UNDO "builtin set -e -g $_OLD_VIRTUAL_NAME"
            end
        end

        builtin set -g _OLD_VIRTUAL_PATH $PATH
        builtin set -q PYTHONHOME; and builtin set -g _OLD_VIRTUAL_PYTHONHOME $PYTHONHOME
        builtin set -e -g PYTHONHOME
        # An empty one hides a universal one; Python takes it for unset.
        builtin set -qUx PYTHONHOME; and builtin set -gx PYTHONHOME ""
        builtin set -gx VIRTUAL_ENV $_OLD_VIRTUAL_DIR
        builtin set -gx VIRTUAL_ENV_PROMPT $_OLD_VIRTUAL_SHOWN
        builtin set -g PATH $_OLD_VIRTUAL_BIN $PATH

        # The user's prompt runs first, while $status and $pipestatus are still the last command's.
        if builtin functions -q fish_prompt; and builtin test -z "$VIRTUAL_ENV_DISABLE_PROMPT"
            builtin functions -e _OLD_VIRTUAL_PROMPT
            builtin functions -c fish_prompt _OLD_VIRTUAL_PROMPT
            builtin functions -e fish_prompt
            builtin set -a _OLD_VIRTUAL_UNDO 'builtin functions -e fish_prompt' \
                'builtin functions -c _OLD_VIRTUAL_PROMPT fish_prompt' \
                'builtin functions -e _OLD_VIRTUAL_PROMPT'
            function fish_prompt
                builtin set -l _OLD_VIRTUAL_SHOWN (_OLD_VIRTUAL_PROMPT $argv)
                builtin printf '(%s) ' "$VIRTUAL_ENV_PROMPT"
                builtin string join -- \n $_OLD_VIRTUAL_SHOWN
            end
        end

        # A function of the user's that is called deactivate comes back in the end.
        builtin set -a _OLD_VIRTUAL_UNDO 'builtin functions -e deactivate'
        if builtin functions -q deactivate
            builtin functions -e _OLD_VIRTUAL_DEACTIVATE
            builtin functions -c deactivate _OLD_VIRTUAL_DEACTIVATE
            builtin functions -e deactivate
            builtin set -a _OLD_VIRTUAL_UNDO 'builtin functions -c _OLD_VIRTUAL_DEACTIVATE deactivate' \
                'builtin functions -e _OLD_VIRTUAL_DEACTIVATE'
        end
        builtin string join -- \n "function deactivate -d 'Deactivates the Python environment'" \
            $_OLD_VIRTUAL_UNDO end | builtin source
    end
end
