"""The servers of products that nobody here has seen."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from tests.http_server import Answer, Asked, as_json
from tests.unseen import Don
from tests.unseen_databases import epoch

USER, PASSWORD = "kntc-doc", "canary-secret-77120"
PAGE = 10


@dataclass(slots=True)
class Behind:
    """What stands behind a server: its rows, and the tokens it gave out."""

    rows: list[Don] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    busy: int = 1  # so many calls are told to come again


def with_token(behind: Behind, asked: Asked) -> Answer:
    """Log-in, a list by cursor, a detail each, all of it in {"Status", "Data"}."""
    if asked.path == "/api/DangNhap":
        said = asked.json
        if (said["TenDangNhap"], said["MatKhau"]) != (USER, PASSWORD):
            return as_json({"Status": -1, "Message": "Sai mật khẩu"})
        behind.tokens.add(token := f"the-{len(behind.tokens)}")
        return as_json({"Status": 1, "Data": {"Token": token, "HetHanSau": 3600}})
    if asked.headers.get("Authorization", "").removeprefix("Bearer ") not in (
        behind.tokens
    ):
        return as_json({"Status": -1, "Message": "Chưa đăng nhập"}, 401)
    if behind.busy:
        behind.busy -= 1
        return as_json({"Status": -5, "Message": "Bận"})
    if asked.path == "/api/Don/DanhSach":
        return as_json({"Status": 1, "Data": _listed(behind.rows, asked.json)})
    row = next(r for r in behind.rows if asked.path == f"/api/Don/{r.so}")
    return as_json({"Status": 1, "Data": _told(row)})


def _listed(rows: list[Don], said: dict[str, object]) -> dict[str, object]:
    since = datetime.fromisoformat(str(said.get("TuNgay", "1970-01-01T00:00:00Z")))
    kept = [row for row in rows if row.moment >= since]
    start = int(str(said.get("ConTro") or 0))
    more = start + PAGE if start + PAGE < len(kept) else None
    return {
        "DanhSach": [
            {"Id": row.so, "NgayCapNhat": f"/Date({_ms(row.moment)}+0700)/"}
            for row in kept[start : start + PAGE]
        ],
        "ConTroTiep": str(more) if more else "",
        "TongSo": len(kept),
    }


def _told(row: Don) -> dict[str, object]:
    kinds = {"khieu_nai": "Khiếu nại", "to_cao": "Tố cáo"}
    done = {"XuLy": {"KetQua": "CHUYEN" if row.so % 2 else "THU_LY"}}
    return {
        "Id": row.so,
        "NgayNhan": f"{row.received:%d/%m/%Y}",
        "Loai": kinds.get(row.kind, "Kiến nghị, phản ánh"),
        "NguoiGui": {
            "HoTen": row.name,
            "DiaChi": {"Thon": "thôn Thử", "Xa": None if row.so % 3 else "xã Mẫu"},
        },
        "NoiDung": row.content,
        "CoQuan": row.unit,
        **(done if row.so % 5 else {"XuLy": None}),
    }


def with_oauth(behind: Behind, asked: Asked) -> Answer:
    """Client credentials, a Link header, milliseconds since 1970."""
    if asked.path == "/oauth2/token":
        if asked.form.get("grant_type") != "client_credentials":
            return as_json({"error": "unsupported_grant_type"}, 400)
        behind.tokens.add(token := f"oauth-{len(behind.tokens)}")
        return as_json(
            {"access_token": token, "token_type": "Bearer", "expires_in": 300}
        )
    if asked.headers.get("Authorization", "").removeprefix("Bearer ") not in (
        behind.tokens
    ):
        return as_json({"error": "invalid_token"}, 401)
    if behind.busy:
        behind.busy -= 1
        return replace(
            as_json({"error": "slow down"}, 429), headers={"Retry-After": "0"}
        )
    since = int(asked.query.get("updated_after", "0"))
    kept = [row for row in behind.rows if _ms(row.moment) >= since]
    start = int(asked.query.get("after", "0"))
    said = as_json([_petition(row) for row in kept[start : start + PAGE]])
    if start + PAGE >= len(kept):
        return said
    query = urlencode({**asked.query, "after": start + PAGE})
    link = f'<{asked.path}?{query}>; rel="next"; title="tiếp"'.encode().decode(
        "latin-1"
    )
    return replace(said, headers={**said.headers, "Link": link})


def _petition(row: Don) -> dict[str, object]:
    kinds = {"khieu_nai": "COMPLAINT", "to_cao": "DENUNCIATION"}
    noon = epoch(row.received) * 1000 + 12 * 3_600_000
    return {
        "uuid": f"0a1b-{row.so:06}",
        "receivedAt": noon,
        "updatedAt": _ms(row.moment),
        "type": kinds.get(row.kind, "FEEDBACK"),
        "sender": {
            "fullName": row.name,
            **({"mobile": f"0912{row.so:06}"} if row.so % 2 else {"email": "a@b.vn"}),
        },
        "body": row.content,
        "unit": row.unit,
    }


def _ms(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


APIS: dict[str, Callable[[Behind, Asked], Answer]] = {
    "don_api_the": with_token,
    "don_api_oauth": with_oauth,
}
