"""What the tests of fish, nushell, xonsh, elvish and activate_this.py share: a program that writes
down what a shell hands on to it, and what must be so before, while and after an environment is active."""

import ast
import os
import resource
import shutil
import subprocess
import unittest

from harness import PATH, STRANGE, Environment, canaries, scratch
from harness import program as find_program

# Appends its arguments, its environment and its own path to a file, as one line. (It runs thousands of
# times, and to import json would take half of that.)
REPORT = """\
import os, sys
with open(os.path.dirname(os.path.abspath(__file__)) + "/log", "a") as log:
    log.write(ascii([sys.argv[1], sys.argv[2:], dict(os.environ), sys.executable]) + "\\n")
"""
VOLATILE = ("_", "SHLVL", "PWD", "OLDPWD", "CURRENT_FILE", "FILE_PWD", "LAST_EXIT_CODE")


def program(shell):
    """The command that starts a shell; a visible skip where it is missing, a failure on CI."""
    try:
        return find_program(shell)
    except BaseException as problem:  # pytest's own skip and failure are no Exception
        if type(problem).__name__ == "Skipped":
            raise unittest.SkipTest(str(problem))
        raise AssertionError(str(problem))


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))


class Place:
    """A folder with an environment for each strange name, and the program that reports."""

    def __init__(self, script):
        self.dir = os.path.realpath(scratch())
        self.cwd = self.dir + "/cwd"
        os.mkdir(self.cwd)
        os.mkdir(self.dir + "/home")
        self.report = self.dir + "/report.py"
        with open(self.report, "w", encoding="utf-8") as file:
            file.write(REPORT)
        # Half of the prompts are not the directory's name.
        prompts = [n if i % 2 else STRANGE[-i] for i, n in enumerate(STRANGE)]
        self.all = [Environment(self.dir + "/base 'dir'", n, p, script) for n, p in zip(STRANGE, prompts)]
        assert all(environment.present for environment in self.all)
        self.links = self.dir + "/links"
        os.mkdir(self.links)
        for i, environment in enumerate(self.all):
            os.symlink(environment.bin, "%s/%d" % (self.links, i))

    def run(self, command, text, name="script", env=None, timeout=240, arguments=()):
        """The reports of a script's text run by a shell, with what it printed and its errors."""
        file = self.dir + "/" + name
        with open(file, "w", encoding="utf-8") as script:
            script.write(text)
        self.reset()
        environment = {"PATH": PATH, "HOME": self.dir + "/home", "LC_ALL": "C.UTF-8", "TERM": "dumb"}
        environment.update(env or {})
        environment = {k: v for k, v in environment.items() if v is not None}
        result = subprocess.run(command + [file] + list(arguments), cwd=self.cwd, env=environment,
                                timeout=timeout, preexec_fn=limit_memory, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return self.reports(), result.stdout.decode("utf-8", "replace"), result.stderr.decode("utf-8", "replace")

    def reset(self):
        open(self.dir + "/log", "w").close()

    def reports(self):
        with open(self.dir + "/log", encoding="utf-8") as log:
            return [ast.literal_eval(line) for line in log]

    def executed(self):
        """The canaries that a name or a prompt has left anywhere, which are taken away again."""
        found = []
        for folder in (self.cwd, self.dir, self.dir + "/home"):
            for name in canaries(folder):
                found.append(name)
                os.remove(os.path.join(folder, name))
        return found

    def remove(self):
        shutil.rmtree(self.dir)


def handed_on(report):
    return {k: v for k, v in report[2].items() if k not in VOLATILE}


class Checks:
    """Counts what was looked at, and remembers what was wrong."""

    def __init__(self):
        self.count, self.failed = 0, []

    def same(self, what, found, expected):
        self.count += 1
        if found != expected:
            self.failed.append((what, "is", found, "expected", expected))

    def active(self, what, environment, before, report, dropped=()):
        """The environment is active in what a child of the shell was given, and nothing else changed."""
        old = handed_on(before)
        expected = dict(old, VIRTUAL_ENV=environment.dir, VIRTUAL_ENV_PROMPT=environment.prompt)
        path = old.get("PATH", "")
        expected["PATH"] = environment.bin + (":" + path if path else "")
        for name in ("PYTHONHOME",) + tuple(dropped):
            expected.pop(name, None)
        found = handed_on(report)
        for name in sorted(set(found) | set(expected)):
            self.same((what, "exported " + name), found.get(name), expected.get(name))
        self.same((what, "python"), report[3], environment.bin + "/python")

    def restored(self, what, before, after):
        self.same((what, "environment"), handed_on(after), handed_on(before))
        self.same((what, "count"), len(after[1]), len(before[1]))
        for old, new in zip(before[1], after[1]):
            for line in sorted(set(old.split("\n")) ^ set(new.split("\n"))):
                self.same((what, "state"), line, None)
            self.count += 1

    def verdict(self, test):
        print("checks: %d, failed: %d" % (self.count, len(self.failed)), flush=True)
        test.assertGreater(self.count, 0)
        test.assertFalse(self.failed, "\n" + "\n".join(map(repr, self.failed[:12])))
