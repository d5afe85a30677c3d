// SPDX-License-Identifier: MIT
#include "tests/unit/server/ops/optionscase.h"

namespace parlor::test {

void OptionsCase::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_path = m_folder->filePath(QStringLiteral("parlor.toml")).toStdString();
    for (const char *variable :
         {"PARLOR_TEST_BIN", "PARLOR_TEST_SOURCE", "PARLOR_TEST_TRANSPORT"}) // set by ctest
        qunsetenv(variable);
}

std::variant<Options, EarlyExit> OptionsCase::run(const Strings &flags, const Variables &variables,
                                                  const std::string &file)
{
    std::vector<const char *> argv{"parlor-server"};
    if (!file.empty()) {
        QFile written(QString::fromStdString(m_path));
        if (!written.open(QIODevice::WriteOnly) || written.write(QByteArray::fromStdString(file)) < 0)
            qFatal("cannot write %s", m_path.c_str());
        argv.insert(argv.end(), {"--config", m_path.c_str()});
    }
    for (const std::string &flag : flags)
        argv.push_back(flag.c_str());
    for (const auto &[name, value] : variables)
        qputenv(name.c_str(), QByteArray::fromStdString(value));
    auto result = parseOptions(static_cast<int>(argv.size()), argv.data());
    for (const auto &[name, value] : variables)
        qunsetenv(name.c_str());
    return result;
}

Options OptionsCase::accepted(const Strings &flags, const Variables &variables, const std::string &file)
{
    const auto result = run(flags, variables, file);
    if (const auto *exit = std::get_if<EarlyExit>(&result))
        qFatal("refused: %s", exit->text.c_str());
    return std::get<Options>(result);
}

EarlyExit OptionsCase::ended(const Strings &flags, const Variables &variables, const std::string &file)
{
    const auto result = run(flags, variables, file);
    const auto *exit = std::get_if<EarlyExit>(&result);
    return exit ? *exit : EarlyExit{-1, "accepted"};
}

} // namespace parlor::test
