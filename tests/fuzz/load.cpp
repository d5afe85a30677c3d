// SPDX-License-Identifier: MIT
// What the load generator makes of a server that says anything: it counts, in bounded memory.
#include "client-cli/load/accounting/membership.h"
#include "client-cli/load/wire/dialect.h"
#include "client-cli/load/wire/quickmessage.h"
#include "shared/protocol/decoder.h"
#include "shared/websocket/utf8.h"
#include "tests/fuzz/target.h"

#include <set>

namespace parlor::fuzz {

namespace {

constexpr std::uint16_t kRun = 7;

/// One user in one room, as a Participation and a User have it.
class Listener
{
public:
    explicit Listener(cli::load::DialectName dialect)
        : m_dialect(cli::load::newDialect(dialect, kRun))
        , m_membership(m_dialect->newMembership(m_ledger, m_counts, {}))
    {
        for (std::uint64_t index = 0; index < 4; ++index) {
            m_ledger.send(0, {});
            m_unanswered.insert(index);
        }
    }
    ~Listener()
    {
        if (m_isIn) {
            m_membership->stop();
            static_cast<void>(m_membership->isSettled());
            static_cast<void>(m_membership->missing());
            m_membership->finish(cli::load::Ending::Left);
        }
        static_cast<void>(m_ledger.split());
        check(m_counts.received <= m_heard, "nothing is counted that was not heard");
    }
    Listener(const Listener &) = delete;
    Listener &operator=(const Listener &) = delete;

    void hears(const std::string &text)
    {
        cli::load::Event event = m_dialect->read(text);
        if (const auto *joined = std::get_if<cli::load::event::Joined>(&event)) {
            enter(*joined);
        } else if (const auto *delivery = std::get_if<cli::load::Delivery>(&event)) {
            if (m_isIn) {
                ++m_heard;
                static_cast<void>(m_membership->received(*delivery));
            }
        } else if (const auto *answered = std::get_if<cli::load::event::Answered>(&event)) {
            if (m_unanswered.erase(answered->index) != 0)
                m_ledger.publish(answered->index, answered->seq, m_isIn ? m_membership->epoch() : 0);
        } else if (const auto *refused = std::get_if<cli::load::event::Refused>(&event)) {
            if (refused->index && m_unanswered.erase(*refused->index) != 0)
                m_ledger.settle(*refused->index, cli::load::Fate::Refused);
        }
    }

private:
    void enter(const cli::load::event::Joined &joined)
    {
        if (m_isIn) {
            static_cast<void>(m_membership->wentBack(joined.standing, joined.page));
            m_membership->finish(cli::load::Ending::Cut);
            m_membership = m_dialect->newMembership(m_ledger, m_counts, {});
        }
        m_membership->confirm(joined.standing);
        m_membership->attend(0, "server");
        m_isIn = true;
    }

    std::unique_ptr<cli::load::Dialect> m_dialect;
    cli::load::RoomLedger m_ledger{0};
    cli::load::DeliveryCounts m_counts;
    std::unique_ptr<cli::load::Membership> m_membership;
    std::set<std::uint64_t> m_unanswered;
    std::uint64_t m_heard = 0;
    bool m_isIn = false;
};

/// @N is the content of the message with this index: its check sum cannot be guessed.
std::string withContents(std::string_view line)
{
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '@' && i + 1 < line.size() && line[i + 1] >= '0' && line[i + 1] <= '9')
            cli::load::appendContent(text,
                                     {.run = kRun, .index = static_cast<std::uint32_t>(line[++i] - '0')}, 40);
        else
            text += line[i];
    }
    return text;
}

/// Whatever is read without the JSON parser, the parser reads to the same values.
void compareReaders(Decoder &decoder, const std::string &text)
{
    const auto quick = cli::load::readQuickly(text);
    if (!quick || !websocket::isValidUtf8(text))
        return;
    const auto decoded = decoder.frame(text);
    const auto *message = decoded ? std::get_if<frame::Message>(&*decoded) : nullptr;
    check(message != nullptr && message->content.isString && message->content.text == quick->content &&
              message->seq == quick->seq && message->room == quick->room && !message->deleted,
          "both ways to read a message agree");
}

/// Each line is a frame of the server's.
void load(std::string_view input)
{
    Listener v1(cli::load::DialectName::V1);
    Listener v2(cli::load::DialectName::V2);
    Decoder decoder(0);
    for (Choices choices(input); !choices.isOver();) {
        const std::string text = withContents(choices.line());
        compareReaders(decoder, text);
        static_cast<void>(cli::load::readContent(text, kRun));
        v1.hears(text);
        v2.hears(text);
    }
}

const Target kLoad("load", &load);

} // namespace

} // namespace parlor::fuzz
