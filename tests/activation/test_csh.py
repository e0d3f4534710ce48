"""activate.csh in csh and tcsh: strange names, every state before, every way to source it; what is set,
and that everything is as it was afterwards."""

import os
import re
import subprocess

import pytest

from harness import PATH, QUOTE_TOOL, STRANGE, Environment, canaries, program, run, scratch

STATES = {
    "nothing": "",
    "all set": "setenv PYTHONHOME /h; setenv VIRTUAL_ENV /old; setenv VIRTUAL_ENV_PROMPT 'o  d'",
    "all empty": "setenv PYTHONHOME ''; setenv VIRTUAL_ENV ''; setenv VIRTUAL_ENV_PROMPT ''; setenv PATH ''",
    "no PATH": "unsetenv PATH",
    "strange PATH": "setenv PATH '/a b:/$x:/it'\\''s:/`y`:/*:.:'$PATH:q",
    "no prompt": "unset prompt",
    "no prompt wanted": "setenv VIRTUAL_ENV_DISABLE_PROMPT 1",
    "prompt wanted after all": "setenv VIRTUAL_ENV_DISABLE_PROMPT ''",
    "strange prompt": "set prompt = 'a%b \\!  $x `y` \"z\" > '",
    "an alias deactivate": "alias deactivate 'echo mine \\!*; echo \"two  words\"; if (1) echo $x'",
    "no history characters": "set histchars = ''",
    "noglob": "set noglob",
    "noclobber": "set noclobber",
}
WAYS = {
    "plain": "source {0}",
    "link": "source ./link{1}/activate.csh",
    "over another": "source other/bin/activate.csh; source {0}",
    "twice": "source {0}; source {0}",
    "from a script": "setenv OUTER {0}; source outer.csh; unsetenv OUTER",
    "in an if": "if (1) then\nsource {0}\nendif",
}
DUMP = "set prompt = '> '\nalias dump 'echo @ $WHEN; set; alias; /usr/bin/env'\n"
VOLATILE = re.compile(r"^(_|WHEN|status|SHLVL|OLDPWD|PWD|argv|history)\b")


def quoted(text):
    out = subprocess.run([QUOTE_TOOL, "quote", "csh"], input=text.encode() + b"\0", stdout=subprocess.PIPE)
    return out.stdout[1:-1].decode()


def exported(piece):
    return dict(line.split("=", 1) for line in piece.split("\n") if re.match(r"\w+=", line))


def compare(environment, before, active, after):
    lines = [sorted(l for l in p.split("\n") if not VOLATILE.match(l)) for p in (before, after)]
    if lines[0] != lines[1]:
        yield "not put back: %r" % sorted(set(lines[0]) ^ set(lines[1]))[:6]
    expected, found = exported(before), exported(active)
    listed = re.search(r"^path\t\((.*)\)$", before, flags=re.M)
    old = expected.get("PATH", listed.group(1).replace(" ", ":") if listed else None)
    expected.update(VIRTUAL_ENV=environment.dir, VIRTUAL_ENV_PROMPT=environment.prompt,
                    PATH=environment.bin + (":" + old if old else ""))
    expected.pop("PYTHONHOME", None)
    for name in sorted(set(expected) | set(found)):
        if expected.get(name) != found.get(name) and not VOLATILE.match(name):
            yield "%s is %r" % (name, found.get(name))


@pytest.mark.parametrize("option", ["", "-e"])
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("shell", ["csh", "tcsh"])
def test_activates_and_deactivates(shell, state, option):
    command = program(shell) + option.split()
    folder = os.path.realpath(scratch())
    step = 4 if option else 2  # each name in some states
    names = STRANGE[list(STATES).index(state) % step::step]
    environments = [Environment(os.path.join(folder, "base"), n, n, "activate.csh") for n in names]
    Environment(folder, "other", "other", "activate.csh")
    with open(folder + "/outer.csh", "w") as file:
        file.write("source $OUTER:q\n")
    lines = [DUMP, STATES[state]]
    for i, environment in enumerate(environments):
        os.symlink(environment.bin, "%s/link%d" % (folder, i))
        way = list(WAYS.values())[(i + list(STATES).index(state)) % len(WAYS)]
        lines += ["setenv WHEN before; dump", way.format(quoted(environment.script), i), "setenv WHEN active; dump", "deactivate",
                  "setenv WHEN after; dump"]
    result = run(command, "\n".join(lines) + "\n", folder, env={"PATH": PATH}, timeout=120)
    pieces = re.split(r"^@ (before|active|after)\n", result.stdout.decode("utf-8", "replace"), flags=re.M)[1:]
    assert pieces[0::2] == ["before", "active", "after"] * len(names), result.stderr.decode()[-1500:]
    found = [("stderr", result.stderr[:300])] if result.stderr else []
    for environment, one in zip(environments, zip(*[iter(pieces[1::2])] * 3)):
        found += [(environment.prompt, problem) for problem in compare(environment, *one)]
    print("checks: %d, failed: %d" % (len(names), len({name for name, _ in found})))
    assert not canaries(folder)
    assert not found, "\n".join(map(repr, found[:10]))


