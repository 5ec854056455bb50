"""Keys by which halves on two machines know each other: CURVE (rfc.zeromq.org/spec/26), as files.

Each half has a key pair, and the other's public key beforehand: nobody else can read what they say,
change it, say it again, or pass for one of them. Files are those of pyzmq (`zmq.auth`), in a folder
for each machine:

    server/server.key_secret        what only the server has
    server/clients/edge.key         who is let in: a public key a file, whatever it is called
    edge/edge.key_secret            what only the edge has
    edge/server.key                 the server's public key
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

import zmq
from zmq.auth import create_certificates, load_certificate

from testbed.storage.files import reading, refusal
from testbed.storage.folders import write_folder

SERVER, EDGE = "server", "edge"
"""The folders that `write_keys` makes, and the names of the halves' keys."""
_CLIENTS = "clients"
_PUBLIC, _SECRET = ".key", ".key_secret"
_AS_WRITTEN = "a file as `testbed keys new` writes it"
_OTHERS = 0o077
"""The bits of a file's mode that let others than its owner do anything."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A half's own: Z85 text of 40 characters each."""

    public: bytes
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ServerKeys:
    """What a server needs. clients: the public keys of those it lets in."""

    own: KeyPair
    clients: frozenset[bytes]


@dataclass(frozen=True, slots=True)
class EdgeKeys:
    """What an edge needs. server: the public key of the only server it will talk to."""

    own: KeyPair
    server: bytes


def write_keys(folder: Path) -> tuple[Path, Path]:
    """Make a server's and an edge's keys in a new or empty folder; returns their two folders.

    Only their owner may look into these. Raises BadInput where the folder holds anything, or cannot
    be written.
    """
    write_folder(_fill, folder)
    return folder / SERVER, folder / EDGE


def _fill(folder: Path) -> None:
    server, edge = folder / SERVER, folder / EDGE
    for own in (server, edge):
        own.mkdir(mode=0o700)  # before there is a secret in it
        create_certificates(own, own.name)
        (own / f"{own.name}{_SECRET}").chmod(0o600)
    (server / _CLIENTS).mkdir()
    (edge / f"{EDGE}{_PUBLIC}").rename(server / _CLIENTS / f"{EDGE}{_PUBLIC}")
    (server / f"{SERVER}{_PUBLIC}").rename(edge / f"{SERVER}{_PUBLIC}")


def read_server_keys(folder: Path) -> ServerKeys:
    """The keys in a server's folder. Raises BadInput where one is missing, damaged, or not kept."""
    own = _own_pair(folder / f"{SERVER}{_SECRET}")
    clients = folder / _CLIENTS
    with reading(clients, "a folder of clients' public keys"):
        files = sorted(file for file in clients.iterdir() if file.suffix == _PUBLIC)
    if not files:
        raise refusal(clients, "found no *.key", "a public key for each client that is let in")
    return ServerKeys(own, frozenset(map(_public_key, files)))


def read_edge_keys(folder: Path) -> EdgeKeys:
    """The keys in an edge's folder. Raises BadInput where one is missing, damaged, or not kept."""
    own = _own_pair(folder / f"{EDGE}{_SECRET}")
    return EdgeKeys(own, _public_key(folder / f"{SERVER}{_PUBLIC}"))


def _own_pair(file: Path) -> KeyPair:
    public, secret = _certificate(file)
    if os.name == "posix" and file.stat().st_mode & _OTHERS:
        mode = f"{file.stat().st_mode & 0o777:04o}"
        raise refusal(file, f"found mode {mode}, by which others may use it", "0600 (chmod 600)")
    with reading(file, _AS_WRITTEN, zmq.ZMQError, ValueError):
        if secret is None or zmq.curve_public(secret) != public:
            raise ValueError("its two keys are no pair")
    return KeyPair(public, secret)


def _public_key(file: Path) -> bytes:
    return _certificate(file)[0]


def _certificate(file: Path) -> tuple[bytes, bytes | None]:
    """Both keys in a file, as text of the right length."""
    with reading(file, _AS_WRITTEN, ValueError, LookupError):
        file.stat()  # says that there is none as the system does
        public, secret = load_certificate(file)
        for key in (public, secret):
            if key is not None and (len(key) != 40 or not key.isascii()):
                raise ValueError(f"a key of {len(key)} characters, allowed: 40")
    return public, secret
