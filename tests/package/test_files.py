"""Texts that are read: requirements files as pip reads them, metadata as Python reads it."""

import contextlib
import email
import importlib.metadata
import io
import os
import shutil
import tempfile
from unittest import mock

from support import WHOLE, Case, ask, directory

VARIABLES = {'HOST': 'example.com', 'A_1': 'one', 'EMPTY': ''}
# What pip names otherwise than on the command line.
DESTINATIONS = {'index_url': '--index-url', 'extra_index_urls': '--extra-index-url', 'no_index': '--no-index',
                'find_links': '--find-links', 'prefer_binary': '--prefer-binary', 'require_hashes': '--require-hashes',
                'no_require_hashes': '--no-require-hashes', 'pre': '--pre', 'trusted_hosts': '--trusted-host',
                'features_enabled': '--use-feature'}


class Folder(Case):
    def setUp(self):
        super().setUp()
        self.tmp = directory(tempfile.mkdtemp(prefix="it's a folder é "))
        self.addCleanup(shutil.rmtree, self.tmp)

    def write(self, name, content):
        path = self.tmp / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode('utf-8'))
        return str(path)


def read_by_pip(path):
    """What pip makes of a file: its lines, then its options."""
    from pip._internal.exceptions import PipError
    from pip._internal.req import req_file
    lines, options = [], []
    parser = req_file.RequirementsFileParser(None, req_file.get_line_parser(None))
    try:
        for line in parser.parse(path, constraint=False):
            if line.requirement is None:
                for name, value in vars(line.opts).items():
                    for one in value if isinstance(value, list) else [value]:
                        if value and name in DESTINATIONS:
                            options.append(('option', DESTINATIONS[name], '' if one is True else one))
                continue
            hashes = [algorithm + ':' + digest for algorithm, digests in (line.opts.hashes or {}).items()
                      for digest in digests] if not line.is_editable else []
            lines.append(('editable' if line.is_editable else 'plain',
                          'constraint' if line.constraint else 'requirement', line.requirement.strip(),
                          ','.join(sorted(hashes)), '%s:%d' % (line.filename, line.lineno)))
    except (PipError, UnicodeError, LookupError):
        return None
    return lines, sorted(set(options))  # once: pip keeps of a line that a flag is there, not how often


def read_by_us(path):
    answer, = ask([('file', path)], env={**os.environ, **VARIABLES})
    if answer[0] == '-':
        return None
    fields = [tuple(decode_field(part) for part in field.split('\t')) for field in answer if field]
    lines = [(*field[:2], field[2].strip(), ','.join(sorted(filter(None, field[3].split(',')))), field[4])
             for field in fields if field[0] != 'option']
    return lines, sorted({field for field in fields if field[0] == 'option' and field[1] in DESTINATIONS.values()})


def decode_field(text):
    from support import decode
    return decode(text.encode('utf-8', 'surrogateescape'))


