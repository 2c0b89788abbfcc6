"""What a service said last, when it did not start: its error, though it was started again since."""

from dataclasses import replace
from pathlib import Path

from deploy.bringup import last_words
from deploy.instance import find_instance

ERROR = "ERROR:    [Errno 98] error while attempting to bind on address ('127.0.0.1', 36991): address already in use"
LOG = f"""INFO:     Application startup complete.
{ERROR}
2026-11-29 04:44:05,050 INFO axes.apps: AXES: BEGIN version 8.3.1
2026-11-29 04:44:06,841 INFO weasyprint.progress: Step 2 - Fetching and parsing CSS - CSS string

"""


def test_the_last_error_of_a_service_is_named_and_without_one_its_last_line(tmp_path: Path) -> None:
    instance = replace(find_instance(), home=tmp_path)
    instance.log_dir.mkdir()
    log = instance.log_dir / "web.log"
    assert last_words(instance, "web") == f"none (see {instance.log_dir})"
    log.write_text(LOG)
    assert last_words(instance, "web") == ERROR
    log.write_text(LOG + "2026-11-29 04:44:07,001 INFO quiet\n" * 60)
    assert last_words(instance, "web") == "2026-11-29 04:44:07,001 INFO quiet"
