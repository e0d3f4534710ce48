"""Versions and specifiers (PEP 440): every one in packaging's own tables, and generated ones."""

import itertools

from support import WHOLE, Case, literals

TABLES = ('test_version.py', 'test_specifiers.py', 'test_ranges.py', 'test_utils.py', 'test_tags.py',
          'test_requirements.py', 'test_metadata.py', 'test_markers.py')
# packaging has numbers without an end; ours end at 18 digits, which is what fits into a machine's.
LONG = 18


def version_or_none(text):
    from packaging.version import InvalidVersion, Version
    try:
        return Version(text)
    except InvalidVersion:
        return None


def specifier_or_none(text):
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    try:
        return SpecifierSet(text)
    except InvalidSpecifier:
        return None


def has_long_number(version):
    numbers = [version.epoch, *version.release, version.post or 0, version.dev or 0,
               *(version.pre or ())[1:]]
    return any(number >= 10 ** LONG for number in numbers)


class Versions(Case):
    def texts(self):
        """The tables' texts, each also without the operator that it may begin with."""
        found = set(literals(self.tests, *TABLES))
        found |= {text.lstrip('=<>!~ ') for text in found}
        return sorted(found)

    def test_tables(self):
        rows = []
        for text in self.texts():
            version = version_or_none(text)
            if version is None:
                rows.append((('version', text), ('-',)))
            elif not has_long_number(version):
                rows.append((('version', text),
                             (str(version), '1' if version.is_prerelease else '0')))
        self.assertGreater(sum(expected != ('-',) for _, expected in rows), 300)
        self.compare(rows)

    def test_order_of_tables(self):
        found = [(text, version_or_none(text)) for text in self.texts()]
        found = [(text, version) for text, version in found
                 if version is not None and not has_long_number(version)]
        pairs = list(itertools.product(found, found))
        if not WHOLE:
            pairs = self.random.sample(pairs, min(len(pairs), 60000))
        self.compare([(('compare', a, b), '<' if x < y else '>' if x > y else '=')
                      for (a, x), (b, y) in pairs])

    def test_specifiers_of_tables(self):
        rows = []
        for text in literals(self.tests, *TABLES):
            specifier = specifier_or_none(text)
            if specifier is None:
                rows.append((('specifier', text), ('-',)))
                continue
            if any(has_long_number(version_or_none(clause.version.removesuffix('.*')))
                   for clause in specifier if clause.operator != '==='):
                continue
            parts = [part.strip() for part in text.split(',') if part.strip()]
            rows.append((('specifier', text),
                         (','.join(operator + version.strip()
                                   for operator, version in map(split_clause, parts)),
                          '1' if specifier.prereleases else '0')))
        self.assertGreater(sum(expected != ('-',) for _, expected in rows), 200)
        self.compare(rows)

    def test_tables_against_each_other(self):
        specifiers = [(text, specifier_or_none(text)) for text in literals(self.tests, *TABLES)]
        specifiers = [(text, specifier) for text, specifier in specifiers
                      if specifier and not any(len(part) > LONG for part in text.split('.'))]
        versions = [(text, version_or_none(text)) for text in self.texts()]
        versions = [(text, version) for text, version in versions
                    if version and not has_long_number(version)]
        pairs = list(itertools.product(specifiers, versions))
        if not WHOLE:
            pairs = self.random.sample(pairs, min(len(pairs), 60000))
        self.compare([allowed(*pair) for pair in pairs])


def split_clause(text):
    length = 3 if text.startswith('===') else 2 if text[1:2] == '=' else 1
    return text[:length], text[length:]


def allowed(specifier, version):
    (specifier, parsed), (version, parsed_version) = specifier, version
    expected = parsed.contains(parsed_version, prereleases=True)
    return ('allows', specifier, version), ('1' if expected else '0',)