@pytest.mark.parametrize("shell", ["csh", "tcsh"])
def test_deactivate_is_gone(shell):
    folder = os.path.realpath(scratch())
    environment = Environment(folder, "e", "e", "activate.csh")
    text = "source %s\ndeactivate\nset > one\ndeactivate\nset > two\necho alive\n" % quoted(environment.script)
    result = run(program(shell), text, folder)
    assert b"alive" in result.stdout and b"deactivate: Command not found" in result.stderr
    texts = [open(os.path.join(folder, name)).read() for name in ("one", "two")]
    texts = [[l for l in text.split("\n") if not VOLATILE.match(l)] for text in texts]
    assert texts[0] == texts[1] and not any("venv" in l.lower() for l in texts[0])


@pytest.mark.parametrize("shell", ["csh", "tcsh"])
def test_no_name_of_the_callers_is_touched(shell):
    """Each has a list before, one of no words too; what is not the state gets another one meanwhile.
    (csh itself drops a list's empty words.)"""
    folder = os.path.realpath(scratch())
    environment = Environment(folder, "e", "e", "activate.csh")
    with open(environment.script) as file:
        text = re.sub(r"(?m)^ *#.*$", "", file.read())
    names = set(re.findall(r"\b(?:un)?set (\w+)|\$[?#]*\{?([A-Za-z_]\w*)|\balias (\w+)", text))
    names = {name for found in names for name in found if name}
    names -= {"PATH", "path", "prompt", "tcsh", "deactivate", "pydoc"}
    names -= {"PYTHONHOME", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "VIRTUAL_ENV_DISABLE_PROMPT"}
    state = {"_OLD_VIRTUAL_PATH", "_OLD_VIRTUAL_PROMPT", "_OLD_VIRTUAL_UNDO"}
    assert state < names and all(name.startswith("_OLD_VIRTUAL_") for name in names)
    names = sorted(names | {"_venv", "_venv_old", "_OLD_VIRTUAL_NAME"})
    for words, number in (("(one 'two  $x' \"it's *\")", 3), ("()", 0), ("'one word'", 1)):
        lines = ["set prompt = '> '"] + ["set %s = %s" % (name, words) for name in names]
        show = ["echo %s $#%s $%s:q" % (name, name, name) for name in names]
        lines += ["echo @"] + show + ["source %s" % quoted(environment.script), "echo @"]
        lines += [line for line in show if line.split()[1] not in state]
        lines += ["set %s = second" % name for name in names if name not in state]
        lines += ["deactivate", "echo @"] + show
        lines += ["unset %s" % name for name in names] + ["alias way 'source \\!*'", "set > one",
                  "way %s" % quoted(environment.script), "deactivate", "set > two"]
        result = run(program(shell), "\n".join(lines) + "\n", folder)
        assert not result.stderr
        before, active, after = [piece.splitlines()[1:] for piece in result.stdout.decode().split("@")[1:]]
        assert len(before) == len(names) and before[0].split()[1] == str(number)
        of_state = [line for line in before if line.split()[0] in state]
        assert active == [line for line in before if line not in of_state]
        assert [line for line in after if line.split()[0] in state] == of_state
        assert [line for line in after if not line.split()[0] in state] == \
            ["%s 1 second" % name for name in names if name not in state]
        texts = [open(os.path.join(folder, name)).read() for name in ("one", "two")]
        one, two = [[l for l in text.split("\n") if not VOLATILE.match(l)] for text in texts]
        assert one == two


@pytest.mark.parametrize("shell", ["csh", "tcsh"])
def test_says_so_when_the_environment_is_gone(shell):
    folder = os.path.realpath(scratch())
    environment, other = (Environment(folder, name, name, "activate.csh") for name in ("e", "other"))
    os.rename(environment.dir, folder + "/moved")
    os.remove(other.bin + "/python")
    text = "set before; set > one; env > env1\n" \
           "foreach e (moved other)\nsource $e/bin/activate.csh\nunset e\nend\n" \
           "set > two; env > env2; alias\n"
    result = run(program(shell), text, folder)
    assert not result.stdout and result.stderr.count(b"nothing is activated\n") == 2, result
    texts = [[l for l in open(os.path.join(folder, name)) if not VOLATILE.match(l)] for name in ("one", "two", "env1", "env2")]
    assert texts[0] == texts[1] and texts[2] == texts[3]
