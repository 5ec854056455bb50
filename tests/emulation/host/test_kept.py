from emulation.host.kept import set_up


def test_only_what_was_set_up_is_heard() -> None:
    """Messages of `ip monitor link`: a larger MTU, down, up."""

    def message(flags: int, changed: int, kind: int = 16) -> bytes:
        interface = (
            bytes(4)
            + (2).to_bytes(4, "little")
            + flags.to_bytes(4, "little")
            + changed.to_bytes(4, "little")
        )
        header = (
            (16 + len(interface)).to_bytes(4, "little") + kind.to_bytes(2, "little") + bytes(10)
        )
        return header + interface

    larger, down, up = message(0x1043, 0), message(0x1042, 1), message(0x1043, 1)
    assert not set_up(b"")
    assert not set_up(larger + down)
    assert set_up(larger + down + up)
    assert not set_up(message(0x1043, 1, kind=17))
    assert not set_up(up[:20])
