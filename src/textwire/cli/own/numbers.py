"""`textwire numbers`: the numbers of the account, and those that it could have."""

from typing import Final

from textwire.cli import completing
from textwire.cli.calls import Call, Take, group
from textwire.cli.tables import columns

ONE: Final = Take(name="NUMBER", key="number", place="path", complete=completing.numbers)
SHOWN: Final = columns("number", "country", "type", "features", "monthly=monthly_price")

command = group(
    "numbers",
    "See, buy, assign and release numbers.",
    [
        Call(name="list", help="List the account's numbers.", method="GET", path="/api/numbers",
             columns=(*SHOWN, *columns("state", "label", "assigned to=assignments.name")), empty="the account has no number"),
        Call(name="show", help="Show one number and what was paid for it.", method="GET", path="/api/numbers/{number}",
             takes=(ONE,)),
        Call(
            name="search", help="Search numbers for sale.", method="GET", path="/api/numbers/available",
            takes=(
                Take(name="COUNTRY", key="country", place="query", required=True, complete=completing.countries,
                     turn=str.upper),
                Take(name="--features", key="features", place="query", metavar="LIST", help="With all of these, such as sms,mms."),
                Take(name="--type", key="type", place="query", metavar="TYPE", help="mobile, landline or toll-free."),
                Take(name="--pattern", key="pattern", place="query", metavar="DIGITS", help="With these digits."),
                Take(name="--match", key="match", place="query", metavar="WHERE", help="Where the digits are: begins, contains or ends."),
            ),
            columns=(*SHOWN, *columns("setup=setup_price")), empty="no number for sale fits",
        ),
        Call(name="buy", help="Buy a number; the first month is paid at once.", method="POST", path="/api/numbers",
             takes=(Take(name="NUMBER", key="number"), Take(name="--label", key="label", help="What it is for.")),
             ask="Buy {number}?"),
        Call(
            name="assign", help="Let a user, project or key use a number.", method="PATCH", path="/api/numbers/{number}",
            takes=(ONE, Take(name="--to", key="assign.principal", required=True, metavar="ID", help="The user, project or key."),
                   Take(name="--default", key="assign.default", flag=True, help="It sends from this number unasked.")),
        ),
        Call(
            name="unassign", help="Let a user, project or key use a number no more.", method="PATCH",
            path="/api/numbers/{number}",
            takes=(ONE, Take(name="--from", key="unassign.principal", required=True, metavar="ID",
                             help="The user, project or key.")),
        ),
        Call(name="release", help="Give a number back; it can be sold to others at once.", method="DELETE",
             path="/api/numbers/{number}", takes=(ONE,), done="{number} is released", ask="Release {number}?"),
    ],
)  # fmt: skip

SENDER: Final = Take(
    name="NUMBER",
    key="number",
    place="path",
    complete=completing.from_server("/api/senders?limit=100", "number"),
)

senders = group(
    "senders",
    "See and prove numbers of your own that may be sent from.",
    [
        Call(name="list", help="List the numbers that are proved, or wait for their code.", method="GET", path="/api/senders",
             columns=columns("number", "state", "verified_at", "expires_at"), empty="no number was proved"),
        Call(name="prove", help="Have a code texted to a number of your own.", method="POST", path="/api/senders",
             takes=(Take(name="NUMBER", key="number"),)),
        Call(name="verify", help="Tell the code that the handset shows.", method="POST", path="/api/senders/{number}/verify",
             takes=(SENDER, Take(name="CODE", key="code"))),
        Call(name="delete", help="Send from a number no more.", method="DELETE", path="/api/senders/{number}",
             takes=(SENDER,), done="{number} is no sender any more"),
    ],
)  # fmt: skip
