"""Frozen models made of what YAML holds, and one readable sentence when it does not fit."""

from collections.abc import Sequence
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from millrace.errors import Refused
from millrace.feed_names import nearest


class Strict(BaseModel):
    """A value that never changes and knows all of its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


Model = TypeVar("Model", bound=Strict)


def validated(model: type[Model], content: dict[str, Any], file: str) -> Model:
    """`content` as a `model`; the first thing wrong with it as one sentence that names file and key."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        wrong = sorted(error.errors(), key=lambda detail: detail["type"] != "extra_forbidden")
        raise Refused(_sentence(model, wrong[0], file)) from None


def _sentence(model: type[BaseModel], error: ErrorDetails, file: str) -> str:
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{file}: the key {key} is unknown; {nearest(str(error['loc'][-1]), _keys_at(model, error['loc'][:-1]))}"
    if error["type"] == "missing":
        return f"{file}: the key {key} is missing."
    reason = error["msg"].removeprefix("Value error, ")
    end = "" if reason.endswith(("?", ".")) else "."
    return f"{file}: {key + ': ' if key else ''}{reason}{end}"


def _keys_at(model: type[BaseModel], key: Sequence[int | str]) -> list[str]:
    """The keys allowed below a key of the model, as the YAML spells them. Positions in lists stay at the model."""
    for part in key:
        field = next((f for name, f in model.model_fields.items() if part in (name, f.alias)), None)
        model = (_model_in(field.annotation) if field else None) or model
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
