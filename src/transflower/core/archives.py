"""Zip archives as torch writes them: nothing compressed, and a checksum of every member."""

import zipfile
from pathlib import Path

from transflower.core.errors import FormatError
from transflower.core.files import check_file

_PIECE = 2**20


def check_archive(path: Path | str) -> None:
    """Refuse an archive that is damaged, or that holds more than the file itself does.

    Torch reads such files without checking the checksums, and unpacks whatever is in them.

    Raises:
        FormatError: it is no archive; a member is compressed, lies over another or is there twice; a checksum differs.
    """
    check_file(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check_sizes(path, members)
            for member in members:
                with archive.open(member) as content:
                    while content.read(_PIECE):
                        pass
    except OSError as error:
        raise FormatError(path, f"cannot be read ({error.strerror})") from error
    except FormatError:
        raise
    # The reader raises many kinds of errors for a damaged directory.
    except Exception as error:
        raise FormatError(path, "is damaged: what it holds does not agree with its checksums") from error


def _check_sizes(path: Path | str, members: list[zipfile.ZipInfo]) -> None:
    names = {member.filename for member in members}
    packed = any(member.compress_type != zipfile.ZIP_STORED for member in members)
    total = sum(member.file_size for member in members)
    if packed or len(names) < len(members) or total > Path(path).stat().st_size:
        raise FormatError(path, "is packed in a way that torch never uses, and is not opened")
