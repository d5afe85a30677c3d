# SPDX-License-Identifier: MIT
"""The commands of docs/security.md, with tokens as the identity providers that stand there make them.

usage: signin.py BIN SECURITY.md SUPPORT
Exits with 0; 1 if somebody is let in, or kept out, who should not be; 77 where Debian's package for it is missing.
"""
import asyncio
import json
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

try:
    import websockets
except ImportError as missing:
    print(missing)
    sys.exit(77)

BIN = pathlib.Path(sys.argv[1])
GUIDE = pathlib.Path(sys.argv[2]).read_text(encoding="utf-8")
sys.path.insert(0, sys.argv[3])
del sys.argv[1:4]
import issuer  # pylint: disable=wrong-import-position

PATIENCE = 20
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("PARLOR_")}
SERVER = "parlor-server "


def section(title):
    return GUIDE.split(f"\n### {title}\n")[1].split("\n### ")[0].split("\n## ")[0]


def options(title):
    """Those of the section's server, each with its value."""
    block = section(title).split("    " + SERVER)[1].split("\n\n")[0].replace("\\\n", " ")
    words = shlex.split(block)
    return dict(zip(words[::2], words[1::2]))


class Server:
    def __init__(self, arguments):
        # A file is read as it comes, while a pipe would have to be emptied.
        self.log = tempfile.NamedTemporaryFile(prefix="parlor-signin-")
        command = [BIN / "parlor-server", "--listen", "127.0.0.1:0", "--store", "memory", "--drain-timeout", "0s"]
        for name, value in arguments.items():
            command += [name, value]
        self.process = subprocess.Popen(command, stderr=self.log, env=ENVIRONMENT)
        self.url = self.said(r"listening on (ws://\S+)")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.log.close()

    def said(self, pattern):
        deadline = time.monotonic() + PATIENCE
        while not (found := re.search(pattern, text := pathlib.Path(self.log.name).read_text(encoding="utf-8"))):
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise AssertionError(f"the log does not say {pattern}:\n{text}")
            time.sleep(0.01)
        return found.group(1)

    def ready(self):
        url = self.url.replace("ws://", "http://").replace("/ws", "/ready")
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
                return answer.status
        except urllib.error.HTTPError as refused:
            return refused.code

    def answer(self, token=None, fields=None, joins=None):
        """What auth, or the join after it, is answered; a status where there is no WebSocket."""
        return asyncio.run(asyncio.wait_for(self.ask(token, fields or {}, joins), PATIENCE))

    async def ask(self, token, fields, joins):
        try:
            async with websockets.connect(self.url, subprotocols=["parlor.v2"], extra_headers=fields) as socket:
                answer = await self.request(socket, {"type": "auth"} | ({"token": token} if token else {}))
                if joins:
                    answer = await self.request(socket, {"type": "join", "room": joins})
                return answer
        except websockets.InvalidStatusCode as refused:
            return {"status": refused.status_code}

    @staticmethod
    async def request(socket, request):
        await socket.send(json.dumps(request | {"rid": 1}))
        while (answer := json.loads(await socket.recv())).get("rid") != 1:
            pass
        return answer


class SignInTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="parlor-issuer-")
        cls.issuer = issuer.Issuer(cls.folder.name)
        cls.issuer.make_keys()
        cls.serving = subprocess.Popen([sys.executable, issuer.__file__, "serve", cls.folder.name], text=True,
                                       stdout=subprocess.PIPE)
        cls.jwks = cls.serving.stdout.readline().strip()

    @classmethod
    def tearDownClass(cls):
        cls.serving.terminate()
        cls.serving.wait()
        cls.serving.stdout.close()
        cls.folder.cleanup()

    def server(self, title, keys=()):
        """As the section says, with the keys of this test (JWKs) instead of the provider's."""
        (self.issuer.folder / "jwks.json").write_text(json.dumps({"keys": list(keys)}))
        said = options(title)
        if "--auth-jwks" in said:
            said["--auth-jwks"] = self.jwks
        if "--auth-secret-file" in said:
            said["--auth-secret-file"] = f"{self.folder.name}/secret"
        if said["--auth"] == "alb":
            said |= {"--alb-keys-url": self.jwks.replace("/jwks.json", "/elb"), "--trusted-proxy": "127.0.0.1/32"}
        said.pop("--listen", None)
        self.said = said
        return Server(said)

    def assert_is(self, answer, user, username, role):
        self.assertEqual(answer.get("type"), "ack", answer)
        who = (answer["user"], answer["username"], answer.get("role", "member"))
        self.assertEqual(who, (user, username, role))

    def assert_refused(self, answer, code, text):
        self.assertEqual(answer.get("code"), code, answer)
        self.assertIn(text, answer["message"])

    @staticmethod
    def lasting(claims, seconds=300):
        now = int(time.time())
        return {"iat": now, "exp": now + seconds} | claims

    def test_own_script(self):
        script = section("Your own sign-in").split("```python\n")[1].split("```")[0]
        command = [sys.executable, "-", f"{self.folder.name}/secret", "ann", "Ann", "moderator"]
        printed = subprocess.run(command, input=script, capture_output=True, text=True, check=True).stdout.strip()
        with self.server("Your own sign-in") as server:
            self.assert_is(server.answer(printed), "ann", "Ann", "moderator")
            changed = printed[:-4] + ("AAAA" if printed[-4:] != "AAAA" else "BBBB")
            self.assert_refused(server.answer(changed), "auth_invalid", "signature")
            elsewhere = self.issuer.token("secret", self.lasting({"sub": "ann", "aud": "shop"}))
            self.assert_refused(server.answer(elsewhere), "auth_invalid", "not for this server")
            claims = {"sub": "g", "name": "G", "aud": "parlor", "rooms": ["team-*"]}
            guest = self.issuer.token("secret", self.lasting(claims))
            self.assertEqual(server.answer(guest, joins="team-a")["type"], "ack")
            self.assertEqual(server.answer(guest, joins="general")["code"], "forbidden")

    def test_keycloak(self):
        signing = self.issuer.jwk("rsa")
        encryption = signing | {"kid": "for-encryption", "use": "enc", "alg": "RSA-OAEP"}
        with self.server("Keycloak", [encryption, signing]) as server:
            realm = self.said["--auth-issuer"]
            claims = {
                "jti": "b2e1c9b4-6c0c-4b1e-9d7a-0d1f6c1f2a33", "iss": realm, "aud": ["parlor", "account"],
                "sub": "f3b1d6f0-2b8e-4a7e-9a52-7c6d1f0e9c11", "typ": "Bearer", "azp": "parlor-web", "acr": "1",
                "sid": "0a7b2c1d-1111-4222-8333-944455556666", "allowed-origins": ["https://chat.example.org"],
                "realm_access": {"roles": ["default-roles-chat", "offline_access", "parlor-moderator"]},
                "resource_access": {"account": {"roles": ["manage-account", "admin"]}}, "scope": "openid profile email",
                "email_verified": True, "name": "Ann Arbor", "preferred_username": "ann", "given_name": "Ann",
            }
            def answer(changes, key="rsa"):
                return server.answer(self.issuer.token(key, self.lasting(claims | changes)))
            self.assert_is(answer({}), claims["sub"], "ann", "moderator")
            self.assert_is(answer({"realm_access": {"roles": ["offline_access"]}}), claims["sub"], "ann", "member")
            # Without the mapper of the audience.
            self.assert_refused(answer({"aud": "account"}), "auth_invalid", "not for this server")
            self.assert_refused(answer({"iss": realm.replace("chat", "master")}), "auth_invalid", "not of the issuer")
            # A refresh token is signed with a secret of the realm's.
            self.assert_refused(answer({"typ": "Refresh"}, key="secret"), "auth_invalid", "signed with")
            # Without the scope `basic`.
            claims.pop("sub")
            self.assert_refused(answer({}), "auth_invalid", "(sub)")

    def test_without_keys(self):
        """Whose keys never came is sent nobody by a balancer."""
        with self.server("Keycloak", []) as server:
            server.said("(no key that can be used.*; until one comes /ready says 503)")
            self.assertEqual(server.ready(), 503)
            self.assert_refused(server.answer(self.issuer.token("rsa", self.lasting({"sub": "ann"}))), "unavailable", "key")
            (self.issuer.folder / "jwks.json").write_text(json.dumps({"keys": [self.issuer.jwk("rsa")]}))
            server.process.send_signal(signal.SIGHUP)
            server.said("(tokens are checked with 1 key)")
            self.assertEqual(server.ready(), 200)

    def test_cognito(self):
        header = {"kid": "1234example=", "alg": "RS256"}
        with self.server("Amazon Cognito", [self.issuer.jwk("rsa") | header]) as server:
            pool = self.said["--auth-issuer"]
            common = {"sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "iss": pool, "origin_jti": "o", "event_id": "e",
                      "cognito:groups": ["eu-central-1_x_Google", "parlor-admin"], "auth_time": int(time.time()),
                      "jti": "j"}
            identity = common | {"aud": self.said["--auth-audience"], "token_use": "id", "cognito:username": "ann",
                                 "email": "ann@example.org", "email_verified": True, "name": "Ann"}
            access = common | {"client_id": self.said["--auth-audience"], "token_use": "access", "version": 2,
                               "scope": "openid profile", "username": "ann"}
            def answer(claims):
                return server.answer(self.issuer.token("rsa", self.lasting(claims), header))
            self.assert_is(answer(identity), common["sub"], "ann", "admin")
            self.assert_refused(answer(access), "auth_invalid", "not for this server")
            self.assert_refused(answer(identity | {"aud": "another app client"}), "auth_invalid", "not for this server")
            self.assert_refused(answer(self.lasting(identity, -120)), "token_expired", "expired")

    def test_alb(self):
        with self.server("AWS Application Load Balancer") as server:
            arn = self.said["--alb-arn"]
            claims = {"sub": "1b2c", "name": "Ann", "email": "ann@example.org", "email_verified": "true",
                      "username": "ann", "exp": int(time.time()) + 120, "iss": self.said["--auth-issuer"]}
            def answer(word, **more):
                return server.answer(fields={"x-amzn-oidc-data": word, "x-amzn-oidc-identity": claims["sub"],
                                             "X-Forwarded-For": "198.51.100.7"} | more)
            def sign(changes, arn=arn, iss=claims["iss"]):
                return self.issuer.alb(claims | changes, 120, arn, iss)
            signed = sign({})
            self.assert_is(answer(signed), "1b2c", "Ann", "member")
            self.assert_is(answer(sign({"sub": "9f8e"})), "9f8e", "Ann", "moderator")
            self.assertEqual(answer(sign({}, arn[:-1] + "0"))["status"], 401)
            self.assertEqual(answer(sign({}, iss="https://issuer.example"))["status"], 401)
            self.assertEqual(server.answer()["status"], 401)
            self.assertEqual(server.answer(fields={"x-amzn-oidc-identity": "1b2c"})["status"], 401)
            self.assert_is(answer(signed, Origin=self.said["--allowed-origin"]), "1b2c", "Ann", "member")
            self.assertEqual(answer(signed, Origin="https://evil.example")["status"], 403)
        # Whoever reaches the server without the load balancer.
        with Server(self.said | {"--trusted-proxy": "192.0.2.0/24"}) as server:
            self.assertEqual(answer(signed)["status"], 401)


if __name__ == "__main__":
    unittest.main()
