// SPDX-License-Identifier: MIT
#include "server/auth/keyring.h"

#include "server/auth/boundedget.h"
#include "server/ops/logging.h"
#include "server/ops/secret.h"

#include <QFile>

#include <algorithm>

namespace parlor {

namespace {

constexpr qint64 kMaxBytes = 256 * 1024;
constexpr std::size_t kMaxPemKeys = 16;
constexpr std::size_t kMaxKidBytes = 64;
/// Keys that came so lately are all that there are.
constexpr std::chrono::seconds kFresh{5};

Result<QByteArray> contentOf(const std::string &path)
{
    QFile file(QString::fromStdString(path));
    if (!file.open(QIODevice::ReadOnly))
        return Error{.text = "cannot read the keys " + path + ": " + file.errorString().toStdString() +
                             "; give a JWKS that the server's user may read, with auth-jwks"};
    if (file.size() > kMaxBytes)
        return Error{.text = "the keys " + path + " have more than 256 KiB; give a JWKS, with auth-jwks"};
    return file.readAll();
}

/// It becomes part of an address.
bool isPlainKid(std::string_view kid)
{
    return !kid.empty() && kid.size() <= kMaxKidBytes && std::ranges::all_of(kid, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    });
}

} // namespace

KeyRing::KeyRing(KeySource source, Pace pace)
    : m_source(std::move(source))
    , m_pace(pace)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, [this] { begin({}); });
}

/// What a file holds; nullopt: the keys are fetched.
Result<std::optional<KeySet>> KeyRing::readFile() const
{
    if (const auto *file = std::get_if<keysource::SecretFile>(&m_source)) {
        auto secret = loadPrivateFile(file->path, "the secret of tokens " + file->path);
        if (!secret)
            return secret.error();
        while (secret->ends_with('\n') || secret->ends_with('\r'))
            secret->pop_back();
        if (secret->find('\n') != std::string::npos)
            return Error{.text = file->path + " has several lines; it should hold the secret of tokens and "
                                              "nothing else"};
        auto key = VerificationKey::ofSecret(*secret);
        if (!key)
            return Error{.text = file->path + ": " + key.error().text};
        return std::optional(KeySet::of(*std::move(key)));
    }
    if (const auto *file = std::get_if<keysource::JwksFile>(&m_source)) {
        const auto content = contentOf(file->path);
        if (!content)
            return content.error();
        auto keys = KeySet::fromJwks({content->data(), static_cast<std::size_t>(content->size())});
        if (!keys)
            return Error{.text = "auth-jwks: " + file->path + ": " + keys.error().text};
        return std::optional(*std::move(keys));
    }
    return std::optional<KeySet>();
}

Result<std::string> KeyRing::reload()
{
    auto keys = readFile();
    if (!keys)
        return keys.error();
    std::string text = textOf(*keys);
    if (*keys)
        take(**std::move(keys));
    else if (std::holds_alternative<keysource::JwksUrl>(m_source))
        begin({});
    return text;
}

Result<std::string> KeyRing::tryReload() const
{
    const auto keys = readFile();
    if (!keys)
        return keys.error();
    return textOf(*keys);
}

/// For people. nullopt: they are fetched.
std::string KeyRing::textOf(const std::optional<KeySet> &keys) const
{
    if (keys)
        return keys->text() + ", from " + place();
    return "keys are fetched from " + place() +
           (std::holds_alternative<keysource::PemUrls>(m_source) ? " once they are needed" : "");
}

/// Where the keys are: a file, or an address.
std::string KeyRing::place() const
{
    if (const auto *secret = std::get_if<keysource::SecretFile>(&m_source))
        return secret->path;
    if (const auto *file = std::get_if<keysource::JwksFile>(&m_source))
        return file->path;
    if (const auto *jwks = std::get_if<keysource::JwksUrl>(&m_source))
        return jwks->url.toString().toStdString();
    return std::get<keysource::PemUrls>(m_source).prefix;
}

void KeyRing::take(KeySet keys)
{
    const std::lock_guard lock(m_mutex);
    m_keys = std::make_shared<const KeySet>(std::move(keys));
}

bool KeyRing::canCheck() const
{
    if (std::holds_alternative<keysource::PemUrls>(m_source))
        return true;
    const std::lock_guard lock(m_mutex);
    return m_keys->has(std::nullopt);
}