class Generated(Case):
    """Versions and specifiers that are near one another, so that each rule decides some."""

    def number(self):
        return self.random.choice(('0', '0', '1', '1', '1', '2', '2', '3', '9', '10', '01', '2024'))

    def maybe(self, chance, make):
        return make() if self.random.random() < chance else ''

    def separator(self):
        return self.random.choice(('', '', '.', '-', '_'))

    def label(self, *words):
        word = self.random.choice(words)
        word = word.upper() if self.random.random() < 0.05 else word
        return self.separator() + word + self.separator() + self.maybe(0.8, self.number)

    def release(self, least=1):
        return '.'.join(self.number() for _ in range(self.random.choice((least, 2, 2, 3, 4))))

    def public(self, least=1):
        random = self.random.random
        return (self.maybe(0.03, lambda: 'v') + self.maybe(0.05, lambda: self.number() + '!') +
                self.release(least) +
                self.maybe(0.3, lambda: self.label('a', 'b', 'rc', 'alpha', 'beta', 'c', 'pre', 'preview')) +
                self.maybe(0.25, lambda: '-' + self.number() if random() < 0.2
                           else self.label('post', 'rev', 'r')) +
                self.maybe(0.2, lambda: self.label('dev')))

    def version(self):
        local = lambda: '+' + self.random.choice('._-').join(
            self.random.choice(('a', 'b1', '1', '01', '10', 'ubuntu')) for _ in range(self.random.randint(1, 3)))
        return self.public() + self.maybe(0.2, local)

    def clause(self):
        operator = self.random.choice(('==', '!=', '<=', '>=', '<', '>', '~=', '==='))
        blank = self.maybe(0.1, lambda: ' ')
        if operator in ('==', '!='):
            wildcard = lambda: self.maybe(0.05, lambda: '1!') + self.release() + '.*'
            return operator + blank + (wildcard() if self.random.random() < 0.4 else self.version())
        if operator == '===':
            return operator + blank + self.version()
        return operator + blank + self.public(2 if operator == '~=' else 1)

    def specifier(self):
        return ','.join(self.clause() for _ in range(self.random.choice((1, 1, 1, 2, 3))))

    def test_pairs(self):
        """A million pairs where the whole is asked for."""
        allows = 0
        for _ in range(50 if WHOLE else 2):
            rows = []
            for _ in range(20000 // 8):
                text = self.specifier()
                specifier = specifier_or_none(text)
                if specifier is None:
                    rows.append((('specifier', text), ('-',)))
                    continue
                for _ in range(8):
                    version = self.version()
                    rows.append(allowed((text, specifier), (version, version_or_none(version))))
            allows += sum(expected == ('1',) for _, expected in rows)
            self.compare(rows)
        self.assertGreater(allows, 1000)

    def test_normal_forms_and_order(self):
        versions = [self.version() for _ in range(20000 if WHOLE else 4000)]
        self.compare([(('version', text), (str(version_or_none(text)),
                                           '1' if version_or_none(text).is_prerelease else '0'))
                      for text in versions])
        rows = []
        for a, b in zip(versions, versions[1:]):
            x, y = version_or_none(a), version_or_none(b)
            rows.append((('compare', a, b), '<' if x < y else '>' if x > y else '='))
        self.compare(rows)

    def test_damaged(self):
        """A character of what is well taken out, put in or changed."""
        rows = []
        for _ in range(100000 if WHOLE else 10000):
            text = self.version() if self.random.random() < 0.5 else self.clause()
            at = self.random.randrange(len(text))
            text = text[:at] + self.random.choice(' .-_+!*abcdeprv019,;)=<>~') * self.random.randint(0, 1) + \
                text[at + self.random.randint(0, 1):]
            version, specifier = version_or_none(text), specifier_or_none(text)
            rows.append((('version', text), ('-',) if version is None
                         else (str(version), '1' if version.is_prerelease else '0')))
            rows.append((('allows', text, '1.0'), ('-',) if specifier is None
                         else ('1' if specifier.contains(version_or_none('1.0'), prereleases=True) else '0',)))
        self.compare(rows)

    def test_choice(self):
        """Pre-releases only where they are asked for, or there is nothing else."""
        rows = []
        for _ in range(20000 if WHOLE else 3000):
            text = ','.join(clause for clause in [self.clause()] if '===' not in clause)
            versions = [self.version() for _ in range(self.random.randint(1, 6))]
            specifier = specifier_or_none(text)
            if specifier is None:
                continue
            rows.append((('choose', text, *versions), (','.join(specifier.filter(versions)),)))
        self.compare(rows)
