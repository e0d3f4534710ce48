"""Wheels of the tests' own."""

import base64
import hashlib
import zipfile


def make_wheel(folder, name, version='1.0', files=(), points='', requires=(), hashes=True):
    """Writes one into `folder`, which is made: `files` by their paths, with what installers need beside them; `points`
    is what its entry_points.txt says. Without `hashes` RECORD only names the files, which pip takes, too. Its path."""
    info = '%s-%s.dist-info/' % (name, version)
    files = {**dict(files),
             info + 'METADATA': 'Metadata-Version: 2.1\nName: %s\nVersion: %s\n' % (name, version) +
                                ''.join('Requires-Dist: %s\n' % one for one in requires),
             info + 'WHEEL': 'Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n'}
    if points:
        files[info + 'entry_points.txt'] = points
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / ('%s-%s-py3-none-any.whl' % (name, version))
    record = ''
    with zipfile.ZipFile(path, 'w') as wheel:
        for file, content in files.items():
            data = content if isinstance(content, bytes) else content.encode()
            entry = zipfile.ZipInfo(file)
            entry.external_attr = (0o100755 if '.data/scripts/' in file else 0o100644) << 16
            wheel.writestr(entry, data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()
            record += '%s,sha256=%s,%d\n' % (file, digest, len(data)) if hashes else file + ',,\n'
        wheel.writestr(info + 'RECORD', record + info + 'RECORD,,\n')
    return path
