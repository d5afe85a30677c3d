// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/accounting/membership.h"
#include "client-cli/load/plan/settings.h"
#include "shared/protocol/decoder.h"

#include <memory>
#include <variant>

namespace parlor::cli::load {

/// What a server's frame means to a user. Views are valid until the dialect's next read().
namespace event {
struct Greeted
{
    std::string_view host;
    std::string_view chat{}; ///< empty: the server names none
    bool needsToken = false; ///< and none was shown
};
struct Joined ///< or, to a member: what came before does not go on as it was
{
    Standing standing;
    std::vector<Delivery> page{}; ///< the newest messages
    std::string_view room{};      ///< here and below: as the server names it; empty where it names none
};
struct Answered ///< a message was published
{
    std::uint64_t index = 0;
    std::uint64_t seq = 0; ///< 0 where the server numbers nothing
    std::string_view room{};
};
struct Refused
{
    std::optional<std::uint64_t> index{}; ///< the message's, if the error names one
    std::string_view code;
    std::string_view room{};
    std::optional<std::chrono::milliseconds> retry{}; ///< how long to wait, if it says so
};
struct JoinRefused
{
    std::string_view code;
};
struct SentAway ///< a Close follows: come back after it, this late
{
    std::chrono::milliseconds delay{};
};
struct Counted ///< a message came, and ReadMode::Count has not read it
{
};
struct Malformed
{
};
struct Nothing
{
};
} // namespace event

using Event =
    std::variant<event::Nothing, Delivery, event::Answered, event::Greeted, event::Joined, event::Refused,
                 event::JoinRefused, event::SentAway, event::Malformed, event::Counted>;

/// How much of a member's frames is read. A user that is no member yet needs Full: its greeting and its
/// join's answer are frames too.
enum class ReadMode : std::uint8_t {
    Full,  ///< Verify::Full, and the receivers that Verify::Sample has drawn
    Count, ///< a room's message is event::Counted after a look at its type; all else as in Full
    Skip,  ///< Verify::Off: no look at all, always event::Nothing. One who speaks would miss its answers:
           ///< those who speak need Count
};

/// How the users of a run speak with the server. It knows nothing of single users. One a thread.
class Dialect
{
public:
    explicit Dialect(std::uint16_t run)
        : m_run(run)
        , m_decoder(0)
    {
    }
    virtual ~Dialect() = default;
    Dialect(const Dialect &) = delete;
    Dialect &operator=(const Dialect &) = delete;

    /// What the upgrade asks for; empty: nothing.
    [[nodiscard]] virtual std::string_view subprotocol() const = 0;
    virtual void appendJoin(std::string &out, std::string_view room) const = 0;
    virtual void appendMessage(std::string &out, std::string_view room, std::string_view content,
                               std::uint64_t index) const = 0;
    /// `text`: valid UTF-8.
    [[nodiscard]] Event read(std::string_view text, ReadMode mode = ReadMode::Full);
    [[nodiscard]] virtual std::unique_ptr<Membership>
    newMembership(RoomLedger &ledger, DeliveryCounts &counts, Offset joinSent) const = 0;

protected:
    [[nodiscard]] virtual Event readWhole(std::string_view text) = 0;
    /// A look at a frame: false if it may be anything but a message of a room. Never wrong with true.
    [[nodiscard]] virtual bool isRoomMessage(std::string_view text) const = 0;
    [[nodiscard]] Result<frame::Any> decode(std::string_view text) { return m_decoder.frame(text); }
    [[nodiscard]] MarkedContent marked(const Content &content) const;
    [[nodiscard]] std::uint16_t run() const { return m_run; }

private:
    std::uint16_t m_run;
    Decoder m_decoder;
};

[[nodiscard]] std::unique_ptr<Dialect> newDialect(DialectName name, std::uint16_t run);

} // namespace parlor::cli::load
