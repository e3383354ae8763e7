import base64
import hmac
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from odmantic import ObjectId

from schema.tokens import AccessTokens, InvalidToken

SECRET, PREVIOUS, FOREIGN = "the secret that signs, for now.." * 2, "the secret before this one......" * 2, "x" * 64
TOKENS = AccessTokens(SECRET, PREVIOUS)
USER, SESSION = ObjectId("65a000000000000000000001"), ObjectId("65a000000000000000000002")
HEADER = {"alg": "HS256", "typ": "JWT"}
ABSENT = object()
BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
PUBLIC_KEY = """-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsYhntPdPap7gmuPeMc+M
+If0D3drbCcWtrR8VAORLzE6uIWcO5oa//mVToDs8Stc3yl0n0FvTZpcqMxBnuD0
qVHnZf1vOn4czAieevz/AlTeb3St2wyMqXN0LB+cZTgXf9AgOcKQF2EpA4vo6IGZ
xoqA9d07EALm2vnnB31VriWRKrhZE32jyDQ9czw14qxx+OuZa3yEH3MtHRLDPzMI
/qj/1zo1CR1+L3Vv2wmGLwL2RD3FHr0cGZP6LleCD1qGpl8NtPmTwo2GW/r5x3jv
AVCv9LqCwPaofOvSUTjItZWo2vGyGVVn3gwkupmL2+277jKofzh63yYGREjlapz/
nQIDAQAB
-----END PUBLIC KEY-----
"""


def segment(content: object) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(header: object, payload: object, secret: str = SECRET, digest: str = "sha256") -> str:
    """A token signed by hand: PyJWT would not make most of these."""
    text = f"{segment(header)}.{segment(payload)}"
    return f"{text}.{segment(hmac.digest(secret.encode(), text.encode(), digest))}"


def claims(**changes: object) -> dict[str, object]:
    now = int(time.time())
    times = {"iat": now, "nbf": now, "exp": now + 900}
    who = {"sub": str(USER), "sid": str(SESSION), "jti": "0123456789abcdef" * 2, "type": "access"}
    changed = {"iss": "postberry", "aud": "postberry", **who, **times, **changes}
    return {name: value for name, value in changed.items() if value is not ABSENT}


def later(**delta: float) -> int:
    return int(time.time() + timedelta(**delta).total_seconds())


HEADERS: dict[str, object] = {
    "alg none": HEADER | {"alg": "none"},
    "alg None": HEADER | {"alg": "None"},
    "alg NONE": HEADER | {"alg": "NONE"},
    "alg nOnE": HEADER | {"alg": "nOnE"},
    "alg empty": HEADER | {"alg": ""},
    "alg null": HEADER | {"alg": None},
    "alg in a list": HEADER | {"alg": ["HS256"]},
    "alg in lower case": HEADER | {"alg": "hs256"},
    "alg missing": {"typ": "JWT"},
    "RS256": HEADER | {"alg": "RS256"},
    "PS256": HEADER | {"alg": "PS256"},
    "ES256": HEADER | {"alg": "ES256"},
    "EdDSA": HEADER | {"alg": "EdDSA"},
    "HS384": HEADER | {"alg": "HS384"},
    "HS512": HEADER | {"alg": "HS512"},
    "typ missing": {"alg": "HS256"},
    "typ of another kind": HEADER | {"typ": "at+jwt"},
    "crit unknown": HEADER | {"crit": ["exp"]},
    "crit with a detached payload": HEADER | {"crit": ["b64"], "b64": False},
    "kid that is a path": HEADER | {"kid": "../../../../dev/null"},
    "kid that is SQL": HEADER | {"kid": "x' UNION SELECT 'secret"},
    "jku": HEADER | {"jku": "https://attacker.example/keys.json"},
    "jwk": HEADER | {"jwk": {"kty": "oct", "k": segment(FOREIGN.encode())}},
    "x5u": HEADER | {"x5u": "https://attacker.example/cert.pem"},
    "x5c": HEADER | {"x5c": ["MIIB"]},
    "zip": HEADER | {"zip": "DEF"},
    "header not JSON": b"HS256",
    "header not UTF-8": b'{"alg":"HS256\xff"}',
    "header a list": [HEADER],
    "header a string": "HS256",
    "header null": None,
    "header nested too deep": b"[" * 1000,
}

