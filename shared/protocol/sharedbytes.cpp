// SPDX-License-Identifier: MIT
#include "shared/protocol/sharedbytes.h"

#include <cstring>
#include <new>

namespace parlor {

SharedBytes::SharedBytes(std::string_view bytes)
{
    if (bytes.empty())
        return;
    void *memory = ::operator new(sizeof(Block) + bytes.size());
    m_block = new (memory) Block;
    m_block->size = static_cast<std::uint32_t>(bytes.size());
    std::memcpy(static_cast<char *>(memory) + sizeof(Block), bytes.data(), bytes.size());
}

void SharedBytes::release() noexcept
{
    if (!m_block || m_block->references.fetch_sub(1, std::memory_order_acq_rel) != 1)
        return;
    m_block->~Block();
    ::operator delete(m_block);
}

} // namespace parlor
