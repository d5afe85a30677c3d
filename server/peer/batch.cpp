// SPDX-License-Identifier: MIT
#include "server/peer/batch.h"

#include "shared/websocket/frame.h"

namespace parlor {

void Batch::appendText(std::string_view payload)
{
    const std::size_t before = m_bytes.size();
    websocket::appendFrame(m_bytes, websocket::Opcode::Text, payload);
    if (m_holds != 0)
        m_queueBytes.add(m_bytes.size() - before);
}

} // namespace parlor
