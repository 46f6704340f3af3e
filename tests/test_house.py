"""The rules of the house that no linter knows: sizes, seams, and documents that tell the truth."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "src").rglob("*.py"))

MODULE_LINES = 500
FUNCTION_LINES = 60
USUAL_LINES = 40
"""95 of 100 functions are no longer than this."""
LONG = "# long: "
"""Allows an exception, with its reason: on a `def` line, or alone on a line of the module."""

BROAD = {
    *("backends/child.py", "entrypoints/http/edge.py", "jobs/runner.py", "jobs/supervision.py"),
    "threads.py",
}
"""Where `except Exception` may stand: the boundary of a child process, a task or a thread."""

# Spelled in parts, so that this file does not hold what it looks for.
FORBIDDEN = {
    "a package registry's host": "|".join(
        (
            r"py" + r"pi\.org",
            "python" + r"hosted\.org",
            "npm" + r"js\.(org|com)",
            "crates" + r"\.io",
        )
    ),
    "an absolute path of a machine": r"(?<![\w./~])/(work|root|home|Users)/\w",
}


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def functions(path: Path) -> Iterator[tuple[str, int, bool]]:
    """Name, lines and whether its `def` line gives a reason for its length."""
    lines = path.read_text("utf-8").splitlines()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            yield f"{path.name}:{node.name}", length, LONG in lines[node.lineno - 1]


def tracked() -> list[Path]:
    """Files under version control; all of them that may be, where there is no git."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode == 0:
        return [ROOT / name for name in listed.stdout.split("\0") if name]
    rooms = ("src", "tests", "tools", "docs", "bench", "examples", ".ci")
    inside = (path for room in rooms for path in (ROOT / room).rglob("*"))
    return [path for path in (*ROOT.glob("*"), *inside) if path.is_file()]


def texts() -> Iterator[tuple[Path, str]]:
    for path in tracked():
        try:
            yield path, path.read_text("utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue


def test_modules_are_short() -> None:
    """A module fits in one head: at most 500 lines, or a reason is given."""
    for path in SOURCES:
        text = path.read_text("utf-8")
        count = len(text.splitlines())
        assert count <= MODULE_LINES or f"\n{LONG}" in text, f"{path} has {count} lines"


def test_functions_are_short() -> None:
    """No function is longer than 60 lines without a reason, and 95 of 100 have at most 40."""
    found = [one for path in SOURCES for one in functions(path)]
    assert [name for name, length, reason in found if length > FUNCTION_LINES and not reason] == []
    lengths = sorted(length for _, length, _ in found)
    assert lengths[int(0.95 * (len(lengths) - 1))] <= USUAL_LINES


def swallows(handler: ast.ExceptHandler) -> bool:
    """Whether it catches everything and does not raise it again."""
    caught = ast.unparse(handler.type) if handler.type else "BaseException"
    last = handler.body[-1]
    raised = isinstance(last, ast.Raise) and last.exc is None
    return caught in ("Exception", "BaseException") and not raised


def test_nothing_is_swallowed() -> None:
    """An unexpected error ends in the user's sight, save at the boundaries that are listed."""
    for path in SOURCES:
        if path.relative_to(ROOT / "src" / "inkreel").as_posix() not in BROAD:
            for node in ast.walk(tree(path)):
                caught = isinstance(node, ast.ExceptHandler) and swallows(node)
                assert not caught, f"{path}:{getattr(node, 'lineno', 0)}"


def test_nothing_is_printed() -> None:
    """The library never writes to the caller's terminal on its own."""
    for path in SOURCES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id != "print", f"{path}:{node.lineno}"


def test_arrows_point_one_way() -> None:
    """Rooms never import each other, and lower layers never higher ones."""
    checked = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout


def test_importing_is_cheap() -> None:
    """`import inkreel` loads none of the heavy libraries."""
    heavy = ("numpy", "av", "typst", "pyvips", "pydantic", "rich", "typer", "asyncio")
    script = f"import sys, inkreel; print(*sorted(set({heavy!r}) & set(sys.modules)))"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.split() == []


def test_a_video_begins_without_what_draws_it() -> None:
    """The parent loads what draws, encodes and calibrates no sooner than it is needed: every tenth
    of a second there is one before the first picture."""
    heavy = ("numpy", "av", "typst", "pyvips", "httpx2", "obstore", "redis", "bullmq", "piper")
    script = f"import sys, inkreel.wiring.video; print(*set({heavy!r}) & set(sys.modules))"
    told = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    assert told.stdout.split() == []


def test_what_lasts_lies_in_no_temp_folder() -> None:
    """Unless the user says otherwise, the store and the data lie in the user's own folders."""
    script = "from inkreel.settings import load; s = load(); print(s.cache, s.data, sep='\\n')"
    environment = {"HOME": "/nowhere/reader", "PATH": os.defpath}
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment
    )
    assert all(path.startswith("/nowhere/reader/") for path in told.stdout.splitlines())


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_address_is_built_in(what: str) -> None:
    """The repository works with any package index and in any folder: it names neither."""
    pattern = re.compile(FORBIDDEN[what])
    assert [str(path) for path, text in texts() if pattern.search(text)] == []


