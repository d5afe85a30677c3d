// SPDX-License-Identifier: MIT
#pragma once

#include "server/admin/apianswer.h"
#include "server/admin/fields.h"
#include "shared/protocol/error.h"

#include <memory>
#include <string>
#include <vector>

namespace parlor::admin {

/// One request on its way to an answer; what concerns it can be asked and told from anywhere. Main thread.
class ApiCall
{
public:
    /// `action`: the word for the audit log; empty: it is not recorded there.
    ApiCall(const ApiRequest &request, std::vector<std::string> parameters, std::string action,
            Respond respond);
    ~ApiCall(); ///< it has been answered
    ApiCall(const ApiCall &) = delete;
    ApiCall &operator=(const ApiCall &) = delete;

    /// What stands in the path's variable places.
    [[nodiscard]] const std::string &parameter(std::size_t index) const { return m_parameters[index]; }
    [[nodiscard]] Fields &query() { return m_query; }
    [[nodiscard]] Fields &body() { return m_body; }
    /// Nothing is to be done; it is told what would be.
    [[nodiscard]] bool isDryRun() const { return m_isDryRun; }

    /// What it is about, for the audit log, as `room:general`.
    void setSubject(std::string subject) { m_subject = std::move(subject); }
    void setAction(std::string action) { m_action = std::move(action); }
    void setReason(std::string reason) { m_reason = std::move(reason); }

    /// After everything was read from query and body. False: something is wrong with it, and that is said.
    [[nodiscard]] bool isRight();
    void answer(int status, std::string json);
    void fail(const ApiError &error);
    void fail(const Error &error);

private:
    void record(std::string outcome);

    const std::string m_by;
    const std::vector<std::string> m_parameters;
    Fields m_query;
    Fields m_body;
    std::string m_action;
    std::string m_subject;
    std::string m_reason;
    bool m_isDryRun = false;
    Respond m_respond;
};
using ApiCallPtr = std::shared_ptr<ApiCall>;

} // namespace parlor::admin
