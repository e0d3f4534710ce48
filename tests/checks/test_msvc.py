"""What MSVC refuses, which is on none of these machines, as far as the text tells. docs/platforms.md says what
else is known of it."""

import re

from machine import ROOT
from support import Case, sources

# C2026: "string too big, trailing characters truncated", before neighbouring literals are joined; and C1091 behind it.
LONGEST, LONGEST_JOINED = 16380, 65535
COMMENT_OR_TEXT = re.compile(r"""
    //[^\n]* | /\*.*?\*/ |
    (?:u8|[uUL])?R"(?P<mark>[^()\s]*)\((?P<raw>.*?)\)(?P=mark)" |
    (?:u8|[uUL])?"(?P<text>(?:\\.|[^"\\\n])*)" |
    '(?:\\.|[^'\\\n])+' | [0-9a-fA-F]'[0-9a-fA-F]""", re.S | re.X)
# GNU's, POSIX's, later standards' and C's: MSVC has them not, or (alternative tokens) only with /permissive-.
REFUSED = re.compile(r"""
    __attribute__ | __builtin_ | __int128 | __typeof | __thread\b | \basm\b | \?\s*:(?!:) | \bcase\b[^:\n]*\.\.\. |
    \b(?:ssize_t|mode_t|pid_t)\b |
    \b(?:and|or|not|xor|bitand|bitor|compl|and_eq|or_eq|xor_eq|not_eq)\b | [{,]\s*\.\w+\s*=[^=] |
    \b(?:getenv|strerror|fopen|sprintf|strcpy|localtime|gmtime)\s*\(  # C4996
    """, re.X)


def code_alone(text):
    """Without comments, texts and letters, and without what is for GNU's compiler and Clang alone."""
    text = COMMENT_OR_TEXT.sub(
        lambda found: (' ' if found.group().startswith('/') else '""') + '\n' * found.group().count('\n'), text)
    kept, hidden = [], 0
    for line in text.splitlines():
        if hidden:
            hidden += line.lstrip().startswith('#if')
            hidden -= line.lstrip().startswith('#endif')
            if hidden == 1 and line.lstrip().startswith(('#else', '#elif')):
                hidden = 0
        elif line.startswith('#if defined(__GNUC__)'):
            hidden = 1
        kept.append('' if hidden else line)
    return kept


class Msvc(Case):
    def test_texts_are_no_longer_than_it_takes(self):
        text = (ROOT / 'venv.hpp').read_text('utf-8')
        lengths, joined, end = [], 0, 0
        for found in COMMENT_OR_TEXT.finditer(text):
            value = found['raw'] if found['raw'] is not None else found['text']
            if value is None:
                continue
            length = len(value.encode())
            joined = joined + length if not text[end:found.start()].strip() else length
            end = found.end()
            lengths.append((length, joined, text.count('\n', 0, found.start()) + 1))
        self.assertGreater(max(lengths)[0], 1000)  # the scripts are among them
        self.assertEqual([row for row in lengths if row[0] > LONGEST or row[1] > LONGEST_JOINED], [])

    def test_what_is_no_standard_c_plus_plus_is_for_others_alone(self):
        for path in sources('src/**/*.hpp'):
            if path.name.endswith('.posix.hpp'):
                continue
            for number, line in enumerate(code_alone(path.read_text('utf-8')), 1):
                if path.name == 'config.hpp' and 'VENV_HIDDEN' in line:
                    continue  # chosen by the compiler
                self.assertIsNone(REFUSED.search(line), '%s:%d: %s' % (path, number, line))

    def test_this_test_sees_what_it_looks_for(self):
        for line in ('int a = x ?: y;', 'if (a and b) {}', 'ssize_t n;', 'S s{.a = 1};', '__builtin_trap();',
                     'case 1 ... 3: x;', 'std::getenv("A");'):
            self.assertTrue(any(map(REFUSED.search, code_alone(line))), line)
        for line in ('a ? b : c;', '// and', 'f("a and b");', "x == '?' ? 1 : 2",
                     '#if defined(__GNUC__)\n__builtin_x();\n#endif'):
            self.assertFalse(any(map(REFUSED.search, code_alone(line))), line)
