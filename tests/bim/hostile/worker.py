"""The Celery application of a worker whose children obey their file: `celery --app tests.bim.hostile.worker worker`."""

from bim.pipeline.limits import OURS_INSIDE, Limits
from webmap.project.celery import app

LIMIT_S = 60.0


@app.on_after_finalize.connect
def take_the_hostile_child(**_: object) -> None:
    """Import with the hostile child and few processes; files without a deed reach the real child."""
    from bim.operations import run_revision

    limits = Limits(
        processes=16, module="tests.bim.hostile.child",
        visible=(*OURS_INSIDE, "tests/__init__.py", "tests/bim/__init__.py", "tests/bim/hostile"),
    )  # fmt: skip
    assert run_revision.__kwdefaults__ is not None
    run_revision.__kwdefaults__.update(limits=limits, limit_s=LIMIT_S)
