// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace parlor {

/// Memory for many objects of one size, without a header for each, side by side even when objects of other
/// sizes come and go between them. A page that is empty again goes back. One thread; outlives its objects.
/// For a class' own `operator new(std::size_t, Slab &)`: release() finds the slab by the object's address.
class Slab
{
public:
    explicit Slab(std::size_t objectBytes);
    ~Slab();
    Slab(const Slab &) = delete;
    Slab &operator=(const Slab &) = delete;

    [[nodiscard]] void *allocate();
    static void release(void *object) noexcept;

    /// How many pages are in use, for tests.
    [[nodiscard]] std::size_t pages() const { return m_pages; }

private:
    static constexpr std::size_t kAlignment = 16 * 1024;
    /// What the allocator puts before a page is left out, so that pages lie side by side, too.
    static constexpr std::size_t kPage = kAlignment - 2 * sizeof(std::size_t);
    struct Page;

    static Page *pageOf(void *object);
    void addPage();
    void dropPage(Page *page);

    const std::size_t m_objectBytes;
    Page *m_withRoom = nullptr; ///< doubly linked: those with a free object
    std::size_t m_pages = 0;
};

} // namespace parlor
