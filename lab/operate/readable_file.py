"""Files that a person names."""

import os
from pathlib import Path

from lab.sentences import general as sentences
from millrace.errors import Refused


def check_readable(file: Path) -> None:
    """Refuses what is no readable file, before anything is copied."""
    if not file.exists():
        raise Refused(sentences.FILE_MISSING.format(file=file))
    if file.is_dir():
        raise Refused(sentences.FILE_IS_FOLDER.format(file=file))
    if not file.is_file() or not os.access(file, os.R_OK):
        raise Refused(sentences.FILE_UNREADABLE.format(file=file))
