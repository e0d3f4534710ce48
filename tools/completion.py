#!/usr/bin/env python3
"""Writes what a shell and `man` know of the program, from what its --help says: completion for bash, zsh
and fish, and the manual page, all in packaging/.

    completion.py PROGRAM            writes them
    completion.py PROGRAM --check    says whether they are current; prints the difference if not
"""

import argparse
import difflib
import re
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / 'packaging'
SHELLS = 'auto bash zsh ksh sh fish csh tcsh pwsh cmd nu xonsh elvish'
MADE_BY = 'Made by tools/completion.py from what --help says; a test compares it.'


class Option:
    def __init__(self, name, letter, value, text):
        self.name, self.letter, self.value, self.text = name, letter, value, text
        self.is_repeatable = 'may be repeated' in text
        self.spellings = [name] + (['-' + letter] if letter else [])


def read_help(text):
    """The options, and the paragraphs behind them."""
    options, rest = text.split('\noptions:\n', 1)[1].split('\n\n', 1)
    found = []
    for line in options.splitlines():
        entry = re.match(r'  (--[a-z-]+)(?:, -(\w))?(?: ([A-Z]+))?(?: +(.*))?$', line)
        if entry:
            found.append(Option(*(group or '' for group in entry.groups())))
        else:
            found[-1].text += ('\n' if found[-1].text else '') + line.strip()
    for option in found:
        option.text = option.text.replace('\n', ' ')
    return found, rest


# ---- bash ----

BASH = '''\
# bash completion for venv. {made_by}
_venv_offer() {{
  local word
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen "$@" -- "$current")
}}
_venv() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}} i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; ++i)); do # the program that --run runs
    if [[ ${{COMP_WORDS[i]}} == -- && " ${{COMP_WORDS[*]:1:i}} " == *' --run '* ]]; then
      if ((i + 1 == COMP_CWORD)); then _venv_offer -c; else _venv_offer -f; fi
      return
    fi
  done
  if [[ $current == '=' ]]; then # --name=value is three words
    current=
  elif [[ $before == '=' ]]; then
    before=${{COMP_WORDS[COMP_CWORD - 2]}}
  fi
  case $before in
{cases}
  esac
  if [[ $current == -* ]]; then
    _venv_offer -W '{names}'
  else
    _venv_offer -d
  fi
}}
complete -o filenames -F _venv venv
'''
BASH_VALUES = {'FILE': '-f', 'DIR': '-d', 'SHELL': "-W '%s'" % SHELLS, 'REQUEST': '-c -A file'}


def bash(options):
    cases = []
    for value in sorted({option.value for option in options if option.value}):
        names = [name for option in options if option.value == value for name in option.spellings]
        then = BASH_VALUES.get(value)
        cases.append('    %s)\n%s      return ;;' % (
            ' | '.join(names), '      _venv_offer %s\n' % then if then else ''))
    names = [name for option in options for name in option.spellings]
    return BASH.format(made_by=MADE_BY, cases='\n'.join(cases), names=' '.join(names))


# ---- zsh ----

ZSH = '''\
#compdef venv
# zsh completion for venv. {made_by}
local -i dashes=${{words[(i)--]}}
if (( ${{words[(I)--run]}} && dashes < CURRENT )); then # the program that --run runs
  shift dashes words
  (( CURRENT -= dashes ))
  _normal
  return
fi
_arguments -s -S \\
{specs}
  '*:environment:_files -/'
'''
ZSH_VALUES = {'FILE': '_files', 'DIR': '_files -/', 'SHELL': '(%s)' % SHELLS,
              'REQUEST': '{_command_names -e; _files}'}


def zsh(options):
    specs = []
    for option in options:
        text = re.sub(r'([\[\]:\\])', r'\\\1', option.text).replace("'", "'\\''")
        value = ":%s:%s" % (option.value, ZSH_VALUES.get(option.value, ' ')) if option.value else ''
        end = '=' if value else ''
        others = '*' if option.is_repeatable else '(%s)' % ' '.join(option.spellings)
        if option.letter:
            spelled = "'{%s,%s}'" % ('-' + option.letter + ('+' if value else ''), option.name + end)
        else:
            spelled = option.name + end
        specs.append("  '%s%s[%s]%s' \\" % (others, spelled, text, value))
    return ZSH.format(made_by=MADE_BY, specs='\n'.join(specs))


# ---- fish ----

FISH = '''\
# fish completion for venv. {made_by}
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
'''
FISH_VALUES = {'FILE': '-r -F', 'DIR': "-x -a '(__fish_complete_directories)'", 'SHELL': "-x -a '%s'" % SHELLS,
               'REQUEST': '-r -F'}


