"""Notes a hook's call: observe.py LOG HOOK WHEN NAME=VALUE ... (the context's attributes).

Both logging builders run it, so that both see by the same eyes."""

import json
import os
import pathlib
import subprocess
import sys


def output_of(*command):
    """What it prints, in one line; None where it can't be started or fails."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, cwd='/')
    except OSError:
        return None
    return done.stdout.decode().strip() if done.returncode == 0 else None


def signature_of(env_dir, python):
    """What changes whenever something in the environment does."""
    lines = [python]
    for folder, directories, files in os.walk(env_dir):
        for path in [folder, *(os.path.join(folder, name) for name in files + directories)]:
            status = os.lstat(path)
            lines.append('%s %d %d %d' % (path, status.st_ino, status.st_mode, status.st_ctime_ns))
    return '\n'.join(sorted(lines))


def look(env_dir, python):
    sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1])]
    from machine import everything
    cfg = pathlib.Path(env_dir, 'pyvenv.cfg')
    return {
        'tree': everything(env_dir),
        'cfg': cfg.read_text('utf-8') if cfg.is_file() else None,
        'prefix': output_of(python, '-B', '-I', '-c', 'import sys; print(sys.prefix)'),
        'pip': output_of(python, '-B', '-I', '-m', 'pip', '--version'),
    }


def main(log, hook, when, *attributes):
    attributes = dict(attribute.split('=', 1) for attribute in attributes)
    python, env_dir = attributes.get('env_exec_cmd', ''), attributes['env_dir']
    signature = signature_of(env_dir, python)
    last = pathlib.Path(log + '.last')  # most calls follow one another with nothing in between
    known, seen = json.loads(last.read_text()) if last.exists() else (None, {})
    if known != signature:
        seen = look(env_dir, python)
        last.write_text(json.dumps([signature, seen]))
    with open(log, 'a') as file:
        file.write(json.dumps({'hook': hook, 'when': when, 'attributes': attributes, **seen}) + '\n')


if __name__ == '__main__':
    os.environ.pop('PYTHONHOME', None)
    main(*sys.argv[1:])
