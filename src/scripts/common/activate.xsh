# Activates this environment in xonsh:
#
#   source bin/activate.xsh
#
# `deactivate` puts back everything as it was.

# It gives back what the caller had under its name, if anything.
def _OLD_VIRTUAL_ACTIVATE(session, env, aliases, kept=[globals()[n] for n in ["_OLD_VIRTUAL_ACTIVATE"] if n in globals()]):
    import os
    import sys

    dir = __VENV_DIR__
    prompt = __VENV_PROMPT__
    bin = __VENV_BIN_NAME__

    python = os.path.join(dir, bin, "python")
    if not os.path.exists(os.path.join(dir, "pyvenv.cfg")) or not (os.path.exists(python) or os.path.exists(python + ".exe")):
        print("activate: the environment was moved, or its Python is gone; nothing is activated", file=sys.stderr)
        return kept

    # An environment that is active in this shell goes first.
    if hasattr(getattr(session, "_OLD_VIRTUAL_DEACTIVATE", None), "_OLD_VIRTUAL_ENV"):
        session._OLD_VIRTUAL_DEACTIVATE()
    before = vars(session).get("_OLD_VIRTUAL_DEACTIVATE")

    names = ["PATH", "PYTHONHOME", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT"]
    old = {name: env[name] for name in names if env.is_manually_set(name)}
    fields = env["PROMPT_FIELDS"]
    old_field = fields.get("env_name")
    old_alias = aliases["deactivate"] if "deactivate" in aliases else None

    class Plain(str):
        """A directory on PATH in which xonsh looks for no $variables."""

        def __contains__(self, part):
            return part != "$" and str.__contains__(self, part)

    env["PATH"] = [Plain(os.path.join(dir, bin))] + list(old.get("PATH", []))
    env["VIRTUAL_ENV"] = dir
    env["VIRTUAL_ENV_PROMPT"] = prompt
    env.pop("PYTHONHOME", None)

    # The prompt has a field for this. What it gives is looked through for {COLORS} once more.
    def env_name():
        if env.get("VIRTUAL_ENV_DISABLE_PROMPT"):
            return ""
        return "(" + prompt.replace("{", "{{").replace("}", "}}") + ") "

    fields["env_name"] = env_name

    def deactivate(args=None):
        for name in names:
            env.pop(name, None)
        env.update(old)
        if old_field is None:
            del fields["env_name"]
        else:
            fields["env_name"] = old_field
        if old_alias is None:
            del aliases["deactivate"]
        else:
            aliases["deactivate"] = old_alias
        if before is None:
            del session._OLD_VIRTUAL_DEACTIVATE
        else:
            session._OLD_VIRTUAL_DEACTIVATE = before

    deactivate._OLD_VIRTUAL_ENV = dir
    session._OLD_VIRTUAL_DEACTIVATE = deactivate
    aliases["deactivate"] = deactivate
    return kept


_OLD_VIRTUAL_ACTIVATE = _OLD_VIRTUAL_ACTIVATE(__xonsh__, ${...}, aliases)
if _OLD_VIRTUAL_ACTIVATE:
    _OLD_VIRTUAL_ACTIVATE = _OLD_VIRTUAL_ACTIVATE[0]
else:
    del _OLD_VIRTUAL_ACTIVATE
