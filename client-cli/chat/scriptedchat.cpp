// SPDX-License-Identifier: MIT
#include "client-cli/chat/scriptedchat.h"

#include "client-cli/chat/standardoutput.h"
#include "client-cli/chat/terminaltext.h"
#include "client-cli/exitcode.h"
#include "shared/client/personname.h"
#include "shared/protocol/values.h"

#include <QJsonDocument>
#include <QJsonObject>

#include <cerrno>
#include <unistd.h>

namespace parlor::cli {

namespace {

/// Past so many unsent messages no more input is read.
constexpr qsizetype kMaxUnsent = 256;
/// Longer than any message may be.
constexpr qsizetype kMaxLine = 64 * 1024;

/// Whether the frame answers a request that was sent raw. Each has one answer; those of the client's own
/// requests have high numbers.
bool answersRawFrame(const QByteArray &utf8, bool roomUsersToo)
{
    const QJsonObject frame = QJsonDocument::fromJson(utf8).object();
    const QString type = frame.value(QLatin1String("type")).toString();
    const QJsonValue rid = frame.value(QLatin1String("rid"));
    if (rid.toDouble() >= Requests::kFirstRid)
        return false;
    if (type == QLatin1String("room_users"))
        return roomUsersToo || !rid.isUndefined(); // without a number it is what follows a join, too
    return type == QLatin1String("ack") || type == QLatin1String("error") ||
           type == QLatin1String("history") || type == QLatin1String("rooms") ||
           type == QLatin1String("pong");
}

QString typeOf(const QString &json)
{
    return QJsonDocument::fromJson(json.toUtf8()).object().value(QLatin1String("type")).toString();
}

} // namespace

ScriptedChat::ScriptedChat(ChatClient &client, Recorder &recorder, const ChatOptions &options,
                           QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_recorder(recorder)
    , m_options(options)
    , m_expectations(options.expectations, options.count)
    , m_reporter(client, [](const QString &text) { writeStatusLine(QStringLiteral("parlor-cli: ") + text); })
{
    for (const QString &json : options.rawFrames) {
        const QString type = typeOf(json);
        m_rawUnanswered += type == QLatin1String("typing") ? 0 : 1; // the one that has no answer
        m_rawAsksWho = m_rawAsksWho || type == QLatin1String("who");
    }
    m_timeout.setSingleShot(true);
    m_timeout.setInterval(options.timeout);
    connect(&m_timeout, &QTimer::timeout, this, &ScriptedChat::onTimeout);
    connect(&client, &ChatClient::frameReceived, this, &ScriptedChat::onFrame);
    connect(&client, &ChatClient::stateChanged, this, &ScriptedChat::onState);
    connect(&client, &ChatClient::requestRefused, this,
            [this] { m_refused = m_refused || m_expectations.isEmpty(); });
    connect(&client.rooms(), &RoomBook::messageReceived, this, &ScriptedChat::onMessage);
    connect(&client.rooms(), &RoomBook::roomReady, this, &ScriptedChat::onRoomReady);
    connect(&client.rooms(), &RoomBook::roomRefused, this, &ScriptedChat::onRoomRefused);
    connect(&recorder, &Recorder::failed, this,
            [](const QString &text) { writeStatusLine(QStringLiteral("parlor-cli: ") + text); });
    connect(&client.outgoing(), &OutboxSender::entryChanged, this, &ScriptedChat::onEntry);
    connect(&client.outgoing(), &OutboxSender::messageAcknowledged, this, &ScriptedChat::progress);
}

void ScriptedChat::start()
{
    m_recorder.open(accountOf(m_options.url, m_options.credentials.username));
    m_options.credentials.resumeToken = m_recorder.session().resumeToken;
    m_options.credentials.person = m_recorder.session().info.person();
    QStringList rooms = m_options.rooms;
    // What waits for somebody's decision needs no room until then.
    for (const OutboxEntry &each : m_client.outgoing().entries()) {
        if (isUnderWay(each.state))
            rooms.append(each.room);
    }
    for (const QString &room : rooms)
        m_roomsToCome.insert(room);
    for (const QString &room : rooms) {
        const KeptRoom kept = m_recorder.recall(room);
        m_client.rooms().join(room, {kept.position, m_options.history, kept.shown()});
    }
    m_reporter.tellOfOutbox(m_recorder.unsentElsewhere(), m_options.url);
    m_client.connectToServer(m_options.url, m_options.credentials, m_options.tls);
}

void ScriptedChat::interrupt()
{
    if (m_exitCode) {
        Q_EMIT finished(*m_exitCode);
        return;
    }
    if (m_client.session().clientId.isEmpty())
        end(exitcode::kNoConnection);
    else
        end(m_expectations.isMet() && m_client.outgoing().isIdle() && !m_refused ? exitcode::kOk
                                                                                 : exitcode::kFailed);
}

void ScriptedChat::onRoomReady(const QString &room)
{
    m_roomsToCome.erase(room);
    if (m_everReady || !m_roomsToCome.empty())
        return;
    m_everReady = true;
    sendRawFrames();
    m_input = std::make_unique<QSocketNotifier>(STDIN_FILENO, QSocketNotifier::Read);
    connect(m_input.get(), &QSocketNotifier::activated, this, &ScriptedChat::readInput);
    progress();
}

/// What was to go to a room of an earlier run fails, and the script goes on.
void ScriptedChat::onRoomRefused(const QString &room)
{
    if (m_options.rooms.contains(room))
        end(exitcode::kFailed);
    else
        onRoomReady(room);
}

void ScriptedChat::onMessage(const ChatMessage &message)
{
    if (message.deletedBy)
        return; // it says nothing any more
    bool counted = m_expectations.message();
    if (m_options.format == MessageFormat::Text) {
        const QString line = sanitised(
            QStringLiteral("[%1] %2: %3").arg(message.room, personName(message.username), message.text));
        write(line);
        counted = m_expectations.line(line) || counted;
    }
    if (counted)
        progress();
}

void ScriptedChat::onFrame(const QByteArray &utf8)
{
    if (m_everReady && m_rawUnanswered > 0 && answersRawFrame(utf8, m_rawAsksWho)) {
        --m_rawUnanswered;
        progress();
    }
    if (m_options.format != MessageFormat::JsonLines)
        return;
    QString line = QString::fromUtf8(utf8);
    // Between JSON's tokens only, so it stays the same JSON; a line is a frame.
    line.replace(QLatin1Char('\n'), QLatin1Char(' ')).replace(QLatin1Char('\r'), QLatin1Char(' '));
    write(::isatty(STDOUT_FILENO) ? sanitised(line) : line);
    if (m_expectations.line(line))
        progress();
}

void ScriptedChat::onEntry(const OutboxEntry &entry)
{
    if (entry.state != OutboxState::Failed && entry.state != OutboxState::NeedsDecision)
        return;
    m_refused = true;
    if (m_recorder.keepsOutbox()) { // for somebody to decide at a terminal
        progress();
        return;
    }
    // Nobody is there to decide.
    QMetaObject::invokeMethod(
        this,
        [this, cid = entry.cid] {
            m_client.outgoing().discard(cid);
            progress();
        },
        Qt::QueuedConnection);
}

void ScriptedChat::onState(const ConnectionState &state)
{
    if (std::holds_alternative<state::Stopped>(state)) {
        if (!m_exitCode)
            tellWhatIsLeft();
        Q_EMIT finished(m_exitCode.value_or(exitcode::kNoConnection));
    } else if (std::holds_alternative<state::Disconnected>(state) && m_exitCode)
        Q_EMIT finished(*m_exitCode);
}

void ScriptedChat::onTimeout()
{
    const double seconds = std::chrono::duration<double>(m_options.timeout).count();
    QString what = m_expectations.missing();
    if (what.isEmpty() && !m_client.outgoing().isIdle())
        what = unacknowledged();
    if (what.isEmpty())
        what = QStringLiteral("%1 raw frames are not answered").arg(m_rawUnanswered);
    writeStatusLine(QStringLiteral("parlor-cli: %1, and nothing more came for %2 s").arg(what).arg(seconds));
    end(m_client.isReady() ? exitcode::kFailed : exitcode::kNoConnection);
}

QString ScriptedChat::unacknowledged() const
{
    const auto count = m_client.outgoing().underWay();
    QString text = count == 1 ? QStringLiteral("1 message is not acknowledged")
                              : QStringLiteral("%1 messages are not acknowledged").arg(count);
    for (const OutboxEntry &each : m_client.outgoing().entries()) {
        if (!isUnderWay(each.state) || each.problem.isEmpty())
            continue;
        text += QStringLiteral(" (%1)").arg(sanitised(each.problem));
        break;
    }
    return text;
}

void ScriptedChat::tellWhatIsLeft()
{
    const bool readAll = m_inputEnded || ::isatty(STDIN_FILENO);
    if (!readAll)
        writeStatusLine(m_input ? QStringLiteral("parlor-cli: the rest of the input was not read")
                                : QStringLiteral("parlor-cli: nothing was read of the input"));
    using Fate = StatusReporter::Fate;
    m_reporter.tellOfUnsent(m_recorder.keepsOutbox()        ? Fate::Kept
                            : m_options.stateFile.isEmpty() ? Fate::Dropped
                                                            : Fate::CannotBeKept,
                            m_options.stateFile);
}

void ScriptedChat::readInput()
{
    QByteArray buffer(16 * 1024, Qt::Uninitialized);
    const auto size = ::read(STDIN_FILENO, buffer.data(), static_cast<std::size_t>(buffer.size()));
    if (size < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (size <= 0) {
        m_input->setEnabled(false);
        m_inputEnded = true;
        if (!m_partialLine.isEmpty())
            takeLine(std::exchange(m_partialLine, {}));
        progress();
        return;
    }
    m_partialLine.append(buffer.constData(), size);
    qsizetype begin = 0;
    for (qsizetype at = 0; (at = m_partialLine.indexOf('\n', begin)) >= 0; begin = at + 1) {
        if (!std::exchange(m_skipsLine, false))
            takeLine(m_partialLine.mid(begin, at - begin));
        ++m_lineNumber;
    }
    m_partialLine.remove(0, begin);
    if (m_partialLine.size() > kMaxLine && !m_skipsLine) {
        say(QString::fromUtf8(m_partialLine)); // to be refused; the rest of it is no message
        m_skipsLine = true;
    }
    if (m_skipsLine)
        m_partialLine.clear();
    if (isInputHeld())
        progress();
}

void ScriptedChat::takeLine(const QByteArray &line)
{
    if (!values::isUtf8({line.constData(), static_cast<std::size_t>(line.size())})) {
        m_refused = true;
        writeStatusLine(QStringLiteral("parlor-cli: line %1 of the input is not UTF-8, and was not sent")
                            .arg(m_lineNumber));
        return;
    }
    QString text = QString::fromUtf8(line);
    if (text.endsWith(QLatin1Char('\r')))
        text.chop(1);
    say(text);
}

void ScriptedChat::say(const QString &text)
{
    if (!text.isEmpty())
        m_client.outgoing().send(m_options.rooms.first(), text);
}

void ScriptedChat::sendRawFrames()
{
    for (const QString &json : m_options.rawFrames)
        m_client.sendRaw(json);
}

void ScriptedChat::write(const QString &line)
{
    if (!m_exitCode && writeMessageLine(line))
        return;
    // What is not written must not count as seen: the rest of this frame, and what comes until the connection
    // has ended.
    m_client.leaveServer();
    end(exitcode::kFailed);
}

void ScriptedChat::progress()
{
    if (m_exitCode)
        return;
    if (m_input && !m_inputEnded)
        m_input->setEnabled(!isInputHeld());
    // A script that has more to say may take its time; one that is not listened to waits for the server.
    if (m_everReady && (m_inputEnded || isInputHeld() || !m_expectations.isEmpty()))
        m_timeout.start();
    else
        m_timeout.stop();
    // The slots of one signal come in no order that one should rely on: look when all have run.
    QMetaObject::invokeMethod(this, &ScriptedChat::check, Qt::QueuedConnection);
}

void ScriptedChat::check()
{
    if (m_exitCode || !m_everReady)
        return;
    const bool done = m_expectations.isEmpty() ? m_inputEnded : m_expectations.isMet();
    if (done && isEverythingSent())
        end(m_refused ? exitcode::kFailed : exitcode::kOk);
}

bool ScriptedChat::isInputHeld() const
{
    return m_client.outgoing().underWay() >= kMaxUnsent;
}

bool ScriptedChat::isEverythingSent() const
{
    return m_rawUnanswered == 0 && m_client.outgoing().isIdle();
}

void ScriptedChat::end(int exitCode)
{
    if (m_exitCode)
        return;
    m_exitCode = exitCode;
    m_timeout.stop();
    if (exitCode != exitcode::kOk)
        tellWhatIsLeft();
    m_client.disconnectFromServer();
    if (std::holds_alternative<state::Disconnected>(m_client.state()))
        Q_EMIT finished(exitCode);
}

} // namespace parlor::cli