PAYLOADS: dict[str, Callable[[], object]] = {
    **{f"{name} missing": lambda name=name: claims(**{name: ABSENT}) for name in claims()},  # type: ignore[misc]  # mypy infers no default
    **{f"{name} null": lambda name=name: claims(**{name: None}) for name in claims()},  # type: ignore[misc]  # the same
    "audience of another": lambda: claims(aud="postcherry"),
    "audience that begins as ours": lambda: claims(aud="postberry.example"),
    "audience a part of ours": lambda: claims(aud="post"),
    "audience in capitals": lambda: claims(aud="Postberry"),
    "audience in a list": lambda: claims(aud=["postberry"]),
    "audience among others": lambda: claims(aud=["other", "postberry"]),
    "audience empty": lambda: claims(aud=""),
    "issuer of another": lambda: claims(iss="attacker"),
    "issuer a part of ours": lambda: claims(iss="berry"),
    "issuer in a list": lambda: claims(iss=["postberry"]),
    "expired": lambda: claims(iat=later(hours=-1), nbf=later(hours=-1), exp=later(minutes=-45)),
    "expired just past the leeway": lambda: claims(iat=later(minutes=-5), exp=later(seconds=-6)),
    "expires at zero": lambda: claims(exp=0),
    "expires before our era": lambda: claims(exp=-1, iat=-900),
    "valid later": lambda: claims(nbf=later(minutes=1)),
    "issued later": lambda: claims(iat=later(minutes=1)),
    "wholly in the future": lambda: claims(iat=later(hours=1), nbf=later(hours=1), exp=later(hours=1.25)),
    "valid for ten years": lambda: claims(exp=later(days=3650)),
    "valid for ten years, issued five ago": lambda: claims(iat=later(days=-1825), exp=later(days=1825)),
    "valid for a second too long": lambda: claims(exp=int(time.time()) + 901),
    "expires never": lambda: claims(exp=10**300),
    "expires at infinity": lambda: claims(exp=float("inf")),
    "expires at no number": lambda: claims(exp=float("nan")),
    "expires at a fraction": lambda: claims(exp=time.time() + 100.5),
    "expires in a string": lambda: claims(exp=str(later(minutes=5))),
    "expires at true": lambda: claims(exp=True),
    "expires in a list": lambda: claims(exp=[later(minutes=5)]),
    "issued at true": lambda: claims(iat=True),
    "issued at no number": lambda: claims(iat=float("nan")),
    "valid from minus infinity": lambda: claims(nbf=float("-inf")),
    "valid from a fraction": lambda: claims(nbf=time.time() - 1.5),
    "a refresh token": lambda: claims(type="refresh"),
    "type in capitals": lambda: claims(type="ACCESS"),
    "type in a list": lambda: claims(type=["access"]),
    "type twice": lambda: json.dumps(claims()).removesuffix("}").encode() + b', "type": "refresh"}',
    "user id not an id": lambda: claims(sub="ada@example.com"),
    "user id empty": lambda: claims(sub=""),
    "user id too short": lambda: claims(sub=str(USER)[1:]),
    "user id too long": lambda: claims(sub=f"{USER}0"),
    "user id with a newline": lambda: claims(sub=f"{USER}\n"),
    "user id an operator": lambda: claims(sub={"$ne": None}),
    "user id a number": lambda: claims(sub=650000000000000000000001),
    "user id in a list": lambda: claims(sub=[str(USER)]),
    "user id in other digits": lambda: claims(sub="٦" * 24),
    "session id not an id": lambda: claims(sid="my session"),
    "session id an operator": lambda: claims(sid={"$gt": ""}),
    "session id a number": lambda: claims(sid=1),
    "session id true": lambda: claims(sid=True),
    "jti a number": lambda: claims(jti=12),
    "jti empty": lambda: claims(jti=""),
    "jti a list": lambda: claims(jti=["0" * 32]),
    "no claims": dict,
    "payload a list": lambda: [claims()],
    "payload a string": lambda: "access",
    "payload a number": lambda: 1,
    "payload null": lambda: None,
    "payload not JSON": lambda: b"sub=ada",
    "payload not UTF-8": lambda: b'{"sub":"\xff"}',
    "payload nested too deep": lambda: b"[" * 1200,
}


