"""Small changes to a program's source, each of which some test should notice. Pure: text in, text out."""

from __future__ import annotations

import ast
import difflib
from copy import deepcopy
from typing import TYPE_CHECKING, Final

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMPARISONS: Final[dict[type[ast.cmpop], tuple[str, type[ast.cmpop]]]] = {
    ast.Eq: ("== → !=", ast.NotEq),
    ast.NotEq: ("!= → ==", ast.Eq),
    ast.Lt: ("< → <=", ast.LtE),
    ast.LtE: ("<= → <", ast.Lt),
    ast.Gt: ("> → >=", ast.GtE),
    ast.GtE: (">= → >", ast.Gt),
    ast.In: ("in → not in", ast.NotIn),
    ast.NotIn: ("not in → in", ast.In),
    ast.Is: ("is → is not", ast.IsNot),
    ast.IsNot: ("is not → is", ast.Is),
}
_ARITHMETIC: Final[dict[type[ast.operator], tuple[str, type[ast.operator]]]] = {
    ast.Add: ("+ → -", ast.Sub),
    ast.Sub: ("- → +", ast.Add),
    ast.Mult: ("* → /", ast.Div),
    ast.Div: ("/ → *", ast.Mult),
    ast.FloorDiv: ("// → *", ast.Mult),
}
_CALLS: Final = {"min": "max", "max": "min", "any": "all", "all": "any"}


@frozen(order=True)
class Mutation:
    """One change of a source text.

    Attributes:
        line: Number of the line where it begins, from 1.
        start: Offset of its first byte in the text.
        end: Offset behind its last byte.
        change: What is changed, such as ``or → and``.
        text: What stands there instead.
    """

    line: int
    start: int
    end: int
    change: str
    text: str


def mutations_of(source: str) -> list[Mutation]:
    """Return all mutations of a module, in the order of their places.

    Left out: annotations, decorators, docstrings, f-strings, what only type checkers read, and the module's constants,
    which are settings and not decisions.
    """
    starts = [0]
    for line in source.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found = []
    for node, change, replacement in _changes(ast.parse(source)):
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
        text = ast.unparse(replacement)
        text = f"({text})" if isinstance(replacement, ast.expr) and not isinstance(replacement, ast.Constant) else text
        found.append(Mutation(node.lineno, start, end, change, text))
    return sorted(found)


def applied(source: str, mutation: Mutation) -> str:
    """Return the source with a mutation in it."""
    content = source.encode()
    return (content[: mutation.start] + mutation.text.encode() + content[mutation.end :]).decode()


def line_of(source: str, mutation: Mutation) -> str:
    """Return the line where a mutation begins, without the space around it."""
    return source.splitlines()[mutation.line - 1].strip()


def diff_of(source: str, mutation: Mutation, name: str) -> str:
    """Return a mutation as a unified diff."""
    lines = difflib.unified_diff(
        source.splitlines(), applied(source, mutation).splitlines(), name, name, lineterm="", n=1
    )
    return "\n".join(lines)


_Place = ast.expr | ast.stmt


def _changes(tree: ast.Module) -> Iterator[tuple[_Place, str, ast.AST]]:
    for node in _code_in(tree):
        if isinstance(node, ast.expr):
            for change, replacement in _changes_of_expression(node):
                yield node, change, replacement
        elif isinstance(node, ast.stmt):
            for change, replacement in _changes_of_statement(node):
                yield node, change, replacement


def _code_in(tree: ast.Module) -> Iterator[ast.AST]:
    """Return the nodes inside of functions, whose change can change what the program does."""
    functions = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
    nested = {inner for one in functions for inner in ast.walk(one) if inner is not one}
    for function in functions:
        if function not in nested:
            for statement in function.body:
                yield from _inside(statement)


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.JoinedStr):
        return  # Python 3.11 does not know where its parts are
    if isinstance(node, ast.Assert):
        return  # for type checkers; `python -O` leaves it out
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        for statement in node.body:
            yield from _inside(statement)
        return
    yield node
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "type_comment", "decorator_list"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _inside(child)


def _changes_of_expression(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    match node:
        case ast.Compare():
            for number, operator in enumerate(node.ops):
                if type(operator) in _COMPARISONS:
                    change, other = _COMPARISONS[type(operator)]
                    changed = deepcopy(node)
                    changed.ops[number] = other()
                    yield change, changed
        case ast.BoolOp(op=ast.And()):
            yield "and → or", ast.BoolOp(ast.Or(), node.values)
        case ast.BoolOp(op=ast.Or()):
            yield "or → and", ast.BoolOp(ast.And(), node.values)
        case ast.UnaryOp(op=ast.Not()):
            yield "not x → x", node.operand
        case ast.BinOp() if type(node.op) in _ARITHMETIC and not _is_text(node.left) and not _is_text(node.right):
            change, arithmetic = _ARITHMETIC[type(node.op)]
            yield change, ast.BinOp(node.left, arithmetic(), node.right)
        case ast.IfExp():
            yield "a if c else b → b if c else a", ast.IfExp(node.test, node.orelse, node.body)
        case ast.Call(func=ast.Name(id=name)) if name in _CALLS:
            yield f"{name} → {_CALLS[name]}", ast.Call(ast.Name(_CALLS[name]), node.args, node.keywords)
        case ast.Constant(value=bool(value)):
            yield f"{value} → {not value}", ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield f"{value} → {value + 1}", ast.Constant(value + 1)
        case ast.Constant(value=float(value)):
            yield f"{value} → {2 * value + 1}", ast.Constant(2 * value + 1)


def _changes_of_statement(node: ast.stmt) -> Iterator[tuple[str, ast.stmt]]:
    match node:
        case ast.Break():
            yield "break → continue", ast.Continue()
        case ast.Continue():
            yield "continue → break", ast.Break()
        case ast.AugAssign() if type(node.op) in _ARITHMETIC and not _is_text(node.value):
            change, operator = _ARITHMETIC[type(node.op)]
            yield change, ast.AugAssign(node.target, operator(), node.value)
        case ast.Expr(value=ast.Call() | ast.Await()):
            yield "statement → pass", ast.Pass()


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))
