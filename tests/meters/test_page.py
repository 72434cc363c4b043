"""The pages for operators name the metrics that there are, and no others."""

import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.facades.api.house import opened
from textwire.lag import Lag
from textwire.meters.meters import Meters

DOCS = Path(__file__).parents[2] / "docs"
KINDS = ("_bucket", "_sum", "_count", "_total")


def family(name: str) -> str:
    return next((name.removesuffix(kind) for kind in KINDS if name.endswith(kind)), name)


async def test_what_the_pages_name_is_measured_and_what_is_measured_is_named(tmp_path: Path) -> None:
    async with opened(tmp_path / "page.db") as house:
        meters = Meters(house.core, Lag(), house.live)
        text = (await meters.scrape()).decode()
    there = {one.name for one in text_string_to_metric_families(text) if one.name.startswith("textwire_")}
    pages = {page: (DOCS / page).read_text() for page in ("api.md", "howto/operating.md")}
    named = {
        page: {family(n) for n in re.findall(r"\btextwire_[a-z_]+", said)} for page, said in pages.items()
    }
    assert len(there) > 12
    assert named["api.md"] == there
    assert named["howto/operating.md"] <= there
