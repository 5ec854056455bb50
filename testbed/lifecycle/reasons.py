"""Why the server's answer to a request was not to be had: the words in a record's `fault`."""

BUSY = "timed out before the edge was free"
UNANSWERED = "no answer within its timeout"
OVERDUE = "answered after its timeout"
SERVER_GONE = "the server half is gone"
UNSENT = "the transport takes no more: too many requests wait in it"
OTHER_TASKS = "reply with another number of tasks"
SLOW = "no answer in time"
LINK_DOWN = "not sent: the link did not carry"

TOO_LATE = "too late"
"""What answers are counted as for which no request waits any more."""
