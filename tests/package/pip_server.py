"""Runs pip, a child for each question, in a Python that has another directory on its path:

    python pip_server.py PLACE_OF_PIP

A line of JSON a question, [directory, arguments]; a line of JSON an answer, [exit code, output]."""

import json
import os
import sys
import tempfile

sys.path.insert(0, sys.argv[1])
import pip._internal.cli.main  # noqa: E402
import pip._internal.commands.check  # noqa: E402, F401
import pip._internal.commands.install  # noqa: E402, F401
import pip._internal.resolution.resolvelib.resolver  # noqa: E402, F401


def answer(directory, arguments):
    with tempfile.TemporaryFile() as output:
        child = os.fork()
        if child == 0:
            for number in (1, 2):
                os.dup2(output.fileno(), number)
            # What is installed is what lies in that directory, and pip itself does not.
            sys.path[:] = [directory] + [place for place in sys.path
                                         if 'site-packages' not in place and 'dist-packages' not in place]
            code = 120
            try:
                code = pip._internal.cli.main.main(arguments)
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        _, status = os.waitpid(child, 0)
        output.seek(0)
        return os.WEXITSTATUS(status), output.read().decode('utf-8', 'backslashreplace')


for line in sys.stdin:
    print(json.dumps(answer(*json.loads(line))), flush=True)
