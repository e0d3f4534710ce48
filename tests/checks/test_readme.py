"""The README says what is true: its code is an example's, its first command works, and the options
that it and the program's help name are the same."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from machine import PROGRAM, ROOT

README = (ROOT / 'README.md').read_text('utf-8')


class Readme(unittest.TestCase):
    def test_code_is_the_smallest_example(self):
        code = re.search(r'```cpp\n(.*?)```', README, re.S).group(1)
        example = (ROOT / 'examples/smallest.cpp').read_text('utf-8')
        comment, example = example.split('\n', 1)
        self.assertTrue(comment.startswith('//'))
        self.assertEqual(code, example)
        self.assertLessEqual(README[:README.index('```cpp')].count('\n') + 1, 15)

    def test_first_command_makes_an_environment(self):
        command = next(line for line in README.splitlines() if line.startswith('g++ '))
        with tempfile.TemporaryDirectory(prefix="it's a clone ") as clone:
            for name in ('venv.hpp', 'examples'):
                source = ROOT / name
                (shutil.copytree if source.is_dir() else shutil.copy)(source, Path(clone, name))
            environment = dict(os.environ, XDG_CACHE_HOME=clone + '/cache')
            subprocess.run(command, shell=True, cwd=clone, check=True, env=environment)
            output = subprocess.run([clone + '/.venv/bin/python', '-m', 'pip', '--version'],
                                    check=True, stdout=subprocess.PIPE, universal_newlines=True).stdout
            self.assertIn(clone + '/.venv/', output)

    def test_help_names_the_same_options(self):
        text = subprocess.run([PROGRAM, '--help'], check=True, stdout=subprocess.PIPE,
                              universal_newlines=True).stdout
        helped = set(re.findall(r'^  (--[a-z-]+)', text, re.M))
        reference = {'--system-site-packages', '--symlinks', '--copies', '--clear', '--upgrade',
                     '--without-pip', '--prompt', '--upgrade-deps', '--without-scm-ignore-files',
                     '--help'}
        table = README[README.index('| option |'):README.index('Exit code')]
        named = set(re.findall(r'`(--[a-z-]+)', table))
        self.assertEqual(helped - reference, named - {'--clear'})
        self.assertLessEqual(reference, helped)
