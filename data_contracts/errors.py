"""Every way Toetssteen can say no: one class a stage, one exit code a class.

| exit code | class              | meaning                                             |
|-----------|--------------------|-----------------------------------------------------|
| 0         | (none)             | accepted, done                                      |
| 1         | `RejectedDelivery` | a delivery was read but the contract rejects it     |
| 2         | `WrongUse`         | wrong command, option, mapping or argument          |
| 3         | `UnreadableInput`  | a file is missing, damaged or not what it says      |
| 4         | `Refused`          | a score or publication would mislead or disclose    |
"""


class ToetssteenError(Exception):
    """A fault the user can repair; its text says what, where, and what to do.

    The text never carries a value from a personal column.
    """

    exit_code = 2


class RejectedDelivery(ToetssteenError):
    """The contract rejects the delivery."""

    exit_code = 1


class WrongUse(ToetssteenError):
    """A command, option, argument or mapping file is wrong."""

    exit_code = 2


class UnreadableInput(ToetssteenError):
    """A file cannot be read as a delivery."""

    exit_code = 3


class Refused(ToetssteenError):
    """A score or publication that would mislead or disclose."""

    exit_code = 4
