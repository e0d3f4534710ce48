"""The activation scripts of environments that can be moved, in real shells: each finds the environment that
it lies in, however it is called, or says that it can't."""

import os
import shutil
import subprocess

import pytest

from harness import PATH, POSIX, ROOT, missing, program, run, scratch, script_of

PROGRAM = os.environ.get("VENV_PROGRAM", os.path.join(ROOT, "build", "bin", "venv"))
SHELLS = POSIX + ["fish", "csh", "tcsh", "nu-0.101", "nu-0.115", "xonsh-0.13", "xonsh-0.25", "elvish", "pwsh"]
# Directories that environments are moved to. What looks like a command would make a file `canary…`.
PLACES = ["plain", "two words", "it's \"so\" $HOME `touch canary1` $(touch canary2)", "na\u00efve \u6f22\u5b57; touch canary3",
          "-n", "bang !! %n [a]*?"]

# How a shell activates by an expression for a path, and what it does then: one line of three fields, from
# the variables, the Python that is found and a program of the environment's.
POSIX_SHOW = "printf '%s|' \"$VIRTUAL_ENV\" \"$VIRTUAL_ENV_PROMPT\"; python \"$REPORT\"; deactivate"
WORDS = {
    "fish": ("source %s", "builtin printf '%s|' \"$VIRTUAL_ENV\" \"$VIRTUAL_ENV_PROMPT\"; python \"$REPORT\"; deactivate"),
    "csh": ("source %s", "python \"$REPORT\" show; deactivate"),
    "nu": ("overlay use %s", "^python $env.REPORT show; deactivate"),
    "xonsh": ("source %s", "python @($REPORT) show; deactivate"),
    "elvish": ("set-env VIRTUAL_ENV_DIR %s; eval (slurp < %s)", "python $E:REPORT show"),
    "pwsh": ("& %s", "python $env:REPORT show; deactivate"),
}
WORDS["tcsh"] = WORDS["csh"]
REPORT = """\
import os, subprocess, sys
if sys.argv[1:]:
    sys.stdout.write("%(VIRTUAL_ENV)s|%(VIRTUAL_ENV_PROMPT)s|" % os.environ)
    sys.stdout.flush()
print(sys.prefix, subprocess.check_output(["shown"]).decode().rstrip(), sep="|", flush=True)
"""
QUOTES = {"fish": lambda text: "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'",
          "csh": lambda text: "".join("\\" + c if c.isascii() and not (c.isalnum() or c in "/._-") else c for c in text),
          "nu": lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"',
          "xonsh": lambda text: "@(" + repr(text) + ")",
          "elvish": lambda text: "'" + text.replace("'", "''") + "'",
          "pwsh": lambda text: "'" + text.replace("'", "''") + "'"}
QUOTES["tcsh"] = QUOTES["csh"]


def quoted(shell, text):
    return QUOTES.get(shell.split("-")[0], lambda text: "'" + text.replace("'", "'\\''") + "'")(text)


@pytest.fixture(scope="module")
def original():
    """An environment with a program of a package, which is copied from here."""
    if not os.access(PROGRAM, os.X_OK):
        missing("the program " + PROGRAM)
    folder = os.path.realpath(scratch())
    command = [PROGRAM, "--relocatable", "--quiet", "--python", "/usr/bin/python3", "--symlinks", folder + "/made here"]
    subprocess.run(command, check=True, env={"PATH": PATH, "HOME": folder, "VENV_HPP_NO_CACHE": "1"})
    with open(folder + "/made here/bin/pip") as file:
        head = file.read().split("\n' '''\n")[0] + "\n' '''\n"
    with open(folder + "/made here/bin/shown", "w") as file:
        file.write(head + "import sys\nprint(sys.prefix)\n")
    os.chmod(folder + "/made here/bin/shown", 0o755)
    with open(folder + "/report.py", "w") as file:
        file.write(REPORT)
    return folder + "/made here"


def moved(original, name):
    folder = os.path.realpath(scratch())
    shutil.copytree(original, os.path.join(folder, name), symlinks=True)
    return os.path.join(folder, name)


def activation(shell, path, env_dir):
    kind = shell.split("-")[0]
    source, show = WORDS.get(kind, (". %s", POSIX_SHOW))
    if kind == "elvish":
        return source % (quoted(shell, env_dir), quoted(shell, path)) + "\n" + show + "\n"
    return source % quoted(shell, path) + "\n" + show + "\n"


def variables(original):
    return {"REPORT": os.path.dirname(original) + "/report.py", "PATH": PATH}


@pytest.mark.parametrize("shell", SHELLS)
def test_finds_where_it_lies(shell, original):
    command, script = program(shell), script_of(shell)
    for name in PLACES:
        env_dir = moved(original, name)
        folder = os.path.dirname(env_dir)
        os.symlink(env_dir + "/bin", folder + "/link to bin")
        os.symlink(name, folder + "/link to all")
        lines, expected = [], []
        ways = [("absolute", env_dir + "/bin/" + script, env_dir), ("by a linked folder", folder + "/link to bin/" + script, env_dir),
                ("by a linked environment", folder + "/link to all/bin/" + script, None),
                ("relative", "./" + name + "/bin/" + script, env_dir)]
        if shell.startswith(("nu", "pwsh")):
            ways = ways[:3]  # overlays of one name: a relative path means the script's own folder there
        for way, path, found in ways:
            told = env_dir if found else folder + "/link to all"
            lines.append(activation(shell, path, told))
            expected.append((way, {env_dir, told} if found is None else {found}))
        out = []
        for line in lines if shell.startswith(("elvish", "nu")) else ["".join(lines)]:
            result = run(command, line, folder, env=variables(original), timeout=120)
            out += result.stdout.decode("utf-8", "replace").split("\n")[:-1]
            assert not result.stderr, (name, result)
        assert len(out) == len(expected), (name, out, result)
        for line, (way, found) in zip(out, expected):
            fields = line.split("|")
            assert fields[0] in found, (name, way, line)
            assert fields[1] == os.path.basename(fields[0]), (name, way, line)
            assert fields[2:] == [fields[0]] * 2, (name, way, line)
        assert not [entry for entry in os.listdir(folder) if entry.startswith("canary")], name


