"""Why a contract's change is refused, and what to do; one sentence each."""

ANEW = (
    " To begin anew without the rows: `make feed-off FEED={feed}`, `make reset FEED={feed}`, `make up`,"
    " `make feed-on FEED={feed}`."
)
GONE = (
    "Feed {feed}: its table has the column {name} and its contract has not, so its values would be lost; put it back,"
    " or say `was: {name}` at the column that it became."
)
NARROWED = (
    "Feed {feed}: {name} is {old} in the table and {new} in the contract, which does not hold every value; keep {old},"
    " or take a wider type."
)
NEW_REQUIRED = (
    "Feed {feed}: the new column {name} is required, and the rows that are there have no value for it; leave out"
    " `required`."
)
EMPTY_REQUIRED = "Feed {feed}: {name} is required now, and there are rows without it; leave out `required`."
REKEYED = "Feed {feed}: its rows are kept by {old}, and the contract wants {new}; keep mode and key as they were."
REORDERED = "Feed {feed}: {old} has decided which record wins, and older ones are gone; keep `newest_by: {old}`."
NOT_PAUSED = (
    "Feed {feed}: the stream has not paused it within {seconds:.0f} s, so its tables stay as they are; see `make logs"
    " SERVICE=millrace-stream`, then `make up` again."
)
FAILED = "Feed {feed}: {why}; it stays paused, mend its contract and `make up` again, which goes on from here."
NOT_UNDERSTOOD = (
    "Feed {feed}: its tables were made from a contract of another release, which this one cannot read; `make up` makes"
    " them anew from the contract that is there, then forget it."
)
FORGETTING = "it is being forgotten; `make forget FEED={feed}` finishes it"
FORGOTTEN = "It was forgotten: its tables and all that it had brought are gone."
