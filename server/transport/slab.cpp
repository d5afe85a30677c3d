// SPDX-License-Identifier: MIT
#include "server/transport/slab.h"

#include <cassert>
#include <cstdint>
#include <new>

#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) static_cast<void>(0)
#define ASAN_UNPOISON_MEMORY_REGION(address, size) static_cast<void>(0)
#endif

namespace parlor {

namespace {

constexpr std::size_t aligned(std::size_t bytes)
{
    constexpr std::size_t kAlignment = alignof(std::max_align_t);
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

} // namespace

/// Lies at its own beginning, which is aligned: an object's page is found by its address.
struct Slab::Page
{
    struct Free
    {
        Free *next;
    };
    Slab *slab;
    Page *next;
    Page *previous;
    Free *free;       ///< objects that came back
    std::byte *fresh; ///< from here on nothing was ever used
    std::size_t used;

    [[nodiscard]] bool isFull() const
    {
        return !free && static_cast<std::size_t>(reinterpret_cast<const std::byte *>(this) + kPage - fresh) <
                            slab->m_objectBytes;
    }
};

Slab::Slab(std::size_t objectBytes)
    : m_objectBytes(aligned(objectBytes))
{
    assert(m_objectBytes <= kPage / 4);
}

Slab::~Slab()
{
    while (m_withRoom) {
        assert(m_withRoom->used == 0 && "an object outlives its slab");
        dropPage(m_withRoom);
    }
    assert(m_pages == 0 && "an object outlives its slab");
}

Slab::Page *Slab::pageOf(void *object)
{
    return reinterpret_cast<Page *>(reinterpret_cast<std::uintptr_t>(object) &
                                    ~std::uintptr_t(kAlignment - 1));
}

void Slab::addPage()
{
    void *memory = nullptr;
    if (::posix_memalign(&memory, kAlignment, kPage) != 0)
        throw std::bad_alloc();
    constexpr std::size_t kHeader = aligned(sizeof(Page));
    m_withRoom =
        new (memory) Page{this, nullptr, nullptr, nullptr, static_cast<std::byte *>(memory) + kHeader, 0};
    ASAN_POISON_MEMORY_REGION(m_withRoom->fresh, kPage - kHeader);
    ++m_pages;
}

void Slab::dropPage(Page *page)
{
    if (page->next)
        page->next->previous = page->previous;
    (page->previous ? page->previous->next : m_withRoom) = page->next;
    ASAN_UNPOISON_MEMORY_REGION(page, kPage);
    std::free(page);
    --m_pages;
}

void *Slab::allocate()
{
    if (!m_withRoom)
        addPage();
    Page &page = *m_withRoom;
    void *object = page.fresh;
    if (page.free) {
        object = page.free;
        ASAN_UNPOISON_MEMORY_REGION(object, m_objectBytes);
        page.free = page.free->next;
    } else {
        ASAN_UNPOISON_MEMORY_REGION(object, m_objectBytes);
        page.fresh += m_objectBytes;
    }
    ++page.used;
    if (page.isFull()) {
        m_withRoom = page.next;
        if (m_withRoom)
            m_withRoom->previous = nullptr;
        page.next = nullptr;
    }
    return object;
}

void Slab::release(void *object) noexcept
{
    Page *const page = pageOf(object);
    Slab &slab = *page->slab;
    if (page->isFull()) { // it has room again
        page->next = slab.m_withRoom;
        if (page->next)
            page->next->previous = page;
        slab.m_withRoom = page;
    }
    page->free = new (object) Page::Free{page->free};
    ASAN_POISON_MEMORY_REGION(object, slab.m_objectBytes);
    --page->used;
    // One empty page stays: a connection that comes and goes does not fetch memory each time.
    if (page->used == 0 && (page->next || page->previous))
        slab.dropPage(page);
}

} // namespace parlor
