"""Reads the parts: what they include, and their functions. Enough of C++ for code that clang-format
laid out; no more is needed."""

import re

RAW = re.compile(r'R"(\w*)\(.*?\)\1"', re.S)
NOISE = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\\n])+\'', re.S)
DIRECTIVE = re.compile(r'^[ \t]*#(?:[^\n]*\\\n)*[^\n]*', re.M)
BRACKETS = re.compile(r'^VENV_(?:DETAIL_)?(?:BEGIN|END)$|^ *(?:public|private|protected):$', re.M)
ATTRIBUTE = re.compile(r'\[\[.*?\]\]')
NAME = re.compile(r'(operator\s*(?:\(\)|\S+?)|[~\w:]+)\s*$')


def blanked(found):
    """As many lines, and nothing on them."""
    return re.sub(r'[^\n]', ' ', found.group())


def without_comments(text):
    """Strings stay: what is looked for may be one."""
    return NOISE.sub(lambda it: blanked(it) if it.group()[0] == '/' else it.group(), RAW.sub(blanked, text))


def code(text):
    """The text without comments, strings and directives, line by line."""
    return BRACKETS.sub(blanked, DIRECTIVE.sub(blanked, NOISE.sub(blanked, RAW.sub(blanked, text))))


class Function:
    def __init__(self, name, parameters, line, lines):
        self.name, self.parameters, self.line, self.lines = name, parameters, line, lines


def without_template_arguments(head):
    head = re.sub(r'operator\s*(<=>|<<|>>|<=|>=|->|<|>)', 'operator_', head).replace('->', '  ')
    while True:
        shorter = re.sub(r'<[^<>;{}]*>', '', head)
        if shorter == head:
            return head
        head = shorter


def signature(head):
    """(name, number of parameters) of the function that a declaration or definition begins, or
    nothing."""
    head = without_template_arguments(ATTRIBUTE.sub('', head))
    head = re.sub(r'__attribute__\s*\(\(.*?\)\)', '', head)
    begin = head.find('(')
    if head.find('operator()') >= 0:
        begin = head.find('(', head.find('operator()') + len('operator()'))
    if begin < 0 or re.search(r'(?<![=!<>])=(?!=)', head[:begin].replace('operator=', '')):
        return None
    name = NAME.search(head[:begin])
    if not name or name.group(1) in ('static_assert', 'decltype', 'catch', 'if', 'for', 'while', 'switch', 'defined'):
        return None
    depth, commas, inside = 0, 0, ''
    for letter in head[begin:]:
        depth += (letter in '([{') - (letter in ')]}')
        commas += letter == ',' and depth == 1
        inside += letter
        if depth == 0:
            break
    inside = inside[1:-1].strip()
    return name.group(1), 0 if inside in ('', 'void') else commas + 1


def kind_of(head):
    """What a brace at namespace or class level opens."""
    plain = without_template_arguments(head)
    if re.search(r'\bnamespace\b', plain) or plain.split() == ['extern']:
        return 'scope'
    if re.search(r'\b(class|struct|union|enum)\b', plain) and not signature(head):
        return 'scope' if not re.search(r'\benum\b', plain) else 'other'
    return 'function' if signature(head) else 'other'


class Scanner:
    """Finds the functions of a part: definitions with their lines, and declarations."""

    def __init__(self, text):
        self.text = code(text)
        self.functions, self.declarations = [], []
        self.scopes = []       # kind, and for a function its name, parameters and first line
        self.begin = 0         # of what is being read, after the last ; { or }
        self.parentheses = 0
        self.last = None       # the function that has just ended: an initialiser may have looked like one

    def line(self, position):
        return self.text.count('\n', 0, position) + 1

    def is_declarative(self):
        return all(kind == 'scope' for kind, _ in self.scopes)

    def open(self, position):
        head = self.text[self.begin:position]
        kind, function = 'other', None
        if self.is_declarative():
            if self.last and re.match(r'\s*($|,|catch\b|try\b)', head):
                kind, function = 'function', self.last
                self.functions.remove(function)
            else:
                kind = kind_of(head)
                if kind == 'function':
                    first = self.begin + len(head) - len(head.lstrip())
                    function = Function(*signature(head),
                                        self.line(first), 0)
        self.scopes.append((kind, function))
        self.last = None

    def close(self, position):
        kind, function = self.scopes.pop()
        if kind == 'function':
            function.lines = self.line(position) - function.line + 1
            self.functions.append(function)
            self.last = function
        elif kind == 'scope':
            self.last = None

    def end_statement(self, position):
        head = self.text[self.begin:position]
        found = self.is_declarative() and not re.match(r'\s*(using|typedef|friend class)\b', head) and signature(head)
        if found:
            self.declarations.append(Function(*found, self.line(position), 0))
        self.last = None

    def run(self):
        for position, letter in enumerate(self.text):
            if letter in '()':
                self.parentheses += 1 if letter == '(' else -1
            elif letter not in '{};' or (self.parentheses and self.is_declarative()):
                continue
            elif letter == ';':
                self.end_statement(position)
                self.begin = position + 1
            elif letter == '{':
                self.open(position)
                if self.scopes[-1][0] != 'other':
                    self.begin = position + 1
            elif self.scopes:
                was_other = self.scopes[-1][0] == 'other'
                self.close(position)
                # What stands before the initialiser of a variable belongs to what stands after it.
                if not (was_other and self.is_declarative()):
                    self.begin = position + 1
        return self


def scan(text):
    return Scanner(text).run()
