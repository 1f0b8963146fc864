"""The private Postfix of ``tools/lab_postfix.py``, which the demonstration uses too."""

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from support.daemon import Daemon


def _load() -> ModuleType:
    path = Path(__file__).resolve().parents[2] / "tools" / "lab_postfix.py"
    spec = importlib.util.spec_from_file_location("lab_postfix", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


lab_postfix = _load()


@dataclass
class Mta:
    """Postfix, what it delivers, and the filter in front of it."""

    postfix: Any
    sink: Any
    daemon: Daemon
