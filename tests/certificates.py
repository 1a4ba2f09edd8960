"""Authorities, servers and clients with certificates that nobody else knows."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority: its own certificate stands in `file`."""

    name: x509.Name
    key: ec.EllipticCurvePrivateKey
    file: Path

    def issue(self, path: Path, *, split: bool = False) -> Path:
        """A file with a key and a certificate for 127.0.0.1.

        With `split` the key stands beside it, in a file that ends in `.key`.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        address = x509.IPAddress(ip_address("127.0.0.1"))
        certificate = (
            _builder(_name("127.0.0.1"), self.name, key)
            .add_extension(x509.SubjectAlternativeName([address]), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        path.write_bytes(pem if split else _pem(key) + pem)
        if split:
            path.with_suffix(".key").write_bytes(_pem(key))
        return path


def authority(folder: Path, name: str) -> Authority:
    """A new authority, whose certificate is written to `folder`."""
    key, who = ec.generate_private_key(ec.SECP256R1()), _name(name)
    certificate = (
        _builder(who, who, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return Authority(who, key, path)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
