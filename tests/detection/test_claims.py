"""Who a mail says it is, judged with the shipped packs."""

import pytest

from phish_milter.authentication.model import Authentication
from phish_milter.detection.brands.lookalike import Lookalike
from phish_milter.detection.brands.pack import load_packs
from phish_milter.detection.claims import Identity, Trait, identify
from phish_milter.detection.derive import Guard
from phish_milter.detection.lures import matcher
from phish_milter.message.parse import parse
from phish_milter.resources import data_directory
from phish_milter.text.wording import Wording


@pytest.fixture(scope="module")
def guard() -> Guard:
    (brand,) = load_packs((), ("pypi",))
    return Guard(brand, Lookalike(brand, ("example.net",)))


@pytest.fixture(scope="module")
def english() -> matcher.Lures:
    return matcher.load(data_directory() / "lures")


def identity_of(mail: str, guard: Guard, words: matcher.Lures) -> Identity:
    message = parse(mail.replace("\n", "\r\n").encode())
    return identify(
        message,
        Authentication(),
        wording=Wording.of(message),
        brand=guard.brand,
        lookalike=guard.lookalike,
        lures=words,
    )


def headers(*lines: str, body: str = "Hello.") -> str:
    return "\n".join([*lines, "Content-Type: text/plain; charset=utf-8", "", body, ""])


@pytest.mark.parametrize(
    ("name", "traits"),
    [
        ("PyPI <x@shop.example>", {Trait.DISPLAY_NAME}),
        ('"PyPI Trust & Safety" <x@shop.example>', {Trait.DISPLAY_NAME}),  # any office
        ('"P\u200by\u200bP\u200bI" <x@shop.example>', {Trait.DISPLAY_NAME}),  # zero width
        ('"\u0420yPI Team" <x@shop.example>', {Trait.DISPLAY_NAME}),  # Cyrillic letter
        ('"noreply@pypi.org" <x@shop.example>', {Trait.SHOWN_ADDRESS, Trait.DISPLAY_NAME}),
        ("Donna via pypi-announce <x@shop.example>", set()),  # talks about it
        ("The Python Package Index Blog <x@shop.example>", {Trait.FEED_NAME}),
        ("pypiserver bot <x@shop.example>", set()),  # another word
        ("Anna <x@shop.example>", set()),
        ("PyPI <noreply@pypi.org>", {Trait.FROM_DOMAIN, Trait.DISPLAY_NAME}),
        ("Anna <anna@pypy.org>", set()),  # a neighbour
        ("Anna <anna@pypi-helpcentre.org>", {Trait.LOOKALIKE_FROM}),
        ("P y P I <x@shop.example>", {Trait.DISPLAY_NAME}),  # torn apart
        ("P.y.P.I Support <x@shop.example>", {Trait.DISPLAY_NAME}),
        ("Py-PI Service <x@shop.example>", {Trait.DISPLAY_NAME}),
        ("PyPl Support <x@shop.example>", {Trait.DISPLAY_NAME}),  # l for I
        ('"\u202eIPyP\u202c" <x@shop.example>', {Trait.DISPLAY_NAME}),  # read from the right
        ('"Slack (#pypi-releases)" <x@slack.com>', {Trait.KIN_NAME}),  # names itself
        ('"PyPI (Feedly)" <x@feedly.com>', {Trait.KIN_NAME}),
        ("PyPI <noreply@pypistats.org>", {Trait.KIN_NAME}),  # a neighbour
        ("pypi@shop.example", {Trait.KIN_NAME}),  # what a mail program shows
        ("Mirror <root@pypi.shop.example>", {Trait.SERVICE_FROM}),  # named after what it holds
        ("Mirror <root@pypi.org.shop.example>", {Trait.LOOKALIKE_FROM}),
        ("Mirror <root@pypi.account-login.example>", {Trait.LOOKALIKE_FROM}),
        ("PyPI Security <x@security-mail.com>", {Trait.DISPLAY_NAME}),  # an office, not a name
    ],
)
def test_sender(name: str, traits: set[Trait], guard: Guard, english: matcher.Lures) -> None:
    found = identity_of(headers(f"From: {name}", "Subject: Hi"), guard, english)

    assert set(found.traits) == traits


@pytest.mark.parametrize(
    ("subject", "tagged"),
    [
        ("[PyPI] Team created notification", True),
        ("[pypi] Team created notification", True),  # readers do not see case
        ("[EXTERNAL] [PyPI] Team created notification", True),  # a gateway's mark
        ("[EXT] [SPAM] [TestPyPI] Team created", True),
        ("Re: [PyPI] Team created notification", True),  # answers nothing
        ("Fwd: [PyPI] Team created notification", True),  # forwards nothing
        ("\u3010PyPI\u3011 Team created notification", True),  # brackets of other scripts
        ("Automatic reply: [PyPI] Team created notification", False),
        ("[pypi/warehouse] Upload fails (Issue #1)", False),  # a repository
        ("[EXTERNAL", False),  # nothing to strip
    ],
)
def test_subject(subject: str, tagged: bool, guard: Guard, english: matcher.Lures) -> None:
    mail = headers("From: Anna <x@shop.example>", f"Subject: {subject}")

    assert (Trait.SUBJECT_TAG in identity_of(mail, guard, english).traits) is tagged


