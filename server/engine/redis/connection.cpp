// SPDX-License-Identifier: MIT
#include "server/engine/redis/connection.h"

#include "server/engine/redis/problem.h"

#include <QHostInfo>
#include <QNetworkProxy>
#include <QRandomGenerator>
#include <QRegularExpression>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace parlor::redis {

namespace {

/// Each is half of the silence. Redis may be at one command for long, and is not heard meanwhile.
constexpr int kMostLooksWithout = 4;
constexpr int kOldestMajor = 6;
constexpr int kOldestMinor = 2;

QString text(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

/// A field of the answer to INFO; empty: it is not there.
QString infoField(std::string_view info, const QString &name)
{
    const QRegularExpression line(u'^' + name + QStringLiteral(":(.*?)\r?$"),
                                  QRegularExpression::MultilineOption);
    return line.match(text(info)).captured(1);
}

bool isTooOld(const QString &version)
{
    const int major = version.section(QLatin1Char('.'), 0, 0).toInt();
    const int minor = version.section(QLatin1Char('.'), 1, 1).toInt();
    return !version.isEmpty() && std::pair(major, minor) < std::pair(kOldestMajor, kOldestMinor);
}

} // namespace

Connection::Connection(Options options, QObject *parent)
    : QObject(parent)
    , m_options(std::move(options))
    , m_pause(m_options.firstPause)
{
    m_deadline.setSingleShot(true);
    m_retry.setSingleShot(true);
    m_quiet.setInterval(m_options.silence / 2);
    connect(&m_deadline, &QTimer::timeout, this, [this] {
        end(tr("it does not answer within %1 s; check the address and the network")
                .arg(std::chrono::duration<double>(m_options.connectTimeout).count()),
            Outlook::Passing);
    });
    connect(&m_quiet, &QTimer::timeout, this, &Connection::onSilence);
    connect(&m_retry, &QTimer::timeout, this, &Connection::attempt);
}

Connection::~Connection()
{
    if (m_device)
        m_device->disconnect(this);
}

void Connection::open()
{
    if (m_state == State::Closed)
        attempt();
}

void Connection::close()
{
    m_state = State::Closed;
    m_retry.stop();
    end({});
}

// ---- coming up

template <typename Socket>
void Connection::listen(Socket *socket)
{
    if (m_device) {
        m_device->disconnect(this);
        m_device.release()->deleteLater(); // we may be in one of its signals
    }
    m_device.reset(socket);
    connect(socket, &QIODevice::readyRead, this, &Connection::onBytes);
    connect(socket, &Socket::errorOccurred, this, &Connection::onError);
    connect(socket, &Socket::disconnected, this,
            [this] { end(tr("it ended the connection"), Outlook::Passing); });
}

void Connection::attempt()
{
    m_state = State::Connecting;
    m_heard = false;
    m_isConnected = false;
    m_problem.clear();
    m_reader = ReplyReader();
    m_deadline.start(m_options.connectTimeout);
    const Address &address = m_options.address;
    if (address.kind == Address::Kind::Unix) {
        auto *socket = new QLocalSocket;
        listen(socket);
        connect(socket, &QLocalSocket::connected, this, &Connection::greet);
        socket->connectToServer(QString::fromStdString(address.path));
        return;
    }
    // Not by the socket, which remembers names for a minute: a failover gives the name another address.
    // Nor by lookupHost(), which does, too.
    const QHostInfo found = QHostInfo::fromName(QString::fromStdString(address.host));
    m_addresses = found.addresses();
    if (m_addresses.isEmpty())
        end(tr("its name is not known: %1; correct it, or the name service").arg(found.errorString()),
            Outlook::Passing);
    else
        tryAddress();
}

void Connection::tryAddress()
{
    auto *socket = new QSslSocket;
    listen(socket);
    socket->setProxy(QNetworkProxy::NoProxy);
    connect(socket, &QSslSocket::connected, this, &Connection::onConnected);
    connect(socket, &QSslSocket::encrypted, this, &Connection::greet);
    connect(socket, &QSslSocket::sslErrors, this, [this](const QList<QSslError> &errors) {
        const QSslError first = errors.value(0);
        m_problem =
            first.error() == QSslError::HostNameMismatch
                ? tr("its certificate has another name: %1; write the address with a name that it has")
                : tr("its certificate is not trusted: %1; give its authority with --redis-ca-file");
        m_problem = m_problem.arg(first.errorString());
    });
    socket->connectToHost(m_addresses.takeFirst(), m_options.address.port);
}

void Connection::onError()
{
    const auto *socket = qobject_cast<QSslSocket *>(m_device.get());
    const bool isConnected = m_state != State::Connecting || m_isConnected;
    if (socket && !isConnected && !m_addresses.isEmpty()) {
        tryAddress();
        return;
    }
    QString why = m_problem.isEmpty() ? m_device->errorString() : m_problem;
    if (const auto *local = qobject_cast<QLocalSocket *>(m_device.get());
        local && local->error() == QLocalSocket::ServerNotFoundError)
        why = tr("there is no such socket"); // Qt names its own functions
    if (!isConnected)
        why = tr("it cannot be reached: %1; start it, or correct the address").arg(why);
    else if (m_state != State::Up && m_problem.isEmpty() && m_options.address.kind == Address::Kind::Tcp)
        why = tr("%1; if it speaks TLS, write the address as rediss://").arg(why);
    else if (m_state != State::Up && m_problem.isEmpty() && m_options.address.kind == Address::Kind::Tls)
        why = tr("%1; if it speaks no TLS, write the address as redis://").arg(why);
    end(why, m_problem.isEmpty() ? Outlook::Passing : Outlook::Lasting); // what is wrong with its certificate
}

void Connection::onConnected()
{
    m_isConnected = true;
    auto *socket = static_cast<QSslSocket *>(m_device.get());
    socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    if (m_options.address.kind == Address::Kind::Tcp) {
        greet();
        return;
    }
    socket->setSslConfiguration(m_options.tls);
    socket->setPeerVerifyName(QString::fromStdString(m_options.address.host));
    socket->startClientEncryption();
}

void Connection::greet()
{
    m_state = State::Greeting;
    const Address &address = m_options.address;
    const auto mustSucceed = [this](Outcome, const Reply &reply) {
        if (reply.isError())
            endRefused(reply.text());
    };
    const auto say = [this](std::initializer_list<std::string_view> command, Then then) {
        append(std::span(command.begin(), command.size()));
        m_pending.push_back(std::move(then));
    };
    if (!address.user.empty())
        say({"AUTH", address.user, address.password}, mustSucceed);
    else if (!address.password.empty())
        say({"AUTH", address.password}, mustSucceed);
    if (address.database != 0)
        say({"SELECT", std::to_string(address.database)}, mustSucceed);
    say({"INFO", "server"}, [this](Outcome outcome, const Reply &reply) {
        if (outcome == Outcome::Answered)
            checkServer(reply);
    });
    say({"INFO", "replication"}, [this](Outcome outcome, const Reply &reply) {
        if (outcome == Outcome::Answered)
            onGreeted(reply);
    });
}

void Connection::checkServer(const Reply &info)
{
    const QString version = infoField(info.text(), QStringLiteral("redis_version"));
    if (info.isError())
        endRefused(info.text());
    else if (isTooOld(version))
        end(tr("it is version %1, and Parlor needs %2.%3 or later; update it")
                .arg(version)
                .arg(kOldestMajor)
                .arg(kOldestMinor));
    else if (infoField(info.text(), QStringLiteral("(?:redis|server)_mode")) == QLatin1String("cluster"))
        endRefused("CLUSTER");
}

void Connection::onGreeted(const Reply &info)
{
    const QString role = infoField(info.text(), QStringLiteral("role"));
    if (info.isError() || role == QLatin1String("slave")) {
        endRefused(info.isError() ? info.text() : "READONLY");
        return;
    }
    m_deadline.stop();
    m_state = State::Up;
    m_pause = m_options.firstPause;
    m_quiet.start();
    Q_EMIT up();
}

// ---- commands

void Connection::send(std::span<const std::string_view> command, Then then)
{
    if (m_state != State::Up) {
        then(Outcome::LinkDown, Reply(nullptr));
        return;
    }
    append(command);
    m_pending.push_back(std::move(then));
}

void Connection::sendPush(std::span<const std::string_view> command)
{
    m_isSubscriber = true;
    if (m_state == State::Up)
        append(command);
}

/// What was appended leaves at the end of this turn of the event loop.
void Connection::append(std::span<const std::string_view> command)
{
    std::vector<const char *> arguments;
    std::vector<std::size_t> sizes;
    arguments.reserve(command.size());
    sizes.reserve(command.size());
    for (const std::string_view each : command) {
        arguments.push_back(each.data());
        sizes.push_back(each.size());
    }
    char *formatted = nullptr;
    const int size =
        redisFormatCommandArgv(&formatted, static_cast<int>(command.size()), arguments.data(), sizes.data());
    if (size < 0)
        throw std::bad_alloc();
    if (m_out.empty())
        QMetaObject::invokeMethod(this, &Connection::flush, Qt::QueuedConnection);
    m_out.append(formatted, static_cast<std::size_t>(size));
    redisFreeCommand(formatted);
}

void Connection::flush()
{
    const std::string out = std::exchange(m_out, {});
    if (out.empty() || !m_device || (m_state != State::Greeting && m_state != State::Up))
        return;
    m_device->write(out.data(), static_cast<qint64>(out.size()));
    // Else it leaves in a further turn of the event loop.
    if (auto *socket = qobject_cast<QAbstractSocket *>(m_device.get()))
        socket->flush();
    else if (auto *local = qobject_cast<QLocalSocket *>(m_device.get()))
        local->flush();
}

// ---- answers

void Connection::onBytes()
{
    m_heard = true;
    const QByteArray bytes = m_device->readAll();
    m_reader.feed({bytes.data(), static_cast<std::size_t>(bytes.size())});
    takeAll();
    Q_EMIT turnOver();
}

void Connection::takeAll()
{
    while (m_state == State::Greeting || m_state == State::Up) {
        const ReplyReader::OwnedReply reply = m_reader.next();
        if (m_reader.isBroken()) {
            end(tr("it does not speak the protocol of Redis; correct the address"));
            return;
        }
        if (!reply)
            return;
        take(Reply(reply.get()));
    }
}

void Connection::take(const Reply &reply)
{
    if (m_pending.empty()) {
        if (reply.isError()) // it may not subscribe
            endRefused(reply.text());
        else if (reply.isArray() && reply[0].text() != "pong")
            Q_EMIT pushed(reply);
        return;
    }
    // After a failover the name leads to another one. Nothing was done, here or by what follows.
    if (m_state == State::Up && reply.isError() && reply.text().starts_with("READONLY")) {
        endRefused(reply.text());
        return;
    }
    ++m_answers;
    const Then then = std::move(m_pending.front());
    m_pending.pop_front();
    then(Outcome::Answered, reply);
}

void Connection::onSilence()
{
    const bool isStuck = !m_pending.empty() && m_answers == m_answersBefore;
    m_answersBefore = m_answers;
    m_looksWithout = isStuck ? m_looksWithout + 1 : 0;
    if (m_looksWithout > kMostLooksWithout) { // it says something, and answers nothing
        end(tr("it did not answer for %1 s")
                .arg(std::chrono::duration<double>(m_options.silence).count() * kMostLooksWithout / 2));
        return;
    }
    if (std::exchange(m_heard, false)) {
        m_isAsked = false;
    } else if (std::exchange(m_isAsked, true)) {
        end(tr("it was silent for %1 s").arg(std::chrono::duration<double>(m_options.silence).count()));
    } else {
        const std::array<std::string_view, 1> ping{"PING"};
        append(ping);
        if (!m_isSubscriber)
            m_pending.emplace_back([](Outcome, const Reply &) {});
    }
}

// ---- going down

void Connection::endRefused(std::string_view error)
{
    end(QString::fromStdString(explain(error)), passes(error) ? Outlook::Passing : Outlook::Lasting);
}

void Connection::end(const QString &why, Outlook outlook)
{
    m_deadline.stop();
    m_quiet.stop();
    m_isAsked = false;
    m_looksWithout = 0;
    m_out.clear();
    if (m_device) {
        m_device->disconnect(this);
        m_device.release()->deleteLater(); // we may be in one of its signals
    }
    if (m_state != State::Closed) {
        m_state = State::Waiting;
        m_retry.start(m_pause / 2 + m_pause * QRandomGenerator::global()->bounded(512) / 1024);
        m_pause = std::min(m_pause * 2, m_options.longestPause);
    }
    const auto pending = std::exchange(m_pending, {});
    for (const Then &each : pending)
        each(Outcome::LinkDown, Reply(nullptr));
    if (!why.isEmpty())
        Q_EMIT down(tr("Redis at %1: %2").arg(QString::fromStdString(m_options.address.text()), why),
                    outlook);
}

} // namespace parlor::redis
