// SPDX-License-Identifier: MIT
#include "client-cli/load/wire/dialect.h"

#include "client-cli/load/wire/dialectv1.h"
#include "client-cli/load/wire/dialectv2.h"

namespace parlor::cli::load {

MarkedContent Dialect::marked(const Content &content) const
{
    return content.isString ? readContent(content.text, m_run) : MarkedContent{};
}

Event Dialect::read(std::string_view text, ReadMode mode)
{
    if (mode == ReadMode::Skip)
        return event::Nothing{};
    if (mode == ReadMode::Count && isRoomMessage(text))
        return event::Counted{};
    return readWhole(text);
}

std::unique_ptr<Dialect> newDialect(DialectName name, std::uint16_t run)
{
    if (name == DialectName::V1)
        return std::make_unique<DialectV1>(run);
    return std::make_unique<DialectV2>(run);
}

} // namespace parlor::cli::load
