// SPDX-License-Identifier: MIT
#include "server/redisopening.h"

#include "server/ops/logging.h"
#include "server/ops/secret.h"
#include "server/ops/servicemanager.h"

#include <QSslCertificate>

#include <utility>

namespace parlor {

namespace {

/// That Redis is not there yet, if the reason is the same.
constexpr std::chrono::milliseconds kSayAgainAfter{60'000};

Result<redis::Store::Config> redisConfig(const Options &options)
{
    redis::Store::Config config;
    config.connection.address = *options.redis;
    if (options.redisPasswordFile) {
        auto password = loadPassword(*options.redisPasswordFile);
        if (!password)
            return password.error();
        config.connection.address.password = *std::move(password);
    }
    if (options.redisCaFile) {
        const auto authorities = QSslCertificate::fromPath(QString::fromStdString(*options.redisCaFile));
        if (authorities.isEmpty())
            return Error{.text = "redis-ca-file: " + *options.redisCaFile +
                                 " cannot be read, or holds no certificate; give one as PEM"};
        config.connection.tls.setCaCertificates(authorities);
    }
    config.prefix = options.redisPrefix;
    config.historyMessages = options.historyMaxMessages;
    config.historyAge = options.historyMaxAge;
    config.wait = options.redisWait;
    config.warn = [](const std::string &text) { qCWarning(log::server, "%s", text.c_str()); };
    config.inform = [](const std::string &text) { qCInfo(log::server, "%s", text.c_str()); };
    return config;
}

} // namespace

RedisOpening::Opened RedisOpening::open(const Options &options, const WallClock &clock)
{
    const auto config = redisConfig(options);
    if (!config)
        return config.error();
    return redis::Store::open(*config, clock);
}

RedisOpening::RedisOpening(Attempt attempt, Then then)
    : m_attempt(std::move(attempt))
    , m_then(std::move(then))
{
    m_next.setSingleShot(true);
    connect(&m_next, &QTimer::timeout, this, &RedisOpening::begin);
}

RedisOpening::~RedisOpening()
{
    if (m_thread.joinable())
        m_thread.join();
}

void RedisOpening::tryAgain(const Error &why)
{
    if (m_why != why.text || m_said.hasExpired(kSayAgainAfter.count())) {
        m_why = why.text;
        m_said.start();
        qCWarning(log::server, "%s; until then /ready says 503 (starting), and nobody can connect",
                  m_why.c_str());
        servicemanager::tell("STATUS=waiting: " + m_why);
    }
    m_next.start(*why.retryAfter);
}

void RedisOpening::begin()
{
    m_thread = std::thread([this] {
        const auto opened = std::make_shared<Opened>(m_attempt());
        QMetaObject::invokeMethod(
            this, [this, opened] { onOpened(std::move(*opened)); }, Qt::QueuedConnection);
    });
}

void RedisOpening::onOpened(Opened opened)
{
    m_thread.join();
    if (!opened && opened.error().retryAfter)
        return tryAgain(opened.error());
    if (opened)
        servicemanager::tell("STATUS=");
    m_then(std::move(opened));
}

} // namespace parlor
