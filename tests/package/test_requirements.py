"""Requirements and markers (PEP 508): those in packaging's own tables, and generated ones."""

import itertools
import re

from support import WHOLE, Case, ask, literals

TABLES = ('test_requirements.py', 'test_markers.py', 'test_metadata.py', 'test_tokenizer.py',
          'test_dependency_groups.py', 'test_utils.py', 'test_specifiers.py')
# In the order in which the program takes them.
NAMES = ('implementation_name', 'implementation_version', 'os_name', 'platform_machine',
         'platform_python_implementation', 'platform_release', 'platform_system',
         'platform_version', 'python_full_version', 'python_version', 'sys_platform')
ENVIRONMENTS = (
    ('cpython', '3.11.4', 'posix', 'x86_64', 'CPython', '6.1.0-13-amd64', 'Linux',
     '#1 SMP Debian 6.1.55-1', '3.11.4', '3.11', 'linux'),
    ('cpython', '3.14.0a2', 'nt', 'AMD64', 'CPython', '10', 'Windows', '10.0.22631', '3.14.0a2+',
     '3.14', 'win32'),
    ('pypy', '7.3.13', 'posix', 'arm64', 'PyPy', '22.6.0', 'Darwin',
     'Darwin Kernel Version 22.6.0', '3.9.18', '3.9', 'darwin'),
)
EXTRAS = ('', 'test', 'foo-bar')


def requirement_or_none(text):
    from packaging.requirements import InvalidRequirement, Requirement
    try:
        return Requirement(text)
    except InvalidRequirement:
        return None


def marker_or_none(text):
    from packaging.markers import InvalidMarker, Marker
    try:
        return Marker(text)
    except InvalidMarker:
        return None


def truth(marker, environment, extra):
    from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
    if marker is None:
        return '1'
    try:
        return '1' if marker.evaluate({**dict(zip(NAMES, environment)), 'extra': extra}) else '0'
    except (UndefinedComparison, UndefinedEnvironmentName):
        return '?'


def requirement_row(text):
    from packaging.utils import canonicalize_name
    found = requirement_or_none(text)
    if found is None:
        return ('requirement', text), ('-',)
    clauses = sorted(operator + version.strip() for operator, version in
                     ((clause.operator, clause.version) for clause in found.specifier))
    return ('requirement', text), (
        found.name, ','.join(sorted(set(map(canonicalize_name, found.extras)))),
        ','.join(clauses), found.url or '', '1' if found.marker else '0')


def marker_rows(kind, text, marker):
    return [((kind, text, extra, *environment), (truth(marker, environment, extra),))
            for environment, extra in itertools.product(ENVIRONMENTS, EXTRAS)]


class Tables(Case):
    def test_requirements(self):
        rows = []
        for text in literals(self.tests, *TABLES):
            row = requirement_row(text)
            # A list of clauses may have one twice there, which is one here as there.
            rows.append(row)
        self.assertGreater(sum(expected != ('-',) for _, expected in rows), 150)
        self.compare(unique_clauses(rows))

    def test_markers(self):
        rows = []
        for text in literals(self.tests, *TABLES):
            marker = marker_or_none(text)
            if marker is None:
                rows.append((('marker', text, '', *ENVIRONMENTS[0]), ('-',)))
            else:
                rows += marker_rows('marker', text, marker)
            found = requirement_or_none(text)
            if found is not None:
                rows += marker_rows('of', text, found.marker)
        self.assertGreater(sum(expected == ('1',) for _, expected in rows), 300)
        self.compare(rows)


def unique_clauses(rows):
    """packaging keeps a clause that stands twice; only in its text, so it is put down to one."""
    return [(question, expected) for question, expected in rows
            if len(expected) == 1 or len(set(expected[2].split(','))) == len(expected[2].split(','))]


