"""What `make` knows, for what was typed otherwise: `make sned`, and options as `feed=…`, which it would pass over."""

import os
import re
import sys
from collections.abc import Sequence

from lab.location import CHECKOUT
from lab.screen.output import complain
from lab.sentences import general as sentences
from millrace.feed_names import nearest

TYPED = "MILLRACE_TYPED"
"""Names that stood before a = on make's command line; its Makefile says so."""
EXIT_TYPED_WRONGLY = 2
COMMAND = re.compile(r"^([a-z-]+):.*?## ", re.MULTILINE)
OPTION = re.compile(r"\$\((?:if |origin )?\$?\(?([A-Z_]+)\)|\$\$([A-Z]+)|^([A-Z]+) :=", re.MULTILINE)


def unknown_option(typed: Sequence[str]) -> str | None:
    """The sentence for the first option that the Makefile does not use; None where it uses all."""
    used = sorted({name for found in OPTION.findall(_makefile()) for name in found if name})
    for name in typed:
        if name not in used:
            meant = name.upper()
            hint = nearest(f"{meant}=", [f"{one}=" for one in used])
            return sentences.UNKNOWN_OPTION.format(option=name, hint=hint)
    return None


def unknown_command(name: str) -> str:
    """The sentence for a command that the Makefile has not."""
    return sentences.UNKNOWN_TARGET.format(command=name, hint=nearest(name, COMMAND.findall(_makefile())))


def refuse_unknown_options() -> None:
    """Ends the program where an option was typed that nothing would have looked at; machines have no Makefile."""
    typed = os.environ.get(TYPED, "").split()
    if typed and (sentence := unknown_option(typed)):
        complain(sentence)
        sys.exit(EXIT_TYPED_WRONGLY)


def _makefile() -> str:
    return (CHECKOUT / "Makefile").read_text()


if __name__ == "__main__":
    complain(unknown_command(sys.argv[1]))
    sys.exit(EXIT_TYPED_WRONGLY)
