// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/options/loadoptions.h"
#include "client-cli/load/options/statement.h"

#include <initializer_list>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace CLI {
class App;
class Option;
} // namespace CLI

namespace parlor::cli::load {

/// The flags of `load`, as typed. Lives from their declaration until they are parsed.
class LoadArguments
{
public:
    LoadArguments() = default;
    LoadArguments(const LoadArguments &) = delete;
    LoadArguments &operator=(const LoadArguments &) = delete;

    void addTo(CLI::App &app);

    /// Once they are parsed: what they, a scenario and a preset ask for. Refuses (client-cli/refusal.h) what
    /// the command line says wrongly; a mistake in a file is returned.
    [[nodiscard]] std::variant<LoadOptions, Mistake> options() const;
    /// What the flag of a key says; empty: it is not there.
    [[nodiscard]] std::string_view said(std::string_view key) const;
    /// The preset's text is wanted, and no run. Refuses what would change it.
    [[nodiscard]] bool wantsScenario() const;
    /// What this generator can do is to be found out. Refuses all but --threads.
    [[nodiscard]] bool wantsSelfTest() const;
    /// Refuses where no preset is named.
    [[nodiscard]] std::string_view scenarioText() const;

private:
    /// One key's flag.
    struct Given
    {
        CLI::Option *option = nullptr;
        std::string text;
        std::vector<std::string> texts;
        bool isOn = false;
    };

    void addKeys(CLI::App &app);
    void addOutputs(CLI::App &app);
    void addWatchers(CLI::App &app);
    void takeOutputs(LoadOptions &options) const;
    void takeWatchers(LoadOptions &options) const;
    [[nodiscard]] Layer flags() const;
    /// Refuses all flags but these; the first is the one that has no use for others.
    void refuseOthers(std::initializer_list<std::string_view> used) const;

    const CLI::App *m_app = nullptr;
    std::map<std::string, Given, std::less<>> m_given; ///< by key
    std::string m_scenario;
    std::string m_preset;
    std::string m_tokenFile;
    OutputPaths m_outputs;
    std::string m_baseline;
    std::string m_tui = "auto";
    std::string m_watchedPid;
    PrometheusOptions m_prometheus;
    std::string m_linger;
    std::string m_compatible;
    bool m_isQuiet = false;
    bool m_isDryRun = false;
    bool m_printsScenario = false;
    bool m_isSelfTest = false;
};

} // namespace parlor::cli::load
