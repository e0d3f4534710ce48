# fish completion for venv. Made by tools/completion.py from what --help says; a test compares it.
function __venv_runs
    set -l words (commandline -opc)
    contains -- --run $words; and contains -- -- $words
end
function __venv_program
    set -l words (commandline -opc)
    set -l dashes (contains -i -- -- $words)
    set -l line
    for word in $words[(math $dashes + 1)..]
        set -a line (string escape -- $word)
    end
    set -a line (commandline -ct)
    complete -C "$line"
end
complete -c venv -f -n 'not __venv_runs' -a '(__fish_complete_directories)'
complete -c venv -f -n __venv_runs -a '(__venv_program)'
complete -c venv -n 'not __venv_runs' -l system-site-packages -f -d 'also see the base Python\'s site-packages'
complete -c venv -n 'not __venv_runs' -l symlinks -f -d 'link to the base interpreter (the default but on Windows)'
complete -c venv -n 'not __venv_runs' -l copies -f -d 'copy the base interpreter (the default on Windows); not together with --symlinks'
complete -c venv -n 'not __venv_runs' -l clear -f -d 'empty an existing ENV_DIR first'
complete -c venv -n 'not __venv_runs' -l upgrade -f -d 'fit an existing environment to its base Python, upgraded in place: the one that its pyvenv.cfg names, unless --python says another; not together with --clear'
complete -c venv -n 'not __venv_runs' -l without-pip -f -d 'leave pip out (it is installed by default)'
complete -c venv -n 'not __venv_runs' -l prompt -x -d 'what the shell shows when active (else ENV_DIR\'s last name; ".": the working directory\'s)'
complete -c venv -n 'not __venv_runs' -l upgrade-deps -f -d 'then upgrade pip from the package index'
complete -c venv -n 'not __venv_runs' -l without-scm-ignore-files -f -d 'write no .gitignore, and no CACHEDIR.TAG, by which backups leave the environment out'
complete -c venv -n 'not __venv_runs' -l python -r -F -d 'base Python: a path, a command, or a version such as 3.12, >=3.10, 3.13t, pypy3.10 (else $VENV_HPP_PYTHON, else .python-version, else the first on PATH)'
complete -c venv -n 'not __venv_runs' -l no-python-version -f -d 'read no .python-version'
complete -c venv -n 'not __venv_runs' -l requirement -s r -r -F -d 'then install what a requirements file names; may be repeated'
complete -c venv -n 'not __venv_runs' -l constraint -s c -r -F -d 'in the versions that a constraints file allows; may be repeated'
complete -c venv -n 'not __venv_runs' -l wheel-dir -x -a '(__fish_complete_directories)' -d 'look for wheels in a directory, too; may be repeated'
complete -c venv -n 'not __venv_runs' -l offline -f -d 'ask no package index: only what --wheel-dir holds is installed'
complete -c venv -n 'not __venv_runs' -l require-hashes -f -d 'install only what a hash is given for'
complete -c venv -n 'not __venv_runs' -l only-binary -x -d 'install these packages (or ":all:") from wheels alone; may be repeated'
complete -c venv -n 'not __venv_runs' -l only-pip -f -d 'have pip install what could be laid out without it, too'
complete -c venv -n 'not __venv_runs' -l ensure -f -d 'do nothing when ENV_DIR is what is asked for; else make or mend it'
complete -c venv -n 'not __venv_runs' -l reinstall -f -d 'with --ensure or --check: what was installed for another minor version of Python is wanted for this one, too'
complete -c venv -n 'not __venv_runs' -l stamp -r -F -d 'with --ensure: an empty file that is written anew when something changed, or when it is missing'
complete -c venv -n 'not __venv_runs' -l depfile -r -F -d 'with --stamp: write on which files it depends, for make and Ninja'
complete -c venv -n 'not __venv_runs' -l lock-timeout -x -d 'with --ensure or --remove: how long others are waited for (300)'
complete -c venv -n 'not __venv_runs' -l check -f -d 'say what is wrong with ENV_DIR, start and change nothing, and end: 0: nothing, 3: --ensure would change it, 4: it is broken'
complete -c venv -n 'not __venv_runs' -l info -f -d 'say what ENV_DIR is, its Python and what is installed, and end'
complete -c venv -n 'not __venv_runs' -l environments -f -d 'say which environments lie in a folder, given as ENV_DIR: whose, which Python, when used, how large, what is wrong; and end'
complete -c venv -n 'not __venv_runs' -l run -f -d 'run a program in ENV_DIR: --run ENV_DIR -- PROGRAM [ARGUMENT ...]; "python" is its Python'
complete -c venv -n 'not __venv_runs' -l activate -x -a 'auto bash zsh ksh sh fish csh tcsh pwsh cmd nu xonsh elvish' -d 'print the command that activates ENV_DIR in a shell ("auto": the one in use), and end'
complete -c venv -n 'not __venv_runs' -l remove -f -d 'delete ENV_DIR, if it is an environment'
complete -c venv -n 'not __venv_runs' -l uninstall -x -d 'remove an installed package from ENV_DIR, without pip; may be repeated'
complete -c venv -n 'not __venv_runs' -l list-pythons -f -d 'print which Pythons are found (that --python asks for), and end'
complete -c venv -n 'not __venv_runs' -l json -f -d 'print what is said as JSON; while something is made, one object a line'
complete -c venv -n 'not __venv_runs' -l owner -x -d 'whose ENV_DIR is, for --environments'
complete -c venv -n 'not __venv_runs' -l relocatable -f -d 'scripts and programs find ENV_DIR from where they lie, also those that its pip installs later, so that it can be moved or copied'
complete -c venv -n 'not __venv_runs' -l force -f -d 'with --clear: also a directory that is no environment'
complete -c venv -n 'not __venv_runs' -l durable -f -d 'all reaches the disk before the environment is one'
complete -c venv -n 'not __venv_runs' -l no-compile-bytecode -f -d 'leave pip, and packages from wheels at hand, uncompiled'
complete -c venv -n 'not __venv_runs' -l pip-wheel-dir -x -a '(__fish_complete_directories)' -d 'where pip\'s wheel (and setuptools\') is looked for first'
complete -c venv -n 'not __venv_runs' -l link-mode -x -d 'share installed files with other environments: "hardlink", "clone" or "symlink" ("copy": the default)'
complete -c venv -n 'not __venv_runs' -l no-cache -f -d 'remember nothing, and use nothing remembered'
complete -c venv -n 'not __venv_runs' -l read-only-cache -x -a '(__fish_complete_directories)' -d 'also look in a cache that others filled, such as an image\'s; may be repeated'
complete -c venv -n 'not __venv_runs' -l quiet -f -d 'say nothing but errors; of this and --verbose the last counts'
complete -c venv -n 'not __venv_runs' -l verbose -f -d 'say each step'
complete -c venv -n 'not __venv_runs' -l version -f -d 'print this program\'s version and end'
complete -c venv -n 'not __venv_runs' -l help -s h -f -d 'print this text and end'
