"""Every trick and every near miss of the look-alike engine, against the shipped packs."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phish_milter.detection.brands.lookalike import Lookalike
from phish_milter.detection.brands.model import Relation
from phish_milter.detection.brands.pack import load_packs


@cache
def _engine(brand: str) -> Lookalike:
    return Lookalike(load_packs([], [brand])[0], ("corp.example",))


@pytest.mark.parametrize(
    ("host", "explanation"),
    [
        ("pypj.org", "pypj.org = pypi.org with i->j"),
        ("PYPJ.ORG.", "pypj.org = pypi.org with i->j"),
        ("mail.pypl.net", "pypl.net = pypi.org with i->l and .org->.net"),
        ("pyp1.net", "pyp1.net = pypi.org with i->1 and .org->.net"),
        ("pypj.com", "pypj.com = pypi.org with i->j and .org->.com"),
        ("pvpi.org", "pvpi.org = pypi.org with y->v"),
        ("pyppi.net", "pyppi.net = pypi.org with p doubled and .org->.net"),
        ("pyip.org", "pyip.org = pypi.org with pi->ip"),
        ("oypi.org", "oypi.org = pypi.org with p->o (next key)"),
        ("pypli.org", "pypli.org = pypi.org with l put in"),
        ("py-pi.org", "py-pi.org = pypi.org with hyphen put in"),
        ("pypi.contact", "pypi.contact = pypi.org with .org->.contact"),
        ("pypi.co.uk", "pypi.co.uk = pypi.org with .org->.co.uk"),
        ("pypi.pages.dev", "pypi.pages.dev = pypi.org with .org->.pages.dev"),
        ("login.pypi-mirror.org", "pypi-mirror.org = pypi with mirror"),
        ("pypi-anything.com", "pypi-anything.com = pypi with anything"),
        ("getpypi.org", "getpypi.org = pypi with get"),
        ("pypisecurity.com", "pypisecurity.com = pypi with security"),
        ("verify-pypi.net", "verify-pypi.net = pypi with verify"),
        ("wwwpypi.org", "wwwpypi.org = pypi with www"),
        ("pypiorg.com", "pypiorg.com = pypi with org"),
        ("pypi-org.net", "pypi-org.net = pypi-org as a name"),
        ("pypj-org.net", "pypj-org.net = pypj (pypi with i->j) with org"),
        ("pypl-account.com", "pypl-account.com = pypl (pypi with i->l) with account"),
        ("pypi-confirm.web.app", "pypi-confirm.web.app = pypi with confirm"),
        ("files.pypihosted.org", "pypihosted.org = pypi with hosted"),
        ("files.pythanhosted.org", "pythanhosted.org = pythonhosted.org with o->a"),
        ("pythonhosted.net", "pythonhosted.net = pythonhosted.org with .org->.net"),
        (
            "python-package-index.com",
            "python-package-index.com = pythonpackageindex with hyphen put in",
        ),
        (
            "python-package-index-login.com",
            "python-package-index-login.com = python-package-index-login without its hyphens",
        ),
    ],
)
def test_lookalikes_of_pypi(host: str, explanation: str) -> None:
    judged = _engine("pypi").judge_host(host)
    assert (judged.relation, judged.explanation) == (Relation.LOOKALIKE, explanation)


@pytest.mark.parametrize(
    ("unicode", "how"),
    [
        ("\u0440ypi.org", "pypi.org with U+0440 for p"),
        ("\u0440\u0443\u0440\u0456.org", "pypi.org with U+0440 for p, U+0443 for y, U+0456 for i"),
        ("pyp\u00ed.com", "pypi.org with U+00ED for i and .org->.com"),
        ("pyp\u0131.org", "pypi.org with U+0131 for i"),
    ],
)
def test_international_names(unicode: str, how: str) -> None:
    ascii_name = unicode.encode("idna").decode()
    judged = _engine("pypi").judge_host(ascii_name)
    assert judged.relation is Relation.LOOKALIKE
    assert judged.explanation == f"{ascii_name} (shown as {unicode}) = {how}"
    assert _engine("pypi").judge_host(unicode).relation is Relation.LOOKALIKE


@pytest.mark.parametrize(
    ("host", "explanation"),
    [
        ("pypi.org.account-check.net", "pypi.org stands left of account-check.net"),
        ("www.pypi.org.example.net", "pypi.org stands left of example.net"),
        ("pypi.org-login.example.net", "pypi.org stands left of example.net"),
        ("pypi-org.example.net", "pypi-org stands left of example.net"),
        ("pypi.login.example", "pypi stands left of login.example"),
        ("pypi.unknown.example.net", "pypi stands left of example.net"),
        ("pypi-mirror.example.net", "pypi with mirror stands left of example.net"),
        ("pypj.org.example.net", "pypj (reads pypi) stands left of example.net"),
        ("pypl.account-check.com", "pypl (reads pypi) stands left of account-check.com"),
        ("files.pythonhosted.org.example.net", "pythonhosted.org stands left of example.net"),
    ],
)
def test_the_name_among_the_labels(host: str, explanation: str) -> None:
    judged = _engine("pypi").judge_host(host)
    assert judged.relation is Relation.BRAND_IN_LABEL
    assert judged.explanation == f"{host}: {explanation}"


@pytest.mark.parametrize(
    ("host", "relation", "why"),
    [
        ("pypi.org", Relation.BRAND, "the brand"),
        ("test.pypi.org", Relation.BRAND, "TestPyPI"),
        ("any.pypi.org", Relation.BRAND, "below it"),
        ("files.pythonhosted.org", Relation.BRAND, "files"),
        ("pypi.io", Relation.BRAND, "legacy name"),
        ("pypi.python.org", Relation.BRAND, "a name below a sibling"),
        ("docs.python.org", Relation.SIBLING, "same owner"),
        ("pip.pypa.io", Relation.SIBLING, "one letter from pypi.io, develops PyPI"),
        ("pypy.org", Relation.NEIGHBOUR, "one letter from pypi.org"),
        ("www.piwheels.org", Relation.NEIGHBOUR, "wheels for a small computer"),
        ("pypistats.org", Relation.NEIGHBOUR, "the name with a word"),
        ("pypi.tuna.tsinghua.edu.cn", Relation.NEIGHBOUR, "a mirror shaped like an attack"),
        ("pypi.nvidia.com", Relation.NEIGHBOUR, "a vendor's index"),
        ("us-east1-python.pkg.dev", Relation.NEIGHBOUR, "a private index"),
        ("d-1.d.codeartifact.eu-west-1.amazonaws.com", Relation.NEIGHBOUR, "a private index"),
        ("unpkg.com", Relation.NEIGHBOUR, "where packages are delivered from"),
        ("your-own-pypi-mirror.org", Relation.FOREIGN, "a placeholder: nobody's"),
        ("pypi.corp.example", Relation.NEIGHBOUR, "the recipient's own organisation"),
        ("pipi.org", Relation.FOREIGN, "a word one letter away"),
        ("papi.com", Relation.FOREIGN, "a word one letter away"),
        ("pupi.org", Relation.FOREIGN, "a word one letter away"),
        ("pybi.org", Relation.FOREIGN, "a name one letter away"),
        ("pyup.io", Relation.FOREIGN, "another service"),
        ("pyvideo.org", Relation.FOREIGN, "another site"),
        ("pypl.example.net", Relation.FOREIGN, "near the name, and nothing asks"),
        ("phpi.com", Relation.FOREIGN, "a slip of the keyboard under another suffix"),
        ("happypi.com", Relation.FOREIGN, "part of a word"),
        ("pypilot.org", Relation.FOREIGN, "part of a word"),
        ("copypixel.com", Relation.FOREIGN, "part of a word"),
        ("example.org", Relation.FOREIGN, "anybody"),
        ("192.0.2.1", Relation.FOREIGN, "an address"),
        ("localhost", Relation.FOREIGN, "no domain"),
        ("", Relation.FOREIGN, "no host"),
    ],
)
def test_what_is_no_imitation_of_pypi(host: str, relation: Relation, why: str) -> None:
    assert _engine("pypi").judge_host(host).relation is relation, why


@pytest.mark.parametrize(
    ("brand", "host", "relation", "why"),
    [
        ("npm", "npmjs.com", Relation.BRAND, "the brand"),
        ("npm", "npnjs.com", Relation.LOOKALIKE, "m->n"),
        ("npm", "nprnjs.com", Relation.LOOKALIKE, "rn for m"),
        ("npm", "npmjs.help", Relation.LOOKALIKE, "suffix"),
        ("npm", "npm.help", Relation.LOOKALIKE, "a suffix that reads as its department"),
        ("npm", "npm.cafe", Relation.FOREIGN, "three letters under any other suffix"),
        ("npm", "npm-security.com", Relation.LOOKALIKE, "a word that asks"),
        ("npm", "npm-stat.com", Relation.NEIGHBOUR, "statistics"),
        ("npm", "npmpublishers.com", Relation.LOOKALIKE, "a word that asks, glued on"),
        ("npm", "npmbounties.dev", Relation.LOOKALIKE, "money asks"),
        ("npm", "enpmsales.com", Relation.FOREIGN, "three letters by chance"),
        ("npm", "npm-fancy-badges.com", Relation.FOREIGN, "a project"),
        ("npm", "npm.example.net", Relation.FOREIGN, "somebody's mirror"),
        ("npm", "npm.account-login.example", Relation.BRAND_IN_LABEL, "beside words that ask"),
        ("npm", "npmjs.com.example.net", Relation.BRAND_IN_LABEL, "the domain as labels"),
        ("npm", "pnpm.io", Relation.NEIGHBOUR, "another package manager"),
        ("npm", "nmap.org", Relation.FOREIGN, "a scanner"),
        ("crates", "crates.io", Relation.BRAND, "the brand"),
        ("crates", "crate.io", Relation.NEIGHBOUR, "a database"),
        ("crates", "rates.io", Relation.FOREIGN, "a word"),
        ("crates", "crates.com", Relation.FOREIGN, "an ordinary word under another suffix"),
        ("crates", "crates.support", Relation.LOOKALIKE, "reads as its department"),
        ("crates", "craates.io", Relation.LOOKALIKE, "a doubled"),
        ("crates", "crates-io.com", Relation.LOOKALIKE, "the domain as a name"),
        ("crates", "crates.io.example.net", Relation.BRAND_IN_LABEL, "the domain as labels"),
        ("crates", "cratesgrants.io", Relation.LOOKALIKE, "asks under the suffix of the brand"),
        ("crates", "crates-login.com", Relation.FOREIGN, "an ordinary word elsewhere"),
        ("crates", "milkcrates.io", Relation.FOREIGN, "nothing asks"),
        ("crates", "wooden-crates-login.com", Relation.FOREIGN, "an ordinary word"),
        ("crates", "rustfoundation.example.net", Relation.FOREIGN, "nothing asks"),
        ("crates", "crates.login.example.net", Relation.FOREIGN, "an ordinary word"),
        ("crates", "github.rustfoundation.dev", Relation.LOOKALIKE, "the foundation elsewhere"),
        ("rubygems", "rubygerns.org", Relation.LOOKALIKE, "rn for m"),
        ("rubygems", "rubygem.org", Relation.LOOKALIKE, "s left out"),
        ("rubygems", "rubygems.net", Relation.LOOKALIKE, "suffix"),
        ("rubygems", "rubygems.pkg.github.com", Relation.NEIGHBOUR, "a vendor's index"),
        ("rubygems", "ruby.social", Relation.FOREIGN, "another name"),
        ("github", "github.com", Relation.BRAND, "the brand"),
        ("github", "objects.githubusercontent.com", Relation.BRAND, "uploads"),
        ("github", "githubstatus.com", Relation.SIBLING, "same owner"),
        ("github", "glthub.com", Relation.LOOKALIKE, "i->l"),
        ("github", "g1thub.dev", Relation.LOOKALIKE, "i->1"),
        ("github", "github-scanner.com", Relation.LOOKALIKE, "a word that asks"),
        ("github", "github-com-login.onrender.com", Relation.LOOKALIKE, "the domain as a name"),
        ("github", "git-hub-support.github.io", Relation.LOOKALIKE, "torn apart"),
        ("github", "githubpayouts.com", Relation.LOOKALIKE, "money asks"),
        ("github", "githubsponsorship.org", Relation.LOOKALIKE, "money asks"),
        ("github", "github-readme-stats.vercel.app", Relation.FOREIGN, "a project"),
        ("github", "someone.github.io", Relation.FOREIGN, "other people's sites"),
        ("github", "github.example.net", Relation.FOREIGN, "a company's own installation"),
        ("github", "github.login-example.net", Relation.BRAND_IN_LABEL, "beside a word that asks"),
        ("github", "github.login.example.net", Relation.BRAND_IN_LABEL, "beside a word that asks"),
        ("github", "gitlab.com", Relation.NEIGHBOUR, "another forge"),
        ("github", "gitea.com", Relation.FOREIGN, "another forge"),
        ("python", "docs.python.org", Relation.BRAND, "the brand"),
        ("python", "psfgrants.org", Relation.LOOKALIKE, "initials with a word that asks"),
        ("python", "psf-fellowship.org", Relation.LOOKALIKE, "the same set off"),
        ("python", "psf.example.net", Relation.FOREIGN, "initials of many"),
        ("python", "psf.com", Relation.FOREIGN, "initials of many"),
        ("python", "cupsful.com", Relation.FOREIGN, "part of a word"),
        ("python", "capsforum.com", Relation.FOREIGN, "over the seam of two words"),
        ("python", "pypa.account-login.example", Relation.BRAND_IN_LABEL, "a team that asks"),
        ("python", "pyth0n.org", Relation.LOOKALIKE, "o->0 under the same suffix"),
        ("python", "pyhton.org", Relation.LOOKALIKE, "letters swapped"),
        ("python", "python.org.example.net", Relation.BRAND_IN_LABEL, "the domain as labels"),
        ("python", "python.org.br", Relation.NEIGHBOUR, "a national community"),
        ("python", "python.fr", Relation.FOREIGN, "an ordinary word under another suffix"),
        ("python", "python-security.example.net", Relation.FOREIGN, "an ordinary word"),
        ("python", "pythonanywhere.com", Relation.FOREIGN, "a hosting service"),
        ("python", "realpython.com", Relation.FOREIGN, "a publisher"),
        ("python", "python.example.net", Relation.FOREIGN, "anybody's"),
    ],
)
def test_other_brands(brand: str, host: str, relation: Relation, why: str) -> None:
    assert _engine(brand).judge_host(host).relation is relation, why


@pytest.mark.parametrize(
    ("host", "path", "relation", "why"),
    [
        ("sites.example.com", "/view/pypivalidate", Relation.BRAND_IN_PATH, "name and verb"),
        ("example.net", "/wp-content/uploads/pypi/", Relation.BRAND_IN_PATH, "the name alone"),
        ("example.net", "/PyPI/index.html", Relation.BRAND_IN_PATH, "any case"),
        ("example.net", "/pypi-login/", Relation.BRAND_IN_PATH, "name and word that asks"),
        ("example.net", "/%70ypi-login.php?id=1", Relation.BRAND_IN_PATH, "encoded, with ending"),
        ("example.net", "/pypl-verify", Relation.BRAND_IN_PATH, "misspelt"),
        ("example.net", "/pypi.org/account/login/", Relation.BRAND_IN_PATH, "the domain"),
        ("example.net", "/how-to-publish-to-pypi", Relation.FOREIGN, "a title"),
        ("example.net", "/happypi/login", Relation.FOREIGN, "part of a word"),
        ("example.net", "/next?to=https://pypi.org/", Relation.FOREIGN, "only in the query"),
        ("example.net", "/a#pypi", Relation.FOREIGN, "only in the fragment"),
        ("github.com", "/pypi/warehouse", Relation.FOREIGN, "a project's name"),
        ("libraries.io", "/pypi/requests", Relation.FOREIGN, "a list of projects"),
        ("repo.example.net", "/artifactory/api/pypi/x/simple", Relation.FOREIGN, "a format"),
        ("repo.example.net", "/repository/pypi-proxy/simple", Relation.FOREIGN, "a format"),
        ("repo.example.net", "/pypi/simple/", Relation.FOREIGN, "a format"),
        ("pypj.org", "/pypi/simple/", Relation.LOOKALIKE, "the host decides first"),
        ("pypi.org", "/pypi/x", Relation.BRAND, "the host decides first"),
        ("example.net", "", Relation.FOREIGN, "no path"),
    ],
)
def test_the_name_in_the_path(host: str, path: str, relation: Relation, why: str) -> None:
    assert _engine("pypi").judge_url(host, path).relation is relation, why


@pytest.mark.parametrize(
    ("brand", "path", "found"),
    [
        ("github", "/github-login/", True),
        ("github", "/github/", False),
        ("npm", "/npm-verify/", True),
        ("npm", "/npm/", False),
        ("crates", "/crates/", False),
        ("python", "/python-login/", False),
    ],
)
def test_shared_names_in_paths_need_a_word_that_asks(brand: str, path: str, found: bool) -> None:
    judged = _engine(brand).judge_url("example.net", path)
    assert (judged.relation is Relation.BRAND_IN_PATH) is found


@given(st.text(max_size=80), st.text(max_size=80))
def test_judging_never_raises(host: str, path: str) -> None:
    _engine("pypi").judge_url(host, path)


@given(st.from_regex(r"[a-z]{1,12}(-[a-z]{1,8})?", fullmatch=True))
def test_what_stands_left_never_makes_the_brand_foreign(label: str) -> None:
    assert _engine("pypi").judge_host(f"{label}.pypi.org").relation is Relation.BRAND
