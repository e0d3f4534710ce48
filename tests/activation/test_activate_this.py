"""activate_this.py in real Pythons that embed it: strange names, what is set, and which packages come
first; an environment of another Python is refused."""

import glob
import json
import os
import subprocess
import unittest

from harness import PATH
from support_shells import Checks, Place, limit_memory

# Reads the script as its own first lines say, for each environment in turn, from the state before.
DRIVER = """\
import json, os, sys
before = (dict(os.environ), list(sys.path), sys.prefix, sys.exec_prefix)
for path in sys.argv[1:]:
    names = {"__file__": path}
    try:
        exec(compile(open(path, encoding="utf-8").read(), path, "exec"), names)
        import only_there
        said = only_there.__file__
        del sys.modules["only_there"]
    except Exception as problem:
        said = type(problem).__name__
    print(json.dumps([said, dict(os.environ), sys.path, sys.prefix, sys.exec_prefix, sys.base_prefix]))
    os.environ.clear()
    os.environ.update(before[0])
    sys.path[:], sys.prefix, sys.exec_prefix = before[1], before[2], before[3]
"""
STATES = {
    "nothing set": {},
    "all set": {"VIRTUAL_ENV": "/old", "VIRTUAL_ENV_PROMPT": "o", "PYTHONPATH": "/first"},
    "empty path": {"PATH": ""},
    "no path": {"PATH": None},
}


def pythons():
    return ["/usr/bin/python3"] + sorted(
        glob.glob(os.path.expanduser("~/.pyenv/versions/3.*/bin/python3")))[:20]


class ActivateThis(unittest.TestCase):
    def setUp(self):
        self.place = Place("activate_this.py")
        self.addCleanup(self.place.remove)

    def run_python(self, python, state):
        environment = {"PATH": PATH, "LC_ALL": "C.UTF-8"}
        environment.update(STATES[state])
        environment = {k: v for k, v in environment.items() if v is not None}
        driver = self.place.dir + "/driver.py"
        with open(driver, "w", encoding="utf-8") as file:
            file.write(DRIVER)
        result = subprocess.run([python, driver] + [e.script for e in self.place.all], env=environment,
                                cwd=self.place.cwd, timeout=60, preexec_fn=limit_memory,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        lines = result.stdout.decode().splitlines()
        return environment, [json.loads(line) for line in lines], result.stderr.decode()

    def libraries(self, python):
        """Gives each environment the folder for this Python's packages, with a module and a .pth file."""
        version = subprocess.run([python, "-c", "import sys; print('%d.%d%s' % (sys.version_info[0], "
                                  "sys.version_info[1], 't' if 't' in sys.abiflags else ''))"],
                                 stdout=subprocess.PIPE, check=True).stdout.decode().strip()
        found = []
        for environment in self.place.all:
            folder = environment.dir + "/lib/python%s/site-packages" % version
            os.makedirs(folder + "/by pth", exist_ok=True)
            open(folder + "/only_there.py", "w").close()
            with open(folder + "/more.pth", "w") as file:
                file.write("by pth\n")
            found.append(folder)
        return found

    def test_activates(self):
        checks = Checks()
        for python in pythons():
            for state in STATES:
                folders = self.libraries(python)
                old, said, err = self.run_python(python, state)
                checks.same((python, state, "stderr"), err[-300:], "")
                checks.same((python, state, "count"), len(said), len(folders))
                for environment, folder, words in zip(self.place.all, folders, said):
                    what = (python, state, environment.dir.split("/")[-1])
                    module, environ, path, prefix, exec_prefix, base_prefix = words
                    checks.same(what + ("module",), module, folder + "/only_there.py")
                    expected = environment.bin + (":" + old["PATH"] if old.get("PATH") else "")
                    checks.same(what + ("PATH",), environ.get("PATH"), expected)
                    checks.same(what + ("VIRTUAL_ENV",), environ.get("VIRTUAL_ENV"), environment.dir)
                    checks.same(what + ("prompt",), environ.get("VIRTUAL_ENV_PROMPT"), environment.prompt)
                    checks.same(what + ("prefix",), [prefix, exec_prefix], [environment.dir] * 2)
                    checks.same(what + ("base",), base_prefix != environment.dir, True)
                    checks.same(what + ("sys.path",), path[:2], [folder, folder + "/by pth"])
        checks.same("executed", self.place.executed(), [])
        checks.verdict(self)

    def test_another_python_is_refused(self):
        for environment in self.place.all:
            os.makedirs(environment.dir + "/lib/python2.6/site-packages")
        _, said, err = self.run_python(pythons()[0], "all set")
        self.assertEqual(err, "")
        self.assertEqual(len(said), len(self.place.all))
        for words in said:  # and nothing was changed
            self.assertEqual(words[0], "RuntimeError")
            self.assertEqual(words[1]["VIRTUAL_ENV"], "/old")
            self.assertEqual(words[3], words[5])


if __name__ == "__main__":
    unittest.main()
