"""Text as old registers hold it: typed in a TCVN3 (ABC) font, or decoded twice."""

# Letters of TCVN 5712:1993 in the places where ABC fonts draw them, read as Latin-1.
_PAIRS = (
    "àµ ả¶ ã· á¸ ạ¹ ă¨ ằ» ẳ¼ ẵ½ ắ¾ ặÆ â© ầÇ ẩÈ ẫÉ ấÊ ậË đ® èÌ ẻÎ ẽÏ éÐ ẹÑ "
    "êª ềÒ ểÓ ễÔ ếÕ ệÖ ì× ỉØ ĩÜ íÝ ịÞ òß ỏá õâ óã ọä ô« ồå ổæ ỗç ốè ộé ơ¬ "
    "ờê ởë ỡì ớí ợî ùï ủñ ũò úó ụô ư\u00ad ừõ ửö ữ÷ ứø ựù ỳú ỷû ỹü ýý ỵþ"
)
_TCVN3 = str.maketrans({pair[0]: pair[1] for pair in _PAIRS.split()})

_NONE = (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d")


def tcvn3(text: str) -> str:
    """As a register typed in .VnTime reads today; capitals live in the font alone."""
    return text.lower().translate(_TCVN3)


def decoded_twice(text: str) -> str:
    """UTF-8 that a program took for cp1252; five of its bytes mean nothing there and
    are kept as controls."""
    return "".join(
        byte.decode("cp1252" if byte not in _NONE else "latin-1")
        for byte in (bytes([number]) for number in text.encode())
    )