@pytest.mark.parametrize("shell", SHELLS)
def test_a_copy_and_the_original_are_two(shell, original):
    command, first = program(shell), moved(original, "one")
    second = os.path.join(os.path.dirname(first), "two")
    shutil.copytree(first, second, symlinks=True)
    out = []
    for env_dir in (first, second, first):
        text = activation(shell, env_dir + "/bin/" + script_of(shell), env_dir)
        result = run(command, text, os.path.dirname(first), env=variables(original), timeout=120)
        assert not result.stderr, result
        out.append(result.stdout.decode().split("\n")[0].split("|"))
    assert out == [[env_dir, os.path.basename(env_dir), env_dir, env_dir] for env_dir in (first, second, first)]


# Under another name it isn't found among what such a shell has open: as where there is no /proc.
UNKNOWING = ["dash", "mksh", "busybox", "csh", "tcsh", "elvish"]


@pytest.mark.parametrize("shell", UNKNOWING)
def test_says_so_where_it_cannot_know_or_is_told_for_one_time(shell, original):
    command, env_dir, script = program(shell), moved(original, "e"), script_of(shell)
    folder = os.path.dirname(env_dir)
    shutil.copy(env_dir + "/bin/" + script, folder + "/other")
    posix = (". ./other && echo wrong\n", 'echo "$VIRTUAL_ENV ${VIRTUAL_ENV_DIR-none}"\n', "VIRTUAL_ENV_DIR='%s'; . ./other\n")
    texts = {"csh": ("source other\n", 'echo $?VIRTUAL_ENV_DIR\nif ($?VIRTUAL_ENV) echo "$VIRTUAL_ENV"\n',
                     "setenv VIRTUAL_ENV_DIR '%s'\nsource other\n"),
             "elvish": ("try { eval (slurp < other) } catch e { echo $e[reason][content] >&2 }\n",
                        "echo $E:VIRTUAL_ENV (has-env VIRTUAL_ENV_DIR)\n",
                        "set-env VIRTUAL_ENV_DIR '%s'; eval (slurp < other)\n")}
    texts["tcsh"] = texts["csh"]
    alone, show, told = texts.get(shell, posix)
    result = run(command, alone + show, folder, env={"PATH": PATH})
    assert env_dir not in result.stdout.decode() and "wrong" not in result.stdout.decode(), result
    assert b"VIRTUAL_ENV_DIR to its environment before" in result.stderr, result
    result = run(command, told % env_dir + show, folder, env={"PATH": PATH})
    expected = {"csh": "0\n%s\n", "tcsh": "0\n%s\n", "elvish": "%s $false\n"}.get(shell, "%s none\n")
    assert (result.stdout.decode(), result.stderr) == (expected % env_dir, b""), result


@pytest.mark.parametrize("shell", POSIX)
def test_commands_of_the_users_are_not_called(shell, original):
    command, env_dir = program(shell), moved(original, "e")
    text = "cd() { echo mine; }; pwd() { echo mine; }; readlink() { echo mine; }\n"
    if shell == "zsh":
        text += "chpwd() { echo mine; }; chpwd_functions=(chpwd)\n"
    text += "alias cd='echo mine' pwd='echo mine' 2>/dev/null\nCDPATH=/:/usr; set -eu\n"
    text += ". ./e/bin/activate\nprintf '%s\\n' \"$VIRTUAL_ENV\" \"$CDPATH\"\ndeactivate\n( . ./e/bin/activate; printf '%s\\n' \"${PATH%%:*}\" )\n"
    if shell in ("mksh", "busybox", "dash", "sh"):
        text = text.replace("readlink() { echo mine; }\n", "\n")  # which they need: the user's own is asked
    result = run(command, text, os.path.dirname(env_dir), env={"PATH": PATH})
    assert result.stdout.decode() == "%s\n/:/usr\n%s/bin\n" % (env_dir, env_dir), result
    assert not result.stderr, result


@pytest.mark.parametrize("shell", SHELLS)
def test_says_so_when_its_python_is_gone(shell, original):
    command, env_dir = program(shell), moved(original, "e")
    for link in os.listdir(env_dir + "/bin"):
        if link.startswith("python"):
            os.remove(env_dir + "/bin/" + link)
    text = activation(shell, env_dir + "/bin/" + script_of(shell), env_dir).split("\n")[0] + "\n"
    result = run(command, text, os.path.dirname(env_dir), env=variables(original))
    if shell != "nu-0.101":  # which shows no error of an overlay
        said = (result.stdout + result.stderr).decode("utf-8", "replace").replace("\n", " ")
        assert "gone" in said and "othing is activated" in said, result


def test_activate_this(original):
    env_dir = moved(original, "it's $x")
    path = env_dir + "/bin/activate_this.py"
    code = "exec(compile(open(%r).read(), %r, 'exec'), {'__file__': %r}); import sys, os; print(sys.prefix, os.environ['VIRTUAL_ENV'])"
    result = subprocess.run(["/usr/bin/python3", "-c", code % (path, path, path)], stdout=subprocess.PIPE, check=True)
    assert result.stdout.decode() == "%s %s\n" % (env_dir, env_dir)
