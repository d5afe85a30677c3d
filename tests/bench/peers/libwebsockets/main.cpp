// SPDX-License-Identifier: MIT
// libwebsockets as its minimal examples use it: what a room says is kept once, each member has its place in
// it and writes one message a callback. The first message of a client names its room and comes back; every
// other goes to all of that room.
#include <libwebsockets.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

/// A text with space before it that lws_write() puts the header into.
class Message
{
public:
    Message(std::string_view text, std::size_t receivers)
        : missing(receivers)
        , m_bytes(LWS_PRE + text.size())
    {
        std::copy(text.begin(), text.end(), m_bytes.begin() + LWS_PRE);
    }
    void write(lws *client)
    {
        lws_write(client, m_bytes.data() + LWS_PRE, m_bytes.size() - LWS_PRE, LWS_WRITE_TEXT);
    }

    std::size_t missing; ///< members who have not got it

private:
    std::vector<unsigned char> m_bytes;
};

struct Room;

struct Member
{
    lws *client = nullptr;
    Room *room = nullptr;
    std::string received{};
    std::unique_ptr<Message> answer{};
    std::uint64_t next = 0; ///< of what its room said
};

struct Room
{
    std::vector<Member *> members{};
    std::deque<Message> said{};
    std::uint64_t firstSaid = 0; ///< number of said.front()

    [[nodiscard]] std::uint64_t end() const { return firstSaid + said.size(); }
    /// The member's next message, which counts as written; it stays until the next call.
    Message &pass(Member &member)
    {
        for (; !said.empty() && said.front().missing == 0; ++firstSaid)
            said.pop_front();
        Message &message = said[member.next++ - firstSaid];
        --message.missing;
        return message;
    }
};

std::map<std::string, Room> &rooms()
{
    static std::map<std::string, Room> all;
    return all;
}

void take(Member &member)
{
    const std::string text = std::move(member.received);
    member.received.clear();
    if (member.room == nullptr) {
        member.room = &rooms()[text];
        member.room->members.push_back(&member);
        member.next = member.room->end();
        member.answer = std::make_unique<Message>(text, 1);
        lws_callback_on_writable(member.client);
        return;
    }
    member.room->said.emplace_back(text, member.room->members.size());
    for (const Member *each : member.room->members)
        lws_callback_on_writable(each->client);
}

void write(Member &member)
{
    if (member.answer) {
        member.answer->write(member.client);
        member.answer = nullptr;
    } else if (member.room != nullptr && member.next < member.room->end()) {
        member.room->pass(member).write(member.client);
    }
    if (member.room != nullptr && member.next < member.room->end())
        lws_callback_on_writable(member.client);
}

void leave(Member &member)
{
    if (member.room == nullptr)
        return;
    while (member.next < member.room->end())
        member.room->pass(member);
    std::erase(member.room->members, &member);
}

int onEvent(lws *client, lws_callback_reasons reason, void *user, void *in, std::size_t size)
{
    auto *slot = static_cast<Member **>(user);
    switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
        *slot = new Member{client};
        break;
    case LWS_CALLBACK_RECEIVE:
        (*slot)->received.append(static_cast<const char *>(in), size);
        if (lws_is_final_fragment(client) && lws_remaining_packet_payload(client) == 0)
            take(**slot);
        break;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        write(**slot);
        break;
    case LWS_CALLBACK_CLOSED:
        leave(**slot);
        delete *slot;
        break;
    default:
        break;
    }
    return 0;
}

} // namespace

int main()
{
    lws_set_log_level(LLL_ERR, nullptr);
    const lws_protocols protocols[] = {{"bench", onEvent, sizeof(Member *), 4096, 0, nullptr, 0},
                                       {nullptr, nullptr, 0, 0, 0, nullptr, 0}};
    lws_context_creation_info info{};
    info.port = 0;
    info.iface = "127.0.0.1";
    info.protocols = protocols;
    // Over libuv, which has epoll; its own loop polls every descriptor. Where the plugin is missing it is
    // that one.
    info.options = LWS_SERVER_OPTION_LIBUV;
    lws_context *context = lws_create_context(&info);
    info.options = 0;
    if (context == nullptr)
        context = lws_create_context(&info);
    if (context == nullptr)
        return 1;
    // It takes them to stop its loop, which does not end lws_service().
    std::signal(SIGTERM, SIG_DFL);
    std::signal(SIGINT, SIG_DFL);
    std::fprintf(stderr, "listening on 127.0.0.1:%d\n",
                 lws_get_vhost_listen_port(lws_get_vhost_by_name(context, "default")));
    while (lws_service(context, 0) >= 0) {
    }
    return 0;
}
