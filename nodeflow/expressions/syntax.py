"""From text to tree: Python's expression syntax by its own parser, of which few forms are allowed."""

from __future__ import annotations

import ast
import math
import re
import warnings

from nodeflow.errors import FormulaError, did_you_mean
from nodeflow.expressions.functions import ALIASES, FUNCTIONS
from nodeflow.expressions.tree import Apply, Constant, Name, Tree, Values

MAX_LENGTH = 10_000
MAX_DEPTH = 64
MAX_NODES = 500

WORDS = {"missing": None, "true": True, "false": False}
"""Names with a meaning of their own; a column so called is written in backticks."""

_MARK = "\u01c1"  # a letter, so that a quoted name stays one identifier of the same length
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_PIECES = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`(?:``|[^`])*`")
_BINARY = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
}  # fmt: skip
_COMPARE = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
_UNFINISHED = re.compile(r"(?:[-+*/%<>=,(]|\b(?:and|or|not|in|if|else))\s*$")
_HINTS = (
    (r":=", 'use "==" to compare'),
    (r"\d{19,}", "whole numbers have at most 18 digits; write a larger one as 1e20"),
    (r"<>", 'use "!=" for "not equal"'),
    (r"&&?", 'use the word "and"'),
    (r"\|\|?", 'use the word "or"'),
    (r"(?<![=!<>])=(?!=)", 'use "==" to compare'),
    (r"!(?!=)", 'use the word "not"'),
    (r"\b(?:AND|OR|NOT|IN|IF|ELSE)\b", "write and, or, not, in, if, else in small letters"),
    (r"\^", 'use "**" for a power'),
    (r"\b(?:THEN|then|CASE|case|END|end)\b", 'write "a if condition else b", or choose(condition, a, b)'),
    (r"[‘’“”„]", "use straight quotation marks"),
    (r";", "a formula is one expression, without semicolons"),
)


def read(text: str) -> Tree:
    """The tree of a formula; raises `FormulaError` at the character that is wrong."""
    if len(text) > MAX_LENGTH:
        raise FormulaError(
            f"a formula has at most {MAX_LENGTH:,} characters, this has {len(text):,}", text[:100]
        )
    if not text.strip():
        raise FormulaError("the formula is empty", text)
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.quoted: dict[str, str] = {}
        self.code, self.offset = self._prepared(text)

    def fault(self, message: str, position: int) -> FormulaError:
        return FormulaError(message, self.text, min(max(position, 0), max(len(self.text) - 1, 0)))

    def _prepared(self, text: str) -> tuple[str, int]:
        """Python source of the same length but for blanks at the start, quoted names as identifiers."""
        parts: list[str] = []
        end = 0
        for piece in _PIECES.finditer(text):
            parts.append(self._plain(text[end : piece.start()], end))
            parts.append(self._stand_in(piece[0]) if piece[0].startswith("`") else piece[0])
            end = piece.end()
        parts.append(self._plain(text[end:], end))
        code = "".join(parts)
        stripped = code.lstrip()
        return stripped, len(code) - len(stripped)

    def _plain(self, text: str, start: int) -> str:
        if "`" in text:
            raise self.fault(
                "the backtick opens a column name that is not closed by another", start + text.index("`")
            )
        if "#" in text:
            raise self.fault('"#" has no meaning here; put text in quotation marks', start + text.index("#"))
        if "\0" in text:
            raise self.fault("a zero byte is no part of a formula", start + text.index("\0"))
        return re.sub(r"\s", " ", text)

    def _stand_in(self, piece: str) -> str:
        number, digits = len(self.quoted), ""
        for _ in range(len(piece) - 1):
            number, digit = divmod(number, 36)
            digits = _DIGITS[digit] + digits
        name = _MARK + digits
        if number or name in self.quoted:
            raise self.fault("too many quoted names in one formula", 0)
        self.quoted[name] = piece[1:-1].replace("``", "`")
        return name

    def read(self) -> Tree:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(self.code, mode="eval").body
        except SyntaxError as error:
            raise self._syntax(error) from None
        except (MemoryError, RecursionError):
            raise self.fault("the formula is nested too deeply", 0) from None
        except ValueError:
            raise self.fault("a number or character in the formula cannot be read", 0) from None
        if sum(isinstance(one, ast.expr) for one in ast.walk(tree)) > MAX_NODES:
            raise self.fault(f"the formula has more than {MAX_NODES} parts; divide it into several", 0)
        return self._tree(tree, 0)

    def _syntax(self, error: SyntaxError) -> FormulaError:
        bare = _PIECES.sub(lambda piece: " " * len(piece[0]), self.text)
        for pattern, hint in _HINTS:
            found = re.search(pattern, bare)
            if found is not None:
                return self.fault(hint, found.start())
        position = (error.offset or 1) - 1 + self.offset
        if position >= len(self.text.rstrip()) or _UNFINISHED.search(bare):
            return self.fault("the formula ends too early", len(self.text.rstrip()) - 1)
        if "never closed" in (error.msg or "") or "unterminated" in (error.msg or ""):
            return self.fault("what opens here is never closed", position)
        return self.fault("this cannot be understood here", position)

    def _at(self, node: ast.expr) -> int:
        line = self.code.encode()
        return len(line[: node.col_offset].decode(errors="ignore")) + self.offset

    def _raw(self, node: ast.expr) -> str:
        # the parser changes names to their normal form; columns are called exactly as written
        line = self.code.encode()
        return line[node.col_offset : node.end_col_offset].decode(errors="replace")

    def _tree(self, node: ast.expr, depth: int) -> Tree:
        at = self._at(node)
        if depth > MAX_DEPTH:
            raise self.fault(f"the formula is nested deeper than {MAX_DEPTH} levels", at)
        if isinstance(node, ast.Constant):
            return self._constant(node, at)
        if isinstance(node, ast.Name):
            raw = self._raw(node)
            if raw in self.quoted:
                return Name(self.quoted[raw], at)
            return Constant(WORDS[raw], at) if raw in WORDS else Name(raw, at)
        if isinstance(node, ast.BinOp):
            return self._binary(node, at, depth)
        if isinstance(node, ast.UnaryOp):
            return self._unary(node, at, depth)
        if isinstance(node, ast.BoolOp):
            name = "and" if isinstance(node.op, ast.And) else "or"
            return Apply(name, tuple(self._tree(one, depth + 1) for one in node.values), at)
        if isinstance(node, ast.Compare):
            return self._compare(node, at, depth)
        if isinstance(node, ast.IfExp):
            parts = (node.test, node.body, node.orelse)
            return Apply("choose", tuple(self._tree(one, depth + 1) for one in parts), at, is_function=True)
        if isinstance(node, ast.Call):
            return self._call(node, at, depth)
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            raise self.fault('a list stands only on the right of "in"', at)
        words = {
            ast.Attribute: "a dot has no meaning here; write functions as upper(name)",
            ast.Subscript: "square brackets have no meaning here; write a column name in backticks",
            ast.JoinedStr: "texts with f are not known; use concat(...)",
            ast.NamedExpr: 'use "==" to compare',
        }
        raise self.fault(words.get(type(node), "this is not part of the formula language"), at)

    def _constant(self, node: ast.Constant, at: int) -> Constant:
        value = node.value
        if isinstance(value, str) and not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise self.fault("half of a surrogate pair is no character", at) from None
        if value is None or isinstance(value, bool | str):
            return Constant(value, at)
        if isinstance(value, int):
            if not -(2**63) <= value < 2**63:
                raise self.fault("whole numbers have at most 18 digits; write a larger one as 1e20", at)
            return Constant(value, at)
        if isinstance(value, float):
            if not math.isfinite(value):
                raise self.fault("this number is too large", at)
            return Constant(value, at)
        raise self.fault("only numbers, texts, true, false and missing stand for themselves", at)

    def _binary(self, node: ast.BinOp, at: int, depth: int) -> Tree:
        name = _BINARY.get(type(node.op))
        if name is None:
            hint = {
                ast.BitAnd: 'use the word "and"',
                ast.BitOr: 'use the word "or"',
                ast.BitXor: 'use "**" for a power',
            }
            where = self._at(node.left) + len(self._raw(node.left))
            raise self.fault(hint.get(type(node.op), "this operator is not known"), where)
        if name != "+":
            return Apply(name, (self._tree(node.left, depth + 1), self._tree(node.right, depth + 1)), at)
        # a long sum leans to the left, one level a term; as one part it is one level
        terms: list[ast.expr] = []
        one: ast.expr = node
        while isinstance(one, ast.BinOp) and isinstance(one.op, ast.Add):
            terms.append(one.right)
            one = one.left
        terms.append(one)
        return Apply("+", tuple(self._tree(term, depth + 1) for term in reversed(terms)), at)

    def _unary(self, node: ast.UnaryOp, at: int, depth: int) -> Tree:
        if isinstance(node.op, ast.Invert):
            raise self.fault('use the word "not"', at)
        inner = self._tree(node.operand, depth + 1)
        if isinstance(node.op, ast.Not):
            return Apply("not", (inner,), at)
        is_number = isinstance(inner, Constant) and type(inner.value) in (int, float)
        if isinstance(inner, Constant) and is_number:
            return Constant(-inner.value if isinstance(node.op, ast.USub) else inner.value, at)
        return Apply("negative" if isinstance(node.op, ast.USub) else "positive", (inner,), at)

    def _compare(self, node: ast.Compare, at: int, depth: int) -> Tree:
        found: list[Tree] = []
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            name = _COMPARE.get(type(operator))
            if name is None:
                raise self.fault('use "==" to compare, is_missing(x) for missing values', self._at(right))
            other: Tree
            if name in ("in", "not in"):
                other = self._values(right)
            else:
                other = self._tree(right, depth + 2)
            found.append(Apply(name, (self._tree(left, depth + 2), other), at))
            left = right
        return found[0] if len(found) == 1 else Apply("and", tuple(found), at)

    def _values(self, node: ast.expr) -> Values:
        at = self._at(node)
        if not isinstance(node, ast.List | ast.Tuple | ast.Set):
            raise self.fault(
                '"in" needs a list of values, such as ["a", "b"]; for part of a text use contains(x, "a")', at
            )
        values = []
        for one in node.elts:
            part = self._tree(one, MAX_DEPTH - 1)
            if not isinstance(part, Constant) or part.value is None:
                raise self.fault("a list holds numbers and texts only", self._at(one))
            values.append(part.value)
        return Values(tuple(values), at)

    def _call(self, node: ast.Call, at: int, depth: int) -> Tree:
        if not isinstance(node.func, ast.Name):
            raise self.fault("only a function's name can stand before round brackets", at)
        raw = self._raw(node.func)
        name = ALIASES.get(raw, raw)
        if name not in FUNCTIONS:
            lowered = ALIASES.get(raw.lower(), raw.lower())
            hint = did_you_mean(raw, [*FUNCTIONS, *ALIASES])
            if lowered in FUNCTIONS:
                hint = f'did you mean "{lowered}"?'
            if not hint.endswith("?"):
                hint = "`nodeflow nodes formula` lists the functions"
            raise self.fault(f'no function "{raw[:60]}"; {hint}', at)
        if node.keywords:
            raise self.fault(
                "arguments are given by their order, without names", self._at(node.keywords[0].value)
            )
        parts = tuple(self._tree(one, depth + 1) for one in node.args)
        return Apply(name, parts, at, is_function=True)
