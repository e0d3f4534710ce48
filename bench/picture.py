"""Draws bench.svg, the README's picture, from bench.json: picture.py JSON SVG.

The same figures give the same bytes. Text stays text, and the background stays empty: the greys are
between white and black, so that they can be read on both.
"""

import json
import re
import statistics
import sys
from pathlib import Path

import matplotlib

matplotlib.use('svg')
matplotlib.rcParams.update({'svg.hashsalt': 'venv.hpp', 'svg.fonttype': 'none', 'font.size': 11,
                            'font.family': 'sans-serif', 'font.sans-serif': ['DejaVu Sans']})
from matplotlib import pyplot  # noqa: E402

TEXT, OTHERS, OURS = '#768089', '#9aa4ae', '#2f81f7'
WITH, BARE, INSTALL = 'with pip', 'without pip', 'up to the end of a first pip install'
PANELS = {
    'With pip': {f'python {WITH}': 'python -m venv', f'virtualenv {WITH} warm': 'virtualenv',
                 f'uv {WITH} copy warm': 'uv venv --seed, copied',
                 f'uv {WITH} warm': 'uv venv --seed',
                 f'venv {WITH} warm': 'venv.hpp', f'venv {WITH} uncompiled warm': 'venv.hpp'},
    'Without pip': {f'python {BARE}': 'python -m venv', f'virtualenv {BARE} warm': 'virtualenv',
                    f'uv {BARE} warm': 'uv venv', f'venv {BARE} warm': 'venv.hpp'},
    'With pip, and then a first pip install':
        {f'python {INSTALL}': 'python -m venv', f'virtualenv {INSTALL} warm': 'virtualenv',
         f'uv {INSTALL} warm': 'uv venv --seed', f'venv {INSTALL} warm': 'venv.hpp'},
}


def milliseconds(value):
    return f'{value:,.0f} ms' if value >= 10 else f'{value:.1f} ms'


def draw_panel(axes, title, bars, most):
    for row, (name, value) in enumerate(bars):
        ours = name.startswith('venv.hpp')
        axes.barh(row, value, height=0.72, color=OURS if ours else OTHERS)
        axes.text(value * 1.12, row, milliseconds(value), va='center', color=OURS if ours else TEXT,
                  fontweight='bold' if ours else 'normal')
    axes.set_title(title, loc='left', color=TEXT, fontsize=12, fontweight='bold')
    axes.set_yticks(range(len(bars)), [name for name, _ in bars])
    axes.set_xscale('log')
    axes.set_xlim(1, most * 3)
    axes.set_ylim(len(bars) - 0.4, -0.6)
    axes.tick_params(colors=TEXT, length=0, which='both')
    axes.tick_params(axis='x', labelbottom=False)
    axes.set_axisbelow(True)
    axes.grid(axis='x', which='major', color=OTHERS, alpha=0.35, linewidth=0.6)
    for spine in axes.spines.values():
        spine.set_visible(False)
    for label in axes.get_yticklabels():
        if label.get_text().startswith('venv.hpp'):
            label.set(color=OURS, fontweight='bold')


def without_bytecode(figure):
    return ' (no bytecode)' if figure['group'] == WITH and not figure['bytecode'] else ''


def caption(results):
    machine = results['machine']
    versions = ', '.join(v.replace('==', ' ') for v in results['versions'])
    return ('Logarithmic: each grid line is ten times the one before. Medians, whole processes, caches warm, '
            f'uv with --offline.\nCPython {results["python"]}, {versions}; {machine["places"]["disk"]}, '
            f'{machine["processors"]} processors.')


def main(source, target):
    results = json.loads(Path(source).read_text())
    figures = results['places']['disk']['single']
    panels = {title: [(name + without_bytecode(figures[key]), statistics.median(figures[key]['ms']))
                      for key, name in bars.items() if key in figures] for title, bars in PANELS.items()}
    panels = {title: bars for title, bars in panels.items() if bars}
    most = max(value for bars in panels.values() for _, value in bars)
    rows = [len(bars) for bars in panels.values()]
    figure, axes = pyplot.subplots(len(panels), figsize=(9.2, 0.34 * sum(rows) + 0.62 * len(rows) + 0.5),
                                   height_ratios=rows, layout='constrained')
    for axis, (title, bars) in zip(figure.axes, panels.items()):
        draw_panel(axis, title, bars, most)
    figure.axes[-1].tick_params(axis='x', labelbottom=True)
    figure.axes[-1].xaxis.set_major_formatter(lambda value, _: milliseconds(value).replace('.0', ''))
    figure.supxlabel(caption(results), color=TEXT, fontsize=9, x=0.01, ha='left')
    figure.savefig(target, transparent=True,
                   metadata={'Date': None, 'Creator': None, 'Title': 'Time to make an environment'})
    # A reader without that font has another; and no line ends in a space.
    svg = Path(target).read_text().replace("'DejaVu Sans'", "'DejaVu Sans', Verdana, sans-serif")
    Path(target).write_text(re.sub(r' +$', '', svg, flags=re.MULTILINE))


if __name__ == '__main__':
    main(*sys.argv[1:])
