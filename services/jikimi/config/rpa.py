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
    neighbours: tuple[Name, ...] = Field(
        default=(),
        description="가까운 기계들의 이름: 흐름은 NAME.localhost 로 엽니다. https 없는 사이트도 로그인을 지킵니다"
        " / machines nearby: a flow opens one as NAME.localhost, where a site without https can keep its login as well",
    )
    values: dict[Name, str] = Field(
        default_factory=dict,
        description="흐름이 이름으로 읽는 값(사이트 주소 등) / what flows read by name, such as a site's address",
    )