@pytest.mark.parametrize(
    ("body", "traits"),
    [
        ("Hello,\n\nBye\n-- \nPyPI Security Team", {Trait.SIGNATURE, Trait.VOICE}),
        ("Hello,\n\nplease look.\n\nKind regards,\nPyPI Security", {Trait.SIGNATURE}),
        ("Hello,\n\nplease look.\n\nPyPI Security", {Trait.LAST_LINE}),  # or a note
        ("My draft:\n\nDear PyPI Support,\nI lost my key.\nKim", {Trait.VOICE}),  # a salutation
        ("Dear PyPI user,\n\nplease look.", {Trait.VOICE}),
        ("> Dear PyPI user,\n> please look.\n\nIs this real? Anna", set()),  # quoted
        ("We released attrs on PyPI. Anna", set()),  # a mention
    ],
)
def test_text(body: str, traits: set[Trait], guard: Guard, english: matcher.Lures) -> None:
    mail = headers("From: Anna <x@shop.example>", "Subject: Hi", body=body)

    assert set(identity_of(mail, guard, english).traits) >= traits
    assert bool(traits) is bool(identity_of(mail, guard, english).traits)


def test_wording_alone_is_a_weak_claim(guard: Guard, english: matcher.Lures) -> None:
    mail = headers("From: Anna <x@shop.example>", "Subject: Hi", body="Dear PyPI user,\n\nlook.")

    assert not speaks(identity_of(mail, guard, english), AWAY, lured=3)


AWAY, OWN = {"away": True, "own": False}, {"away": False, "own": True}
NOWHERE = {"away": False, "own": False}


def speaks(identity: Identity, where: dict[str, bool], lured: int, *, warned: bool = False) -> bool:
    return identity.speaks(**where, lured=lured, warned=warned)


TAGGED = headers("From: Anna <x@shop.example>", "Subject: [PyPI] Upload")
SIGNED = headers("From: Anna <x@shop.example>", "Subject: [PyPI] Upload", body="Hi\n\nPyPI Support")
FEED = headers("From: PyPI Weekly <x@shop.example>", "Subject: Hi")
NAMED = headers("From: PyPI <x@shop.example>", "Subject: Hi")


@pytest.mark.parametrize(
    ("mail", "where", "lured", "speaks_as"),
    [
        (TAGGED, AWAY, 0, False),  # a colleague's link to a document
        (TAGGED, AWAY, 1, True),
        (TAGGED, OWN, 1, False),  # a colleague's note about our own service
        (TAGGED, OWN, 2, True),  # the author's own domain is no home of the brand
        (SIGNED, OWN, 1, True),
        (TAGGED, NOWHERE, 3, False),
        (FEED, AWAY, 1, True),
        (NAMED, NOWHERE, 0, True),
    ],
)
def test_what_leads_speaks_only_where_it_asks(
    mail: str,
    where: dict[str, bool],
    lured: int,
    *,
    speaks_as: bool,
    guard: Guard,
    english: matcher.Lures,
) -> None:
    assert speaks(identity_of(mail, guard, english), where, lured) is speaks_as


def test_news_about_deceit_claim_nothing(guard: Guard, english: matcher.Lures) -> None:
    assert not speaks(identity_of(FEED, guard, english), AWAY, 1, warned=True)


FORUM = "notifications@python1.discoursemail.com"


@pytest.mark.parametrize(
    ("head", "speaker"),
    [
        ((f"From: Donna <{FORUM}>", "List-Id: <packaging.discuss.python.org>"), True),
        ((f"From: Donna <{FORUM}>", "List-Id: <news.forum.example>"), False),  # another customer
        ((f"From: Donna <{FORUM}>",), False),
        ((f"From: PyPI <{FORUM}>", "List-Id: <discuss.python.org>"), False),  # no member
        (("From: PyPI Security <notifications@github.com>",), False),
    ],
)
def test_who_speaks_about_a_brand(
    head: tuple[str, ...], speaker: bool, guard: Guard, english: matcher.Lures
) -> None:
    found = identity_of(headers(*head, "Subject: [PyPI] Upload"), guard, english)

    assert (found.speaker is not None) is speaker


@pytest.mark.parametrize("author", ["From:", "From: undisclosed:;", "To: anna@example.net"])
def test_without_an_author_nobody_is_the_brand(
    author: str, guard: Guard, english: matcher.Lures
) -> None:
    assert identity_of(headers(author, "Subject: Hi"), guard, english).foreign_author == "nowhere"


def test_a_speaker_is_not_held_to_its_wording(guard: Guard, english: matcher.Lures) -> None:
    mail = headers(
        "From: Donna <notifications@github.com>",
        "Subject: [pypi/support] Account (Issue #1)",
        body="Dear PyPI user,\n\nyour PyPI account is fine.",
    )

    found = identity_of(mail, guard, english)
    assert found.speaker is not None
    assert not found.traits
    assert found.foreign_author == ""


def test_a_brands_own_marks_are_no_disguise(english: matcher.Lures) -> None:
    (brand,) = load_packs((), ("rubygems",))
    guard = Guard(brand, Lookalike(brand))
    author = "From: RubyGems.org <no-reply@mailer.rubygems.org>"
    written = headers(author, "Subject: Hi", body="RUBYGEMS\ufeff.ORG")
    torn = headers(author, "Subject: Hi", body="RUBY\u200bGEMS.ORG")

    assert not identity_of(written, guard, english).disguise
    assert identity_of(torn, guard, english).disguise


def test_the_sites_own_domain_is_no_foreign_author(guard: Guard, english: matcher.Lures) -> None:
    mail = headers("From: Internal PyPI <pypi@example.net>", "Subject: Quota")

    assert identity_of(mail, guard, english).foreign_author == ""
