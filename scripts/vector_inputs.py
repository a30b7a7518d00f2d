"""What ``generate_vectors.py`` makes vectors of: inputs only, no results. Keys here are for vectors and for nothing else."""

import base64
import json
from typing import Any

ORIGIN = "0123456789abcdef.cityledger.invalid/2026"
RECEIVED_AT = "2026-11-21T09:41:00.123456Z"
SPACE_KEY = "f4b77962055ec5d87e42d5c7101e8c67328174796180039325428892cd96340e"
RECEIPT_PRIVATE_KEY = "11772b1868293dd6eb4f911e6df1643c026f4afd0dd4b896dcce5fc60e0e091b"

CORE: dict[str, Any] = {"specversion": "1.0", "id": "x", "source": "/a", "type": "t"}
CORE_HEADERS = [["ce-specversion", "1.0"], ["ce-id", "x"], ["ce-source", "/a"], ["ce-type", "t"]]

SIGNED_EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "signed-1",
    "source": "urn:city:permit-office",
    "type": "t",
    "data": {"amount_minor": 100},
}
# SM2 signatures take a random number, so this one was made once.
SM2_PUBLIC_KEY = (
    "0464cf8a91d1e13901051fc33778bc0a83cfd072497b75ab0bad7bd64566a7eedf"
    "87b397fcd630bee85f59ac2614a914f68ab8b2a0877fee35647fd0969d608f21"
)
SM2_SIGNATURE = "jNjHPGfpzqaKXTWK_YCMgQ-jChWYA0ZnMyjs4dwM9AG6rHJ4oXUdh7PEPWRdT4fsCHG3LBQ27KVGyAxfMk3Qcg"

_SIGNATURE_VALUE = "A" * 86

Form = tuple[Any, ...]


def _object(**attributes: Any) -> bytes:
    return json.dumps({**CORE, **attributes}).encode()


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def _binary(body: bytes, *headers: list[str]) -> Form:
    return ("binary", body, [*CORE_HEADERS, *headers])


_TEXT = "许可 granted"
_DATA = b'{"b":1.0,"a":[1e2,null]}'
_PERMIT = {
    "specversion": "1.0",
    "id": "case-891:0",
    "source": "urn:city:permit-office",
    "type": "org.xes.permit.v1",
    "subject": "case-891",
    "time": "2010-10-02T09:20:39.266+02:00",
    "data": {
        "org:group": "Group 1",
        "org:resource": "Resource26",
        "steps": [{"n": 1}, {"n": 2}],
        "none": {},
        "a/b": "~",
    },
}

MODES: list[tuple[str, list[Form]]] = [
    (
        "JSON data, media type given",
        [
            ("structured", _object(datacontenttype="application/json", data=json.loads(_DATA))),
            ("structured", _object(datacontenttype="application/json", data_base64=_base64(_DATA))),
            _binary(_DATA, ["Content-Type", "application/json"]),
        ],
    ),
    (
        "JSON data, no media type",
        [
            ("structured", _object(data=json.loads(_DATA))),
            ("structured", _object(data_base64=_base64(_DATA))),
            _binary(_DATA),
        ],
    ),
    (
        "JSON data, media type with a suffix and a parameter",
        [
            ("structured", _object(datacontenttype="application/vnd.city+json; charset=utf-8", data=7)),
            _binary(b" 7 ", ["content-type", "application/vnd.city+json; charset=utf-8"]),
        ],
    ),
    ("JSON null is data", [("structured", _object(data=None)), _binary(b"null")]),
    (
        "text data",
        [
            ("structured", _object(datacontenttype="text/plain", data=_TEXT)),
            ("structured", _object(datacontenttype="text/plain", data_base64=_base64(_TEXT.encode()))),
            _binary(_TEXT.encode(), ["Content-Type", "text/plain"]),
        ],
    ),
    (
        "no bytes are no data",
        [
            ("structured", _object(datacontenttype="text/plain")),
            ("structured", _object(datacontenttype="text/plain", data="")),
            ("structured", _object(datacontenttype="text/plain", data_base64="")),
            _binary(b"", ["Content-Type", "text/plain"]),
        ],
    ),
    (
        "extension types become strings, nulls go",
        [
            ("structured", _object(flag=True, off=False, count=42, integral=1.0, subject=None, none=None, empty="")),
            _binary(
                b"",
                ["ce-flag", "true"],
                ["ce-off", "false"],
                ["ce-count", "42"],
                ["ce-integral", "1"],
                ["ce-empty", ""],
            ),
        ],
    ),
    (
        "header values are unquoted and percent-decoded once",
        [
            ("structured", _object(subject='许可 "50%" %41', note="a b")),
            _binary(b"", ["Ce-Subject", "%E8%AE%B8%e5%8f%af%20%2250%25%22%20%2541"], ["CE-NOTE", '"a b"']),
        ],
    ),
    (
        "transport attributes and the signature stay out",
        [
            (
                "structured",
                _object(traceparent="00-1", ledgersigalg="ed25519", ledgerkeyid="k", ledgersig=_SIGNATURE_VALUE),
            ),
            _binary(
                b"",
                ["ce-tracestate", "a=b"],
                ["ce-ledgersigalg", "ed25519"],
                ["ce-ledgerkeyid", "k"],
                ["ce-ledgersig", _SIGNATURE_VALUE],
            ),
        ],
    ),
    (
        "time is kept as sent",
        [
            ("structured", _object(time="2010-10-02t09:20:39.2660z")),
            _binary(b"", ["ce-time", "2010-10-02t09:20:39.2660z"]),
        ],
    ),
    (
        "keys sort by UTF-16",
        [
            ("structured", '{"specversion":"1.0","id":"x","source":"/a","type":"t","data":{"דּ":1,"𝄞":2}}'.encode()),
            _binary('{"\\ud834\\udd1e":2,"דּ":1}'.encode()),
        ],
    ),
]

