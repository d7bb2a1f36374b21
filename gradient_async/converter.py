"""Converts requests to JSON bodies, and the bytes of answers to models.

Reading is tolerant where the API may change: unknown fields are ignored, optional fields may be missing or ``null``,
and open vocabularies are plain strings. Reading is strict about types: a string in place of a number is an error.

``fast_hooks`` exists only for speed (benchmarks/README.md has its gain). ``CONVERTER`` is the only place that uses it:
without that argument and that module, everything is read as before, in more time.
"""

from __future__ import annotations

import contextlib
import json
import operator
from collections import Counter
from functools import cache, cached_property
from typing import TYPE_CHECKING, Final, TypeVar, cast

import attrs

from gradient_async import careful_hooks, fast_hooks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import cattrs

    from gradient_async.careful_hooks import Hook
    from gradient_async.models.action_requests import ActionRequest

T = TypeVar("T")

_loads: Callable[[bytes], object] = json.loads
_dumps_plain: Callable[[object], bytes] | None = None
with contextlib.suppress(ImportError):  # without the extra "speed"
    import orjson

    _loads, _dumps_plain = orjson.loads, orjson.dumps

# Of these, both libraries write the same JSON. orjson writes NaN as null, and takes enums and UUIDs.
_PLAIN: Final = frozenset({str, int, bool})


class DecodingError(Exception):
    """A body does not have the expected shape.

    Attributes:
        reason: Description of the fault.
        fault_path: The faulty field, such as ``$.action.id``.
    """

    def __init__(self, reason: str, fault_path: str = "$") -> None:
        super().__init__(reason, fault_path)
        self.reason = reason
        self.fault_path = fault_path


def encode(body: object) -> bytes:
    """Return a body as compact JSON."""
    if type(body) is _PlainBody:
        return body.encoded
    if _dumps_plain is not None and type(body) is dict and _PLAIN.issuperset(map(type, body.values())):
        try:
            return _dumps_plain(body)
        except TypeError:  # a number of more than 64 bits, or a key that is no text
            pass
    return _encoder.encode(body).encode()


def _whole_number(value: object) -> int:
    """Return an integer of another library, such as NumPy, as an int."""
    if not hasattr(value, "__index__"):
        raise TypeError(f"expected a JSON value, got {type(value).__name__} {value!r:.80}")
    return operator.index(value)


_encoder: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, default=_whole_number)


def action_body(request: ActionRequest) -> Mapping[str, object]:
    """Return the JSON body of an action request, without the parameters that were not given."""
    kind: type = type(request)
    plain = _plain_body(kind, request.type)
    if plain is not None:
        return plain
    return {"type": request.type, **attrs.asdict(request, filter=lambda _, value: value is not None)}


class _PlainBody(dict[str, object]):
    """The body of an action without parameters, which all its requests share.

    Attributes:
        encoded: The body as JSON.
    """

    __slots__ = ("encoded",)

    def __init__(self, type: str) -> None:
        super().__init__(type=type)
        self.encoded: bytes = _encoder.encode(self).encode()


@cache
def _plain_body(kind: type, name: str) -> _PlainBody | None:
    """Return the shared body of an action's class; ``None`` if it has parameters."""
    return None if attrs.fields(kind) else _PlainBody(name)


def decode_json(body: bytes) -> object:
    """Return parsed JSON.

    Raises:
        DecodingError: The body is no JSON.
    """
    try:
        return _loads(body)
    except (ValueError, RecursionError):
        pass  # the standard library may accept what the faster parser refuses; its error message is used
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        reason = "the body is empty" if not body.strip() else f"the body is no JSON: {error}"
        raise DecodingError(reason) from None


class Converter:
    """Makes models from the bytes of answers.

    Args:
        register_fast: Registers hooks that read the usual values in less time, and raise anything at all others.
            The careful hooks then read the value again. Without it, the careful hooks read everything.

    Attributes:
        fallbacks: How many values of each model only the careful hooks could read.
    """

    def __init__(self, register_fast: Callable[[cattrs.Converter], None] | None = None) -> None:
        self.fallbacks: Counter[type] = Counter()
        self._register_fast = register_fast
        self._hooks: dict[type, Hook] = {}

    def decode(self, body: bytes, model: type[T], envelope: str = "") -> T:
        """Return a model from the bytes of an answer.

        Args:
            body: The bytes.
            model: The model.
            envelope: The field that the value may be wrapped in; ``""`` for none.

        Raises:
            DecodingError: The body is no JSON, or has another shape.
        """
        value = decode_json(body)
        if not envelope or not isinstance(value, dict) or envelope not in value:
            return self.structure(value, model)
        try:
            return self.structure(value[envelope], model)
        except DecodingError as error:
            path = f"$.{envelope}{error.fault_path.removeprefix('$')}"
            raise DecodingError(error.reason, path) from None

    def structure(self, value: object, model: type[T]) -> T:
        """Return a model from parsed JSON.

        Raises:
            DecodingError: The value has another shape.
        """
        try:
            hook = self._hooks.get(model) or self._hook(model)
            return cast("T", hook(value, model))
        except Exception:  # noqa: BLE001 - at any error, the careful hooks read the value again
            return self._read_again(value, model)

    def prepare(self) -> None:
        """Load cattrs and register the hooks, so that the first answer does not wait for it."""
        _ = self._first

    @cached_property
    def _first(self) -> cattrs.Converter:
        import cattrs

        if self._register_fast is None:
            return self._careful
        converter = cattrs.Converter(detailed_validation=False)
        careful_hooks.register(converter)
        self._register_fast(converter)
        return converter

    @cached_property
    def _careful(self) -> cattrs.Converter:
        import cattrs

        converter = cattrs.Converter(detailed_validation=True)
        careful_hooks.register(converter)
        return converter

    def _hook(self, model: type) -> Hook:
        hook = self._hooks[model] = self._first.get_structure_hook(model)
        return hook

    def _read_again(self, value: object, model: type[T]) -> T:
        try:
            read = self._careful.structure(value, model)
        except Exception as error:  # noqa: BLE001 - no cattrs exception may leak
            reason, path = careful_hooks.first_fault(error)
            raise DecodingError(reason, path) from None
        self.fallbacks[model] += 1
        return read


CONVERTER: Final = Converter(fast_hooks.register)
"""What all clients read answers with."""

decode: Final = CONVERTER.decode
structure: Final = CONVERTER.structure
prepare: Final = CONVERTER.prepare