def fish(options):
    lines = [FISH.format(made_by=MADE_BY)]
    for option in options:
        text = option.text.replace('\\', '\\\\').replace("'", "\\'")
        value = FISH_VALUES.get(option.value, '-x') if option.value else '-f'
        letter = ' -s ' + option.letter if option.letter else ''
        lines.append("complete -c venv -n 'not __venv_runs' -l %s%s %s -d '%s'\n" % (
            option.name[2:], letter, value, text))
    return ''.join(lines)


# ---- man ----

MAN = r'''.\" %s
.TH VENV 1
.SH NAME
venv \- make and use Python virtual environments
.SH SYNOPSIS
.B venv
.RI [ options ]
.IR ENV_DIR " [" ENV_DIR " ...]"
.br
.B venv \-\-run
.I ENV_DIR
.B \-\-
.IR PROGRAM " [" ARGUMENT " ...]"
.SH DESCRIPTION
Makes Python virtual environments in one or more directories, as
.B python \-m venv
does, in milliseconds, and uses them. A directory may be a new one or one that is there; what lies in it stays
unless
.B \-\-clear
is given.
.SH OPTIONS
'''
MAN_END = r'''.SH EXIT STATUS
0; 1 on failure, with one line on standard error, and perhaps a hint; 2 for a wrong command line. With
.B \-\-check
0 when nothing has to be done, 3 when
.B \-\-ensure
would change something, 4 when something is broken. With
.B \-\-run
the program's; 127 when there is none, 126 when it can't be started.
.SH ENVIRONMENT
.TP
.B VENV_HPP_PYTHON
The base Python, where
.B \-\-python
doesn't say which.
.TP
.B VENV_HPP_NO_CACHE
Anything but 0: as
.BR \-\-no\-cache .
.TP
.B NO_COLOR
Anything: the help and errors have no colours on a terminal either.
.TP
.BR XDG_CACHE_HOME
What is remembered lies in
.I venv.hpp
there; else in
.IR ~/.cache/venv.hpp .
.SH EXAMPLES
.nf
venv .venv && . .venv/bin/activate
venv \-\-ensure \-\-python 3.12 \-r requirements.txt .venv
venv \-\-check \-\-json .venv
venv \-\-run .venv \-\- python \-m app
eval "$(venv \-\-activate bash .venv)"
.fi
.SH SEE ALSO
.BR python3 (1)
'''


def in_man(text):
    text = text.replace('\\', '\\e').replace('-', '\\-').replace("'", '\\(aq')
    return '\\&' + text if text.startswith('.') else text


def man(options, rest):
    lines = [MAN % MADE_BY]
    for option in options:
        value = ' \\fI%s\\fR' % option.value if option.value else ''
        spelled = ', '.join('\\fB%s\\fR%s' % (in_man(name), value) for name in reversed(option.spellings))
        lines.append('.TP\n%s\n%s.\n' % (spelled, in_man(option.text[0].upper() + option.text[1:])))
    about = [in_man(' '.join(paragraph.split())) for paragraph in rest.split('\n\n')]
    about[-1] = about[-1].split(' Exit code:')[0]
    lines.append('.SH ACTIVATION\n' + about[0] + '\n.PP\n.RS\n' + about[1] + '\n.RE\n.PP\n' + about[2] + '\n')
    return ''.join(lines) + MAN_END


def files(program):
    """{name in packaging/: text}"""
    text = subprocess.run([program, '--help'], check=True, stdout=subprocess.PIPE, encoding='utf-8').stdout
    options, rest = read_help(text)
    return {'venv.bash': bash(options), '_venv': zsh(options), 'venv.fish': fish(options), 'venv.1': man(options, rest)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('program', help='the program, built from what is there')
    parser.add_argument('--check', action='store_true', help='compare, write nothing')
    arguments = parser.parse_args()
    is_current = True
    for name, text in files(arguments.program).items():
        path = FOLDER / name
        before = path.read_text('utf-8') if path.exists() else ''
        if before == text:
            continue
        if arguments.check:
            is_current = False
            sys.stdout.writelines(difflib.unified_diff(before.splitlines(True), text.splitlines(True),
                                                       'packaging/' + name, 'from --help'))
        else:
            path.write_text(text, 'utf-8')
    if not is_current:
        sys.exit('packaging/ is not current: run tools/completion.py PROGRAM')


if __name__ == '__main__':
    main()