REFUSALS: list[Form] = [
    ("empty body", "structured", b""),
    ("trailing bytes", "structured", _object() + b"x"),
    ("byte order mark", "structured", b"\xef\xbb\xbf" + _object()),
    ("bad UTF-8", "structured", _object().replace(b'"x"', b'"\xff"')),
    ("duplicate key", "structured", b'{"id":"x",' + _object()[1:]),
    ("duplicate key by escape in data", "structured", _object()[:-1] + b',"data":{"k":1,"\\u006b":2}}'),
    ("lone surrogate", "structured", _object()[:-1] + b',"data":"\\udc00"}'),
    ("NaN", "structured", _object()[:-1] + b',"data":NaN}'),
    ("infinity by exponent", "structured", _object()[:-1] + b',"data":1e400}'),
    ("number changes", "structured", _object()[:-1] + b',"data":0.10000000000000001}'),
    ("integer 2^53", "structured", _object()[:-1] + b',"data":9007199254740992}'),
    ("depth 33", "structured", _object()[:-1] + b',"data":' + b"[" * 32 + b"]" * 32 + b"}"),
    ("data of depth 32 in binary mode", *_binary(b"[" * 32 + b"]" * 32)),
    ("data that is not JSON without media type", *_binary(b"hello")),
    ("data that is not JSON in data_base64", "structured", _object(data_base64="aGVsbG8=")),
    ("not an object", "structured", b"[1]"),
    *[
        (f"no {name}", "structured", json.dumps({key: value for key, value in CORE.items() if key != name}).encode())
        for name in CORE
    ],
    *[(f"empty {name}", "structured", _object(**{name: ""})) for name in (*CORE, "subject", "datacontenttype")],
    *[(f"{name} is a number", "structured", _object(**{name: 1})) for name in (*CORE, "subject", "time", "dataschema")],
    ("specversion 0.3", "structured", _object(specversion="0.3")),
    ("source is no URI reference", "structured", _object(source="a b")),
    ("time without zone", "structured", _object(time="2026-11-21T09:00:00")),
    ("time on no such day", "structured", _object(time="2026-02-30T09:00:00Z")),
    ("dataschema is relative", "structured", _object(dataschema="/schema")),
    ("datacontenttype is no media type", "structured", _object(datacontenttype="json")),
    ("control character in an attribute", "structured", _object(subject="a\u0001")),
    ("non-character in an attribute", "structured", _object(subject="a\ufffe")),
    ("attribute name in capitals", "structured", _object(MyExt="1")),
    ("attribute name with an underscore", "structured", _object(my_ext="1")),
    ("fraction as extension", "structured", _object(share=0.5)),
    ("integer of 33 bits as extension", "structured", _object(count=2**31)),
    ("object as extension", "structured", _object(extra={})),
    ("data and data_base64", "structured", _object(data=1, data_base64="MQ==")),
    ("data_base64 without padding", "structured", _object(data_base64="MQ")),
    ("data_base64 is null", "structured", _object(data_base64=None)),
    ("object data with a text media type", "structured", _object(datacontenttype="text/plain", data={})),
    ("signature without key id", "structured", _object(ledgersigalg="ed25519", ledgersig=_SIGNATURE_VALUE)),
    (
        "unknown signature algorithm",
        "structured",
        _object(ledgersigalg="rsa", ledgerkeyid="k", ledgersig=_SIGNATURE_VALUE),
    ),
    (
        "signature with padding",
        "structured",
        _object(ledgersigalg="sm2", ledgerkeyid="k", ledgersig=_SIGNATURE_VALUE + "=="),
    ),
    ("header given twice", *_binary(b"", ["CE-Id", "x"])),
    ("header with bad percent-encoding", *_binary(b"", ["ce-subject", "50%"])),
    ("header with an overlong encoding", *_binary(b"", ["ce-subject", "%C0%A0"])),
    ("header with raw bytes", *_binary(b"", ["ce-subject", "caf\u00e9"])),
    ("data as a header", *_binary(b"", ["ce-data", "1"])),
    ("datacontenttype as a ce- header", *_binary(b"", ["ce-datacontenttype", "text/plain"])),
]

