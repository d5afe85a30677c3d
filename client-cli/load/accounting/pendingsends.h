// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/plan.h"

#include <optional>
#include <vector>

namespace parlor::cli::load {

/// A message that one user sent and that nobody has answered yet.
struct PendingSend
{
    std::uint64_t index = 0; ///< in its room's ledger
    Offset planned{};
    bool operator==(const PendingSend &) const = default;
};

/// Which of a user's messages an answer is about. A v1 error names none; but echoes come in the order of the
/// messages, so that a message which a later one's echo overtook is the one that was refused. Pure.
class PendingSends
{
public:
    void add(const PendingSend &send) { m_sends.push_back(send); }

    /// The message was published; nullopt: it is none of these. Those that this shows to be refused are
    /// appended to `refused`.
    [[nodiscard]] std::optional<PendingSend> answer(std::uint64_t index, std::vector<PendingSend> &refused);
    /// An error came, about this message, or about one of them. False: there is none that it can be about.
    [[nodiscard]] bool refuse(std::optional<std::uint64_t> index, std::vector<PendingSend> &refused);
    /// Those that are left; then there are none. The oldest stand for the errors that named none: they are
    /// appended to `refused`.
    [[nodiscard]] std::vector<PendingSend> takeAll(std::vector<PendingSend> &refused);

    /// When the message was planned; nullopt: it is none of these.
    [[nodiscard]] std::optional<Offset> plannedOf(std::uint64_t index) const;
    [[nodiscard]] bool isEmpty() const { return m_sends.empty(); }
    [[nodiscard]] std::size_t size() const { return m_sends.size(); }
    /// Of these, how many were refused by errors that named none.
    [[nodiscard]] std::size_t unnamedRefusals() const { return m_unnamedRefusals; }

private:
    [[nodiscard]] std::vector<PendingSend>::iterator find(std::uint64_t index);

    std::vector<PendingSend> m_sends; ///< oldest first; few
    std::size_t m_unnamedRefusals = 0;
};

} // namespace parlor::cli::load