class RequirementsFiles(Folder):
    def both(self, path):
        # optparse says on stderr what is wrong, too.
        with mock.patch.dict(os.environ, VARIABLES), contextlib.redirect_stderr(io.StringIO()):
            expected = read_by_pip(path)
        ours, text = read_by_us(path), open(path, 'rb').read()
        if ours and expected and any(name == '--index-url' for _, name, _ in expected[1]):
            # Of several on a line pip keeps the last, we all.
            ours = ours[0], [option for option in ours[1] if option in expected[1] or option[1] != '--index-url']
        self.assertEqual(ours, expected, text)
        return expected

    def test_what_pip_reads(self):
        self.write('sub/more.txt', 'nested-one>=1\n-r ../other.txt\n-c limits.txt\n')
        self.write('sub/limits.txt', 'limited<2\n-r ../other.txt\n')
        self.write('other.txt', 'other # comment\n')
        for content in (
                '', '\n\n', '# only\n', 'a\nb\n', 'a # c\n', 'a#b\n', 'a\t# c\n', ' a \n', 'a\r\nb\r\n', 'a\rb',
                'a \\\n  >=1\nb\n', 'a \\\n# comment\nb\n', 'a\\\n# comment\\\nb\n', 'a==1\\', 'a \\\\\n b\n',
                '# comment \\\na\n', '\\\n\\\na\n', 'a \\ \nb\n',
                'a==1 --hash=sha256:aa --hash sha512:bb\n', 'a==1 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n',
                'a --hash=md5:aa\n', 'a --hash=sha256\n', 'a --hash\n', '--hash=sha256:aa\n',
                '--index-url https://x/${HOST}/${NONE}/${EMPTY}/$HOST/${host}\na${A_1}\n', '-i https://x\n',
                '-ihttps://x\n', '--pypi-url=https://x\n', '--extra-index-url https://y\n--extra-index-url=https://z\n',
                '--no-index\n--find-links ./wheels\n-f "a b"\n--pre\n--prefer-binary\n--require-hashes\n',
                '--trusted-host h:80\n', '--find=x\n', '--no-i\n', '--no\n', '--nothing\n', '-x\n', '--pre=1\n',
                '-r other.txt\n', '-rother.txt\n', '--requirement=other.txt\n', '--req other.txt\n', '-c other.txt\n',
                '-r sub/more.txt\n-c sub/limits.txt\nlast\n', '-r none.txt\n', '-r "other.txt"\n', "-r 'other.txt\n",
                '-e ./project\n', '-e git+https://x/y@main#egg=y\n', '--editable=.[a]\n', '-e\n', '-e . --hash=sha256:aa\n',
                './project\n', 'project.whl\n', 'https://x/y.whl\n', 'a @ https://x/y.whl ; os_name == "nt"\n',
                'a; python_version < "3"\n', 'a -r other.txt\n', 'a --no-index\n', 'a - b\n', 'a  b\n', 'a -b\n',
                '--no-binary -x\n', 'a --config-settings k=v\n', 'a -C k=v\n', 'a --global-opt\n', '\ufeffa\n', 'a\x0bb\x0cc\x1cd\x85e\u2028f\n',
                'é\n', 'a --hash="sha256:aa"\n', 'a --hash=sha256:a\\"b\n', '--find-links a\\ b\n', '-f "a\\"b" rest\n'):
            with self.subTest(content=content):
                self.both(self.write('requirements.txt', content))

    def test_encodings(self):
        text = '# -*- coding: %s -*-\ncafé>=1 # ü\n'
        for name in ('utf-8', 'latin-1', 'iso-8859-1', 'cp1252', 'ascii', 'UTF8', 'utf_8', 'l1', 'windows-1252'):
            with self.subTest(name=name):
                data = (text % name).encode(name if name != 'ascii' else 'utf-8')
                self.both(self.write('requirements.txt', data))
        for bom, name in ((b'\xef\xbb\xbf', 'utf-8'), (b'\xff\xfe', 'utf-16-le'), (b'\xfe\xff', 'utf-16-be'),
                          (b'\xff\xfe\0\0', 'utf-32-le'), (b'\0\0\xfe\xff', 'utf-32-be')):
            with self.subTest(bom=name):
                expected = self.both(self.write('requirements.txt', bom + 'café \U0001f40d\n'.encode(name)))
                self.assertEqual(expected[0][0][2], 'café \U0001f40d')
        for data in (b'\xff\xfea', b'\xff\xfe\x00\xd8a\x00', b'# coding: nothing\na\n', b'\n# coding: latin-1\n\xe9\n',
                     b'\n\n# coding: ascii\na\n', b'\xef\xbb\xbf\xff'):
            with self.subTest(data=data):
                self.both(self.write('requirements.txt', data))

    def test_what_is_no_utf8_is_refused(self):
        # pip guesses by the locale, so that the same file says one thing here and another there.
        self.assertIsNone(read_by_us(self.write('requirements.txt', b'caf\xe9\n')))

    def test_cycles_are_errors(self):
        self.write('b.txt', '-r sub/../a.txt\n')
        for content in ('-r a.txt\n', '-r ./a.txt\n', '-c a.txt\n', '-r b.txt\n', '-c ./sub/../b.txt\n'):
            with self.subTest(content=content):
                self.assertIsNone(self.both(self.write('a.txt', content)))
        self.write('twice.txt', 'x\n')
        self.assertEqual(len(self.both(self.write('a.txt', '-r twice.txt\n-r twice.txt\n'))[0]), 2)

    def test_generated(self):
        """Files of such pieces in any order, lines joined and broken anywhere."""
        pieces = ['a', 'b>=1', ' ', '  ', '\t', '\n', '\n', '\n', '\\\n', '\\', '#', ' #', ' # x', '--hash=sha256:aa',
                  ' --hash=sha256:bb', '-r other.txt', '-c other.txt', '-e .', '${HOST}', '${', '}', '$', '"', "'",
                  '--pre', '-i x', '; os_name == "nt"', '[x]', ' @ https://x/y', '\r\n', '-', '--', '=', '\x0c']
        self.write('other.txt', 'other\n')
        read = 0
        for _ in range(3000 if WHOLE else 250):
            content = ''.join(self.random.choices(pieces, k=self.random.randint(1, 14)))
            read += bool(self.both(self.write('requirements.txt', content)))
        self.assertGreater(read, 50)
        for twice in ('--pre ; os_name == "nt" --pre', '-i x -i x'):
            self.both(self.write('requirements.txt', twice))


