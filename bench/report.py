"""The measured figures as Markdown, and what they are to reach."""

import statistics

import cases

# What is to hold on disk: (what, competitor's key, our keys of which the slowest counts, factor).
WITH, BARE, INSTALL = cases.WITH_PIP, cases.WITHOUT_PIP, cases.FIRST_INSTALL
COLD = ['cold', 'new cache cold']
TARGETS = [
    ('warm, with pip and its bytecode, against `python -m venv`',
     f'python {WITH}', [f'venv {WITH} warm'], 100),
    ('the same, against `virtualenv`, warm', f'virtualenv {WITH} warm', [f'venv {WITH} warm'], 8),
    ('the same, against `uv venv --seed --offline`, warm', f'uv {WITH} warm', [f'venv {WITH} warm'], 1),
    ('the same, against `uv venv --seed`, warm, which asks the index',
     f'uv {WITH} asks the index warm', [f'venv {WITH} warm'], 1),
    ('warm, with pip, `--no-compile-bytecode`, against `uv venv --seed --offline`, warm',
     f'uv {WITH} warm', [f'venv {WITH} uncompiled warm'], 2),
    ('the same, against `uv venv --seed`, warm, which asks the index',
     f'uv {WITH} asks the index warm', [f'venv {WITH} uncompiled warm'], 2),
    ('warm, up to the end of a first `pip install --no-index x`, against `uv venv --seed --offline` and the same',
     f'uv {INSTALL} warm', [f'venv {INSTALL} warm'], 2),
    ('cold, with pip and its bytecode, against `python -m venv`',
     f'python {WITH}', [f'venv {WITH} {cold}' for cold in COLD], 4),
    ('the same, `--no-compile-bytecode`',
     f'python {WITH}', [f'venv {WITH} uncompiled {cold}' for cold in COLD], 60),
    ('warm, without pip, against `uv venv`, warm', f'uv {BARE} warm', [f'venv {BARE} warm'], 5),
    ('warm, without pip, against `python -m venv --without-pip`', f'python {BARE}', [f'venv {BARE} warm'], 15),
    ('cold, without pip, against `uv venv --no-cache`', f'uv {BARE} cold',
     [f'venv {BARE} {cold}' for cold in COLD], 4),
]
INFLATE_TARGET, MEMORY_TARGET = 0.8, 16 * 1024