class Generated(Case):
    def one(self, *choices):
        return self.random.choice(choices)

    def blank(self):
        return self.one('', ' ', ' ', '  ', '\t')

    def text(self):
        value = self.one('3.9', '3.11', '3.11.4', '3.1', '2.7', '3.*', '3.11.*', '3', 'linux', 'win32', 'posix',
                         'nt', 'CPython', 'cpython', 'pypy', 'x86_64', 'test', 'Foo_Bar', 'foo.bar', 'linux darwin',
                         '', '10', '6.1.0-13-amd64', '22.6.0', '7.3.13', '3.14.0a2', '>=3', 'Linux, Darwin',
                         '3.8 3.9 3.11', '3.14.0a2+local', r'\x33.9', r'a\\b')
        quote = self.one('"', "'")
        return quote + value + quote

    def name(self):
        return self.one(*NAMES, 'extra', 'extra', 'python_version', 'python_version', 'os.name', 'sys.platform',
                        'platform.machine', 'platform.python_implementation', 'python_implementation',
                        *['extras'] * (self.random.random() < 0.1))

    def comparison(self):
        operator = self.one('==', '!=', '<', '<=', '>', '>=', '~=', '===', 'in', 'not in', '==', '>=')
        blank = ' ' if operator[0] in 'in' else self.blank()
        sides = self.one((self.name(), self.text()), (self.name(), self.text()), (self.text(), self.name()),
                         (self.name(), self.name()), (self.text(), self.text()) if self.random.random() < 0.1
                         else (self.name(), self.text()))
        return sides[0] + blank + operator + blank + sides[1]

    def marker(self, depth=0):
        if depth > 3 or self.random.random() < 0.5:
            return self.comparison()
        parts = [self.marker(depth + 1) for _ in range(self.random.randint(2, 3))]
        text = parts[0]
        for part in parts[1:]:
            text += self.one(' and ', ' or ') + part
        return '(%s%s%s)' % (self.blank(), text, self.blank()) if self.random.random() < 0.4 else text

    def requirement(self):
        name = self.one('a', 'foo', 'Foo.Bar', 'foo_bar-baz', 'A1', 'x_')
        extras = self.one('', '', '[a]', '[ A , b_c ]', '[]', '[a,a]')
        clauses = [self.one('>=', '==', '<', '!=', '~=', '===', '<=', '>') + self.blank() +
                   self.one('1.0', '2', '1.2.3', '1.*', '1.0a1', '1!2.0', '1.0+local', 'x.y')
                   for _ in range(self.random.randint(1, 3))]
        specifier = (self.blank() + ',' + self.blank()).join(clauses)
        place = self.one('', specifier, specifier, specifier, '(%s)' % specifier, specifier + ',',
                         '@ https://example.com/a-1.0.zip#x=1', '@git+https://x/y@main', '@ file:///a%20b')
        marker = self.one('', '', ';' + self.blank() + self.marker())
        space = ' ' if '@' in place and marker else self.blank()
        return self.blank() + name + self.blank() + extras + self.blank() + place + space + marker + self.blank()

    def test_markers(self):
        rows = []
        for _ in range(20000 if WHOLE else 1500):
            text = self.marker()
            rows += marker_rows('marker', text, marker_or_none(text)) if marker_or_none(text) else \
                [(('marker', text, '', *ENVIRONMENTS[0]), ('-',))]
        self.compare(rows)
        for answer in '01':
            self.assertGreater(sum(expected == (answer,) for _, expected in rows), 1500)

    def test_requirements(self):
        rows = []
        for _ in range(50000 if WHOLE else 5000):
            text = self.requirement()
            rows.append(requirement_row(text))
            found = requirement_or_none(text)
            if found is not None:
                rows += marker_rows('of', text, found.marker)[:2]
        self.assertGreater(sum(expected != ('-',) for _, expected in rows), 2000)
        self.compare(unique_clauses(rows))

    def test_damaged(self):
        rows = []
        for _ in range(100000 if WHOLE else 10000):
            text = self.requirement()
            at = self.random.randrange(len(text))
            text = text[:at] + self.random.choice(' \t.-_[](),;@"\'=<>~a1é\n\\') * self.random.randint(0, 1) + \
                text[at + self.random.randint(0, 1):]
            # packaging's tokenizer takes a comma behind === for a part of the version when something else is
            # odd about the text; whether the next clause counts then is an accident.
            if not re.search(r'===[^;)]*(,\s*,|\n|[^\x00-\x7f])', text):
                rows.append(requirement_row(text))
        self.assertGreater(sum(expected == ('-',) for _, expected in rows), 1000)
        self.compare(unique_clauses(rows))

    def test_deep_nesting_is_refused(self):
        text = "os_name == 'x'"
        well, deep = '(' * 200 + text + ')' * 200, '(' * 100000 + text + ')' * 100000
        self.assertEqual(ask([('marker', well, '', *ENVIRONMENTS[0]), ('marker', deep, '', *ENVIRONMENTS[0])]),
                         [['0'], ['-']])
