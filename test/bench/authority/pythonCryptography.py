# Key, client certificate and PKCS#8 with python3-cryptography, in one process: what a programming house would script.
# Arguments: CA certificate, CA key, count. Prints seconds of wall clock and of processor time.

import datetime
import sys
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

with open(sys.argv[1], "rb") as file:
    ca = x509.load_pem_x509_certificate(file.read())
with open(sys.argv[2], "rb") as file:
    ca_key = serialization.load_pem_private_key(file.read(), None)
authority_key_identifier = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(
    ca.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
)
not_before = datetime.datetime(2026, 1, 1)
not_after = datetime.datetime(2027, 1, 1)


def issue(number):
    key = ec.generate_private_key(ec.SECP256R1())
    serial = f"SN-{number:07d}"
    certificate = (
        x509.CertificateBuilder()
        .subject_name(
            x509.Name(
                [
                    x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Acme"),
                    x509.NameAttribute(NameOID.COMMON_NAME, serial),
                ]
            )
        )
        .issuer_name(ca.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(x509.BasicConstraints(False, None), False)
        .add_extension(
            x509.KeyUsage(True, False, False, False, False, False, False, False, False), True
        )
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(authority_key_identifier, False)
        .add_extension(
            x509.SubjectAlternativeName([x509.UniformResourceIdentifier(f"urn:dev:{serial}")]), False
        )
        .sign(ca_key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    pkcs8 = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pem + pkcs8


count = int(sys.argv[3])
for number in range(50):
    issue(number)
wall, processor = time.perf_counter(), time.process_time()
with open(sys.argv[4], "wb") as output:
    for number in range(count):
        output.write(issue(number))
print(time.perf_counter() - wall, time.process_time() - processor)
