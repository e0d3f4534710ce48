"""What these tests share: the program that answers for us, and `packaging` and pip themselves."""

import ast
import os
import pathlib
import random
import subprocess
import sys
import unittest

from machine import BUILD, ROOT, need

ANSWER = os.environ.get('VENV_PACKAGE_ANSWER') or str(BUILD / 'tests' / 'package' / 'package_answer')
TOOL = next(iter(sorted((ROOT / 'build' / 'tools').glob('packaging-*'))), None)
# How much of a campaign is run: 1 is the whole, which takes some minutes.
WHOLE = os.environ.get('VENV_PACKAGE_WHOLE') == '1'


def need_tool():
    """Makes `packaging` and pip importable, and gives the folder of packaging's own tests."""
    need(TOOL, 'packaging and pip (tools/install)')
    need(sys.version_info >= (3, 10), 'a Python for packaging (3.10)')
    places = list(TOOL.glob('lib/python*/site-packages'))
    for place in map(str, places):
        if place not in sys.path:
            sys.path.insert(0, place)
    tests = list(TOOL.glob('packaging-*/tests'))
    return need(tests, "packaging's own tests (tools/install)")[0]


def encode(field):
    """A field of a question: bytes as they are, text as UTF-8."""
    data = field if isinstance(field, bytes) else str(field).encode('utf-8', 'surrogatepass')
    for byte in (b'%', b'\t', b'\n', b'\r'):
        data = data.replace(byte, b'%%%02X' % byte[0])
    return data


def decode(field):
    parts = field.split(b'%')
    data = parts[0] + b''.join(bytes([int(part[:2], 16)]) + part[2:] for part in parts[1:])
    return data.decode('utf-8', 'backslashreplace')


def ask(questions, **options):
    """The program's answers: one list of fields for each question."""
    lines = b''.join(b'\t'.join(map(encode, question)) + b'\n' for question in questions)
    done = subprocess.run([ANSWER], input=lines, stdout=subprocess.PIPE, check=True, **options)
    answers = [list(map(decode, line.split(b'\t'))) for line in done.stdout.split(b'\n')[:-1]]
    assert len(answers) == len(questions), 'an answer for each question'
    return answers


def literals(folder, *names):
    """Every text that stands in these of packaging's tests: the tables, row by row, among them."""
    found = set()
    for name in names:
        tree = ast.parse((folder / name).read_text('utf-8'))
        found.update(node.value for node in ast.walk(tree)
                     if isinstance(node, ast.Constant) and isinstance(node.value, str))
        # Tables that are put together: f"{left} {op} {right}" and the like are not seen here.
    return sorted(text for text in found if len(text) < 500 and text.isprintable())


class Case(unittest.TestCase):
    maxDiff = 4000

    def setUp(self):
        self.tests = need_tool()
        self.random = random.Random(19)

    def compare(self, rows, limit=20):
        """Rows of a question, what it is about, and the answer that is expected."""
        answers = ask([question for question, _ in rows])
        wrong = ['%r: expected %r, got %r' % (question, expected, answer)
                 for (question, expected), answer in zip(rows, answers) if answer != list(expected)]
        self.assertFalse(wrong, '%d of %d differ, such as\n%s'
                         % (len(wrong), len(rows), '\n'.join(wrong[:limit])))
        self.assertGreater(len(rows), 0)


def directory(path):
    path = pathlib.Path(path)
    path.mkdir(parents=True, exist_ok=True)
    return path
