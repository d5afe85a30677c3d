// SPDX-License-Identifier: MIT
#include "client-cli/chat/chatcommand.h"

#include "client-cli/chat/chatoptions.h"
#include "client-cli/chat/interactivechat.h"
#include "client-cli/chat/lineeditor.h"
#include "client-cli/chat/plainconsole.h"
#include "client-cli/chat/scriptedchat.h"
#include "client-cli/chat/standardoutput.h"
#include "client-cli/chat/terminaltext.h"
#include "client-cli/exitcode.h"
#include "client-cli/networknotice.h"
#include "client-cli/refusal.h"
#include "client-cli/timeoption.h"
#include "client-cli/tokenoptions.h"
#include "shared/client/memorystore.h"
#include "shared/client/recorder.h"
#include "shared/client/serverurl.h"
#include "shared/client/storage/stores.h"
#include "shared/process/signalwatcher.h"
#include "shared/protocol/values.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QSocketNotifier>
#include <QSslCertificate>

#include <CLI/CLI.hpp>

#include <csignal>
#include <memory>
#include <unistd.h>

namespace parlor::cli {

namespace {

/// As typed; checked and turned into ChatOptions once all is parsed.
struct ChatArguments
{
    std::string url;
    std::string name;
    std::vector<std::string> rooms{"general"};
    TokenArguments token;
    std::string caFile;
    std::string state;
    std::vector<std::string> raw;
    std::vector<std::string> expect;
    std::int64_t timeout = 5000;
    std::optional<int> count;
    std::optional<std::uint32_t> history;
    bool jsonLines = false;
    bool retry = false;
    bool noState = false;

