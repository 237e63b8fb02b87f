"""What the README gives to be copied is what the product was tested with."""

import re
from pathlib import Path

from pipelines.publish.companions import query_texts

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
DEMO_RELEASE = "build/demo/lake/published/outcomes/latest/"


def test_the_readme_gives_the_queries_of_a_release_with_the_paths_of_the_demo() -> None:
    given = re.findall(r"```sql\n(.*?)\n```", README, flags=re.DOTALL)
    assert [text.replace(DEMO_RELEASE, "") for text in given] == query_texts()
    assert all(text.count(DEMO_RELEASE) == text.count("read_parquet(") for text in given)


def test_every_command_that_the_readme_names_is_there() -> None:
    from pipelines.cli import main

    named = {name for name in re.findall(r"`countylink ([a-z-]+)", README)}
    assert named
    assert named <= set(main.commands)
