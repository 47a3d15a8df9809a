import ast
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import cryptography
import pytest
from tests.record.sample import kit_of

from baseload.verify.bundle import bundle, modules
from baseload.verify.main import main


def top_names(text):
    for node in ast.parse(text).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        elif isinstance(node, ast.Assign):
            yield from (
                name.id
                for target in node.targets
                for name in ast.walk(target)
                if isinstance(name, ast.Name)
            )


def test_no_two_modules_use_a_name_twice():
    names = Counter(name for text in modules().values() for name in top_names(text))
    assert [name for name, count in names.items() if count > 1] == []


def test_only_the_standard_library_and_cryptography_are_imported():
    found = set()
    for text in modules().values():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                found |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(node.module.split(".")[0])
    assert found - sys.stdlib_module_names == {"baseload", "cryptography"}
    assert (
        "baseload." not in bundle().replace("baseload.", "", 0) or "import baseload" not in bundle()
    )


@pytest.fixture(scope="module")
def kit(tmp_path_factory):
    place = tmp_path_factory.mktemp("kit")
    made = kit_of(place / "log", place / "kit")
    (made / "inspect.py").write_text(bundle(), encoding="utf-8")
    return made


def bare(kit, *arguments):
    """Run the kit's own program in its folder, with nothing but `cryptography` to import."""
    places = str(Path(cryptography.__file__).parents[1])
    code = (
        "import sys, runpy; sys.path.append(sys.argv.pop(1)); sys.argv[0] = 'inspect.py'; "
        "sys.modules['baseload'] = None; runpy.run_path('inspect.py', run_name='__main__')"
    )
    return subprocess.run(
        [sys.executable, "-S", "-c", code, places, *arguments],
        cwd=kit, capture_output=True, text=True, check=False, timeout=60,
        env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
    )  # fmt: skip


def test_the_kits_own_program_gives_the_same_verdict(kit, capsys):
    assert main([str(kit), "--json"]) == 0
    ours = json.loads(capsys.readouterr().out)
    done = bare(kit, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    theirs = json.loads(done.stdout)
    assert ours | {"seconds": 0} == theirs | {"seconds": 0}


def test_it_may_lie_beside_what_it_checks(kit):
    """Its name is that of a module of the standard library, which others import."""
    done = subprocess.run(
        [sys.executable, "inspect.py"], cwd=kit, capture_output=True, text=True, check=False,
        timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("OK")
