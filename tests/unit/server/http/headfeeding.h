// SPDX-License-Identifier: MIT
#pragma once

#include "server/http/requesthead.h"

namespace parlor::test {

/// In pieces: `head` up to `split`, then the rest. A verdict on the first piece ends it.
inline HeadReader::Status feedSplit(HeadReader &reader, std::string_view head, std::size_t split)
{
    const HeadReader::Status first =
        split > 0 ? reader.feed(head.substr(0, split)) : HeadReader::Status::NeedMore;
    return first == HeadReader::Status::NeedMore && split < head.size() ? reader.feed(head.substr(split))
                                                                        : first;
}

inline HeadReader::Status feedSingly(HeadReader &reader, std::string_view head)
{
    HeadReader::Status status = HeadReader::Status::NeedMore;
    for (std::size_t i = 0; i < head.size() && status == HeadReader::Status::NeedMore; ++i)
        status = reader.feed(head.substr(i, 1));
    return status;
}

} // namespace parlor::test
