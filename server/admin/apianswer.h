// SPDX-License-Identifier: MIT
#pragma once

#include "server/admin/apirequest.h"

#include <functional>
#include <string>

namespace parlor::admin {

/// What the API says: a status of HTTP, and an object of JSON.
struct ApiAnswer
{
    int status = 200;
    std::string json;
};
/// Called once, on the main thread.
using Respond = std::function<void(ApiAnswer answer)>;

[[nodiscard]] ApiAnswer errorAnswer(const ApiError &error);
/// The whole response, after which the connection ends.
[[nodiscard]] std::string httpResponse(const ApiAnswer &answer);

} // namespace parlor::admin