def number(value):
    """Three figures that mean something: 3,412, 345, 34.5, 3.45."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f'{value:,.{digits}f}'


def median(figures):
    return statistics.median(figures['ms'])


def table(head, rows):
    lines = [head, ['---'] + ['---:'] * (len(head) - 1), *rows]
    return ''.join('| ' + ' | '.join(line) + ' |\n' for line in lines) + '\n'


def of_group(figures, group):
    return [value for value in figures.values() if value['group'] == group]


# ---- the tables ----------------------------------------------------------------------------------

def single_table(place, group):
    """Milliseconds, and how many times slower than each of ours."""
    figures = of_group(place['single'], group)
    figures.sort(key=lambda value: value['tool'] != cases.OURS)
    ours = [value for value in figures if value['tool'] == cases.OURS]
    letters = 'ABCDEFGHIJ'[:len(ours)]
    rows = []
    for letter, value in zip(letters + ' ' * len(figures), figures):
        note = f' ({value["note"]})' if 'note' in value else ''
        rows.append([f'{letter}: ' * (letter != ' ') + f'`{value["label"]}`{note}', value['memory'],
                     number(median(value)), f'{number(min(value["ms"]))} to {number(max(value["ms"]))}',
                     str(len(value['ms'])), f'{value["files"]} ({value["bytecode"]})',
                     *[number(median(value) / median(our)) for our in ours]])
    for value in of_group(place['unavailable'], group):
        rows.append([f'`{value["label"]}`', value['memory'], f'unavailable: {value["why"]}', *[''] * (3 + len(ours))])
    return table(['', 'memory', 'median ms', 'range', 'runs', 'files (bytecode)', *[f'/ {a}' for a in letters]], rows)


def many_table(place):
    rows = [[f'`{value["label"]}`', value['memory'], str(value['count']), number(value['total'] / value['count'])]
            for value in place['many'].values()]
    return table(['', 'memory', 'environments', 'ms each'], rows)


def costs_tables(results):
    cost = results['costs']
    text = '## Compiling\n\n' + table(['', 'seconds'], [[n, f'{s:.2f}'] for n, s in cost['compile'].items()])
    text += '## Program\n\n' + table(['', 'bytes'], [[n, f'{size:,}'] for n, size in cost['size'].items()])
    text += '## Peak memory of our process\n\n' + table(
        ['', 'MiB, mapped files aside', 'MiB, all'],
        [[f'`{m["label"]}` ({m["memory"]})', f'{m["anonymous"] / 1024:.1f}', f'{m["all"] / 1024:.1f}']
         for m in results['memory'].values()])
    if 'inflate' in cost:
        text += "## Inflate on pip's wheel, one thread\n\n" + table(
            ['', 'MB/s'], [[n, number(f)] for n, f in cost['inflate'].items()])
    return text


# ---- what must hold ------------------------------------------------------------------------------

def check(what, figure, target, reached):
    return [what, target, figure, 'reached' if reached else '**not reached**']


def speed_check(figures, target):
    what, competitor, ours, factor = target
    lacking = [key for key in [competitor, *ours] if key not in figures]
    if lacking:
        return [what, f'{factor} times', '', f'not measured: {", ".join(lacking)}']
    ratio = median(figures[competitor]) / max(median(figures[key]) for key in ours)
    return check(what, f'{number(ratio)} times', f'{factor} times', ratio >= factor)


def checks(results):
    rows = [speed_check(results['places']['disk']['single'], target) for target in TARGETS]
    what, target = "inflate on pip's wheel, against libdeflate", f'{INFLATE_TARGET}'
    throughput = results['costs'].get('inflate')
    if throughput:
        ratio = throughput['venv.hpp'] / throughput['libdeflate']
        rows.append(check(what, f'{ratio:.2f}', target, ratio >= INFLATE_TARGET))
    else:
        rows.append([what, target, '', 'not measured: ' + results['missing']['inflate throughput']])
    peak = max(m['anonymous'] for m in results['memory'].values()) if results['memory'] else 0
    rows.append(check('peak memory of our process, mapped files aside', f'{peak / 1024:.1f} MiB',
                      f'{MEMORY_TARGET // 1024} MiB at most', 0 < peak <= MEMORY_TARGET))
    return table(['', 'at least', 'measured', ''], rows)


def failures(results):
    """1 if a command of ours failed, else 0: a program's exit code."""
    return int(any(value['tool'] == cases.OURS and 'failed' in value
                   for place in results['places'].values() for value in place['unavailable'].values()))


def markdown(results):
    machine = results['machine']
    text = (f'# What it costs to make an environment\n\nMeasured by `bench/run`: CPython {results["python"]} with '
            f'pip {results["pip"]}, {" ".join(results["versions"])}; {machine["cpu"]}, {machine["processors"]} '
            f'processors, {machine["system"]}, load {machine["load"]:.1f} at the start. Whole processes; files in '
            f'the page cache, temporary files on tmpfs; cold: nothing remembered by the tool; `uv` cold with pip '
            f"downloads it; / A: how many times A's time.\n\n")
    if results['missing']:
        text += ''.join(f'- not measured: {what}: {why}\n' for what, why in results['missing'].items()) + '\n'
    text += '## What must hold\n\n' + checks(results)
    for name, place in results['places'].items():
        kind = machine['places'][name]
        for group in cases.GROUPS:
            text += f'## One environment {group}, {kind}\n\n' + single_table(place, group)
        text += f'## Many environments, {kind}\n\n' + many_table(place)
    return text + costs_tables(results)
