"""Who a mail says it is, judged with the shipped packs."""

import pytest

from phish_milter.authentication.model import Authentication
from phish_milter.detection.brands.lookalike import Lookalike
from phish_milter.detection.brands.pack import load_packs
from phish_milter.detection.claims import Identity, Trait, identify
from phish_milter.detection.derive import Guard
from phish_milter.detection.lures import matcher as lures
from phish_milter.message.parse import parse
from phish_milter.resources import data_directory
from phish_milter.text.wording import Wording


@pytest.fixture(scope="module")
def guard() -> Guard:
    (brand,) = load_packs((), ("pypi",))
    return Guard(brand, Lookalike(brand, ("example.net",)))


@pytest.fixture(scope="module")
def english() -> lures.Lures:
    return lures.load(data_directory() / "lures")


def identity_of(mail: str, guard: Guard, words: lures.Lures) -> Identity:
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
        ("The Python Package Index Blog <x@shop.example>", set()),  # a feed
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
        ('"Slack (#pypi-releases)" <x@slack.com>', set()),  # names itself
        ('"PyPI (Feedly)" <x@feedly.com>', set()),
        ("PyPI Security <x@security-mail.com>", {Trait.DISPLAY_NAME}),  # an office, not a name
    ],
)
def test_sender(name: str, traits: set[Trait], guard: Guard, english: lures.Lures) -> None:
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
        ("Fwd: [PyPI] Team created notification", False),  # repeats
        ("\u3010PyPI\u3011 Team created notification", True),  # brackets of other scripts
        ("Automatic reply: [PyPI] Team created notification", False),
        ("[pypi/warehouse] Upload fails (Issue #1)", False),  # a repository
        ("[EXTERNAL", False),  # nothing to strip
    ],
)
def test_subject(subject: str, tagged: bool, guard: Guard, english: lures.Lures) -> None:
    mail = headers("From: Anna <x@shop.example>", f"Subject: {subject}")

    assert (Trait.SUBJECT_TAG in identity_of(mail, guard, english).traits) is tagged


@pytest.mark.parametrize(
    ("body", "traits"),
    [
        ("Hello,\n\nBye\n-- \nPyPI Security Team", {Trait.SIGNATURE, Trait.VOICE}),
        ("Dear PyPI user,\n\nplease look.", {Trait.VOICE}),
        ("> Dear PyPI user,\n> please look.\n\nIs this real? Anna", set()),  # quoted
        ("We released attrs on PyPI. Anna", set()),  # a mention
    ],
)
def test_text(body: str, traits: set[Trait], guard: Guard, english: lures.Lures) -> None:
    mail = headers("From: Anna <x@shop.example>", "Subject: Hi", body=body)

    assert set(identity_of(mail, guard, english).traits) >= traits
    assert bool(traits) is bool(identity_of(mail, guard, english).traits)


def test_wording_alone_is_a_weak_claim(guard: Guard, english: lures.Lures) -> None:
    mail = headers("From: Anna <x@shop.example>", "Subject: Hi", body="Dear PyPI user,\n\nlook.")

    assert not identity_of(mail, guard, english).speaks(away=True, pressed=True)


def test_a_speaker_is_not_held_to_its_wording(guard: Guard, english: lures.Lures) -> None:
    mail = headers(
        "From: Donna <notifications@github.com>",
        "Subject: [pypi/support] Account (Issue #1)",
        body="Dear PyPI user,\n\nyour PyPI account is fine.",
    )

    found = identity_of(mail, guard, english)
    assert found.speaker is not None
    assert not found.traits
    assert found.foreign_author == ""


def test_the_sites_own_domain_is_no_foreign_author(guard: Guard, english: lures.Lures) -> None:
    mail = headers("From: Internal PyPI <pypi@example.net>", "Subject: Quota")

    assert identity_of(mail, guard, english).foreign_author == ""
