// SPDX-License-Identifier: MIT
#include "server/auth/keyset.h"

#include <algorithm>

namespace parlor {

namespace {

constexpr std::size_t kMaxKeys = 100;

bool fits(const VerificationKey &key, std::optional<std::string_view> kid)
{
    return !kid || key.isSecret() || key.kid() == kid;
}

std::string nameOf(std::optional<std::string_view> kid)
{
    return kid ? inQuotes(*kid) : std::string("without a kid");
}

} // namespace

KeySet KeySet::of(VerificationKey key)
{
    KeySet set;
    set.m_keys.push_back(std::move(key));
    return set;
}

Result<KeySet> KeySet::fromJwks(std::string_view json)
{
    StrictDocument document;
    auto jwks = document.parse(json, "the JWKS");
    if (!jwks)
        return jwks.error();
    simdjson::dom::array elements;
    const auto member = jwks->find("keys");
    if (jwks->mistake())
        return Error{ErrorCode::AuthInvalid, *jwks->mistake()};
    if (!member || member->get(elements) != simdjson::SUCCESS)
        return Error{ErrorCode::AuthInvalid, "the JWKS has no list \"keys\""};
    if (elements.size() > kMaxKeys)
        return Error{ErrorCode::AuthInvalid,
                     "the JWKS has " + std::to_string(elements.size()) + " keys; at most 100 are taken"};
    KeySet set;
    for (const simdjson::dom::element element : elements) {
        simdjson::dom::object object;
        if (element.get(object) != simdjson::SUCCESS)
            return Error{ErrorCode::AuthInvalid, "a key of the JWKS is no JSON object"};
        StrictObject jwk(object, "the key");
        auto key = VerificationKey::ofJwk(jwk);
        if (key) {
            set.m_keys.push_back(*std::move(key));
            continue;
        }
        const auto kid = StrictObject(object, {}).text("kid");
        set.m_leftOut += (set.m_leftOut.empty() ? "" : "; ") + nameOf(kid) + ": " + key.error().text;
    }
    if (set.m_keys.empty())
        return Error{ErrorCode::AuthInvalid,
                     "the JWKS has no key that can be used" +
                         (set.m_leftOut.empty() ? std::string() : " (" + set.m_leftOut + ')')};
    return set;
}

bool KeySet::has(std::optional<std::string_view> kid) const
{
    return std::ranges::any_of(m_keys, [kid](const VerificationKey &key) { return fits(key, kid); });
}

Result<VerificationKey> KeySet::find(std::optional<std::string_view> kid, std::string_view algorithm) const
{
    const VerificationKey *found = nullptr;
    std::string taken;
    for (const VerificationKey &key : m_keys) {
        if (!fits(key, kid))
            continue;
        if (std::ranges::find(key.algorithms(), algorithm) == key.algorithms().end()) {
            for (const std::string &each : key.algorithms())
                taken += (taken.empty() ? "" : ", ") + each;
            continue;
        }
        if (found)
            return Error{ErrorCode::AuthInvalid,
                         "several keys fit the token; have the issuer name one by its kid in the token's "
                         "header"};
        found = &key;
    }
    if (found)
        return *found;
    if (!taken.empty())
        return Error{ErrorCode::AuthInvalid, "the token is signed with " + inQuotes(algorithm) +
                                                 ", and its key is for " + taken +
                                                 "; have the issuer sign it so"};
    return Error{ErrorCode::AuthInvalid,
                 "the token is signed with a key that this server does not know (" + nameOf(kid) +
                     "); sign in again; if that does not help, it is of an issuer that this server does not "
                     "trust"};
}

KeySet KeySet::with(VerificationKey key, std::size_t most) const
{
    KeySet set = *this;
    std::erase_if(set.m_keys, [&key](const VerificationKey &each) { return each.kid() == key.kid(); });
    if (set.m_keys.size() >= most)
        set.m_keys.erase(set.m_keys.begin());
    set.m_keys.push_back(std::move(key));
    return set;
}

std::string KeySet::text() const
{
    std::string names;
    for (const VerificationKey &key : m_keys)
        names += (names.empty() ? "" : ", ") + (key.isSecret() ? "a secret" : nameOf(key.kid()));
    const std::string count = m_keys.size() == 1 ? "1 key: " : std::to_string(m_keys.size()) + " keys: ";
    return count + names + (m_leftOut.empty() ? std::string() : " (left out: " + m_leftOut + ')');
}

} // namespace parlor
