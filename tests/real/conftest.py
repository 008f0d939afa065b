"""The real weights: fetched once per session."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that holds the embedded weights."""
    home = tmp_path_factory.mktemp("home")
    environment = os.environ | {"CHATFORGE_HOME": str(home)}
    for name in ("smollm2-135m-instruct", "all-minilm-l6-v2"):
        command = [sys.executable, "-m", "chatforge", "models", "fetch", name]
        subprocess.run(command, check=True, env=environment)
    return home
