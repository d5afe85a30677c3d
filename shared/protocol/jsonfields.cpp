// SPDX-License-Identifier: MIT
#include "shared/protocol/jsonfields.h"

namespace parlor {

Error badField(std::string_view name, std::string_view what)
{
    std::string text = "\"";
    text.append(name).append("\" ").append(what);
    return Error{ErrorCode::BadRequest, std::move(text)};
}

std::optional<std::uint32_t> readRid(JsonFields &in)
{
    const auto rid = in.optionalUnsigned("rid");
    if (!rid)
        return std::nullopt;
    if (*rid == 0 || *rid > UINT32_MAX) {
        in.fail(badField("rid", "must be from 1 to 4294967295"));
        return std::nullopt;
    }
    return static_cast<std::uint32_t>(*rid);
}

} // namespace parlor
