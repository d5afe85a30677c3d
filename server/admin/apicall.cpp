// SPDX-License-Identifier: MIT
#include "server/admin/apicall.h"

#include "server/ops/auditlog.h"

namespace parlor::admin {

namespace {

int statusOf(ErrorCode code)
{
    switch (code) {
    case ErrorCode::TooLarge:
        return 413;
    case ErrorCode::Forbidden:
        return 403;
    case ErrorCode::RoomUnknown:
    case ErrorCode::NotInRoom: // is said of a room that is not there
        return 404;
    case ErrorCode::TooManyRooms:
    case ErrorCode::RateLimited:
    case ErrorCode::Unavailable:
        return 503;
    case ErrorCode::Internal:
        return 500;
    default:
        return 400;
    }
}

} // namespace

ApiCall::ApiCall(const ApiRequest &request, std::vector<std::string> parameters, std::string action,
                 Respond respond)
    : m_by(request.by)
    , m_parameters(std::move(parameters))
    , m_query(Fields::ofQuery(request))
    , m_body(Fields::ofBody(request))
    , m_action(std::move(action))
    , m_isDryRun(request.method != "GET" && m_query.flag("dry_run"))
    , m_respond(std::move(respond))
{
}

ApiCall::~ApiCall()
{
    if (m_respond) // the engine ended before it answered
        fail({503, "unavailable", "the server is stopping"});
}

bool ApiCall::isRight()
{
    if (const auto wrong = m_query.mistake())
        fail(*wrong);
    else if (const auto alsoWrong = m_body.mistake())
        fail(*alsoWrong);
    return m_respond != nullptr;
}

void ApiCall::answer(int status, std::string json)
{
    record(m_isDryRun ? "dry_run" : "done");
    std::exchange(m_respond, nullptr)({status, std::move(json)});
}

void ApiCall::fail(const ApiError &error)
{
    record(error.code);
    std::exchange(m_respond, nullptr)(errorAnswer(error));
}

void ApiCall::fail(const Error &error)
{
    fail(ApiError{statusOf(error.code), std::string(toString(error.code)), error.text});
}

void ApiCall::record(std::string outcome)
{
    if (!m_action.empty())
        auditlog::write({m_action, m_subject, m_by, auditlog::Way::Api, std::move(outcome), m_reason});
}

} // namespace parlor::admin