_BAD = b'{"specversion":"1.0","id":"x","id":"y","source":"/a","type":"t"}'

MANY: list[Form] = [
    ("batch of two", "batch", b"[" + _object(id="1") + b" ,\n" + _object(id="2", data=["],", {"k": '\\"['}]) + b"]"),
    ("empty batch", "batch", b" [ ] "),
    (
        "batch with a bad item between good ones",
        "batch",
        b"[" + _object(id="1") + b"," + _BAD + b"," + _object(id="3") + b"]",
    ),
    ("batch with an item that is no object", "batch", b"[1," + _object(id="2") + b"]"),
    ("batch item of depth 32", "batch", b"[" + _object()[:-1] + b',"data":' + b"[" * 31 + b"]" * 31 + b"}]"),
    ("batch that is an object", "batch", _object()),
    ("batch that is not closed", "batch", b"[" + _object()),
    ("batch with a comma too many", "batch", b"[" + _object() + b",]"),
    ("batch with something after it", "batch", b"[" + _object() + b"]x"),
    ("batch that is not UTF-8", "batch", b'["\xff"]'),
    ("lines", "ndjson", _object(id="1") + b"\n" + _object(id="2") + b"\n"),
    ("lines without a last newline, with CR LF", "ndjson", _object(id="1") + b"\r\n" + _object(id="2")),
    ("a bad line between good ones", "ndjson", _object(id="1") + b"\n" + _BAD + b"\n" + _object(id="3") + b"\n"),
    ("blank lines are left out", "ndjson", b"\n \r\n" + _object(id="1") + b"\n\n" + _object(id="2")),
    ("a line that is not finished", "ndjson", _object(id="1") + b"\n" + _object(id="2")[:-1]),
    ("lines that are not UTF-8", "ndjson", _object(id="1") + b"\n\xff\n"),
]

OPENINGS: list[tuple[str, dict[str, Any], list[list[str]]]] = [
    (
        "permit event with lists and empty members",
        _PERMIT,
        [
            [],
            ["/event/data/org:resource"],
            ["/event/data/steps/0/n", "/event/data/a~1b"],
            ["/event/data/steps", "/event/subject"],
            ["/event/data", "/event/time", "/signature"],
            [""],
        ],
    ),
    ("smallest event", {"specversion": "1.0", "id": "0", "source": "/s", "type": "t"}, [["/event/id"]]),
]

RECEIPTS: list[tuple[str, list[tuple[int, str, str, str]], str | None]] = [
    (
        "promise before publication",
        [(7, RECEIVED_AT, "2026-11-21T09:42:00.000000Z", "2026-11-21T09:51:00.000000Z")],
        None,
    ),
    (
        "new event and a repeat with its first deadlines",
        [
            (8, RECEIVED_AT, "2026-11-21T09:42:00.000000Z", "2026-11-21T09:51:00.000000Z"),
            (3, "2026-01-02T03:04:05.000006Z", "2026-01-02T03:05:05.000000Z", "2026-01-02T03:14:05.000000Z"),
        ],
        None,
    ),
    ("every event was refused", [], None),
]
