"""A span of time as an option: "30m" on the command line, seconds for the command."""

import click

from jikimi.config.span import parse_span


class _Span(click.ParamType[float]):
    name = "span"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the seconds that *value* names."""
        try:
            return parse_span(value).total_seconds()
        except ValueError as error:
            self.fail(str(error), param, ctx)


SPAN = _Span()