def test_locks_hold_every_dependency() -> None:
    """What pyproject.toml asks for is locked, with hashes (`make lock`)."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = project["dependency-groups"]
    asked = {
        "requirements.txt": project["project"]["dependencies"],
        "requirements-build.txt": groups["build"],
        "requirements-dev.txt": [one for one in groups["dev"] if isinstance(one, str)],
    }
    for name, wanted in asked.items():
        lock = (ROOT / name).read_text("utf-8")
        locked = set(re.findall(r"(?m)^([a-z0-9-]+)==", lock))
        assert {re.match(r"[\w-]+", one)[0].lower() for one in wanted} - locked == set(), name
        assert lock.count("--hash=sha256:") >= len(locked)


def test_error_codes_are_unique() -> None:
    """A code names one error, and its exit code is a family's."""
    from tools import reference

    kinds = list(reference.error_types())
    codes = [kind.code for kind in kinds]
    assert sorted(set(codes)) == sorted(codes)
    assert {kind.exit_code for kind in kinds} == {1, 2, 3, 4, 5, 6, 130}


def test_reference_is_fresh() -> None:
    """The generated pages of docs/ say what the code says (`make reference`)."""
    from tools import reference

    for path, text in reference.pages().items():
        assert path.read_text("utf-8") == text, f"{path.name} is stale: make reference"


def test_mission_is_true() -> None:
    """Every item asked for stands in the table once, and every file and test it names exists."""
    from tools import mission

    assert mission.faults(mission.read(mission.TABLE.read_text("utf-8"))) == []


def test_mission_notices_lies() -> None:
    """A missing item, a double one, and a row that names what is not there are all told."""
    from tools import mission

    text = mission.TABLE.read_text("utf-8")
    lost = "\n".join(line for line in text.splitlines() if not line.startswith("| M9 "))
    assert mission.faults(mission.read(lost)) == ["M9 is missing."]
    row = "| M9 | words | their.py | `src/nowhere.py` | `tests/test_house.py::test_x` | done |\n"
    assert mission.faults(mission.read(f"{text}{row}{row}"))[:1] == ["M9 stands here 3 times."]
    assert mission.faults(mission.read(f"{lost}\n{row}")) == [
        "M9: no file src/nowhere.py.",
        "M9: no test tests/test_house.py::test_x.",
    ]


@pytest.mark.parametrize("page", ["README.md", "README.vi.md"])
def test_readme_knows_all_options(page: str) -> None:
    """Every option that the code takes is explained to the reader."""
    from inkreel.model import Options

    text = (ROOT / page).read_text("utf-8")
    flags = (f"`--{name.replace('_', '-')}" for name in Options.__struct_fields__)
    assert [flag for flag in flags if flag not in text] == []


def test_links_lead_somewhere() -> None:
    """A link between our documents ends at a file that is there."""
    for path, text in texts():
        if path.suffix == ".md" and "examples" not in path.parts and "tests" not in path.parts:
            for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)|src=\"([^\"]+)\"", text):
                link = "".join(target)
                if not re.match(r"[a-z]+:", link):
                    assert (path.parent / link).exists(), f"{path.name}: {link}"


BENCHES = sorted(
    f"bench.{path.stem}" for path in (ROOT / "bench").glob("*.py") if path.stem != "rival_moviepy"
)


@pytest.mark.skipif(not BENCHES, reason="only in a checkout")
def test_every_bench_finds_what_it_measures() -> None:
    """Names that it takes from the product are there; MoviePy's program runs elsewhere."""
    asked = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"
    command = [sys.executable, "-c", asked, *BENCHES]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