KeyRing::Found KeyRing::lookUp(std::optional<std::string_view> kid)
{
    const std::lock_guard lock(m_mutex);
    Found found{m_keys};
    if (!m_keys->has(kid))
        seek(kid, found);
    return found;
}

/// For a key that is not here. With the mutex.
void KeyRing::seek(std::optional<std::string_view> kid, Found &found)
{
    std::string name;
    if (std::holds_alternative<keysource::PemUrls>(m_source)) {
        if (!kid || !isPlainKid(*kid))
            return;
        name = *kid;
    } else if (!std::holds_alternative<keysource::JwksUrl>(m_source)) {
        return;
    }
    const auto now = std::chrono::steady_clock::now();
    std::erase_if(m_fetches, [&](const auto &each) {
        return !each.second.isRunning && now - each.second.begun >= m_pace.unknownKey;
    });
    if (const auto known = m_fetches.find(name); known != m_fetches.end()) {
        const Fetch &last = known->second;
        found.isAwaited = last.isRunning;
        if (!last.isRunning && (!last.brought || now - *last.brought > kFresh))
            found.retryAfter =
                std::chrono::ceil<std::chrono::milliseconds>(last.begun + m_pace.unknownKey - now);
        return;
    }
    if (m_fetches.size() >= kMaxPemKeys) {
        found.retryAfter = m_pace.unknownKey;
        return;
    }
    m_fetches[name] = {now, true};
    QMetaObject::invokeMethod(
        this, [this, name] { fetch(name); }, Qt::QueuedConnection);
    found.isAwaited = true;
}

void KeyRing::begin(const std::string &kid)
{
    {
        const std::lock_guard lock(m_mutex);
        Fetch &state = m_fetches[kid];
        if (state.isRunning)
            return;
        state = {std::chrono::steady_clock::now(), true};
    }
    fetch(kid);
}

QUrl KeyRing::url(const std::string &kid) const
{
    if (const auto *pem = std::get_if<keysource::PemUrls>(&m_source))
        return QUrl(QString::fromStdString(pem->prefix + '/' + kid));
    return std::get<keysource::JwksUrl>(m_source).url;
}

void KeyRing::fetch(const std::string &kid)
{
    boundedGet(m_network, url(kid), {kMaxBytes, m_pace.timeout}, this,
               [this, kid](const Result<QByteArray> &body) { finish(kid, body); });
}

Result<KeySet> KeyRing::read(const std::string &kid, const QByteArray &body) const
{
    const std::string_view text(body.data(), static_cast<std::size_t>(body.size()));
    if (std::holds_alternative<keysource::JwksUrl>(m_source))
        return KeySet::fromJwks(text);
    auto key = VerificationKey::ofPem(text, kid);
    if (!key)
        return key.error();
    return m_keys->with(*std::move(key), kMaxPemKeys); // read by this thread, which alone changes it
}

void KeyRing::finish(const std::string &kid, const Result<QByteArray> &body)
{
    const std::string from = url(kid).toString().toStdString();
    Result<KeySet> keys = body ? read(kid, *body) : Result<KeySet>(body.error());
    const bool hasKeys = static_cast<bool>(keys);
    std::string told;
    if (keys) {
        told = keys->text() + ", from " + from;
        take(*std::move(keys));
    } else {
        qCWarning(log::server, "cannot fetch the keys of tokens from %s: %s; %s", from.c_str(),
                  keys.error().text.c_str(),
                  canCheck() ? "those that are there stay in force"
                             : "until one comes /ready says 503 (starting), and nobody can sign in");
    }
    if (hasKeys && told != m_told)
        qCInfo(log::server, "tokens are checked with %s", told.c_str());
    m_told = told; // after a failure, that it works again is told
    {
        const std::lock_guard lock(m_mutex);
        Fetch &done = m_fetches[kid];
        done.isRunning = false;
        if (hasKeys)
            done.brought = std::chrono::steady_clock::now();
    }
    if (std::holds_alternative<keysource::JwksUrl>(m_source))
        m_timer.start(hasKeys ? m_pace.refresh : m_pace.retry);
    Q_EMIT refreshed();
}

} // namespace parlor
