// SPDX-License-Identifier: MIT
#pragma once

#include "server/auth/keyset.h"
#include "shared/protocol/result.h"

#include <QNetworkAccessManager>
#include <QObject>
#include <QTimer>
#include <QUrl>

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace parlor {

/// Where keys come from.
namespace keysource {
struct SecretFile ///< its one line is the secret of HS256
{
    std::string path;
};
struct JwksFile
{
    std::string path;
};
struct JwksUrl
{
    QUrl url;
};
/// One public key in PEM for each kid, below this address: an Application Load Balancer's.
struct PemUrls
{
    std::string prefix; ///< without a slash at its end
};
} // namespace keysource
using KeySource =
    std::variant<keysource::SecretFile, keysource::JwksFile, keysource::JwksUrl, keysource::PemUrls>;

/// Has the keys that tokens are checked with, and fetches them: at the start, every hour, and when a token
/// names one that is not here, that at most once a minute. Where a fetch fails, the keys stay that were
/// there. Lives on the main thread; lookUp() may be called on any.
class KeyRing final : public QObject
{
    Q_OBJECT
public:
    struct Pace
    {
        std::chrono::milliseconds refresh{std::chrono::hours(1)};
        std::chrono::milliseconds retry{std::chrono::minutes(1)};      ///< after a fetch that failed
        std::chrono::milliseconds unknownKey{std::chrono::minutes(1)}; ///< between fetches for unknown keys
        std::chrono::milliseconds timeout{std::chrono::seconds(5)};    ///< for a whole answer
    };
    struct Found
    {
        std::shared_ptr<const KeySet> keys; ///< never null
        bool isAwaited = false;             ///< the kid is not among them, and refreshed() will come
        /// The kid is not among them, and may be by then: the last fetch failed, or was a while ago.
        std::optional<std::chrono::milliseconds> retryAfter{};
    };

    KeyRing(KeySource source, Pace pace);

    /// Reads the file, or begins to fetch. What is said is for people: which keys there are, or from where
    /// they are fetched. Call it again to read or fetch anew; where that fails, the old keys stay.
    [[nodiscard]] Result<std::string> reload();
    /// What reload() would say of a file. Nothing is fetched, and nothing changes.
    [[nodiscard]] Result<std::string> tryReload() const;
    /// False until the first fetch has brought keys. The keys of a load balancer are fetched as tokens name
    /// them. Any thread.
    [[nodiscard]] bool canCheck() const;
    [[nodiscard]] Found lookUp(std::optional<std::string_view> kid);

Q_SIGNALS:
    /// A fetch has ended; whether keys came or not, who waited for one has to ask again.
    void refreshed();

private:
    struct Fetch
    {
        std::chrono::steady_clock::time_point begun;
        bool isRunning = false;
        std::optional<std::chrono::steady_clock::time_point> brought{}; ///< when keys came; nullopt: none
    };

    void seek(std::optional<std::string_view> kid, Found &found);
    [[nodiscard]] QUrl url(const std::string &kid) const;
    void begin(const std::string &kid);
    void fetch(const std::string &kid);
    void finish(const std::string &kid, const Result<QByteArray> &body);
    [[nodiscard]] Result<KeySet> read(const std::string &kid, const QByteArray &body) const;
    [[nodiscard]] Result<std::optional<KeySet>> readFile() const;
    [[nodiscard]] std::string textOf(const std::optional<KeySet> &keys) const;
    [[nodiscard]] std::string place() const;
    void take(KeySet keys);

    const KeySource m_source;
    const Pace m_pace;
    QNetworkAccessManager m_network;
    QTimer m_timer;
    std::string m_told; ///< which keys there are, as the log has been told

    mutable std::mutex m_mutex; ///< of what follows
    std::shared_ptr<const KeySet> m_keys = std::make_shared<const KeySet>();
    std::map<std::string, Fetch> m_fetches; ///< by kid; of a JWKS one, without a name
};

} // namespace parlor
