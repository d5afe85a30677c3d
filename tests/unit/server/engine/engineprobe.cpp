// SPDX-License-Identifier: MIT
#include "tests/unit/server/engine/engineprobe.h"

#include "server/engine/storedengine.h"
#include "shared/protocol/jsonwriter.h"

#include <array>
#include <set>

namespace parlor {

namespace {

const std::array<std::string, 4> kDepartures{"left", "closed", "lost", "removed"};

std::string pageText(const SyncPage &page)
{
    std::string text =
        "seq=" + std::to_string(page.top.seq) + " events=" + std::to_string(page.events.size());
    if (page.recovered)
        text += " recovered";
    if (page.reason)
        text.append(" reason=").append(toString(*page.reason));
    if (page.more)
        text += " more";
    return text;
}

/// The sequence number in an encoded message frame.
std::string seqOf(const SharedBytes &frame)
{
    const std::string_view json = frame.view();
    const std::size_t at = json.find("\"seq\":") + 6;
    return std::string(json.substr(at, json.find(',', at) - at));
}

struct Line
{
    std::string operator()(const delivery::Published &d) const
    {
        return "published " + *d.room + " " + seqOf(d.frame) + (d.isMessage ? "" : " deletion");
    }
    std::string operator()(const delivery::PublishDone &d) const
    {
        return "done " + std::to_string(d.receipt.seq) + (d.receipt.duplicate ? " duplicate" : "");
    }
    std::string operator()(const delivery::EraseDone &d) const
    {
        return "erased by " + std::to_string(d.receipt.seq) + (d.receipt.duplicate ? " duplicate" : "");
    }
    std::string operator()(const delivery::Entered &d) const
    {
        return "entered " + *d.room + " members=" + std::to_string(d.count) + " " + pageText(d.page) +
               (d.announced ? " announced" : "");
    }
    std::string operator()(const delivery::CaughtUp &d) const
    {
        return "caught-up " + *d.room + " " + pageText(d.page);
    }
    std::string operator()(const delivery::PageDelayed &d) const { return "page-delayed " + *d.room; }
    std::string operator()(const delivery::Left &d) const { return "left " + *d.room; }
    std::string operator()(const delivery::PresenceChanged &d) const
    {
        const bool gone = d.what == delivery::PresenceChanged::What::Left;
        return (gone ? "presence -" : "presence +") + d.who->clientId() + " " + std::to_string(d.count) +
               (gone ? " " + kDepartures[static_cast<std::size_t>(d.reason)] : "");
    }
    std::string operator()(const delivery::TypingChanged &d) const { return "typing " + d.who->clientId(); }
    std::string operator()(const delivery::Renamed &d) const { return "renamed " + d.who->username(); }
    std::string operator()(const delivery::HistoryRead &d) const
    {
        std::string text = "history";
        for (const SharedBytes &event : d.page.events)
            text += " " + seqOf(event);
        return text + (d.page.more ? " more" : "");
    }
    std::string operator()(const delivery::MembersListed &d) const
    {
        std::string text = "members";
        for (const IdentityPtr &each : d.members)
            text += " " + each->clientId();
        return text + (d.truncated ? " truncated" : "");
    }
    std::string operator()(const delivery::RoomsListed &d) const
    {
        std::string text = "rooms";
        for (const auto &each : d.rooms)
            text += " " + each.name;
        return text + (d.more ? " more" : "");
    }
    std::string operator()(const delivery::Refused &d) const
    {
        return "refused " + std::string(toString(d.error.code));
    }
    std::string operator()(const delivery::Replaced &d) const
    {
        return "replaced " + std::to_string(d.session.slot);
    }
    std::string operator()(const delivery::Diverged &d) const
    {
        return "diverged " + *d.room + " to " + std::to_string(d.page.top.seq) + ", " +
               std::to_string(d.page.events.size()) + " events";
    }
    std::string operator()(const delivery::ClusterState &d) const
    {
        return d.isReachable ? "reachable" : "unreachable";
    }
    std::string operator()(const delivery::SanctionsChanged &d) const
    {
        std::set<std::string> fields;
        for (const auto &[field, sanction] : d.sanctions->all())
            fields.insert(field);
        std::string text = "in force:";
        for (const std::string &each : fields)
            text += ' ' + each + ';';
        return text;
    }
    std::string operator()(const delivery::Kicked &d) const { return "kicked " + d.user + ' ' + d.reason; }
    std::string operator()(const delivery::Moderated &d) const
    {
        return std::string(toString(d.act.action)) + " done";
    }
};

} // namespace

void ProbePort::deliver(Delivery delivery)
{
    const std::lock_guard lock(m_mutex);
    std::string line = std::visit(Line{}, delivery);
    // Of what is in force only changes: it is told at the start, too.
    if (!std::holds_alternative<delivery::SanctionsChanged>(delivery) ||
        std::exchange(m_inForce, line) != line)
        m_lines.push_back(std::move(line));
}

std::vector<std::string> ProbePort::take()
{
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_lines, {});
}

