// SPDX-License-Identifier: MIT
#include "server/ops/options.h"

#include "server/ops/configfile.h"
#include "server/ops/declarations.h"
#include "server/ops/statefolder.h"
#include "server/ops/tlsidentity.h"
#include "server/ops/values.h"

#include <QSysInfo>
#include <QThread>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <unistd.h>

namespace parlor {

namespace {

constexpr int kUsageError = 2;
/// Of a room, unless the operator says how many: Redis has them in memory.
constexpr std::uint64_t kMessagesInRedis = 10'000;
constexpr std::string_view kConfigVariable = "PARLOR_CONFIG";

std::string joined(const std::vector<std::string> &texts)
{
    std::string all;
    for (const std::string &text : texts)
        all += (all.empty() ? "" : ", ") + text;
    return all;
}

/// `a, b` without the blanks; empty pieces do not count.
std::vector<std::string> commaSeparated(std::string_view text)
{
    std::vector<std::string> pieces;
    for (std::string piece : CLI::detail::split(std::string(text), ',')) {
        CLI::detail::trim(piece);
        if (!piece.empty())
            pieces.push_back(std::move(piece));
    }
    return pieces;
}

/// The PARLOR_* variables that are set to something.
std::map<std::string, std::string> ownVariables()
{
    std::map<std::string, std::string> variables;
    for (char **entry = environ; *entry; ++entry) {
        const std::string_view variable(*entry);
        const std::size_t equals = variable.find('=');
        if (variable.starts_with("PARLOR_") && equals != std::string_view::npos &&
            equals + 1 < variable.size())
            variables.emplace(variable.substr(0, equals), variable.substr(equals + 1));
    }
    return variables;
}

/// systemd puts it there while the service runs, and takes it away.
bool isCredential(const std::string &path)
{
    std::error_code ignored;
    return path.starts_with("/run/credentials/") && !std::filesystem::exists(path, ignored);
}

/// One line for an option: its names, the form of its value, what it does, its default.
class HelpFormatter final : public CLI::Formatter
{
public:
    HelpFormatter() { column_width(44); }
    std::string make_usage(const CLI::App *, std::string name) const override
    {
        return "Usage: " + name + " [OPTION]...\n\n";
    }
    std::string make_group(std::string name, bool positional,
                           std::vector<const CLI::Option *> options) const override
    {
        return CLI::Formatter::make_group(std::move(name), positional, std::move(options)).substr(1);
    }
    std::string make_option_opts(const CLI::Option *option) const override
    {
        return option->get_type_size() == 0 ? "" : ' ' + option->get_type_name();
    }
    std::string make_option_desc(const CLI::Option *option) const override
    {
        const std::string &standard = option->get_default_str();
        return option->get_description() + (standard.empty() ? "" : " [" + standard + ']');
    }
};

/// Parses one command line. CLI11 knows the flags only: it would let the file win over the environment.
class Parser
{
public:
    Parser();
    [[nodiscard]] std::variant<Options, EarlyExit> parse(int argc, const char *const *argv);

private:
    [[nodiscard]] std::optional<EarlyExit> parseFlags(int argc, const char *const *argv);
    [[nodiscard]] Result<void> takeFile();
    [[nodiscard]] Result<void> takeVariables();
    [[nodiscard]] Result<void> takeFlags();
    [[nodiscard]] bool isGiven(const std::string &name) const { return m_given.contains(name); }
    [[nodiscard]] Result<void> checkRedis();
    [[nodiscard]] Result<void> checkStore();
    [[nodiscard]] Result<void> checkTls();
    [[nodiscard]] Result<void> checkAuth();
    [[nodiscard]] Result<void> checkToken();
    [[nodiscard]] Result<void> checkAlb();
    [[nodiscard]] Result<void> checkAdmin();
    [[nodiscard]] std::string effectiveConfiguration() const;

