"""`[rpa]`: how flows are run."""

from pydantic import Field

from jikimi.config.table import Name, Table


class Rpa(Table):
    """Flows in a browser."""

    browser: str = Field(
        default="",
        description="브라우저 프로그램, 비우면 찾은 것(Chromium, Chrome, Edge)"
        " / the browser's program; empty: the first of Chromium, Chrome, Edge that is found",
    )
    values: dict[Name, str] = Field(
        default_factory=dict,
        description="흐름이 이름으로 읽는 값(사이트 주소 등) / what flows read by name, such as a site's address",
    )