def texts() -> dict[str, object]:
    """What is no token of ours at all; most of it made of one that is."""
    valid = TOKENS.issue(USER, SESSION)
    head, body, signature = valid.split(".")
    return {
        "empty": "",
        "a dot": ".",
        "two dots": "..",
        "four dots": "....",
        "a word": "token",
        "null": "null",
        "one part": head,
        "two parts": f"{head}.{body}",
        "signature empty": f"{head}.{body}.",
        "payload empty": f"{head}..{signature}",
        "header empty": f".{body}.{signature}",
        "four parts": f"{valid}.{signature}",
        "five parts, as if encrypted": f"{head}.{body}.{body}.{body}.{signature}",
        "signature cut short": valid[:-1],
        "signature half": valid[:-21],
        "signature longer": f"{valid}A",
        "signature padded": f"{valid}=",
        "signature twice": valid + signature,
        "signature in lower case": f"{head}.{body}.{signature.lower()}",
        "signature in upper case": f"{head}.{body}.{signature.upper()}",
        "signature of zeros": f"{head}.{body}.{'A' * 43}",
        "signature of another payload": f"{head}.{segment(claims(sub='f' * 24))}.{signature}",
        "signature in the other alphabet": f"{head}.{body}.+/{signature[2:]}",
        "unsigned, alg none": f"{segment({'alg': 'none'})}.{body}.",
        "signed with a wrong secret": signed(HEADER, claims(), FOREIGN),
        "signed with nothing": signed(HEADER, claims(), ""),
        "signed with half of the secret": signed(HEADER, claims(), SECRET[:32]),
        "signed with a public key": signed(HEADER, claims(), PUBLIC_KEY),
        "signed with a public key, as RS256": signed(HEADER | {"alg": "RS256"}, claims(), PUBLIC_KEY),
        "signed with SHA-384": signed(HEADER | {"alg": "HS384"}, claims(), digest="sha384"),
        "signed with SHA-512": signed(HEADER | {"alg": "HS512"}, claims(), digest="sha512"),
        "signed with SHA-512, as HS256": signed(HEADER, claims(), digest="sha512"),
        "payload not base64": f"{head}.%%%.{signature}",
        "payload one character over": f"{head}.{body}A.{signature}",
        "a space before": f" {valid}",
        "a space after": f"{valid} ",
        "a newline after": f"{valid}\n",
        "a space inside": valid.replace(".", ". "),
        "with its scheme": f"Bearer {valid}",
        "twice": f"{valid},{valid}",
        "quoted": f'"{valid}"',
        "NUL after": f"{valid}\0",
        "NUL inside": f"{head}\0.{body}.{signature}",
        "not ASCII": f"{valid}é",
        "full-width letters": valid.replace("e", "\uff45"),
        "a lone surrogate": f"{head}.\ud800.{signature}",
        "a megabyte": "A" * 1_000_000,
        "a megabyte of dots": "." * 1_000_000,
        "valid but for its length": signed(HEADER, claims(padding="x" * 2048)),
        "bytes": valid.encode(),
        "None": None,
        "a number": 1,
        "a list": [valid],
        "an object": {"token": valid},
    }


def refuse(token: Any) -> str:  # noqa: ANN401  # whatever a client may send
    with pytest.raises(InvalidToken) as refusal:
        TOKENS.read(token)
    return refusal.value.reason


def test_a_token_says_who_asks_and_in_which_session() -> None:
    said = TOKENS.read(TOKENS.issue(USER, SESSION))
    assert (said.user_id, said.session_id) == (USER, SESSION)
    assert timedelta() < said.expires_at - datetime.now(UTC) <= timedelta(minutes=15)


def test_a_token_states_every_claim_and_lives_15_minutes() -> None:
    stated = jwt.decode(TOKENS.issue(USER, SESSION), options={"verify_signature": False})
    assert stated.keys() == claims().keys()
    assert (stated["exp"] - stated["iat"], stated["nbf"] - stated["iat"]) == (900, 0)


def test_no_two_tokens_are_the_same() -> None:
    assert len({TOKENS.issue(USER, SESSION) for _ in range(10)}) == 10