    [[nodiscard]] bool isScript() const
    {
        return !raw.empty() || !expect.empty() || count || jsonLines || !::isatty(STDIN_FILENO);
    }
};

QByteArray readFile(const std::string &path, const char *what)
{
    QFile file(QString::fromStdString(path));
    if (!file.open(QIODevice::ReadOnly))
        refuse(QStringLiteral("cannot read the %1 %2: %3")
                   .arg(QLatin1String(what), file.fileName(), file.errorString()));
    return file.readAll();
}

ChatOptions chatOptions(const ChatArguments &given)
{
    ChatOptions options;
    const auto url = parseServerUrl(QString::fromStdString(given.url));
    if (!url)
        refuse(QString::fromStdString(url.error().text));
    options.url = *url;
    if (!given.name.empty()) {
        const auto name = values::username(given.name);
        if (!name)
            refuse(QStringLiteral("--name %1: %2")
                       .arg(QString::fromStdString(given.name), QString::fromStdString(name.error().text)));
        options.credentials.username = QString::fromStdString(*name);
    }
    for (const std::string &each : given.rooms) {
        const auto room = values::roomName(each);
        if (!room)
            refuse(QStringLiteral("--room %1: %2")
                       .arg(QString::fromStdString(each), QString::fromStdString(room.error().text)));
        options.rooms.append(QString::fromStdString(*room));
    }
    options.credentials.token = given.token.source();
    if (!given.caFile.empty()) {
        const auto certificates =
            QSslCertificate::fromData(readFile(given.caFile, "certificate file"), QSsl::Pem);
        if (certificates.isEmpty())
            refuse(QStringLiteral("--ca-file %1: no PEM certificate is in it")
                       .arg(QString::fromStdString(given.caFile)));
        options.tls = QSslConfiguration::defaultConfiguration();
        options.tls->addCaCertificates(certificates);
    }
    for (const std::string &each : given.raw)
        options.rawFrames.append(QString::fromStdString(each));
    for (const std::string &each : given.expect) {
        const QRegularExpression pattern(QString::fromStdString(each));
        if (!pattern.isValid())
            refuse(QStringLiteral("--expect '%1': %2, at character %3")
                       .arg(pattern.pattern(), pattern.errorString())
                       .arg(pattern.patternErrorOffset()));
        options.expectations.append(pattern);
    }
    options.stateFile = QString::fromStdString(given.state);
    options.keepsNothing = given.noState;
    options.count = given.count;
    options.timeout = std::chrono::milliseconds(given.timeout);
    options.format = given.jsonLines ? MessageFormat::JsonLines : MessageFormat::Text;
    options.firstFailure = given.isScript() && !given.retry ? FirstFailure::GiveUp : FirstFailure::KeepTrying;
    // A script waits for what comes, a person wants to see what was said.
    options.history = given.history;
    if (!options.history && given.isScript())
        options.history = 0;
    return options;
}

/// Of the lines that are typed. Empty: they are not kept.
QString historyFile(const ChatOptions &options)
{
    if (options.keepsNothing)
        return {};
    const QString folder = stateFolder();
    return QDir().mkpath(folder) ? folder + QStringLiteral("/chat-history") : QString();
}

template <typename Chat>
int runChat(Chat &chat)
{
    SignalWatcher signals({SIGINT, SIGTERM, SIGHUP});
    QSocketNotifier signalled(signals.descriptor(), QSocketNotifier::Read);
    std::optional<int> result;
    QObject::connect(&chat, &Chat::finished, &chat, [&result](int code) {
        result = result.value_or(code);
        QCoreApplication::exit(*result);
    });
    if constexpr (requires { chat.terminate(0); }) {
        signals.watch({SIGWINCH});
        struct sigaction stops = {};
        ::sigaction(SIGTSTP, nullptr, &stops);
        if (stops.sa_handler != SIG_IGN) // so a shell without job control leaves it
            signals.watch({SIGTSTP, SIGCONT});
    }
    QObject::connect(&signalled, &QSocketNotifier::activated, &chat, [&] {
        while (const auto signal = signals.next()) {
            if constexpr (requires { chat.terminate(0); }) {
                if (*signal == SIGWINCH)
                    chat.windowResized();
                else if (*signal == SIGTSTP)
                    chat.suspend();
                else if (*signal == SIGCONT)
                    chat.takeTerminalAgain();
                else
                    chat.terminate(*signal);
            } else {
                chat.interrupt();
            }
        }
    });
    QMetaObject::invokeMethod(&chat, &Chat::start, Qt::QueuedConnection);
    return QCoreApplication::exec();
}

/// Null: it was said why.
std::unique_ptr<ClientStore> storeFor(const ChatOptions &options, bool isScript)
{
    const auto say = [](const QString &text) { writeStatusLine(QStringLiteral("parlor-cli: ") + text); };
    if (!options.stateFile.isEmpty()) {
        auto store = openStore(options.stateFile);
        if (store)
            return *std::move(store);
        say(QStringLiteral("--state: ") + QString::fromStdString(store.error().text));
        return {};
    }
    if (isScript || options.keepsNothing)
        return std::make_unique<MemoryStore>();
    auto [store, problem, skipped] = openFreeStore(stateFolder(), QStringLiteral("chat"));
    if (!problem.isEmpty())
        say(problem);
    for (const QString &each : skipped)
        say(each);
    return std::move(store);
}

int runChat(const ChatOptions &options, bool isScript)
{
    const auto store = storeFor(options, isScript);
    if (!store)
        return exitcode::kUsage;
    tellOfProxy(options.url);
    if (options.credentials.token)
        warnOfReadableToken(options.url);
    ClientOptions behaviour;
    behaviour.firstFailure = options.firstFailure;
    ChatClient client(behaviour, store->outbox());
    Recorder recorder(client, *store);
    if (isScript) {
        ScriptedChat chat(client, recorder, options);
        return runChat(chat);
    }
    std::unique_ptr<Console> console;
    if (::isatty(STDOUT_FILENO) && !isDumbTerminal())
        console = std::make_unique<LineEditor>(historyFile(options));
    else
        console = std::make_unique<PlainConsole>();
    InteractiveChat chat(client, recorder, *console, options);
    return runChat(chat);
}

} // namespace

void addChat(CLI::App &app, Runner &chosen)
{
    auto given = std::make_shared<ChatArguments>();
    CLI::App *chat = app.add_subcommand("chat", "Chat at a terminal, or let a script chat");
    chat->footer(
        "At a terminal: /help lists the commands. Where TERM is empty or dumb, lines are edited by the "
        "terminal\n"
        "itself, and come without colours and without a prompt.\n"
        "In a script (stdin is no terminal, or one of -x, --expect, --count, --jsonl is given) each line of\n"
        "input is a message to the first room; messages go to stdout, the rest to stderr.\n"
        "With --state, messages that came since the last time are shown, and what a killed program left "
        "unsent\n"
        "is sent first. Input is read once the server lets the script in; what was not read, or not sent, is "
        "said "
        "at the\n"
        "end.\n"
        "A TIME is a number with its unit: 500ms, 5s, 2m, 1h, 7d.\n"
        "Exit codes: 0 well, 1 an expectation failed, a message was refused or a line was not UTF-8, 2 "
        "usage,\n"
        "3 no connection (also where Ctrl-C ends it before there was one).");
    chat->add_option("URL", given->url,
                     "ws://HOST:PORT or wss://HOST; the path /ws and ws:// may be left out")
        ->required()
        ->type_name("");
    chat->add_option("-n,--name", given->name, "The name that others see")->type_name("NAME");
    chat->add_option("-r,--room", given->rooms, "A room to join; may be repeated [general]")
        ->type_name("ROOM")
        ->allow_extra_args(false);
    chat->add_option("--history", given->history,
                     "Messages to show from before (50 at a terminal, 0 in a script)")
        ->check(CLI::Range(0, 200).description(""))
        ->type_name("N");
    given->token.addTo(*chat);
    chat->add_option("--ca-file", given->caFile, "PEM certificates to trust for wss://, besides the system's")
        ->type_name("FILE");
    chat->add_option("-x,--send-raw", given->raw,
                     "A frame to send as it is once the rooms are joined; may be repeated")
        ->type_name("JSON")
        ->allow_extra_args(false);
    chat->add_option("--expect", given->expect, "Wait for a line that matches; may be repeated, in order")
        ->type_name("REGEX")
        ->allow_extra_args(false);
    chat->add_option("--count", given->count, "Wait for this many messages")
        ->check(CLI::Range(1, 1'000'000'000).description(""))
        ->type_name("N");
    chat->add_option("--timeout", given->timeout,
                     "How long to wait for the next thing expected, or acknowledgement [5s]")
        ->transform(timeInMilliseconds(std::chrono::hours(24)))
        ->type_name("TIME");
    auto *state =
        chat->add_option(
                "--state", given->state,
                "Keep there what is not sent yet, the session, and where each room was left, and go on "
                "with it (at a terminal: a file of the user's; in a script: nothing is kept)")
            ->check(CLI::Validator(
                [](const std::string &file) {
                    return file.empty() ? std::string("the name of the file is empty; to keep nothing leave "
                                                      "--state out, or give --no-state")
                                        : std::string();
                },
                "", "file"))
            ->type_name("FILE");
    chat->add_flag("--no-state", given->noState, "At a terminal, too, keep nothing")->excludes(state);
    chat->add_flag("--jsonl", given->jsonLines,
                   "Write each frame as it came, one JSON a line; the session's resume token is in one");
    chat->add_flag("--retry", given->retry, "In a script too, keep trying if the first connection fails");
    chat->final_callback([given, &chosen] {
        chosen = [options = chatOptions(*given), isScript = given->isScript()] {
            return runChat(options, isScript);
        };
    });
}

} // namespace parlor::cli
