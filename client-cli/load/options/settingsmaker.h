// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/options/settingschecks.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace parlor::cli::load {

/// What load to make, and where.
struct MadeSettings
{
    Settings settings;
    Target target; ///< without a token, and what is to be found out at the start: TlsContext
    bool hasAutomaticSources = true; ///< source addresses as the resolved target needs them
};

/// Makes settings of what is built in and of layers, each of which counts more than those before it: a
/// preset, a scenario, the command line. Refuses what makes no sense together. `cores`: of this machine.
/// Pure.
class SettingsMaker
{
public:
    explicit SettingsMaker(std::uint32_t cores);

    /// nullopt: it is taken.
    [[nodiscard]] std::optional<Mistake> add(const Layer &layer);
    /// Once all layers are there.
    [[nodiscard]] std::variant<MadeSettings, Mistake> make();

private:
    [[nodiscard]] std::optional<Mistake> addStatement(const Statement &said);
    [[nodiscard]] std::optional<Mistake> addProfiles(const Statement &said);
    [[nodiscard]] std::optional<Mistake> addProfile(const std::vector<Statement> &table,
                                                    const Statement &said, std::vector<ProfileDraft> &drafts);
    [[nodiscard]] std::optional<Mistake> addThresholds(const Statement &said);
    [[nodiscard]] std::optional<Mistake> addTags(const Statement &said);
    [[nodiscard]] std::optional<Mistake> forgetOtherUsers(const Layer &layer);

    [[nodiscard]] Origin origin(std::string_view place) const;
    [[nodiscard]] Mistake mistakeOf(const Statement &said, const std::string &why) const;
    [[nodiscard]] Mistake unknown(const Statement &said, bool isInProfile) const;

    std::uint32_t m_cores;
    std::size_t m_layer = 0;
    bool m_isFile = false;
    SaidLoad m_load;
    ProfileDraft m_base; ///< what new profiles begin with
};

} // namespace parlor::cli::load
