"""Keys as files: each machine's folder holds what that machine needs, and what is wrong is said."""

import os
import stat
from pathlib import Path

import pytest
import zmq

from testbed.channel.zeromq.curve import read_edge_keys, read_server_keys, write_keys
from testbed.errors import BadInput

SECRETS = ("server/server.key_secret", "edge/edge.key_secret")


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_each_half_knows_the_other_and_keeps_its_secret(tmp_path: Path) -> None:
    server, edge = write_keys(tmp_path / "keys")
    ours, theirs = read_server_keys(server), read_edge_keys(edge)
    assert ours.clients == {theirs.own.public}
    assert theirs.server == ours.own.public
    for pair in (ours.own, theirs.own):
        assert zmq.curve_public(pair.secret) == pair.public
        assert pair.secret.decode() not in repr(pair)
    files = sorted(
        str(file.relative_to(tmp_path / "keys"))
        for file in (tmp_path / "keys").rglob("*")
        if file.is_file()
    )
    assert files == sorted([*SECRETS, "server/clients/edge.key", "edge/server.key"])
    assert ours.own.secret not in (edge / "server.key").read_bytes()
    assert theirs.own.secret not in (server / "clients" / "edge.key").read_bytes()


def test_secrets_are_their_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_keys(tmp_path / "keys")
    finally:
        os.umask(before)
    for secret in SECRETS:
        assert mode_of(tmp_path / "keys" / secret) == 0o600
        assert mode_of((tmp_path / "keys" / secret).parent) == 0o700


def test_keys_are_never_written_over(tmp_path: Path) -> None:
    server, _ = write_keys(tmp_path / "keys")
    before = read_server_keys(server)
    with pytest.raises(BadInput, match="keys: found a folder that is not empty"):
        write_keys(tmp_path / "keys")
    assert read_server_keys(server) == before


def test_another_client_is_let_in_by_one_more_file(tmp_path: Path) -> None:
    server, edge = write_keys(tmp_path / "keys")
    _, other = write_keys(tmp_path / "more")
    (tmp_path / "more" / "server" / "clients" / "edge.key").rename(server / "clients" / "two.key")
    (server / "clients" / "README").write_text("not a key")
    keys = read_server_keys(server)
    assert keys.clients == {read_edge_keys(edge).own.public, read_edge_keys(other).own.public}


def replace(file: Path, text: str) -> None:
    file.write_text(text)
    file.chmod(0o600)


def damaged(case: str, server: Path) -> None:
    secret = server / "server.key_secret"
    if case == "no folder":
        (server / "clients" / "edge.key").unlink()
        (server / "clients").rmdir()
        secret.unlink()
        server.rmdir()
    elif case == "readable":
        secret.chmod(0o640)
    elif case == "no secret in it":
        replace(secret, (server / "clients" / "edge.key").read_text())
    elif case == "half a key":
        replace(secret, secret.read_text().replace('secret-key = "', 'secret-key = "x'))
    elif case == "no pair":
        public = read_server_keys(server).own.public.decode()
        replace(secret, secret.read_text().replace(public, zmq.curve_keypair()[0].decode()))
    elif case == "no key":
        replace(secret, "public-key\n")
    elif case == "bytes":
        secret.write_bytes(b"\xff\xfe" * 50)
    elif case == "no clients":
        (server / "clients" / "edge.key").unlink()
    elif case == "no clients' folder":
        (server / "clients" / "edge.key").unlink()
        (server / "clients").rmdir()
    else:
        replace(server / "clients" / "edge.key", "# empty\n")


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("no folder", r"server.key_secret: no such file, allowed: a file as `testbed keys new`"),
        ("readable", r"found mode 0640, by which others may use it, allowed: 0600 \(chmod 600\)"),
        ("no secret in it", r"server.key_secret: damaged or foreign \(its two keys are no pair\)"),
        ("half a key", r"a key of 41 characters, allowed: 40"),
        ("no pair", r"its two keys are no pair"),
        ("no key", r"server.key_secret: damaged or foreign"),
        ("bytes", r"server.key_secret: damaged or foreign"),
        ("no clients", r"clients: found no \*.key, allowed: a public key for each client"),
        ("no clients' folder", r"clients: no such file, allowed: a folder of clients' public keys"),
        ("an empty client", r"edge.key: damaged or foreign"),
    ],
)
def test_keys_that_cannot_be_used_are_one_line(tmp_path: Path, case: str, message: str) -> None:
    server, _ = write_keys(tmp_path / "keys")
    damaged(case, server)
    with pytest.raises(BadInput, match=message):
        read_server_keys(server)


def test_an_edge_needs_the_servers_key(tmp_path: Path) -> None:
    _, edge = write_keys(tmp_path / "keys")
    (edge / "server.key").unlink()
    with pytest.raises(BadInput, match=r"server.key: no such file"):
        read_edge_keys(edge)


def test_each_machine_needs_its_own_folder(tmp_path: Path) -> None:
    server, edge = write_keys(tmp_path / "keys")
    with pytest.raises(BadInput, match=r"edge.key_secret: no such file"):
        read_edge_keys(server)
    with pytest.raises(BadInput, match=r"server.key_secret: no such file"):
        read_server_keys(edge)
