#!/usr/bin/env python3
"""Writes docs/api.txt: the public declarations of src/api, without their documentation. A change to
what users may rely on is then a change to that file, and seen in review.

    api.py            writes docs/api.txt
    api.py --check    says whether it is current; prints the difference if not
"""

import argparse
import difflib
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / 'src'
COMMITTED = ROOT / 'docs' / 'api.txt'
HEAD = '''\
The public declarations of venv.hpp, part by part. Made by tools/api.py from src/api; a test compares
it. What is here is relied on: change it knowingly, and say so in CHANGELOG.md.
'''


def without_comments(text):
    return re.sub(r'[ \t]*//[^\n]*', '', text)


def without_bodies(text):
    """A function that is defined where it is declared: its declaration."""
    return re.sub(r'\)((?: const| noexcept| override)*)(?:\s*:[^{;]*)? \{[^{}]*\}', r')\1;', text)


def without_private(text):
    return re.sub(r'\n[ \t]*private:.*?(?=\n\};)', '', text, flags=re.S)


def declarations(text):
    """What stands between the brackets of a part, but for namespaces of its own."""
    parts = re.findall(r'^VENV_BEGIN$(.*?)^VENV_END$', text, re.M | re.S)
    text = without_private(without_bodies(without_comments('\n'.join(parts))))
    text = re.sub(r'^namespace detail \{.*?^\}', '', text, flags=re.M | re.S)
    text = re.sub(r'\b(VENV_API|VENV_INLINE) ', '', text)
    text = re.sub(r'\([^()]*\)', lambda found: re.sub(r'\s*\n\s*', ' ', found.group()), text)
    text = re.sub(r'(?<=[\w>&*])[ \t]*\n[ \t]*(?=\w)', ' ', text)
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    # One item after the other, an empty line before each that is not inside another.
    inside = re.compile(r' |\}|public:|protected:')
    return '\n'.join('\n' * (number > 0 and not inside.match(line)) + line
                     for number, line in enumerate(lines))


def macros():
    names = re.findall(r'^///.*\n(?:///.*\n|#.*\n)*?#define (VENV_\w+)|^#define (VENV_VERSION_\w+)',
                       (SRC / 'config.hpp').read_text('utf-8'), re.M)
    return sorted({name for pair in names for name in pair if name} | {'VENV_IMPLEMENTATION'})


def public():
    umbrella = (SRC / 'venv.hpp').read_text('utf-8')
    pieces = [HEAD, '---- macros\n\n' + '\n'.join(macros()) + '\n']
    for name in re.findall(r'^#include "(api/[^"]+)"', umbrella, re.M):
        pieces.append('---- %s\n\n%s\n' % (name, declarations((SRC / name).read_text('utf-8'))))
    return '\n'.join(pieces)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument('--check', action='store_true')
    options = parser.parse_args()
    text = public()
    if not options.check:
        COMMITTED.write_text(text, 'utf-8')
        return 0
    old = COMMITTED.read_text('utf-8') if COMMITTED.is_file() else ''
    if old == text:
        return 0
    sys.stdout.writelines(difflib.unified_diff(old.splitlines(True), text.splitlines(True),
                                               'docs/api.txt', 'docs/api.txt made from src/api', n=2))
    print('The public declarations changed. If that is meant, run: python3 tools/api.py', file=sys.stderr)
    return 1


if __name__ == '__main__':
    sys.exit(main())
