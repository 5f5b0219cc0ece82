"""Models on the Hugging Face Hub: the files of a model folder and a model card, and nothing else.

The extra ``hub`` installs huggingface_hub.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

from transflower.core.errors import ModelError
from transflower.core.files import write_text
from transflower.core.model_folder import CONFIG, FEATURES, WEIGHTS
from transflower.models import LoadedModel, save_model

_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
_CARD = """---
library_name: transflower
tags: [transflower, dance, motion, music]
---
# {name}

A model that draws {outputs} given {conditions}, of {parameters:,} parameters.

```python
import transflower

dancer = transflower.load("{name}")
dancer.dance("song.mp3").save("dance.glb")
```
"""


def is_repository(source: str) -> bool:
    """Whether ``source`` names a repository, and no folder that is there."""
    return bool(_REPOSITORY.fullmatch(source)) and not Path(source).exists()


def download(repository: str, *, revision: str | None = None) -> Path:
    """The folder of a repository's model, in the cache of the hub.

    Raises:
        ModelError: huggingface_hub is missing, there is no such repository, or it holds no model.
    """
    hub = _load_hub(f"there is no folder {repository}; ")
    # A nested model lies in a folder of its own.
    patterns = [pattern for file in (CONFIG, WEIGHTS, FEATURES) for pattern in (file, f"*/{file}")]
    with _told(f"there is no folder {repository}, and it cannot be read from the hub"):
        folder = Path(hub.snapshot_download(repository, revision=revision, allow_patterns=patterns))
    if not (folder / CONFIG).is_file():
        raise ModelError(f"{repository} on the hub holds no model of transflower")
    return folder


def upload(loaded: LoadedModel, repository: str, *, private: bool, message: str) -> str:
    """Write the model into a repository; returns the address of the commit.

    Raises:
        ModelError: huggingface_hub is missing, the name is none, or the hub refuses.
    """
    if not _REPOSITORY.fullmatch(repository):
        raise ModelError(f"{repository!r} is no name of a repository; give one like user/name")
    hub = _load_hub()
    with TemporaryDirectory() as temporary, _told(f"{repository} cannot be written on the hub"):
        folder = Path(temporary)
        save_model(folder, loaded.model, sidecars=loaded.sidecars)
        write_text(folder / "README.md", _card(loaded, repository))
        api = hub.HfApi()
        api.create_repo(repository, private=private, exist_ok=True)
        return str(api.upload_folder(repo_id=repository, folder_path=folder, commit_message=message).commit_url)


def _card(loaded: LoadedModel, repository: str) -> str:
    model = loaded.model
    return _CARD.format(
        name=repository,
        outputs=" and ".join(model.config.outputs),
        conditions=" and ".join(model.conditions) or "nothing",
        parameters=sum(parameter.numel() for parameter in model.parameters()),
    )


def _load_hub(before: str = "") -> ModuleType:
    try:
        import huggingface_hub
    except ImportError as error:
        raise ModelError(f"{before}models on the hub need huggingface_hub: pip install 'transflower[hub]'") from error
    return huggingface_hub


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Errors of the hub and of the network as one sentence."""
    from huggingface_hub.errors import HTTPError

    try:
        yield
    except (HTTPError, OSError, ValueError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise ModelError(f"{what}: {reason}") from error
