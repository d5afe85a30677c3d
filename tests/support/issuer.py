#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A small issuer of tokens, for tests and for trying things out. It needs python3 and the openssl command.

  issuer.py keys DIR            makes keys in DIR, their public halves in DIR/jwks.json, a secret in DIR/secret
  issuer.py token DIR …         prints a token (see issuer.py token --help)
  issuer.py serve DIR [--port]  serves jwks.json, and the ELB's keys below /elb/, on 127.0.0.1; prints the URL
  issuer.py alb DIR …           prints what an Application Load Balancer puts into x-amzn-oidc-data
"""

import argparse
import base64
import hashlib
import hmac
import http.server
import json
import pathlib
import secrets
import subprocess
import sys
import time

ARN = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/chat/0123456789abcdef"
ALGORITHMS = {"rsa": "RS256", "ec": "ES256", "ec384": "ES384", "secret": "HS256"}
ELB_KID = "elb-test-key"


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *arguments], input=data, check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE).stdout


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def raw_signature(der, size):
    """The two numbers of an ECDSA signature, `size` bytes each."""
    at = 2 + (der[1] & 0x7F if der[1] & 0x80 else 0)
    numbers = b""
    for _ in range(2):
        length = der[at + 1]
        numbers += int.from_bytes(der[at + 2 : at + 2 + length], "big").to_bytes(size, "big")
        at += 2 + length
    return numbers


class Issuer:
    """The keys of a folder. Each has its name as kid: rsa, ec, ec384; `secret` is HS256's and has none."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def make_keys(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.make_key("rsa", "RSA", "rsa_keygen_bits:2048")
        self.make_key("ec", "EC", "ec_paramgen_curve:P-256")
        self.make_key("ec384", "EC", "ec_paramgen_curve:P-384")
        self.make_key("elb", "EC", "ec_paramgen_curve:P-256")
        secret = self.folder / "secret"
        secret.touch(mode=0o600)
        secret.write_text("do-not-log-" + secrets.token_hex(24) + "\n")
        self.write_jwks("rsa", "ec", "ec384")

    def make_key(self, name, kind, option):
        path = self.folder / f"{name}.pem"
        path.touch(mode=0o600)
        path.write_bytes(openssl("genpkey", "-algorithm", kind, "-pkeyopt", option))

    def write_jwks(self, *names):
        (self.folder / "jwks.json").write_text(json.dumps({"keys": [self.jwk(name) for name in names]}, indent=1))

    def jwk(self, name):
        path = str(self.folder / f"{name}.pem")
        common = {"kid": name, "use": "sig", "alg": ALGORITHMS.get(name, "RS256")}
        if name.startswith("rsa"):
            modulus = bytes.fromhex(openssl("rsa", "-in", path, "-noout", "-modulus").decode().strip().partition("=")[2])
            return common | {"kty": "RSA", "n": base64url(modulus), "e": "AQAB"}
        size = 48 if name == "ec384" else 32
        point = openssl("ec", "-in", path, "-pubout", "-outform", "DER")[-2 * size :]
        return common | {"kty": "EC", "crv": "P-384" if size == 48 else "P-256", "x": base64url(point[:size]),
                         "y": base64url(point[size:])}

    def sign(self, key, text):
        if key == "secret":
            return hmac.new((self.folder / "secret").read_text().strip().encode(), text, hashlib.sha256).digest()
        path = str(self.folder / f"{key}.pem")
        if key == "ec384":
            return raw_signature(openssl("dgst", "-sha384", "-sign", path, data=text), 48)
        signature = openssl("dgst", "-sha256", "-sign", path, data=text)
        return signature if key.startswith("rsa") else raw_signature(signature, 32)

    def token(self, key, claims, header=None):
        if header is None:
            header = {"alg": ALGORITHMS[key], "typ": "JWT"} | ({} if key == "secret" else {"kid": key})
        text = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims)).encode()
        return text.decode() + "." + base64url(self.sign(key, text))

    def alb(self, claims, life, arn=ARN, iss="https://issuer.example"):
        """Its base64 has padding, and the signature is of the padded text."""
        header = {"typ": "JWT", "kid": ELB_KID, "alg": "ES256", "iss": iss, "client": "parlor",
                  "signer": arn, "exp": int(time.time()) + life}
        padded = [base64.urlsafe_b64encode(json.dumps(part).encode()) for part in (header, claims)]
        text = b".".join(padded)
        return (text + b"." + base64.urlsafe_b64encode(self.sign("elb", text))).decode()


def claims_of(arguments):
    now = int(time.time())
    claims = {"sub": arguments.sub, "iat": now, "exp": now + arguments.life}
    if arguments.name:
        claims["name"] = arguments.name
    if arguments.role:
        claims["roles"] = arguments.role
    if arguments.room:
        claims["rooms"] = arguments.room
    for claim in arguments.claim:
        name, _, value = claim.partition("=")
        claims[name] = json.loads(value)
    return claims


def serve(issuer, port):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/jwks.json":
                body = (issuer.folder / "jwks.json").read_bytes()
            elif self.path == f"/elb/{ELB_KID}":
                body = openssl("pkey", "-in", str(issuer.folder / "elb.pem"), "-pubout")
            else:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    print(f"http://127.0.0.1:{server.server_port}/jwks.json", flush=True)
    server.serve_forever()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("keys", "token", "serve", "alb"):
        command = commands.add_parser(name)
        command.add_argument("folder", metavar="DIR")
        if name == "serve":
            command.add_argument("--port", type=int, default=0)
        if name in ("token", "alb"):
            command.add_argument("--sub", default="alice", help="who it is [alice]")
            command.add_argument("--name", help="the claim name")
            command.add_argument("--role", action="append", help="one of the claim roles, as moderator (repeatable)")
            command.add_argument("--room", action="append", help="one of the claim rooms, as team-* (repeatable)")
            command.add_argument("--life", type=int, default=300, help="seconds until it expires [300]")
            command.add_argument("--claim", action="append", default=[], metavar="NAME=JSON",
                                 help="another claim, as 'aud=\"parlor\"' (repeatable)")
        if name == "token":
            command.add_argument("--key", choices=ALGORITHMS, default="rsa", help="what signs it [rsa]")
        if name == "alb":
            command.add_argument("--arn", default=ARN, help="the load balancer [%(default)s]")
    arguments = parser.parse_args()
    issuer = Issuer(arguments.folder)
    if arguments.command == "keys":
        issuer.make_keys()
    elif arguments.command == "token":
        print(issuer.token(arguments.key, claims_of(arguments)))
    elif arguments.command == "alb":
        print(issuer.alb(claims_of(arguments), arguments.life, arguments.arn))
    else:
        try:
            serve(issuer, arguments.port)
        except KeyboardInterrupt:
            pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
