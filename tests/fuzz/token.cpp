// SPDX-License-Identifier: MIT
// Tokens of anybody: what no key has signed grants nothing. Claims that are signed grant what they say, to
// any reader of JSON.
#include "server/auth/keyset.h"
#include "server/auth/tokenauthenticator.h"
#include "shared/protocol/values.h"
#include "tests/fuzz/target.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMessageAuthenticationCode>
#include <QTemporaryDir>

#include <algorithm>
#include <array>

namespace parlor::fuzz {

namespace {

constexpr std::chrono::milliseconds kNow{1'800'000'000'000};
constexpr std::string_view kSecret = "a secret of at least thirty-two bytes";
/// The public halves of two keys; nobody has their private ones.
constexpr std::string_view kJwks =
    "{\"keys\": [{\"kid\": \"rsa\", \"use\": \"sig\", \"alg\": \"RS256\", \"kty\": \"RSA\", \"n\": "
    "\"reTnmdSXljCgk"
    "U0xqoIDmBwsJ8rm0aMLLNf70-DNA1qVJhGlkwjcIx7NivoQKukhj4mG9qeQ7TgemM0fLqw0npcsiZF_8bF-8CPOA"
    "q_Ry1cv14h-FbI_mq1y8-tv5UvUOvst7tXCZOhsV6sz0TDoPq8_DyTx-QG4W46R2RJC7ikYFRGipGYA-xaZRRPp8"
    "ov0Euz3EAI5dPXuYnoyz0ZDwbdiuDTtVJJwpzUFnKOx9eDonq7g9DD7Jt3kAX3SEAPDMHtLuqhGvunLI6mpOzw4T"
    "nRA74ST0tP-54_hYUQOR_t7oY6XkqfylBomOOR3lVoe_bGxOaC8cv9J8woDkliwaQ\", \"e\": \"AQAB\"}, {\"kid\""
    ": \"ec\", \"use\": \"sig\", \"alg\": \"ES256\", \"kty\": \"EC\", \"crv\": \"P-256\", \"x\": "
    "\"gh4loCpbxodRrYq"
    "cOsS8rDJdlYSRDtbkZn8MCH964es\", \"y\": \"tO7RpgJ6XXBtsR_Wziepbg-JO_Uu__KKEyHWwwSBbzU\"}]}";
/// All that these keys have ever signed and is still valid: of the corpus' tokens `rsa` and `ec`.
constexpr std::array<std::string_view, 2> kSigned{
    "eyJhbGciOiAiUlMyNTYiLCAidHlwIjogIkpXVCIsICJraWQiOiAicnNhIn0.eyJzdWIiOiAiYWxpY2UiLCAiaWF0"
    "IjogMTgwMDAwMDAwMCwgImV4cCI6IDE4MDAwMDAzMDAsICJpc3MiOiAiaHR0cHM6Ly9pc3N1ZXIuZXhhbXBsZSIs"
    "ICJhdWQiOiBbInBhcmxvciJdLCAibmFtZSI6ICJBbGljZSIsICJyb2xlcyI6IFsibW9kZXJhdG9yIl0sICJyb29t"
    "cyI6IFsiZ2VuZXJhbCIsICJ0ZWFtLSoiXX0",
    "eyJhbGciOiAiRVMyNTYiLCAidHlwIjogIkpXVCIsICJraWQiOiAiZWMifQ.eyJzdWIiOiAiYm9iIiwgImV4cCI6I"
    "DE4MDAwMDAzMDAsICJhdWQiOiAicGFybG9yIiwgImlzcyI6ICJodHRwczovL2lzc3Vlci5leGFtcGxlIn0"};

std::string inBase64Url(std::string_view bytes)
{
    return QByteArray(bytes.data(), static_cast<qsizetype>(bytes.size()))
        .toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals)
        .toStdString();
}

class Authority
{
public:
    Authority() { check(bool(m_publicRing.reload()) && bool(m_secretRing.reload()), "the keys can be read"); }

    [[nodiscard]] Authenticator::Verdict ofAnybody(std::string_view token)
    {
        return m_public.check(token, kNow);
    }
    /// Claims, as somebody signs them who has the secret.
    [[nodiscard]] Authenticator::Verdict ofIssuer(std::string_view header, std::string_view claims)
    {
        std::string token = inBase64Url(header) + '.' + inBase64Url(claims);
        const QByteArray mac = QMessageAuthenticationCode::hash(
            QByteArray::fromStdString(token),
            QByteArray(kSecret.data(), static_cast<qsizetype>(kSecret.size())), QCryptographicHash::Sha256);
        token.append(1, '.').append(inBase64Url({mac.data(), static_cast<std::size_t>(mac.size())}));
        return m_secret.check(token, kNow);
    }

private:
    [[nodiscard]] std::string file(const char *name, std::string_view content)
    {
        QFile file(m_folder.filePath(QLatin1String(name)));
        file.open(QIODevice::WriteOnly);
        file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner);
        file.write(content.data(), static_cast<qint64>(content.size()));
        return file.fileName().toStdString();
    }
    static ClaimRules rules()
    {
        ClaimRules rules;
        rules.audience = "parlor";
        rules.issuer = "https://issuer.example";
        return rules;
    }

    QTemporaryDir m_folder;
    KeyRing m_publicRing{keysource::JwksFile{file("jwks", kJwks)}, {}};
    KeyRing m_secretRing{keysource::SecretFile{file("secret", kSecret)}, {}};
    TokenAuthenticator m_public{m_publicRing, rules()};
    TokenAuthenticator m_secret{m_secretRing, rules()};
};

bool isTakenAsItIs(const std::string &username)
{
    const auto taken = values::username(username);
    return taken && *taken == username;
}

const Grant *checkVerdict(const Authenticator::Verdict &verdict)
{
    check(!std::holds_alternative<Authenticator::KeyAwaited>(verdict), "no key is fetched for a file");
    if (const auto *refused = std::get_if<Authenticator::Refused>(&verdict)) {
        check(!refused->why.empty() && values::isUtf8(refused->why), "who is refused is told why",
              refused->why);
        return nullptr;
    }
    const Grant &grant = std::get<Grant>(verdict);
    check(!grant.user.empty() && grant.user != "server", "a grant is somebody's", grant.user);
    check(grant.username.empty() || isTakenAsItIs(grant.username), "a name is taken as it is",
          grant.username);
    check(grant.expires && timeLeft(grant, kNow).count() > 0, "a grant is still valid", grant.user);
    return &grant;
}

void token(std::string_view input)
{
    needApplication();
    static Authority authority;
    const auto judged = authority.ofAnybody(input);
    if (checkVerdict(judged))
        check(std::ranges::find(kSigned, input.substr(0, input.rfind('.'))) != kSigned.end(),
              "what no key has signed grants nothing", input);

    Choices choices(input);
    const std::string_view header = choices.line();
    const std::string_view claims = choices.rest();
    const auto signedOnes = authority.ofIssuer(header, claims);
    if (const Grant *grant = checkVerdict(signedOnes)) {
        const auto json =
            QJsonDocument::fromJson(QByteArray(claims.data(), static_cast<qsizetype>(claims.size())));
        check(json.isNull() || json[QLatin1String("sub")].toString().toStdString() == grant->user,
              "readers of JSON agree about who it is", claims);
    }
    static_cast<void>(KeySet::fromJwks(input));
}

const Target kToken("token", &token);

} // namespace

} // namespace parlor::fuzz
