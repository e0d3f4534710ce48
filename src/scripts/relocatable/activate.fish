    # The directory above this file's; if that is no environment, above what links lead to.
    builtin set -l _OLD_VIRTUAL_DIR (builtin realpath -s (builtin status filename) 2>/dev/null | builtin string replace -r '/[^/]*/[^/]*$' '')
    if not builtin test -e "$_OLD_VIRTUAL_DIR/pyvenv.cfg"
        builtin set _OLD_VIRTUAL_DIR (builtin realpath (builtin status filename) 2>/dev/null | builtin string replace -r '/[^/]*/[^/]*$' '')
    end
    builtin set -l _OLD_VIRTUAL_SHOWN (builtin string replace -r '.*/' '' -- "$_OLD_VIRTUAL_DIR")
