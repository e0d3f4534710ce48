"""activate in sh, dash, bash, zsh, ksh, mksh and busybox: strange names, every state before, every
option, every way to source it; what is set, and that nothing is left of it."""

import os
import re

import pytest

from harness import PATH, POSIX, STRANGE, Environment, canaries, program, render, run, scratch

NAMES = ["PATH", "PYTHONHOME", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PS1"]

# What is done before, and whether a user's own deactivate is there afterwards.
STATES = {
    "nothing set": "unset PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT; PS1='> '",
    "all exported": "PYTHONHOME=/h VIRTUAL_ENV=/old VIRTUAL_ENV_PROMPT='o d' PS1='$ ';"
                    "export PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT PS1",
    "all set": "unset PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT PS1;"
               "PYTHONHOME=/h VIRTUAL_ENV=/old VIRTUAL_ENV_PROMPT='o d' PS1='\"$x `y`'\"'\"' \\$ '",
    "all empty and exported": "PYTHONHOME= VIRTUAL_ENV= VIRTUAL_ENV_PROMPT= PS1= PATH=;"
                              "export PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT PS1",
    "all empty": "unset PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT PS1;"
                 "PYTHONHOME= VIRTUAL_ENV= VIRTUAL_ENV_PROMPT= PS1= PATH=",
    "all unset": "unset PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT PS1 PATH",
    "PATH not exported": "saved=$PATH; unset PATH; PATH=$saved; unset saved PS1",
    "a function deactivate": "deactivate() { say 'the user'\"'s function $1\"; }; PS1='> '",
    "an alias deactivate": "alias deactivate=\"say \\\"the user's alias\\\"; :\"; PS1='> '",
    "both": "deactivate() { say function; }; alias deactivate='say alias'; PS1='> '",
    "no prompt wanted": "VIRTUAL_ENV_DISABLE_PROMPT=1; PS1='> '",
    "a prompt that is read-only": "PS1='> '; readonly PS1",
    "strange IFS": "IFS=aeiou/; PS1='> '",
}
OPTIONS = ["", "set -e", "set -u", "set -eu", "set -a", "set -f", "set -C", "set +h", "set -o posix"]
WAYS = {
    "plain": ". '{0}'",
    "function": "way() {{ . '{0}'; }}; way; unset -f way",
    "script": ". ./outer",
    "arguments": ". '{0}' one 'two three' -x",
    "relative": "cd -P '{1}'; . ./activate; cd -P '{2}'",
    "symlink": ". ./link/activate",
    "over another": ". ./other/bin/activate; . '{0}'",
    "twice": ". '{0}'; . '{0}'",
}
SAY = {"mksh": "say() { print -r -- \"$*\"; }"}

# Prints the whole state, for comparing and for looking things up. (Quoted: an alias may hide set.)
DUMP = r"""
dump() {
  say "@ $1 $?"
  for v in PATH PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT PS1; do
    eval "say \"= \$v \${$v+set}:\${$v-}\""
  done
  say "- $-"
  /usr/bin/env
  if [ "$1" = active ]; then return 0; fi
  say "@ set"
  set
  say "@ alias"
  alias
  say "@ function"
  eval 'typeset -f deactivate' 2>/dev/null || :
  command -v deactivate || :
}
"""
VOLATILE = re.compile(r"^(_|\?|!|status|RANDOM|SRANDOM|SECONDS|EPOCH\w*|LINENO|BASH_\w+|BASHPID|PIPESTATUS"
                      r"|pipestatus|FUNCNAME|TTYIDLE|v|OLDPWD|PPID|funcstack|zsh_eval_context|ERRNO"
                      r"|0|argv|\*|@|#|HISTCMD|PWD|JOBMAX|COLUMNS|LINES|\.sh\.\w+|\.sh|ZSH_EVAL_CONTEXT"
                      r"|IFS|ZSH_SUBSHELL|OPTIND|KSH_MATCH|MATCH|'[*@]')=")


# ksh93 exports IFS under `set -a`. A function that bash exports stays an exported one under `set -a`, whoever defines it anew.
IGNORED = ("_", "IFS", "PWD", "OLDPWD", "SHLVL", "OUTER", "LINK", "BASH_FUNC_deactivate%%")


def quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def sections(dump):
    """The parts of one dump, without what changes by itself."""
    parts = re.split(r"^@ (set|alias|function)$", dump, flags=re.M)
    head, rest = parts[0], dict(zip(parts[1::2], parts[2::2]))
    rest["head"] = head
    return {k: [l for l in v.split("\n") if l and not VOLATILE.match(l)] for k, v in rest.items()}


def values(part):
    return dict(re.findall(r"^= (\w+) (.*)$", "\n".join(part), flags=re.M))


def exported(part):
    """Without the inner lines of a function that bash exports, which are indented."""
    lines = part[next(i for i, l in enumerate(part) if l.startswith("- ")) + 1:]
    return dict(l.split("=", 1) for l in lines if re.match(r"[\w%]+=", l))


def of_option(option, number, environments):
    """All names without an option; with one, a tenth of them in each state, each in some, by number."""
    numbered = list(enumerate(environments))
    return numbered[(number + OPTIONS.index(option)) % 10::10] if option else numbered


def script_for(shell, option, state, environments, offset, folder):
    lines = [SAY.get(shell.split("-")[0], "say() { printf '%s\\n' \"$*\"; }"), DUMP]
    lines.append("case ${BASH_VERSION+x} in x) shopt -s expand_aliases;; esac")
    if option:
        lines.append("(%s) 2>/dev/null && %s" % (option, option))
    ways = list(WAYS)
    for i, environment in environments:
        way = ways[(i + offset) % len(ways)]
        source = WAYS[way].replace("'{0}'", "{0}").replace("'{1}'", "{1}").replace("'{2}'", "{2}")
        source = source.format(quoted(environment.script), quoted(environment.bin), quoted(folder))
        if way == "script":
            source = "OUTER=%s; . ./outer; unset OUTER" % quoted(environment.script)
        if way == "symlink":
            source = "LINK=%d; . ./link$LINK/activate; unset LINK" % i
        # eval: the subshell is read as a whole, before there is an alias.
        lines += ["say '@@@ %d %s'" % (i, way), "(", STATES[state], "dump before", source, "dump active",
                  "eval deactivate", "dump after", ")", "say \"@ end $?\""]
    return "\n".join(lines) + "\n"


def problems(block, environment, state):
    """What is wrong in what one check printed."""
    if "\n@ end 0\n" not in block:
        return ["died: " + block[-300:]]
    pieces = dict(zip(*[iter(re.split(r"^@ (before|active|after) (?=0$)", block, flags=re.M)[1:])] * 2))
    if sorted(pieces) != ["active", "after", "before"]:
        return ["a status that is not 0"]
    before, active, after = (sections(pieces[k].split("\n@ end")[0]) for k in ("before", "active", "after"))
    found = []
    for part in ("head", "set", "alias", "function"):
        if sorted(before[part]) != sorted(after[part]):
            gone = [l for l in before[part] if l not in after[part]][:4]
            new = [l for l in after[part] if l not in before[part]][:4]
            found.append("not put back (%s): %r became %r" % (part, gone, new))
    old, now = values(before["head"]), values(active["head"])
    old_env, now_env = exported(before["head"]), exported(active["head"])
    path = old["PATH"].partition(":")[2]
    expected_path = environment.bin + (":" + path if path else "")
    if now["PATH"] != "set:" + expected_path:
        found.append("PATH is " + now["PATH"])
    if now["VIRTUAL_ENV"] != "set:" + environment.dir:
        found.append("VIRTUAL_ENV is " + now["VIRTUAL_ENV"])
    if now["VIRTUAL_ENV_PROMPT"] != "set:" + environment.prompt:
        found.append("VIRTUAL_ENV_PROMPT is " + now["VIRTUAL_ENV_PROMPT"])
    if now["PYTHONHOME"] != ":":
        found.append("PYTHONHOME is " + now["PYTHONHOME"])
    shows = old["PS1"].startswith("set") and state not in ("no prompt wanted", "a prompt that is read-only")
    if (now["PS1"] != old["PS1"]) != shows:
        found.append("PS1 is " + now["PS1"])
    expected = {k: v for k, v in old_env.items() if k != "PYTHONHOME"}
    expected.update(VIRTUAL_ENV=environment.dir, VIRTUAL_ENV_PROMPT=environment.prompt)
    if "PATH" in expected:
        expected["PATH"] = expected_path
    elif not path:  # dash and busybox remember that it was exported before it was unset
        now_env.pop("PATH", None)
    if "PS1" in expected:
        expected["PS1"] = now["PS1"].partition(":")[2]
    for name in sorted(set(expected) | set(now_env)):
        if name not in IGNORED and expected.get(name) != now_env.get(name):
            found.append("exported %s is %r" % (name, now_env.get(name)))
    return found


@pytest.fixture(scope="module")
def place():
    folder = os.path.realpath(scratch())
    base = os.path.join(folder, "base 'dir'")
    environments = [Environment(base, "%s" % name, name, "activate") for name in STRANGE]
    for i, environment in enumerate(environments):
        os.symlink(environment.bin, "%s/link%d" % (folder, i))
    Environment(folder, "other", "other", "activate")
    with open(folder + "/outer", "w") as file:
        file.write('. "$OUTER"\n')
    return folder, environments


@pytest.mark.parametrize("option", OPTIONS, ids=lambda o: o or "no option")
@pytest.mark.parametrize("shell", POSIX)
def test_activates_and_deactivates(shell, option, place):
    folder, environments = place
    command, found, checks, failed = program(shell), [], 0, 0
    for number, state in enumerate(STATES):
        chosen = of_option(option, number, environments)
        text = script_for(shell, option, state, chosen, number + OPTIONS.index(option), folder)
        result = run(command, text, folder, env={"PATH": PATH}, timeout=120)
        out = result.stdout.decode("utf-8", "replace")
        blocks = re.split(r"^@@@ (\d+) (.*)$", out, flags=re.M)[1:]
        if len(blocks) != 3 * len(chosen):
            found.append((state, "died", result.stderr[-300:]))
        for index, way, block in zip(*[iter(blocks)] * 3):
            checks += 1
            environment = environments[int(index)]
            wrong = problems(block, environment, state)
            failed += bool(wrong)
            found += [(state, way, environment.prompt, problem) for problem in wrong]
        if result.stderr:
            found.append((state, "stderr", result.stderr[:300]))
        if canaries(folder):
            found.append((state, "EXECUTED", canaries(folder)))
            for name in canaries(folder):
                os.remove(os.path.join(folder, name))
    print("checks: %d, failed: %d" % (checks, failed))
    assert not found, "\n".join(map(str, found[:12]))


@pytest.mark.parametrize("shell", POSIX)
def test_python_is_the_environments(shell):
    folder = os.path.realpath(scratch())
    environment = Environment(folder, "two words $x", "p", "activate")
    text = ". '%s'\npython -c 'import sys; print(sys.prefix)'\ndeactivate\ncommand -v deactivate || echo gone\n"
    result = run(program(shell), text % environment.script, folder)
    assert result.stdout.decode() == environment.dir + "\ngone\n", result.stderr


@pytest.mark.parametrize("shell", POSIX)
def test_commands_are_looked_up_anew(shell):
    """python has been run, and is remembered, before and while the environment is active."""
    folder = os.path.realpath(scratch())
    environment = Environment(folder, "e", "p", "activate")
    os.mkdir(folder + "/base")
    os.symlink("/usr/bin/python3", folder + "/base/python")
    show = "python -c 'import sys; print(sys.executable)'\n"
    text = show + ". '%s'\n" % environment.script + show + "deactivate\n" + show
    result = run(program(shell), text, folder, env={"PATH": folder + "/base:" + PATH})
    expected = [folder + "/base/python", environment.bin + "/python", folder + "/base/python"]
    assert result.stdout.decode().split() == [word for line in expected for word in line.split()]


@pytest.mark.parametrize("shell", POSIX)
def test_cygpath_turns_a_windows_path(shell):
    folder = os.path.realpath(scratch())
    Environment(folder, "turned $(x)", "e", "activate")
    os.rename(folder + "/turned $(x)/bin", folder + "/turned $(x)/Scripts")
    with open(folder + "/cygpath", "w") as file:
        file.write("#!/bin/sh\ntest \"$2\" = 'C:\\my envs\\$(x)' && printf '%s\\n' \"$PWD/turned \\$(x)\"\n")
    os.chmod(folder + "/cygpath", 0o755)
    with open(folder + "/activate", "wb") as file:
        file.write(render("activate", "C:\\my envs\\$(x)", "e", "e", "x", "Scripts"))
    text = ". ./activate\nprintf '%s\\n' \"$VIRTUAL_ENV\" \"$PATH\"\n"
    turned = folder + "/turned $(x)"
    path = folder + ":" + PATH
    result = run(program(shell), text, folder, env={"PATH": path})
    assert result.stdout.decode() == "%s\n%s/Scripts:%s\n" % (turned, turned, path), result
    os.remove(folder + "/cygpath")  # where there is none it stays as it is
    os.makedirs(folder + "/C:\\my envs\\$(x)")
    os.rename(folder + "/turned $(x)/pyvenv.cfg", folder + "/C:\\my envs\\$(x)/pyvenv.cfg")
    os.rename(folder + "/turned $(x)/Scripts", folder + "/C:\\my envs\\$(x)/Scripts")
    result = run(program(shell), text, folder)
    assert result.stdout.decode().split("\n")[0] == "C:\\my envs\\$(x)", result


# What a caller may have under the names that the script uses, and under those it once used.
KEPT = r"""
set_all() {{
  for one in $NAMES; do eval "$one=\"$1 \$one it's\""; done
}}
check_all() {{
  for one in $NAMES; do eval "[ \"\$$one\" = \"$1 \$one it's\" ]" || printf '%s is not kept: %s\n' "$one" "$2"; done
}}
NAMES='{names}' OURS='{ours}' one=
case ${{ZSH_VERSION+zsh}} in zsh) setopt sh_word_split ;; esac
set_all first
. '{script}'
NAMES='{others}'
check_all first 'while active'
set_all second
deactivate
check_all second afterwards
NAMES=$OURS
check_all first 'afterwards, of ours'
NAMES='{others}'
in_function() {{
  for one in $NAMES; do unset "$one"; done
  case ${{ZSH_VERSION+zsh}} in zsh) setopt warn_create_global warn_nested_var ;; esac
  . '{script}'
  deactivate
    case ${{ZSH_VERSION+zsh}} in zsh) unsetopt warn_create_global warn_nested_var ;; esac
  for one in $NAMES; do eval "[ -z \"\${{$one+set}}\" ]" || printf '%s is left\n' "$one"; done
}}
in_function
if (eval 'f() {{ local x=1; }}; f') 2>/dev/null; then
  eval 'with_locals() {{
    local dir=a bin=b name=c _venv=d
    . "{script}"
    [ "$dir $bin $name $_venv" = "a b c d" ] || printf "%s\n" "locals while active"
    deactivate
    [ "$dir $bin $name $_venv" = "a b c d" ] || printf "%s\n" "locals afterwards"
  }}'
  with_locals
fi
printf '%s\n' done
"""


@pytest.mark.parametrize("shell", POSIX)
def test_no_name_of_the_callers_is_touched(shell):
    folder = os.path.realpath(scratch())
    environment = Environment(folder, "e", "e", "activate")
    with open(environment.script) as file:
        text = re.sub(r"(?m)^ *#.*$", "", file.read())
    names = set(re.findall(r"\$\{?([A-Za-z_]\w*)|\b([A-Za-z_]\w*)=|\bfor (\w+) in", text))
    names = {name for found in names for name in found if name} | {"_venv", "_venv_finally", "_VENV_UNDO"}
    names -= {"PATH", "PS1", "PYTHONHOME", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "VIRTUAL_ENV_DISABLE_PROMPT",
              "BASH_VERSION", "KSH_VERSION", "ZSH_VERSION", "IFS"}
    ours = {name for name in names if "_OLD_VIRTUAL" in name}
    assert len(names - ours) > 8 and len(ours) > 2
    assert all("VIRTUAL_ENV" in name or "_OLD_VIRTUAL" in name for name in re.findall(r"(?m)^(\w+)\(\)", text))
    script = KEPT.format(names=" ".join(sorted(names)), ours=" ".join(sorted(ours)),
                         others=" ".join(sorted(names - ours)), script=environment.script)
    result = run(program(shell), script, folder)
    assert (result.stdout, result.stderr) == (b"done\n", b"")


@pytest.mark.parametrize("shell", POSIX)
def test_says_so_when_the_environment_is_gone(shell):
    folder = os.path.realpath(scratch())
    environment, other = (Environment(folder, name, name, "activate") for name in ("e", "other"))
    os.rename(environment.dir, folder + "/moved")
    os.remove(other.bin + "/python")
    text = "x=$PATH; for e in moved other; do . ./$e/bin/activate && echo wrong; done\n" \
           "[ \"$PATH\" = \"$x\" ] && [ -z \"${VIRTUAL_ENV+set}\" ] && command -v deactivate || echo nothing\n"
    result = run(program(shell), text, folder)
    assert result.stdout == b"nothing\n" and result.stderr.count(b"nothing is activated\n") == 2, result