    Options m_options;
    std::vector<Declaration> m_declarations;
    CLI::App m_app{"Parlor's chat server: WebSocket and HTTP on one port.", "parlor-server"};
    std::vector<CLI::Option *> m_flags; ///< of each declaration
    std::set<std::string> m_given;      ///< options that a flag, a variable or the file names
    std::map<std::string, std::string> m_variables = ownVariables();
    std::string m_configFile;
    bool m_checkConfig = false;
    bool m_printConfig = false;
    CLI::Option *m_configFlag = nullptr;
    std::string m_backup;
    CLI::Option *m_backupFlag = nullptr;
    bool m_version = false;
};

Parser::Parser()
{
    m_options.listen = {{QHostAddress(QHostAddress::LocalHost), 8000}};
    if (const auto folder = stateFolder())
        m_options.store.database = *folder + "/parlor.db";
    const QString machine = QSysInfo::machineHostName();
    m_options.hostname = machine.isEmpty() ? "localhost" : machine.toStdString();
    m_options.workers = static_cast<unsigned>(std::clamp(QThread::idealThreadCount(), 1, 1024));
    m_declarations = declareOptions(m_options);

    m_app.formatter(std::make_shared<HelpFormatter>());
    m_app.footer(
        "Each option can also come from the environment (--queue-limit as PARLOR_QUEUE_LIMIT, lists\n"
        "comma-separated) and from the file (queue-limit = \"1MiB\"). A flag wins over a variable, and\n"
        "that over the file. DURATION: 500ms, 5s, 1m, 2h. AGE: also 30d. SIZE: 65536, 64KiB, 1MiB.");
    m_app.set_help_flag();
    m_app.allow_extras();
    for (const Declaration &declaration : m_declarations) {
        const std::string name = "--" + declaration.name;
        CLI::Option *flag = declaration.isSwitch
                                ? m_app.add_flag(name, declaration.help)
                                : m_app.add_option(
                                      name, [](const CLI::results_t &) { return true; }, declaration.help);
        flag->group(declaration.group)->take_all();
        if (!declaration.isSwitch) {
            flag->type_name(declaration.form)->default_str(joined(declaration.texts()));
            flag->allow_extra_args(false);
        }
        m_flags.push_back(flag);
    }
    const char *group = "Other";
    m_configFlag = m_app.add_option("--config", m_configFile, "read options from this TOML file");
    m_configFlag->type_name("FILE")->group(group)->take_last();
    m_backupFlag = m_app.add_option("--backup", m_backup,
                                    "copy the database, also of a running server, to a new file and exit");
    m_backupFlag->type_name("FILE")->group(group)->take_last();
    m_app
        .add_flag("--check-config", m_checkConfig, "check all options, and not yet what they name, and exit")
        ->group(group);
    m_app.add_flag("--print-config", m_printConfig, "print all options as a file for --config and exit")
        ->group(group);
    m_app.add_flag("--version", m_version, "print the version and exit")->group(group);
    m_app.set_help_flag("--help,-h", "print this and exit")->group(group);
}

std::variant<Options, EarlyExit> Parser::parse(int argc, const char *const *argv)
{
    if (auto exit = parseFlags(argc, argv))
        return std::move(*exit);
    // From the weakest source to the strongest, so that each wins over those before, and all are checked.
    for (const auto step :
         {&Parser::takeFile, &Parser::takeVariables, &Parser::takeFlags, &Parser::checkRedis,
          &Parser::checkStore, &Parser::checkAuth, &Parser::checkTls, &Parser::checkAdmin}) {
        if (const auto done = (this->*step)(); !done)
            return EarlyExit{kUsageError, "parlor-server: " + done.error().text + '\n'};
    }
    if (m_checkConfig) {
        std::string text;
        for (const std::string &warning : m_options.warnings)
            text += "warning: " + warning + '\n';
        text += "configuration is valid (not looked at: the addresses";
        text += m_options.store.database ? ", the database" : "";
        text += m_options.redis ? ", Redis and its files" : "";
        text += m_options.secretFile ? ", the secret file" : "";
        return EarlyExit{0, text + ")\n"};
    }
    if (m_printConfig)
        return EarlyExit{0, effectiveConfiguration()};
    return std::move(m_options);
}

std::optional<EarlyExit> Parser::parseFlags(int argc, const char *const *argv)
{
    const auto mistake = [](const std::string &text) {
        return EarlyExit{kUsageError, "parlor-server: " + text + "; see --help\n"};
    };
    try {
        m_app.parse(argc, argv);
    } catch (const CLI::CallForHelp &) {
        return EarlyExit{0, m_app.help()};
    } catch (const CLI::ArgumentMismatch &error) {
        const std::string text = error.what();
        return mistake(text.substr(0, text.find(':')) + ": needs a value");
    } catch (const CLI::Error &error) {
        return mistake(error.what());
    }
    if (const std::vector<std::string> extras = m_app.remaining(); !extras.empty())
        return mistake("unknown option \"" + extras.front() + '"');
    if (m_version)
        return EarlyExit{0, "parlor-server " PARLOR_VERSION "\n"};
    return std::nullopt;
}

Result<void> Parser::takeFile()
{
    const bool isGiven = m_configFlag->count() != 0;
    if (const auto variable = m_variables.find(std::string(kConfigVariable));
        variable != m_variables.end() && !isGiven)
        m_configFile = variable->second;
    if (m_configFile.empty() && isGiven)
        return Error{.text = "--config: the path is empty; give a file, as --config /etc/parlor/server.toml"};
    if (m_configFile.empty())
        return {};
    Result<std::vector<ConfigEntry>> entries = readConfigFile(m_configFile);
    if (!entries)
        return entries.error();
    for (const ConfigEntry &entry : *entries) {
        const std::string place = m_configFile + ':' + std::to_string(entry.line) + ": ";
        const auto declaration = std::ranges::find(m_declarations, entry.name, &Declaration::name);
        if (declaration == m_declarations.end())
            return Error{.text = place + "unknown option \"" + entry.name +
                                 "\"; names are those of the flags (see --help), as queue-limit"};
        if (entry.isArray && !declaration->isList)
            return Error{.text = place + entry.name + ": takes one value, not an array"};
        if (const auto stored = declaration->store(entry.values); !stored)
            return Error{.text = place + entry.name + ": " + stored.error().text};
        m_given.insert(entry.name);
    }
    // The service's file is readable for all, and its user exists only while it runs: so this is no mistake.
    std::error_code ignored;
    const auto rights = std::filesystem::status(m_configFile, ignored).permissions();
    const bool isOpen =
        !ignored && (rights & std::filesystem::perms::others_read) != std::filesystem::perms::none;
    if (isOpen && m_options.redis && !m_options.redis->password.empty())
        m_options.warnings.push_back(m_configFile +
                                     " has the password for Redis, and is readable by all users; put it into "
                                     "a file of its own, and give redis-password-file");
    return {};
}

Result<void> Parser::takeVariables()
{
    for (const Declaration &declaration : m_declarations) {
        const auto variable = m_variables.extract(declaration.variable());
        if (!variable)
            continue;
        const auto values =
            declaration.isList ? commaSeparated(variable.mapped()) : std::vector{variable.mapped()};
        if (const auto stored = declaration.store(values); !stored)
            return Error{.text = variable.key() + ": " + stored.error().text};
        m_given.insert(declaration.name);
    }
    m_variables.erase(std::string(kConfigVariable));
    for (const auto &[name, value] :
         m_variables) // container platforms set such; it may also be a typing error
        m_options.warnings.push_back("the variable " + name + " is no option of this server and is ignored");
    return {};
}

Result<void> Parser::takeFlags()
{
    for (std::size_t i = 0; i < m_flags.size(); ++i) {
        std::vector<std::string> values = m_flags[i]->results();
        if (values.empty())
            continue;
        if (!m_declarations[i].isList)
            values.erase(values.begin(), values.end() - 1);
        if (const auto stored = m_declarations[i].store(values); !stored)
            return Error{.text = "--" + m_declarations[i].name + ": " + stored.error().text};
        m_given.insert(m_declarations[i].name);
        if (m_declarations[i].name == "redis" && !m_options.redis->password.empty())
            m_options.warnings.emplace_back(
                "--redis has the password for Redis, which all users see in the list "
                "of processes; put it into a file, and give --redis-password-file");
    }
    return {};
}

/// Listeners, certificate and key belong together; the files themselves are read for --check-config, which
/// says what a start would.
Result<void> Parser::checkTls()
{
    const std::optional<std::string> &certificate = m_options.tlsCertificate;
    const std::optional<std::string> &key = m_options.tlsKey;
    for (const ListenAddress &listen : m_options.metricsListen) {
        if (listen.scheme == ListenScheme::Wss)
            return Error{.text = "metrics-listen: " + values::text(listen) +
                                 " is with TLS, which is for clients only; give ADDR:PORT on a network of "
                                 "your own, as 127.0.0.1:9100"};
    }
    const auto listener = std::ranges::find(m_options.listen, ListenScheme::Wss, &ListenAddress::scheme);
    if (listener != m_options.listen.end() && (!certificate || !key)) {
        return Error{.text = "listen: " + values::text(*listener) +
                             " needs a certificate and its key; give tls-cert and tls-key"};
    }
    if (certificate.has_value() != key.has_value())
        return Error{.text = certificate ? "tls-cert: its key is missing; give tls-key"
                                         : "tls-key: its certificate is missing; give tls-cert"};
    const bool isForAdmin = m_options.adminListen && m_options.adminListen->kind == AdminAddress::Kind::Tls;
    if (certificate && listener == m_options.listen.end() && !isForAdmin) {
        return Error{.text = "tls-cert: no listener speaks TLS; write listen as wss://ADDR:PORT, as "
                             "wss://0.0.0.0:8443"};
    }
    if (!certificate || !m_checkConfig || isCredential(*certificate) || isCredential(*key))
        return {};
    Result<TlsIdentity> identity = loadTlsIdentity(*certificate, *key);
    if (!identity)
        return identity.error();
    std::ranges::move(identity->warnings, std::back_inserter(m_options.warnings));
    return {};
}

/// Whoever has a key of the admin API can do everything: neither it nor what it reads goes over a network in
/// the clear.
Result<void> Parser::checkAdmin()
{
    const std::optional<AdminAddress> &listen = m_options.adminListen;
    if (!listen) {
        if (m_options.adminKeyFile)
            m_options.warnings.push_back("admin-key-file is about the admin API, and there is none: it "
                                         "changes nothing; give --admin-listen 127.0.0.1:8001");
        return {};
    }
    const std::string place = "admin-listen: " + values::text(*listen);
    if (listen->kind == AdminAddress::Kind::Plain && !listen->address.isLoopback())
        return Error{.text = place +
                             " is without TLS, and not only for this machine; write https://ADDR:PORT, "
                             "or give 127.0.0.1:PORT or unix:PATH"};
    if (listen->kind == AdminAddress::Kind::Tls && !m_options.tlsCertificate)
        return Error{.text = place + " needs a certificate and its key; give tls-cert and tls-key"};
    if (listen->kind != AdminAddress::Kind::Unix && !m_options.adminKeyFile)
        return Error{.text = place +
                             " needs a key; write one into a file (openssl rand -base64 32), and give "
                             "admin-key-file"};
    return {};
}

Result<void> Parser::checkAuth()
{
    const Options &o = m_options;
    if (o.auth == AuthChoice::Token)
        return checkToken();
    if (o.auth == AuthChoice::Alb)
        return checkAlb();
    const std::array<std::pair<const char *, bool>, 8> given{
        {{"auth-secret-file", o.authSecretFile.has_value()},
         {"auth-jwks", o.authJwks.has_value()},
         {"auth-audience", o.authAudience.has_value()},
         {"auth-issuer", o.authIssuer.has_value()},
         {"alb-arn", o.albArn.has_value()},
         {"alb-keys-url", o.albKeysUrl.has_value()},
         {"moderators", !o.moderators.empty()},
         {"admins", !o.admins.empty()}}};
    for (const auto &[name, isThere] : given) {
        if (isThere) // the operator believes that strangers cannot enter
            return Error{.text = std::string(name) +
                                 ": with auth = open nobody says who they are; give auth as "
                                 "token or alb, or remove " +
                                 name};
    }
    return {};
}

Result<void> Parser::checkToken()
{
    Options &o = m_options;
    if (o.albArn || o.albKeysUrl)
        return Error{.text = std::string(o.albArn ? "alb-arn" : "alb-keys-url") +
                             ": it is about auth = alb, and auth is token; remove one of the two"};
    if (!o.authSecretFile && !o.authJwks)
        return Error{
            .text = "auth: token needs a key that tokens are checked with; give auth-jwks with the public "
                    "keys of their issuer (a file, or its https address), or auth-secret-file"};
    if (o.authSecretFile && o.authJwks)
        return Error{.text =
                         "auth-secret-file: tokens are checked with one kind of key, and auth-jwks is given "
                         "too; remove one of the two"};
    if (o.authJwks && o.authJwks->find("://") != std::string::npos && (!o.authAudience || !o.authIssuer))
        o.warnings.push_back("tokens that the issuer has made for other services are taken, too: give "
                             "auth-audience and auth-issuer to tell them apart");
    return {};
}

Result<void> Parser::checkAlb()
{
    Options &o = m_options;
    if (o.authSecretFile || o.authJwks)
        return Error{.text = std::string(o.authJwks ? "auth-jwks" : "auth-secret-file") +
                             ": with auth = alb the load balancer's keys count; remove one of the two"};
    if (!o.albArn)
        return Error{
            .text = "auth: alb needs the load balancer whose word counts, as other people have some, too; "
                    "give its ARN with alb-arn"};
    if (const auto done = checkLive(o); !done)
        return done;
    if (!o.albKeysUrl) {
        constexpr std::string_view kCommercial =
            "arn:aws:elasticloadbalancing:"; // parseAlbArn() has seen the rest
        if (!o.albArn->starts_with(kCommercial))
            return Error{
                .text = "alb-arn: where a load balancer of this partition of AWS has its public keys is not "
                        "known here; give alb-keys-url"};
        const std::string rest = o.albArn->substr(kCommercial.size());
        o.albKeysUrl = "https://public-keys.auth.elb." + rest.substr(0, rest.find(':')) + ".amazonaws.com";
    }
    return {};
}

/// With Redis there is no other place for messages.
Result<void> Parser::checkRedis()
{
    const Options defaults;
    Options &o = m_options;
    if (!o.redis) {
        if (o.redisPrefix != defaults.redisPrefix || o.redisCaFile || o.redisPasswordFile ||
            o.redisWait != defaults.redisWait)
            o.warnings.push_back("redis-prefix, redis-ca-file, redis-password-file and redis-wait are about "
                                 "Redis, and redis is not given: they change nothing; give --redis URL");
        return {};
    }
    if (isGiven("store"))
        return Error{.text =
                         "store: messages are kept in one place, and redis is given too; remove store, or "
                         "redis"};
    if (o.durability != defaults.durability)
        return Error{.text = "durability: what an acknowledged message survives is decided by Redis (its "
                             "appendfsync, and redis-wait); remove durability"};
    if (m_backupFlag->count() != 0)
        return Error{.text = "--backup: messages are kept in Redis; copy them there, as with redis-cli --rdb "
                             "FILE"};
    if (o.redisCaFile && o.redis->kind != redis::Address::Kind::Tls)
        return Error{.text =
                         "redis-ca-file: the address of Redis has no TLS; write it as rediss://HOST:PORT, "
                         "or remove redis-ca-file"};
    if (o.redisPasswordFile && !o.redis->password.empty())
        return Error{.text =
                         "redis-password-file: the address of Redis has a password already; remove one of "
                         "the two"};
    o.store = {};
    if (!isGiven("history-max-messages"))
        o.historyMaxMessages = kMessagesInRedis;
    return {};
}

/// Without an option the key is where the messages are: both outlive the process.
Result<void> Parser::checkStore()
{
    if (m_options.redis)
        return {};
    const std::optional<std::string> &database = m_options.store.database;
    if (m_backupFlag->count() != 0) {
        if (m_backup.empty())
            return Error{
                .text = "--backup: the path is empty; give a new file, as --backup /var/backups/parlor.db"};
        if (!database)
            return Error{.text = "--backup: there is no database to copy; give --store sqlite:FILE"};
        m_options.backup = m_backup;
    }
    const auto folder = stateFolder();
    if (folder && database == *folder + "/parlor.db")
        m_options.folderToMake = folder;
    if (!folder && !database) {
        m_options.warnings.push_back(
            "neither STATE_DIRECTORY nor HOME is set: messages are kept in memory, and "
            "end with this process; give --store sqlite:FILE to keep them");
    }
    const Options defaults;
    if (!database &&
        (m_options.durability != defaults.durability || m_options.historyMaxAge != defaults.historyMaxAge ||
         m_options.historyMaxMessages != defaults.historyMaxMessages)) {
        m_options.warnings.push_back("durability, history-max-age and history-max-messages are about a "
                                     "database, and messages are kept in "
                                     "memory: they change nothing; give --store sqlite:FILE");
    }
    std::error_code ignored; // what cannot be looked at is told when it is opened
    if (database && std::filesystem::exists(*database, ignored) &&
        !std::filesystem::is_regular_file(*database, ignored))
        return Error{.text = "store: " + *database + " is no file; give sqlite:FILE"};
    if (database && !m_options.secretFile)
        m_options.secretFile = (std::filesystem::path(*database).parent_path() / "secret").string();
    return {};
}

std::string Parser::effectiveConfiguration() const
{
    std::string toml;
    if (m_options.redis && !m_options.redis->password.empty())
        toml +=
            "# The password for Redis is not printed: put it into a file, and give redis-password-file.\n";
    for (const Declaration &declaration : m_declarations) {
        std::string values;
        for (const std::string &text : declaration.texts())
            values += (values.empty() ? "" : ", ") + (declaration.isSwitch ? text : configValue(text));
        if (declaration.isList)
            toml += declaration.name + " = [" + values + "]\n";
        else if (!values.empty())
            toml += declaration.name + " = " + values + '\n';
    }
    return toml;
}

} // namespace

std::variant<Options, EarlyExit> parseOptions(int argc, const char *const *argv)
{
    return Parser().parse(argc, argv);
}

Result<void> checkLive(const Options &options)
{
    if (options.auth != AuthChoice::Alb)
        return {};
    if (options.trustedProxies.empty())
        return Error{.text =
                         "auth: alb needs the networks from which the load balancer connects; give them with "
                         "trusted-proxy, as 10.0.0.0/16"};
    if (options.allowedOrigins.empty())
        return Error{
            .text = "auth: alb signs people in by a cookie, which browsers send for other sites' pages, "
                    "too; give the origin of the chat's with allowed-origin, as https://chat.example.org"};
    return {};
}

} // namespace parlor