ProbeSession::ProbeSession(Engine &engineUnderTest, ProbePort &port, const char *id, std::uint32_t slot)
    : engine(engineUnderTest)
{
    caller.port = &port;
    caller.session = {slot, 1};
    caller.identity = std::make_shared<const Identity>(Identity{id, id, id});
    caller.attachment = engine.nextAttachment();
    engine.attach(caller);
}

void ProbeSession::enter(const char *room, std::optional<EnterRequest::Since> since, std::uint32_t history)
{
    EnterRequest request{room};
    request.since = std::move(since);
    request.history = history;
    engine.enter(caller, std::move(request));
}

void ProbeSession::publish(const char *room, const char *text, const char *cid)
{
    PublishRequest request{std::make_shared<const std::string>(room), {}, {}, cid, {}, {}};
    request.id = m_ids.next(std::chrono::milliseconds(1));
    JsonWriter(request.content).string(text);
    engine.publish(caller, std::move(request));
}

void ProbeSession::erase(const char *room, const EnterRequest::Since &target, bool mayEraseOthers)
{
    EraseRequest request{room, {}, m_ids.next(std::chrono::milliseconds(1))};
    request.erasure = {{target.seq, Ulid::parse(target.id).value_or(Ulid())}, mayEraseOthers};
    engine.erase(caller, std::move(request));
}

void ProbeSession::leave(const char *room)
{
    engine.leave(caller, room, {});
}

std::vector<RoomName> ProbeSession::rooms(const char *room) const
{
    return {std::make_shared<const std::string>(room)};
}

namespace {

/// Of the one message of a history page.
struct IdPort final : DeliveryPort
{
    std::string id;
    bool wasRead = false;
    void deliver(Delivery delivery) override
    {
        const auto *const read = std::get_if<delivery::HistoryRead>(&delivery);
        constexpr std::string_view kKey = "\"id\":\"";
        wasRead = wasRead || read;
        if (!read || read->page.events.empty())
            return;
        const std::string_view event = read->page.events[0].view();
        id = event.substr(event.find(kKey) + kKey.size(), Ulid::kTextLength);
    }
};

} // namespace

EnterRequest::Since position(Engine &engine, const std::string &epoch, std::uint64_t seq, const char *room)
{
    if (seq == 0)
        return {epoch, 0};
    IdPort port;
    Caller caller;
    caller.port = &port;
    caller.identity = std::make_shared<const Identity>("asks for ids");
    const auto answered = [&engine] {
        if (auto *const stored = dynamic_cast<StoredEngine *>(&engine))
            stored->waitUntilIdle();
    };
    engine.history(caller, room, {}, {{}, seq - 1, 1});
    answered();
    if (!port.wasRead) { // nobody is there: the room is only in the store
        engine.enter(caller, EnterRequest{room});
        answered();
        engine.history(caller, room, {}, {{}, seq - 1, 1});
        answered();
        engine.depart(caller, std::array{std::make_shared<const std::string>(room)}, Departure::Closed);
    }
    return {epoch, seq, port.id.empty() ? "01UNKNOWN" : port.id};
}

} // namespace parlor
