// SPDX-License-Identifier: MIT
#pragma once

#include "server/chat/session.h"

#include <functional>

namespace parlor {

/// The dialect of the tutorial server (docs/protocol.md section 2): one room at a time, no acknowledgements.
/// While a room is being entered its input waits, so that a refused join leaves it where it was; and a join,
/// or an error, waits for the messages before it, so that their echoes come first.
class V1Session final : public Session
{
public:
    V1Session(SessionContext &context, const Newcomer &newcomer)
        : Session(context, newcomer)
    {
    }

    void onText(std::string_view message);

    void onEntered(delivery::Entered &entered) override;
    void onRightsChanged() override;
    void onLeft(const delivery::Left &left) override;
    void onPublished(const delivery::PublishDone &done) override;
    void onRefused(const delivery::Refused &refused) override;

    [[nodiscard]] bool hasUnanswered() const override { return m_unanswered != 0 || m_isEntering; }
    [[nodiscard]] bool maySuspend(const Ending &) const override { return false; }
    [[nodiscard]] Dialect dialect() const override { return Dialect::V1; }

private:
    void sendError(RequestId rid, const Error &error, std::string_view room, std::string_view cid) override;
    void handle(const v1::Join &join);
    void handle(const v1::Publish &publish);
    void enter(std::string room);
    [[nodiscard]] EnterRequest enterRequest(std::string room);
    void sendErrorNow(const Error &error);
    void inTurn(std::function<void()> action);
    void onAnswered();
    [[nodiscard]] const Membership *current() const;

    std::uint32_t m_unanswered = 0; ///< messages that were said in the room it is in
    bool m_isEntering = false;
    std::function<void()> m_next; ///< when they are answered
};

} // namespace parlor