class MetadataFiles(Case):
    def expected(self, text):
        message = email.message_from_string(text)
        def one(name):
            return ' '.join((message[name] or '').split())
        requires = [' '.join(value.split()) for value in message.get_all('Requires-Dist', [])]
        extras = [' '.join(value.split()) for value in message.get_all('Provides-Extra', [])]
        return [one('Name'), one('Version'), one('Requires-Python'), str(len(requires)), *requires, *extras]

    def check(self, texts):
        answers = ask([('metadata', text) for text in texts])
        for text, answer in zip(texts, answers):
            answer = [' '.join(field.split()) for field in answer]
            self.assertEqual(answer, self.expected(text), repr(text))

    def test_headers(self):
        self.check([
            '', '\n', 'Name: a\nVersion: 1\n', 'name: a\nVERSION: 1\n\nName: body\n', 'Name:a\r\nVersion:1\r\n\r\nx',
            'Name: a\nVersion: 1\nRequires-Dist: b\n  (>=1)\nRequires-Dist: c\n\t; os_name == "nt"\n',
            'Name: a\nno header\nVersion: 1\n', 'Name: a\n \n \nVersion: 1\n', ' Name: a\nVersion: 1\n',
            'Name: a\nName: b\nVersion: 1\n', 'Name: é\nVersion: 1\nProvides-Extra: x\nProvides-Extra: Y_z\n',
            'Requires-Python: >=3.8\nName: a\n', 'Name : a\nVersion: 1\n', 'Name: a\rVersion: 1\r',
            'Description: x\n        |Name: no\nName: a\n', 'Name: a:b: c\n', 'A\x01: b\nName: c\n', 'Name: a'])

    def test_generated(self):
        pieces = ['Name', 'Version', 'Requires-Dist', 'Provides-Extra', 'Requires-Python', 'X', ': ', ':', ' ', '\n', '\n',
                  '\n', '\r\n', '\n ', '\n\t', 'a', '1.0', '>=3', 'é', '; x']
        self.check([''.join(self.random.choices(pieces, k=self.random.randint(1, 25)))
                    for _ in range(100000 if WHOLE else 10000)])

    def test_requires_txt(self):
        convert = importlib.metadata.Distribution._deps_from_requires_text
        texts = ['', 'a\nb>=1\n', '\n\na\n\n[x]\nb\n', '[:os_name == "nt"]\na\n', '[x:os_name == "nt" or os_name == "y"]\na\n',
                 'a @ https://x/y\n[x]\nb @ https://x/y\n', '[x]\n[y]\na\n', '[]\na\n']
        for text, answer in zip(texts, ask([('egg', text) for text in texts])):
            expected = [str(requirement) for requirement in convert(text)]
            count = int(answer[0])
            from packaging.requirements import Requirement
            self.assertEqual([str(Requirement(one)) for one in answer[1:count + 1]],
                             [str(Requirement(one)) for one in expected], repr(text))
