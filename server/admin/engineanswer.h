// SPDX-License-Identifier: MIT
#pragma once

#include "server/admin/adminapi.h"

#include <utility>

namespace parlor::admin {

template <typename Answer>
void AdminApi::ask(const ApiCallPtr &call, const EngineCalls::Ask &question,
                   std::function<void(const Answer &answer)> then)
{
    m_calls.call(question, [call, then = std::move(then)](const std::optional<Delivery> &delivery) {
        if (!delivery)
            return call->fail(ApiError{
                504, "timeout", "there was no answer in time; whether it was done is not known: look"});
        if (const auto *refused = std::get_if<delivery::Refused>(&*delivery))
            return call->fail(refused->error);
        then(std::get<Answer>(*delivery));
    });
}

} // namespace parlor::admin
