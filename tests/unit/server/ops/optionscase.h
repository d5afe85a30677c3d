// SPDX-License-Identifier: MIT
#pragma once

#include "server/ops/options.h"

#include <QTemporaryDir>
#include <QTest>

#include <map>
#include <memory>

namespace parlor::test {

using Strings = std::vector<std::string>;
using Variables = std::map<std::string, std::string>;

/// Base of tests that give flags, variables and a configuration file to parseOptions().
class OptionsCase : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();

protected:
    /// An empty `file`: none is named.
    [[nodiscard]] std::variant<Options, EarlyExit> run(const Strings &flags, const Variables &variables = {},
                                                       const std::string &file = {});
    [[nodiscard]] Options accepted(const Strings &flags, const Variables &variables = {},
                                   const std::string &file = {});
    /// Exit code -1: it was accepted.
    [[nodiscard]] EarlyExit ended(const Strings &flags, const Variables &variables = {},
                                  const std::string &file = {});
    /// Of the configuration file.
    [[nodiscard]] const std::string &path() const { return m_path; }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    std::string m_path;
};

} // namespace parlor::test