def test_a_token_signed_by_hand_is_read_so_that_the_forged_ones_fail_for_their_fault_alone() -> None:
    assert TOKENS.read(signed(HEADER, claims())).user_id == USER


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS.keys())
def test_forged_header(header: object) -> None:
    assert refuse(signed(header, claims())) == "not of the form of our tokens"


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
@pytest.mark.parametrize("secret", [SECRET, PREVIOUS])
def test_forged_claims_are_refused_even_when_signed_with_a_secret_of_ours(
    payload: Callable[[], object], secret: str
) -> None:
    reason = refuse(signed(HEADER, payload(), secret))
    assert reason != "InvalidSignatureError: signed with no secret of ours"


@pytest.mark.parametrize("name", texts())
def test_forged_text(name: str) -> None:
    assert refuse(texts()[name])


def test_a_reason_tells_nothing_of_the_claims_values() -> None:
    assert refuse(signed(HEADER, claims(sub="\nroot logged in", jti="secret"))) == "claims not as ours: jti, sub"


def test_a_clock_that_is_a_little_ahead_is_forgiven() -> None:
    assert TOKENS.read(signed(HEADER, claims(iat=later(seconds=3), nbf=later(seconds=3)))).user_id == USER


def test_a_claim_we_do_not_know_is_ignored() -> None:
    assert TOKENS.read(signed(HEADER, claims(role="ADMIN"))) == TOKENS.read(signed(HEADER, claims()))


def test_a_token_outlives_the_change_of_the_secret_while_the_previous_one_is_kept() -> None:
    token = AccessTokens(PREVIOUS).issue(USER, SESSION)
    assert TOKENS.read(token).user_id == USER
    with pytest.raises(InvalidToken, match="no secret of ours"):
        AccessTokens(SECRET).read(token)


def test_the_previous_secret_signs_nothing() -> None:
    with pytest.raises(InvalidToken):
        AccessTokens(PREVIOUS).read(TOKENS.issue(USER, SESSION))
    assert AccessTokens(SECRET).read(TOKENS.issue(USER, SESSION)).user_id == USER


@pytest.mark.parametrize("secrets", [("x" * 31,), ("",), (SECRET, "x" * 31)])
def test_a_short_secret_is_refused(secrets: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="32 characters"):
        AccessTokens(*secrets)


def test_a_public_key_for_a_secret_is_refused_at_once() -> None:
    with pytest.raises(jwt.InvalidKeyError):
        AccessTokens(PUBLIC_KEY)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.text())
def test_any_text_is_refused(text: str) -> None:
    assert refuse(text)


@given(st.text(BASE64URL), st.text(BASE64URL, min_size=43, max_size=43))
def test_any_payload_and_signature_behind_our_header_are_refused(payload: str, signature: str) -> None:
    assert refuse(f"{segment(HEADER)}.{payload}.{signature}")


@given(JSON)
def test_any_signed_json_is_refused(payload: object) -> None:
    assert refuse(signed(HEADER, payload))


@given(st.sampled_from(sorted(claims())), JSON)
def test_any_other_value_of_one_claim_is_refused(name: str, value: object) -> None:
    assert refuse(signed(HEADER, claims(**{name: value})))


@given(st.integers(0), st.sampled_from(BASE64URL + ".=") | st.characters())
def test_any_change_of_one_character_is_refused(position: int, character: str) -> None:
    valid = TOKENS.issue(USER, SESSION)
    position %= len(valid)
    assume(character != valid[position])
    assert refuse(valid[:position] + character + valid[position + 1 :])


def test_a_second_spelling_of_the_same_signature_is_refused() -> None:
    valid = TOKENS.issue(USER, SESSION)
    others = [valid[:-1] + character for character in BASE64URL if character != valid[-1]]
    same = [other for other in others if _signature(other) == _signature(valid)]
    assert len(same) == 3
    assert all(map(refuse, others))


def _signature(token: str) -> bytes:
    return base64.urlsafe_b64decode(token.rsplit(".", 1)[1] + "=")


def test_claims_cannot_be_changed() -> None:
    said = TOKENS.read(TOKENS.issue(USER, SESSION))
    with pytest.raises(AttributeError):
        said.user_id = SESSION  # type: ignore[misc]  # that is the point
