"""`riverkeeper schema`: the JSON Schema of each record, of all of them, or of the pipeline file."""

import json
from typing import Annotated, Any

import msgspec
import typer

from infra.mistakes import choose
from infra.sections import Pipeline
from streams.records import RECORDS

app = typer.Typer()
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PIPELINE = "pipeline"


def schema_of(name: str | None) -> dict[str, Any]:
    """Return the JSON Schema of a record by its tag, of the pipeline file, or of any record (None).

    >>> sorted(schema_of("tick")["$defs"]["Tick"]["properties"])[:3]
    ['id', 'idle', 'key']
    """
    if name == _PIPELINE:
        return {"$schema": _DIALECT, **Pipeline.model_json_schema()}
    types = list(RECORDS.values()) if name is None else [RECORDS[name]]
    schemas, components = msgspec.json.schema_components(types, ref_template="#/$defs/{name}")
    top = schemas[0] if name else {"title": "Record", "oneOf": list(schemas)}
    return {"$schema": _DIALECT, **top, "$defs": components}


def _complete() -> list[str]:
    return [_PIPELINE, *RECORDS]


@app.command()
def schema(
    name: Annotated[
        str | None,
        typer.Argument(
            help=f"'{_PIPELINE}' or a record: {', '.join(RECORDS)}. Without one: any record.", autocompletion=_complete
        ),
    ] = None,
) -> None:
    """Print a JSON Schema (draft 2020-12): for editors, producers and consumers."""
    if name is not None and name not in _complete():
        raise typer.BadParameter(f"nothing is called {name!r}. {choose(name, _complete())}", param_hint="NAME")
    print(json.dumps(schema_of(name), indent=2))
