"""`./twin prove NAME`: long proofs that are not part of the tests."""

from deploy.instance import ROOT
from deploy.refusal import Refusal
from deploy.throwaway import run_module

MODULES = ROOT / "tests" / "proofs"


def names() -> list[str]:
    """This function will list the proofs of this checkout."""
    found = (path.stem for path in MODULES.glob("*.py") if not path.stem.startswith(("_", "test_")))
    return ["cold", *sorted(found)]


def prove(arguments: list[str]) -> int:
    """This function will run the named proof, or list the proofs; raises Refusal for an unknown name."""
    if not arguments:
        print("\n".join(names()))
        return 0
    name, *rest = arguments
    if name == "cold":
        from deploy.trial import prove_cold

        return prove_cold(rest)
    if name not in names():
        raise Refusal(f"There is no proof {name!r}; there are: {', '.join(names())}.")
    return run_module(f"tests.proofs.{name}", rest)
