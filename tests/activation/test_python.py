"""activate_this.py in the Pythons there are; the real python of an activated environment; cygpath."""

import glob
import os
import shutil
import subprocess

import pytest

from harness import PATH, STRANGE, Environment, POSIX, canaries, program, render, run, scratch

PYTHONS = sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/3.*/bin/python"))) + ["/usr/bin/python3"]

USE = r"""
import os, sys
path = sys.argv[1]
old = os.environ.get("PATH")
exec(compile(open(path, encoding="utf-8").read(), path, "exec"), {"__file__": path})
import venv_probe
print(repr((os.environ["VIRTUAL_ENV"], os.environ["VIRTUAL_ENV_PROMPT"], os.environ["PATH"],
            os.environ.get("PYTHONHOME"), sys.prefix, venv_probe.__file__, sys.path.count(os.path.dirname(venv_probe.__file__)))))
"""


@pytest.mark.parametrize("python", PYTHONS)
def test_activate_this(python):
    folder = os.path.realpath(scratch())
    for name in STRANGE:
        dir = os.path.join(folder, name)
        subprocess.run([python, "-m", "venv", "--without-pip", dir], check=True, env={"PATH": PATH}) \
            if name == "plain" else shutil.copytree(folder + "/plain", dir, symlinks=True)
        library = glob.glob(glob.escape(dir) + "/lib/python3*/site-packages")[0]
        with open(library + "/venv_probe.py", "w"):
            pass
        script = dir + "/bin/activate_this.py"
        with open(script, "wb") as file:
            file.write(render("activate_this.py", dir, name, name, dir + "/bin/python"))
        with open(folder + "/use.py", "w") as file:
            file.write(USE)
        env = {"PATH": PATH, "PYTHONHOME": os.path.dirname(os.path.dirname(os.path.realpath(python))), "LC_ALL": "C.UTF-8"}
        if name == "-n":
            del env["PATH"]
        result = subprocess.run([python, "use.py", script], cwd=folder, env=env, stdout=subprocess.PIPE, check=True)
        expected = (dir, name, dir + "/bin" + (":" + PATH if "PATH" in env else ""), None, dir,
                    library + "/venv_probe.py", 1)
        assert result.stdout.decode().strip() == repr(expected)
    assert not canaries(folder)


def test_activate_this_of_another_python():
    folder = scratch()
    environment = Environment(folder, "e", "e", "activate_this.py")  # has no library for any Python
    with open(folder + "/use.py", "w") as file:
        file.write(USE)
    result = subprocess.run(["/usr/bin/python3", "use.py", environment.script], cwd=folder, stderr=subprocess.PIPE)
    assert result.returncode == 1 and b"was made for another Python" in result.stderr


@pytest.mark.parametrize("shell", POSIX)
def test_python_is_the_environments(shell):
    folder = os.path.realpath(scratch())
    environment = Environment(folder, "two words $x", "p", "activate")
    text = ". '%s'\npython -c 'import sys; print(sys.prefix)'\ndeactivate\ncommand -v deactivate || echo gone\n"
    result = run(program(shell), text % environment.script, folder)
    assert result.stdout.decode() == environment.dir + "\ngone\n", result.stderr


@pytest.mark.parametrize("shell", POSIX)
def test_cygpath_turns_a_windows_path(shell):
    folder = os.path.realpath(scratch())
    with open(folder + "/cygpath", "w") as file:
        file.write("#!/bin/sh\nprintf '/turned%s\\n' \"$2\"\n")
    os.chmod(folder + "/cygpath", 0o755)
    with open(folder + "/activate", "wb") as file:
        file.write(render("activate", "C:\\my envs\\$(x)", "e", "e", "x", "Scripts"))
    text = ". ./activate\nprintf '%s\\n' \"$VIRTUAL_ENV\" \"${PATH%%:*}\"\n"
    result = run(program(shell), text, folder, env={"PATH": folder + ":" + PATH})
    turned = "/turnedC:\\my envs\\$(x)"
    assert result.stdout.decode().split("\n")[0] == turned, result
    result = run(program(shell), text, folder)  # elsewhere it stays as it is
    assert result.stdout.decode().split("\n")[0] == "C:\\my envs\\$(x)", result
